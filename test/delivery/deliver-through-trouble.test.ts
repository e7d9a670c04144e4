/** Servers that restart, cap, limit, poison and stall: the run goes on, and nobody is blamed for them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/support/clock.ts';
import { RunError } from '../../src/support/errors.ts';
import type { ScriptedServer } from '../smtp/peer.ts';
import { hurriedClock } from './hurried-clock.ts';
import { count, people, run } from './run-delivery.ts';
import { laterByTurns } from './scripted-marks.ts';

test('a server that serves two connections and says 421 at MAIL to the others gets everything over those two', async () => {
	let open = 0;
	const { results, connections, error } = await run(
		people(60),
		{
			script: () => {
				open += 1;
				const isServed = open <= 2;
				return { mail: () => (isServed ? '250 ok' : { say: '421 4.7.0 too many', ending: 'close' }) };
			},
		},
		{ connections: 20 },
	);
	assert.equal(error, null);
	assert.equal(count(results, 'accepted'), 60);
	assert.ok(connections <= 45, String(connections));
});

test('a server that restarts under ten connections is waited for, and pauses never grow past five minutes', async () => {
	const clock = hurriedClock();
	const { results, error, notices } = await run(
		people(300),
		{
			// The first ten connections serve three messages each and close; the next rounds of dials find nobody.
			greeting: (connection) => (connection > 10 && connection <= 17 ? '421 4.3.2 restarting' : '220 hi'),
			script: (connection) => ({
				mail: (_from, nth) => (connection <= 10 && nth > 3 ? { say: '', ending: 'close' } : '250 ok'),
			}),
		},
		{
			connections: 10,
			clock,
		},
	);
	assert.equal(error, null, String(error));
	assert.equal(count(results, 'accepted'), 300);
	assert.ok(
		notices.some((notice) => /trying again in/.test(notice)),
		notices.join('; '),
	);
	assert.ok(clock.pauses.length >= 1 && Math.max(...clock.pauses) <= 300_000, clock.pauses.join());
});

test('a dozen poisonous recipients are deferred, each alone, and the run ends well', async () => {
	const isPoison = (to: string) => Number(/\d+/.exec(to)?.[0]) % 10 === 3;
	for (const connections of [1, 3]) {
		const { results, error } = await run(
			people(120),
			{ script: () => ({ rcpt: (to) => (isPoison(to) ? { say: '', ending: 'close' } : '250 ok') }) },
			{ connections },
		);
		assert.equal(error, null, String(error));
		assert.equal(count(results, 'accepted'), 108);
		assert.equal(count(results, 'undelivered'), 12);
	}
});

test('a limit per session that is said with 452 and without a close costs a new connection and no message', async () => {
	const { results, connections, error } = await run(people(50), {
		script: () => ({
			mail: (_from, nth) => (nth > 10 ? '452 4.4.5 Maximum number of messages per session exceeded' : '250 ok'),
		}),
	});
	assert.equal(error, null);
	assert.equal(count(results, 'accepted'), 50);
	assert.ok(connections >= 5, String(connections));
});

test('idle sessions that a server ends with 451 teach it nothing about pipelining', async () => {
	const queue = people(3);
	let server: ScriptedServer | null = null;
	let ended = false;
	let waiting: (() => void) | null = null;
	const { notices, results } = await run(
		[],
		{ script: () => ({}), onServer: (started) => (server = started) },
		{
			source: {
				round: 0,
				next: () => queue.shift() ?? null,
				get ended() {
					return ended;
				},
				whenReadable(listener) {
					waiting = listener;
				},
			},
			afterResult(seen) {
				if (seen < 3) return;
				// Connections are idle some turns later, and nothing is due from the server.
				laterByTurns(5, () => server?.say('451 4.4.2 Timeout waiting for client input'));
				laterByTurns(10, () => {
					ended = true;
					waiting?.();
				});
			},
		},
	);
	assert.equal(count(results, 'accepted'), 3);
	assert.ok(!notices.some((notice) => /from now on/.test(notice)), notices.join());
});

test('530 to MAIL is a login that is missing: the run stops with 77 and no row is touched', async () => {
	const { error, results } = await run(people(50), {
		script: () => ({ mail: () => '530 5.7.0 Authentication required' }),
	});
	assert.ok(error instanceof RunError);
	assert.equal(error.exitCode, 77);
	assert.match(`${error.message} ${error.hint}`, /530 5.7.0 Authentication required.*--user/);
	assert.deepEqual(results, []);
});

test('a server that takes long to let us in is told about, with the port that may be meant', async () => {
	const stop = new AbortController();
	const notices: string[] = [];
	await run(
		people(1),
		{ greeting: () => '', script: () => ({}) },
		{
			stop: stop.signal,
			onNotice(text) {
				notices.push(text);
				stop.abort();
			},
		},
	);
	assert.match(notices.join(), /still waiting for 127.0.0.1:\d+ .*smtps/);
});

test('connections that close when everything is on its way are not opened again', async () => {
	const { results, connections } = await run(
		people(30),
		{ script: () => ({ verdict: (_content, nth) => (nth === 10 ? { say: '250 ok', ending: 'close' } : '250 ok') }) },
		{ connections: 1 },
	);
	assert.equal(count(results, 'accepted'), 30);
	assert.equal(connections, 3);
});

test('a bug while dialling ends the run with that bug, and does not leave it waiting', async () => {
	const { error, results } = await run(
		people(3),
		{ script: () => ({}) },
		{
			clock: {
				...systemClock,
				after(delayMs, callback) {
					// The deadline of connecting: the first thing that dialling asks for.
					if (delayMs === 30_000) throw new Error('a bug of ours');
					return systemClock.after(delayMs, callback);
				},
			},
		},
	);
	assert.ok(error instanceof Error);
	assert.equal(error.message, 'a bug of ours');
	assert.deepEqual(results, []);
});
