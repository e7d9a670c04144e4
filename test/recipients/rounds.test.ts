/** A list that is read once more for those who are to be given again. */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyTable, visitedBefore } from '../../src/recipients/key-table.ts';
import { openList } from '../../src/recipients/open-list.ts';
import { Rounds } from '../../src/recipients/rounds.ts';
import type { Row } from '../../src/recipients/row.ts';
import type { RowSource } from '../../src/recipients/row-source.ts';
import type { Clock } from '../../src/support/clock.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { makeMalformed, makeRecipient, TestClock } from '../results/make-result.ts';

const called = 1;

class Pass implements RowSource {
	readonly #rows: readonly Row[];
	at = 0;
	isClosed = false;

	constructor(rows: readonly Row[]) {
		this.#rows = rows;
	}

	get ended(): boolean {
		return this.isClosed || this.at >= this.#rows.length;
	}

	next(): Row | null {
		const row = this.ended ? undefined : this.#rows[this.at];
		this.at += 1;
		return row ?? null;
	}

	whenReadable(listener: () => void): void {
		queueMicrotask(listener);
	}

	close(): void {
		this.isClosed = true;
	}
}

/** Gives keys; a key that is put off has the value `called` in the table. */
function roundsOf(list: { rows(): RowSource }, clock: Clock = new TestClock()) {
	const keys = new KeyTable(new Uint8Array(16));
	const rounds = new Rounds<string>({
		list,
		keys,
		clock,
		first(row) {
			return row.kind === 'malformed' || keys.visit(row.key) >= visitedBefore ? null : row.key;
		},
		isCalled({ key }) {
			const isIt = keys.visit(key) === called;
			if (isIt) keys.value = 0;
			return isIt;
		},
		again: ({ key, row }) => `${key} ${row}`,
	});
	return {
		rounds,
		putOff(key: string, atMs: number) {
			keys.seek(key);
			keys.value = called;
			rounds.again(atMs);
		},
		/** Everything that comes without waiting. */
		all() {
			const items: string[] = [];
			for (let item = rounds.next(); item !== null; item = rounds.next()) items.push(item);
			return items;
		},
	};
}

function passesOver(names: readonly string[]) {
	const passes: Pass[] = [];
	const rows = names.map((name, at): Row => {
		const [row, line] = [at + 1, at + 2];
		return name === ''
			? makeMalformed({ row, line }).row
			: makeRecipient({ address: `${name}@x.example`, key: name, row, line });
	});
	return {
		passes,
		rows() {
			const pass = new Pass(rows);
			passes.push(pass);
			return pass;
		},
	};
}

test('a list of which nobody is put off is read once', () => {
	const list = passesOver(['a', 'b', '', 'c']);
	const { rounds, all } = roundsOf(list);
	assert.deepEqual([rounds.ended, all(), rounds.ended, rounds.round], [false, ['a', 'b', 'c'], true, 0]);
	assert.equal(list.passes.length, 1);
});

test('who was put off comes again when the latest of them is due, and nobody else does', () => {
	const clock = new TestClock();
	const { rounds, all, putOff } = roundsOf(passesOver(['a', 'b', '', 'c', 'a', 'd']), clock);
	all();
	putOff('c', 5_000);
	putOff('a', 2_000);
	assert.deepEqual([rounds.ended, all()], [false, []]);
	clock.advance(4_999);
	assert.deepEqual([all(), rounds.round], [[], 0]);
	clock.advance(1);
	assert.deepEqual([all(), rounds.round, rounds.ended], [['a 1', 'c 4'], 1, true]);
});

test('it has ended when its last row was given, and has not any more when somebody is put off then', () => {
	const { rounds, all, putOff } = roundsOf(passesOver(['a']));
	all();
	assert.equal(rounds.ended, true);
	putOff('a', 0);
	assert.deepEqual([rounds.ended, all(), rounds.ended], [false, ['a 1'], true]);
});

test('who is put off while a round goes on waits for the next one, also when his key stands further down again', () => {
	const { rounds, all, putOff } = roundsOf(passesOver(['a', 'b', 'c', 'a']));
	all();
	putOff('a', 0);
	putOff('c', 0);
	assert.equal(rounds.next(), 'a 1');
	putOff('a', 0);
	assert.deepEqual([rounds.next(), rounds.round], ['c 3', 1]);
	assert.deepEqual([rounds.next(), rounds.round, rounds.ended], ['a 1', 2, true]);
});

test('behind the last who is called the list is not read to its end', () => {
	const list = passesOver(['a', 'b', 'c', 'd', 'e']);
	const { all, putOff } = roundsOf(list);
	all();
	putOff('b', 0);
	assert.deepEqual([all(), list.passes[1]?.at], [['b 2'], 2]);
});

test('a round that is cut short has its further rounds all the same', () => {
	const { rounds, all, putOff } = roundsOf(passesOver(['a', 'b', 'c']));
	assert.equal(rounds.next(), 'a');
	rounds.endRound();
	assert.deepEqual([rounds.next(), rounds.ended], [null, true]);
	putOff('a', 0);
	assert.deepEqual([all(), rounds.ended], [['a 1'], true]);
});

test('whoever waits for a round is woken when it is due, once', () => {
	const clock = new TestClock();
	const { rounds, all, putOff } = roundsOf(passesOver(['a']), clock);
	all();
	putOff('a', 300);
	let calls = 0;
	rounds.whenReadable(() => {
		calls += 1;
	});
	clock.advance(299);
	assert.equal(calls, 0);
	clock.advance(1_000);
	assert.deepEqual([calls, all(), clock.timers], [1, ['a 1'], 0]);
});

test('closing ends the waiting at once: nobody is woken, no timer and no file is left', () => {
	const clock = new TestClock();
	const list = passesOver(['a']);
	const { rounds, all, putOff } = roundsOf(list, clock);
	all();
	putOff('a', 300);
	rounds.whenReadable(() => assert.fail('woken'));
	rounds.close();
	assert.deepEqual([rounds.ended, rounds.next(), clock.timers], [true, null, 0]);
	clock.advance(1_000);
	assert.ok(list.passes.every(({ isClosed }) => isClosed));
});

test('each pass is closed when the next one begins', () => {
	const list = passesOver(['a', 'b']);
	const { all, putOff } = roundsOf(list);
	all();
	for (let round = 1; round <= 5; round += 1) {
		putOff('b', 0);
		assert.deepEqual(all(), ['b 2']);
		assert.deepEqual(
			list.passes.map(({ isClosed }) => isClosed),
			[...Array.from({ length: round }, () => true), false],
		);
	}
});

test('whoever is put off how often and when: he comes once for each time', () => {
	const steps = fc.array(fc.record({ takes: fc.nat({ max: 6 }), putsOff: fc.boolean(), delay: fc.nat({ max: 50 }) }), {
		maxLength: 60,
	});
	const lists = fc.array(fc.constantFrom('a', 'b', 'c', 'd', ''), { minLength: 1, maxLength: 12 });
	fc.assert(
		fc.property(lists, steps, (names, script) => {
			const clock = new TestClock();
			const { rounds, putOff } = roundsOf(passesOver(names), clock);
			const underWay: string[] = [];
			const given = new Map<string, number>();
			const putOffs = new Map<string, number>();
			const take = () => {
				const item = rounds.next()?.split(' ')[0];
				if (item === undefined) return false;
				assert.ok(!underWay.includes(item), `${item} is under way twice`);
				underWay.push(item);
				given.set(item, (given.get(item) ?? 0) + 1);
				return true;
			};
			for (const { takes, putsOff, delay } of script) {
				for (let count = 0; count < takes; count += 1) take();
				const done = underWay.shift();
				if (done !== undefined && putsOff) {
					putOff(done, clock.monotonicMs() + delay);
					putOffs.set(done, (putOffs.get(done) ?? 0) + 1);
				}
				clock.advance(20);
			}
			clock.advance(1_000);
			while (take()) underWay.length = 0;
			assert.equal(rounds.ended, true);
			for (const name of new Set(names)) {
				if (name !== '') assert.equal(given.get(name), 1 + (putOffs.get(name) ?? 0), name);
			}
		}),
	);
});

test('a list on disk is read again from its beginning, and refused when it is not the same any more', async (context) => {
	const path = join(temporaryDirectory(context), 'list.csv');
	writeFileSync(path, 'email\na@x.example\nb@x.example\nbad@\nc@x.example\n');
	const { rounds, putOff } = roundsOf(await openList({ path, displayName: 'list.csv' }));
	const readAll = async () => {
		const items: string[] = [];
		while (!rounds.ended) {
			const item = rounds.next();
			if (item === null) await new Promise<void>((resolve) => rounds.whenReadable(resolve));
			else items.push(item);
		}
		return items;
	};
	assert.deepEqual(await readAll(), ['a@x.example', 'b@x.example', 'c@x.example']);
	putOff('b@x.example', 0);
	assert.deepEqual(await readAll(), ['b@x.example 2']);
	appendFileSync(path, 'd@x.example\n');
	putOff('b@x.example', 0);
	await assert.rejects(readAll, { exitCode: 65 });
	rounds.close();
});
