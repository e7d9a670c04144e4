import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tally } from '../../src/results/tally.ts';
import {
	allResults,
	attempt,
	makeAccepted,
	makeBounced,
	makeDeferred,
	makeMalformed,
	makeRecipient,
	makeUndelivered,
	makeUnknown,
	TestClock,
} from './make-result.ts';

function tallyOf(results: Parameters<Tally['add']>[0][]): Tally {
	const tally = new Tally();
	for (const result of results) tally.add(result);
	return tally;
}

test('each result is counted once, under the status that the log gives it', () => {
	const tally = tallyOf(allResults());
	assert.deepEqual(
		(['accepted', 'bounced', 'deferred', 'failed', 'skipped', 'unknown'] as const).map((status) => tally.count(status)),
		[1, 1, 2, 3, 1, 1],
	);
	assert.equal(tally.total, 9);
	assert.equal(tally.attempted, 5);
	assert.equal(tally.recipientsDone, 7);
	assert.deepEqual([...tally.skipReasons], [['duplicate', 1]]);
});

test('results and left rows that do not make up the list are a bug', () => {
	const tally = tallyOf(allResults());
	tally.assertAddsUp({ read: 12, earlier: 0, left: 3 });
	tally.assertAddsUp({ read: 12, earlier: 1, left: 2 });
	assert.throws(
		() => tally.assertAddsUp({ read: 12, earlier: 0, left: 2 }),
		/do not add up.*accepted 1.*left 2, but 12 rows/,
	);
});

test('refusals are counted by category with the first reply and the most frequent domains', () => {
	const bounceAt = (address: string) => makeBounced({ recipient: makeRecipient({ address }) });
	const addresses = ['a@x.example', 'b@y.example', 'c@y.example', 'd@z.example', 'e@w.example', 'f@v.example'];
	const [first, second] = tallyOf([makeDeferred(), ...addresses.map(bounceAt)]).categories;
	assert.equal(first?.category, 'invalid_recipient');
	assert.equal(first?.count, 6);
	assert.equal(first?.bounced, 6);
	assert.equal(first?.sample, '550 5.1.1 <bob@old.example>: User unknown');
	assert.deepEqual(first?.domains, {
		top: [
			{ name: 'y.example', count: 2 },
			{ name: 'v.example', count: 1 },
			{ name: 'w.example', count: 1 },
		],
		others: 2,
	});
	assert.deepEqual([second?.category, second?.count, second?.bounced], ['mailbox_full', 1, 0]);
});

test('a million different domains are counted in the memory of a thousand', () => {
	const tally = new Tally();
	for (let index = 0; index < 5000; index += 1) {
		tally.add(makeBounced({ recipient: makeRecipient({ address: `a@d${index}.example` }) }));
	}
	assert.equal(tally.categories[0]?.domains.others, 4997);
});

test('broken connections are told in the words of the break', () => {
	const [category] = tallyOf([makeUndelivered()]).categories;
	assert.deepEqual([category?.category, category?.sample], ['network', 'connection reset before the final dot']);
});

test('the first ten unknown recipients and failed rows are named', () => {
	const results = Array.from({ length: 12 }, (_, index) => [
		makeUnknown({ recipient: makeRecipient({ address: `u${index}@x.example`, line: index }) }),
		makeMalformed({ line: index }),
	]);
	const tally = tallyOf(results.flat());
	assert.equal(tally.unknownRecipients.length, 10);
	assert.equal(tally.unknownRecipients[9]?.recipient, 'u9@x.example');
	assert.equal(tally.failedRows.length, 10);
	assert.deepEqual(tally.failures, [
		{ errorType: 'address.invalid', count: 12, sample: 'line 14 of list.csv: "bob@" has no domain' },
	]);
});

test('times are of messages that a server answered', () => {
	const tally = tallyOf([
		makeAccepted({ attempt: { ...attempt, smtpMs: 10 } }),
		makeBounced(),
		makeUndelivered(),
		makeMalformed(),
	]);
	assert.equal(tally.smtpMs.total, 2);
	assert.equal(tally.smtpMs.quantiles().min, 10);
});

const bob = makeRecipient({ address: 'bob@x.example' });
const retry = { kind: 'retry', at: Date.UTC(2026, 10, 22, 9, 5) } as const;
const again = { ...attempt, number: 2, isRetry: true };

test('a row that was tried again is counted once, as it ended, in its status and in its category', () => {
	const tally = tallyOf([makeDeferred({ recipient: bob, sequel: retry }), makeDeferred()]);
	tally.takeBackDeferred(bob, 'mailbox_full');
	tally.add(makeBounced({ recipient: bob, attempt: again }));
	assert.deepEqual([tally.total, tally.count('deferred'), tally.count('bounced'), tally.triedAgain], [2, 1, 1, 1]);
	const found = tally.categories.map(({ category, count, bounced, domains }) => [
		category,
		count,
		bounced,
		domains.top,
	]);
	assert.deepEqual(found, [
		['mailbox_full', 1, 0, [{ name: 'old.example', count: 1 }]],
		['invalid_recipient', 1, 1, [{ name: 'x.example', count: 1 }]],
	]);
});

test('a category of which nobody is left is no reason any more', () => {
	const tally = tallyOf([makeDeferred({ recipient: bob, sequel: retry })]);
	tally.takeBackDeferred(bob, 'mailbox_full');
	tally.add(makeAccepted({ recipient: bob, attempt: again }));
	assert.deepEqual([tally.categories, tally.count('accepted'), tally.count('deferred')], [[], 1, 0]);
	tally.assertAddsUp({ read: 1, earlier: 0, left: 0 });
});

test('a broken connection before is taken back as what it was counted as', () => {
	const tally = tallyOf([makeUndelivered({ recipient: bob, sequel: { kind: 'round', atMs: 5 } })]);
	assert.equal(tally.waiting, 1);
	tally.takeBackDeferred(bob, 'network');
	tally.add(makeUndelivered({ recipient: bob, attempt: again }));
	assert.deepEqual([tally.waiting, tally.count('deferred'), tally.categories[0]?.count], [0, 1, 1]);
});

test('who waits to be tried again is not done', () => {
	const clock = new TestClock();
	const tally = tallyOf([makeDeferred({ recipient: bob, sequel: retry }), makeDeferred()]);
	assert.deepEqual([tally.waiting, tally.recipientsDone, tally.nextTryInMs(clock)], [1, 1, 300_000]);
	tally.takeBackDeferred(bob, 'mailbox_full');
	tally.add(makeAccepted({ recipient: bob, attempt: again }));
	assert.deepEqual([tally.waiting, tally.recipientsDone, tally.nextTryInMs(clock)], [0, 2, null]);
});

test('domains beyond the thousand that are named are taken back from the others', () => {
	const at = (index: number) => makeRecipient({ address: `a@d${index}.example` });
	const tally = new Tally();
	for (let index = 0; index < 1500; index += 1) tally.add(makeDeferred({ recipient: at(index), sequel: retry }));
	for (let index = 0; index < 1490; index += 1) tally.takeBackDeferred(at(index), 'mailbox_full');
	const [category] = tally.categories;
	assert.equal(category?.count, 10);
	assert.equal((category?.domains.others ?? 0) + (category?.domains.top.length ?? 0), 10);
});
