/** What was refused for now is tried again in the same run, as long as the schedule says, and never more of it waits than there is room. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeliveryResult } from '../../src/delivery/delivery-result.ts';
import { hurriedClock } from './hurried-clock.ts';
import { bigPeople, count, type Delivered, people, run } from './run-delivery.ts';
import { ScriptedMarks } from './scripted-marks.ts';

const schedule = (...delaysMs: number[]) => ({ delaysMs });

/** Refuses the recipient with the text so many times, each on its own. */
function refusing(to: RegExp, times: number, text: string) {
	const heard = new Map<string, number>();
	return {
		rcpt(address: string) {
			if (!to.test(address)) return '250 2.1.5 Ok';
			const before = heard.get(address) ?? 0;
			heard.set(address, before + 1);
			return before < times ? text : '250 2.1.5 Ok';
		},
	};
}

function story({ raw }: Delivered, to: string): string[] {
	return raw.filter(({ message }) => message.recipient.key === to).map(describe);
}

function describe(result: DeliveryResult): string {
	const { number, isRetry } = result.attempt;
	const sequel = 'sequel' in result ? `, ${result.sequel.kind}` : '';
	return `${result.kind} ${number}${isRetry ? ' again' : ''}${sequel}`;
}

test('who is refused for now is tried again, and each attempt has a result of its own', async () => {
	const script = refusing(/^r3@/, 2, '450 4.2.1 mailbox busy');
	const delivered = await run(people(10), { script: () => script }, { retry: schedule(60_000, 300_000, 900_000) });
	assert.equal(delivered.error, null);
	assert.equal(delivered.accepted.length, 10);
	assert.deepEqual(story(delivered, 'r3@x.example'), [
		'deferred 1, retry',
		'deferred 2 again, retry',
		'accepted 3 again',
	]);
});

test('when the schedule is over the recipient is left to the next run', async () => {
	const script = refusing(/^r3@/, 99, '450 4.2.1 mailbox busy');
	const delivered = await run(people(10), { script: () => script }, { retry: schedule(1_000, 1_000) });
	assert.equal(delivered.error, null);
	assert.deepEqual(story(delivered, 'r3@x.example'), [
		'deferred 1, retry',
		'deferred 2 again, retry',
		'deferred 3 again, left',
	]);
});

test('a bounce is never tried again', async () => {
	const script = refusing(/^r3@/, 1, '550 5.1.1 no such user');
	const delivered = await run(people(5), { script: () => script }, { retry: schedule(1_000) });
	assert.deepEqual(story(delivered, 'r3@x.example'), ['bounced 1']);
});

test('the time that the server names is waited for, and not the one in the schedule', async () => {
	const clock = hurriedClock();
	const script = refusing(/^r3@/, 1, '450 4.7.1 Greylisted for 300 seconds');
	const delivered = await run(people(5), { script: () => script }, { clock, retry: schedule(1_000, 900_000) });
	assert.equal(delivered.accepted.length, 5);
	const longest = Math.max(...clock.pauses);
	assert.ok(longest > 290_000 && longest <= 331_000, clock.pauses.join());
});

test('idle connections are closed before a long wait, and one is opened for what is due', async () => {
	const script = refusing(/^r3@/, 1, '450 4.7.1 Greylisted for 300 seconds');
	const clock = hurriedClock();
	// The sweep that closes them comes once a second of real time; here it comes between the wait and its end.
	const every = (_intervalMs: number, callback: () => void) => clock.every(1, callback);
	const delivered = await run(
		people(5),
		{ script: () => script },
		{ clock: { ...clock, every }, retry: schedule(1_000, 900_000), connections: 1 },
	);
	assert.equal(delivered.error, null);
	assert.equal(delivered.accepted.length, 5);
});

test('what does not fit into memory is for a later round of the source, and nothing of it is lost', async () => {
	const script = refusing(/./, 1, '450 4.2.2 mailbox full');
	const messages = bigPeople(300);
	const delivered = await run(messages, { script: () => script }, { retry: schedule(1_000), connections: 2 });
	const kept = delivered.raw.filter((result) => 'sequel' in result && result.sequel.kind === 'retry').length;
	const later = delivered.raw.filter((result) => 'sequel' in result && result.sequel.kind === 'round').length;
	assert.equal(kept + later, 300);
	assert.ok(later > 0 && kept > 100, `${kept} kept, ${later} later`);
	assert.equal(delivered.accepted.length, kept);
});

test('after a stop nothing is tried again, and what waited is left', async () => {
	const stop = new AbortController();
	const script = refusing(/./, 9, '450 4.2.2 mailbox full');
	const delivered = await run(
		people(20),
		{ script: () => script },
		{
			retry: schedule(3_600_000),
			stop: stop.signal,
			// An hour that is not hurried: the run would wait for it.
			clock: { ...hurriedClock(), after: () => ({ cancel() {} }) },
			afterResult: (results) => results === 20 && stop.abort(),
		},
	);
	assert.equal(delivered.error, null);
	assert.equal(count(delivered.results, 'deferred'), 20);
});

test('a connection that broke before the dot three times is tried again later, too', async () => {
	let broken = 0;
	const rcpt = (to: string) => {
		if (!to.startsWith('r3@') || broken >= 3) return '250 2.1.5 Ok';
		broken += 1;
		return { say: '', ending: 'close' as const };
	};
	const delivered = await run(people(10), { script: () => ({ rcpt }) }, { retry: schedule(60_000) });
	assert.equal(delivered.error, null);
	assert.deepEqual(story(delivered, 'r3@x.example'), ['undelivered 3, retry', 'accepted 4 again']);
});

test('whatever is tried again has a mark of its own, durable before its dot', async () => {
	const marks = new ScriptedMarks({ window: 2, durable: () => 3 });
	const script = refusing(/[02468]@/, 1, '451 4.3.0 later');
	const { accepted, error } = await run(people(30), { script: () => script }, { marks, retry: schedule(1_000) });
	assert.equal(error, null);
	assert.equal(accepted.length, 30);
});
