/** The pace of a run as the server sees it: never above the limit, nearly all of it used, and other domains go on while one waits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mark } from '../../src/delivery/attempt-marks.ts';
import { RunError } from '../../src/support/errors.ts';
import { hurriedClock } from './hurried-clock.ts';
import { messageFor, people, recipientOf, run } from './run-delivery.ts';
import { ScriptedMarks } from './scripted-marks.ts';

const second = 1_000;
const hour = 3_600_000;

/** The largest number of arrivals in any window of so many milliseconds. */
function mostWithin(times: readonly number[], periodMs: number): number {
	let most = 0;
	let from = 0;
	for (const [at, time] of times.entries()) {
		while (time - (times[from] ?? 0) >= periodMs) from += 1;
		most = Math.max(most, at - from + 1);
	}
	return most;
}

/** Tells when each attempt was marked: in a pace that is the tick in which its MAIL is written. */
class TimedMarks extends ScriptedMarks {
	readonly times: number[] = [];
	readonly #monotonicMs: () => number;

	constructor(monotonicMs: () => number) {
		super();
		this.#monotonicMs = monotonicMs;
	}

	override mark(...attempt: Parameters<ScriptedMarks['mark']>): Mark {
		this.times.push(this.#monotonicMs());
		return super.mark(...attempt);
	}
}

/** Sends under a rate and tells when each message went out, in the time of the clock. */
async function departures(
	messages: number,
	rates: readonly { count: number; periodMs: number; burst: number }[],
	connections = 10,
) {
	const clock = hurriedClock({ isFrozen: true });
	const marks = new TimedMarks(clock.monotonicMs);
	const delivered = await run(
		people(messages),
		{ script: () => ({}) },
		{ clock, marks, plan: { rates, connections }, maxWaitMs: 100 * hour },
	);
	return { ...delivered, times: marks.times };
}

test('a rate is never exceeded in any window, and 98 % of it are used', async () => {
	for (const count of [1, 14, 200]) {
		const { times, error, accepted } = await departures(count * 5 + 1, [{ count, periodMs: second, burst: 1 }]);
		assert.equal(error, null);
		assert.equal(accepted.length, count * 5 + 1);
		assert.ok(mostWithin(times, second) <= count, `${mostWithin(times, second)} at ${count}/s`);
		const took = (times.at(-1) ?? 0) - (times[0] ?? 0);
		const used = (count * 5) / (took / second) / count;
		assert.ok(used >= 0.98, `${used} of ${count}/s`);
	}
});

test('several rates hold together: the quick one paces, the slow one is a ceiling', async () => {
	const { times, error } = await departures(70, [
		{ count: 20, periodMs: second, burst: 1 },
		{ count: 30, periodMs: hour, burst: 1 },
	]);
	assert.equal(error, null);
	assert.ok(mostWithin(times, second) <= 20);
	assert.ok(mostWithin(times, hour) <= 30, String(mostWithin(times, hour)));
	// The first thirty go at the quick rate.
	assert.ok((times[29] ?? 0) - (times[0] ?? 0) < 3 * second);
});

test('with one message a minute one connection does, and it is not kept open without use', async () => {
	const { error, connections } = await departures(5, [{ count: 1, periodMs: 60_000, burst: 1 }]);
	assert.equal(error, null);
	assert.ok(connections <= 5, String(connections));
});

test('a quota for which the wait is too long ends the run with exit code 5 and says when to go on', async () => {
	const { error, accepted, results } = await run(
		people(50),
		{ script: () => ({}) },
		{
			plan: {
				rates: [
					{ count: 100, periodMs: second, burst: 1 },
					{ count: 20, periodMs: 24 * hour, burst: 1 },
				],
			},
			maxWaitMs: hour,
		},
	);
	assert.ok(error instanceof RunError, String(error));
	assert.equal(error.exitCode, 5);
	assert.match(`${error.message} ${error.hint}`, /20 a day.*(?:UTC|after)/s);
	assert.ok(accepted.length >= 19 && accepted.length <= 20, String(accepted.length));
	assert.equal(results.length, accepted.length);
});

test('a domain with a pace of its own does not hold up the others, and keeps to it', async () => {
	const messages = Array.from({ length: 200 }, (_, at) =>
		messageFor(at % 2 === 0 ? `r${at}@gmail.example` : `r${at}@other.example`),
	);
	const clock = hurriedClock();
	const order: { to: string; at: number }[] = [];
	const { error, accepted } = await run(
		messages,
		{
			script: () => ({
				rcpt(to) {
					order.push({ to, at: clock.monotonicMs() });
					return '250 ok';
				},
			}),
		},
		{ clock, domainRates: new Map([['gmail.example', { count: 5, periodMs: second, burst: 1 }]]) },
	);
	assert.equal(error, null);
	assert.equal(new Set(accepted.map(recipientOf)).size, 200);
	const gmail = order.filter(({ to }) => to.endsWith('@gmail.example')).map(({ at }) => at);
	assert.ok(mostWithin(gmail, second) <= 5, String(mostWithin(gmail, second)));
	const last = order.findLastIndex(({ to }) => to.endsWith('@other.example'));
	assert.ok(last < 110, `the others were through after ${last} messages`);
});

test('nothing is marked ahead of its pace', async () => {
	const { error, marks } = await departures(20, [{ count: 50, periodMs: second, burst: 1 }]);
	assert.equal(error, null);
	assert.equal(marks.count('release'), 0, marks.events.join(', '));
});
