/** Marks whose dot never goes out: after a stop, a halt or a limit, on a slow connection, behind poison; each is released, and its message goes where it should. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageSource } from '../../src/delivery/deliver-options.ts';
import type { Script } from '../smtp/peer.ts';
import { bigPeople, count, lockStep, people, run } from './run-delivery.ts';
import { handMade, laterByTurns, ScriptedMarks } from './scripted-marks.ts';

/** Never answers the first dot, nor what is pipelined behind it. */
const silentFromDot: Script = {
	mail: (_from, nth) => (nth === 1 ? '250 ok' : null),
	rcpt: (_to, nth) => (nth === 1 ? '250 ok' : null),
	data: (nth) => (nth === 1 ? '354 go' : null),
	verdict: () => null,
};

test('a halt sends no dot any more, waits for the verdicts that are due, and releases the rest', async () => {
	for (const window of [1, 2, 8]) {
		const halt = new AbortController();
		let dots = 0;
		let openAtHalt = 0;
		const marks = new ScriptedMarks({ window });
		const { results, error, accepted } = await run(
			people(100),
			{
				script: () => ({
					verdict: () => {
						dots += 1;
						if (dots === 20) {
							halt.abort();
							openAtHalt = marks.open();
						}
						return '250 ok';
					},
				}),
			},
			{ halt: halt.signal, marks },
		);
		assert.equal(error, null);
		// Each of three connections may have one dot out that the server has not read yet.
		assert.ok(dots <= 22, `${dots} dots`);
		// A dot and the envelope behind it; what was ahead is released at once.
		assert.ok(openAtHalt <= 6, `${openAtHalt} marks open`);
		assert.equal(count(results, 'accepted'), accepted.length);
		assert.equal(results.length, accepted.length);
	}
});

test('a halt while everything waits for the disk ends the run with nothing sent', async () => {
	for (const messages of [people(20), bigPeople(8)]) {
		const halt = new AbortController();
		const marks = handMade({ window: 4 }, () => laterByTurns(20, () => halt.abort()));
		const { results, accepted, error, heard } = await run(
			messages,
			{ script: () => ({}) },
			{ halt: halt.signal, marks },
		);
		assert.equal(error, null);
		assert.deepEqual(results, []);
		assert.deepEqual(accepted, []);
		assert.ok(!heard.some((line) => line.includes('octets')));
	}
});

test('a run that is halted before it begins opens no connection', async () => {
	const { connections, results } = await run(people(5), { script: () => ({}) }, { halt: AbortSignal.abort() });
	assert.equal(connections, 0);
	assert.deepEqual(results, []);
});

test('a drop after a halt ends the wait for a verdict, and that message is unknown', async () => {
	const halt = new AbortController();
	const drop = new AbortController();
	const { results } = await run(
		people(5),
		{
			script: () => ({
				verdict: () => {
					halt.abort();
					laterByTurns(20, () => drop.abort());
					return null;
				},
			}),
		},
		{ halt: halt.signal, drop: drop.signal, connections: 1 },
	);
	assert.deepEqual(results, ['r0@x.example: unknown']);
});

for (const script of [{}, lockStep]) {
	test(`what a slow connection has marked ahead is sent by the others (${script === lockStep ? 'lock-step' : 'pipelined'})`, async () => {
		for (const window of [2, 8]) {
			const drop = new AbortController();
			const marks = new ScriptedMarks({ window });
			const messages = people(60);
			const { results } = await run(
				messages,
				{ script: (connection) => (connection === 1 ? { ...script, ...silentFromDot } : script) },
				{
					marks,
					drop: drop.signal,
					afterResult: (seen) => {
						// The envelope behind the one that hangs is started, and is not to be had.
						const kept = script === lockStep ? 1 : 2;
						if (seen === messages.length - kept) drop.abort();
					},
				},
			);
			assert.equal(count(results, 'unknown'), 1);
			assert.ok(window === 2 || marks.count('release \\d+ taken_over') > 0);
		}
	});
}

test('a wide window does not keep a short list on one connection', async () => {
	const marks = new ScriptedMarks({ window: 32 });
	const { connections, results } = await run(people(20), { script: () => lockStep }, { marks, connections: 4 });
	assert.equal(count(results, 'accepted'), 20);
	assert.equal(connections, 4);
});

test('a stop releases what is marked ahead and not started, and the rest gets its verdict', async () => {
	const stop = new AbortController();
	const marks = new ScriptedMarks({ window: 8 });
	const { results, accepted } = await run(
		people(200),
		{ script: () => ({}) },
		{ marks, stop: stop.signal, afterResult: (seen) => seen === 20 && stop.abort() },
	);
	assert.ok(marks.count('release \\d+ stopped') > 0);
	assert.equal(count(results, 'accepted'), accepted.length);
	assert.ok(results.length <= 20 + 2 * 3, String(results.length));
});

test('a stop while a dot waits for the disk lets it out when the mark is durable', async () => {
	const stop = new AbortController();
	const marks = handMade({ window: 4 }, () => {
		laterByTurns(20, () => {
			stop.abort();
			laterByTurns(20, () => marks.commit());
		});
	});
	const { results } = await run(people(20), { script: () => ({}) }, { marks, stop: stop.signal, connections: 1 });
	assert.deepEqual(results, ['r0@x.example: accepted']);
	assert.equal(marks.count('release \\d+ stopped'), 3);
});

test('no more is marked for a connection than it will take', async () => {
	const marks = new ScriptedMarks({ window: 8 });
	const { results } = await run(
		people(40),
		{ script: () => ({}) },
		{ marks, messagesPerConnection: 5, connections: 1 },
	);
	assert.equal(count(results, 'accepted'), 40);
	assert.equal(marks.count('release'), 0);
});

test('a limit per session gives back what was marked ahead, and every message goes out once', async () => {
	const marks = new ScriptedMarks({ window: 8 });
	const { results, accepted } = await run(
		people(50),
		{
			script: () => ({
				mail: (_from, nth) => (nth > 10 ? '452 4.4.5 Maximum number of messages per session exceeded' : '250 ok'),
			}),
		},
		{ marks, connections: 1 },
	);
	assert.equal(count(results, 'accepted'), 50);
	assert.equal(accepted.length, 50);
	assert.ok(marks.count('release \\d+ session_limit') > 0);
});

test('a dozen poisonous recipients take nobody down with them, whatever the window', async () => {
	const isPoison = (to: string) => Number(/\d+/.exec(to)?.[0]) % 10 === 3;
	for (const window of [1, 2, 8]) {
		for (const connections of [1, 3]) {
			const marks = new ScriptedMarks({ window, durable: () => 2 });
			const { results, error } = await run(
				people(120),
				{ script: () => ({ rcpt: (to) => (isPoison(to) ? { say: '', ending: 'close' } : '250 ok') }) },
				{ marks, connections },
			);
			assert.equal(error, null, String(error));
			assert.equal(count(results, 'accepted'), 108, `window ${window}`);
			assert.equal(count(results, 'undelivered'), 12);
		}
	}
});

test('when the server stays away, messages that may have broken it are recorded, each with a mark of its own', async () => {
	const { results, marks } = await run(people(4), {
		greeting: (connection) => (connection <= 3 ? '220 hi' : '421 4.3.2 closing down'),
		script: () => ({ rcpt: (to) => (to === 'r0@x.example' ? { say: '', ending: 'close' } : '250 ok') }),
	});
	assert.equal(count(results, 'accepted'), 3, results.join());
	assert.equal(count(results, 'undelivered'), 1);
	assert.equal(marks.count('result \\d+ undelivered'), 1);
});

test('a source that breaks leaves what is marked ahead, and what is under way gets its verdict', async () => {
	const queue = people(9);
	const marks = new ScriptedMarks({ window: 4 });
	const source: MessageSource = {
		round: 0,
		next: () => {
			const message = queue.shift();
			if (message === undefined) throw new Error('the list broke');
			return message;
		},
		ended: false,
		whenReadable: (listener) => setImmediate(listener),
	};
	const { error, results, accepted } = await run([], { script: () => ({}) }, { marks, source, connections: 1 });
	assert.ok(error instanceof Error && error.message === 'the list broke');
	assert.equal(results.length, accepted.length);
	assert.ok(results.length >= 5, results.join());
	assert.ok(marks.count('release \\d+ stopped') > 0);
});

test('a result that cannot be recorded leaves no mark open', async () => {
	const { error } = await run(
		people(50),
		{ script: () => ({}) },
		{
			marks: new ScriptedMarks({ window: 8, durable: () => 3 }),
			onResult() {
				throw new Error('disk full');
			},
		},
	);
	assert.ok(error instanceof Error);
});
