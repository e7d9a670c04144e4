import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SoftBook, softBookPath } from '../../../src/recipients/suppression/soft-book.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const day = 86_400_000;
const who = 'bob@example.com';
const never = () => 0;

function given(t: TestContext): { readonly list: string; readonly open: () => SoftBook } {
	const list = join(temporaryDirectory(t), 'suppress.csv');
	return { list, open: () => SoftBook.read(list) };
}

/** Full on these days, the campaigns in turn. */
function fill(book: SoftBook, days: readonly number[], campaigns: number): void {
	for (const [at, on] of days.entries()) book.soft(who, `c${at % campaigns}`, { at: on * day });
}

test('five times in three campaigns over thirty days is too often', (t) => {
	const book = given(t).open();
	fill(book, [1, 8, 15, 22, 31], 3);
	assert.deepEqual(book.overdue(never), [{ key: who, at: 31 * day }]);
});

for (const { what, days, campaigns } of [
	{ what: 'four times', days: [1, 10, 20, 31], campaigns: 3 },
	{ what: 'two campaigns', days: [1, 8, 15, 22, 31], campaigns: 2 },
	{ what: 'twenty-nine days', days: [1, 8, 15, 22, 30], campaigns: 3 },
	{ what: 'the same time again and again', days: [1, 1, 1, 31, 31], campaigns: 3 },
]) {
	test(`${what} is not enough`, (t) => {
		const book = given(t).open();
		fill(book, days, campaigns);
		assert.deepEqual(book.overdue(never), []);
	});
}

test('one accepted message wipes out what was before it, and nothing after it', (t) => {
	const { open } = given(t);
	const book = open();
	fill(book, [1, 8, 15, 22, 31], 3);
	book.accepted(who, 16 * day);
	assert.deepEqual(book.overdue(never), []);
	fill(book, [40, 50, 60], 3);
	assert.equal(book.overdue(never).length, 1);
	book.write();
	assert.equal(open().overdue(never).length, 1);
});

test('a relay that accepts, and a mail that says the mailbox is full, are no sign of life, in whatever order they are told', (t) => {
	const { open } = given(t);
	let book = open();
	for (const [at, on] of [1, 8, 15, 22, 31].entries()) {
		// The run ends, and is told of the acceptance; what came back is read a day later.
		book.accepted(who, on * day);
		book.write();
		book = open();
		book.soft(who, `c${at % 3}`, { at: (on + 1) * day, acceptedAt: on * day });
		book.accepted(who, on * day);
		book.write();
		book = open();
	}
	assert.deepEqual(book.overdue(never), [{ key: who, at: 32 * day }]);
	book.accepted(who, 40 * day);
	assert.deepEqual(book.overdue(never), []);
});

test('what was before somebody was taken off the list does not count', (t) => {
	const book = given(t).open();
	fill(book, [1, 8, 15, 22, 31], 3);
	assert.deepEqual(
		book.overdue(() => day),
		[],
	);
});

test('a log that is read again adds nothing, and a torn line costs only itself', (t) => {
	const { list, open } = given(t);
	const runOf = (book: SoftBook) => {
		fill(book, [1, 8, 15], 3);
		book.accepted('anna@example.com', day);
		book.accepted(who, 9 * day);
		book.write();
	};
	runOf(open());
	const first = readFileSync(softBookPath(list), 'utf8');
	assert.equal(statSync(softBookPath(list)).mode & 0o777, 0o600);
	runOf(open());
	assert.equal(readFileSync(softBookPath(list), 'utf8'), first);
	appendFileSync(softBookPath(list), '{"v":1,"type":"so');
	const book = open();
	fill(book, [22, 31, 40, 50], 3);
	book.write();
	assert.equal(open().overdue(never).length, 1);
});

test('a run in which nobody is full makes no file', (t) => {
	const { list, open } = given(t);
	const book = open();
	book.accepted(who, day);
	book.write();
	assert.equal(existsSync(softBookPath(list)), false);
});
