/** Several messages in flight on one connection (RFC 3030): when they are, when they are not, and what becomes of those in flight when something ends it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Script } from '../smtp/peer.ts';
import { startScriptedServer } from '../smtp/peer.ts';
import { hurriedClock } from './hurried-clock.ts';
import { count, people, planFor, recipientOf, run } from './run-delivery.ts';
import { ScriptedMarks } from './scripted-marks.ts';

const second = 1_000;

function chunking(script: Script = {}): Script {
	return { ehlo: () => '250-peer.example\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 SIZE', ...script };
}

/** How many messages came whole in each piece that arrived. */
function flights(heard: readonly string[]): number[] {
	return heard
		.join(' ')
		.split('|')
		.map((piece) => piece.match(/BDAT \d+ LAST/g)?.length ?? 0);
}

function verbs(heard: readonly string[], pattern: RegExp): number {
	return heard.filter((line) => pattern.test(line)).length;
}

test('with a wide window messages travel together, and no connection ever has more marks open than that', async () => {
	const marks = new ScriptedMarks({ window: 8 });
	const { results, heard, notices } = await run(people(100), { script: () => chunking() }, { marks, connections: 2 });
	assert.equal(count(results, 'accepted'), 100);
	assert.ok(Math.max(...flights(heard)) > 4);
	assert.equal(verbs(heard, /^DATA/), 0);
	assert.equal(marks.mostOpen, 8);
	assert.deepEqual(notices, []);
});

test('marks that become durable late hold back what they belong to, and nothing is lost', async () => {
	const marks = new ScriptedMarks({ window: 8, durable: () => 7 });
	const { results } = await run(people(100), { script: () => chunking() }, { marks, connections: 2 });
	assert.equal(count(results, 'accepted'), 100);
	assert.ok(marks.mostOpen <= 8);
});

test('with a window of two BDAT is never said', async () => {
	const { results, heard } = await run(people(20), { script: () => chunking() }, { connections: 1 });
	assert.equal(count(results, 'accepted'), 20);
	assert.equal(verbs(heard, /^BDAT/), 0);
});

test('a server that does not know BDAT gets DATA over all connections: one notice, and no attempt is counted', async () => {
	const marks = new ScriptedMarks({ window: 8 });
	const script = () => chunking({ trial: () => '502 5.5.1 not implemented' });
	const { raw, results, heard, notices, connections } = await run(people(60), { script }, { marks });
	assert.equal(count(results, 'accepted'), 60);
	assert.ok(connections > 1);
	assert.equal(verbs(heard, /^BDAT \d+ LAST/), 0);
	assert.ok(raw.every(({ attempt }) => attempt.number === 1));
	assert.equal(notices.length, 1, notices.join('; '));
	assert.match(notices.join(), /BDAT was refused: 502 5\.5\.1 not implemented; .*DATA in place of BDAT/);
});

test('a server that thinks better of BDAT in full flight gets the rest by DATA: one notice, and no attempt is counted', async () => {
	const marks = new ScriptedMarks({ window: 8 });
	let contents = 0;
	const { raw, results, heard, notices, accepted } = await run(
		people(60),
		{
			script: () =>
				chunking({
					verdict: () => {
						contents += 1;
						return contents === 12 ? '503 5.5.1 bad sequence' : '250 2.0.0 Ok: queued as 1A';
					},
				}),
		},
		{ marks, messagesPerConnection: 30, connections: 1 },
	);
	assert.equal(count(results, 'accepted'), 60);
	assert.equal(new Set(accepted.map(recipientOf)).size, 60);
	assert.ok(verbs(heard, /^BDAT \d+ LAST/) < 12 + 8);
	assert.ok(verbs(heard, /^DATA/) > 30);
	assert.ok(raw.every(({ attempt }) => attempt.number === 1));
	assert.equal(notices.length, 1, notices.join('; '));
});

test('a connection that has had its share of messages takes none of the next one into its flight', async () => {
	const marks = new ScriptedMarks({ window: 8 });
	const perConnection: number[] = [];
	const { results, connections } = await run(
		people(55),
		{
			script: (connection) =>
				chunking({
					verdict: (_content, nth) => {
						perConnection[connection] = nth;
						return '250 2.0.0 Ok: queued as 1A';
					},
				}),
		},
		{ marks, connections: 1, messagesPerConnection: 10 },
	);
	assert.equal(count(results, 'accepted'), 55);
	assert.equal(connections, 6);
	assert.deepEqual(perConnection.slice(1), [10, 10, 10, 10, 10, 5]);
});

test('where a pace is kept each message goes at its time, alone', async () => {
	const marks = new ScriptedMarks({ window: 8 });
	const { results, heard } = await run(
		people(30),
		{ script: () => chunking() },
		{
			marks,
			clock: hurriedClock({ isFrozen: true }),
			plan: { rates: [{ count: 5, periodMs: second, burst: 1 }], connections: 1 },
			maxWaitMs: 1_000 * second,
		},
	);
	assert.equal(count(results, 'accepted'), 30);
	assert.equal(Math.max(...flights(heard)), 1);
	assert.equal(marks.mostOpen, 1);
});

test('after a stop everything in flight gets its verdict', async () => {
	const marks = new ScriptedMarks({ window: 8 });
	const stop = new AbortController();
	const { results, accepted } = await run(
		people(100),
		{ script: () => chunking() },
		{ marks, connections: 1, stop: stop.signal, afterResult: (seen) => seen === 20 && stop.abort() },
	);
	assert.ok(results.length >= 20 && results.length <= 28, `${results.length} results`);
	assert.equal(count(results, 'accepted'), results.length);
	assert.equal(accepted.length, results.length);
});

test('a drop leaves at most a window unknown, and exactly what was in flight', async () => {
	const marks = new ScriptedMarks({ window: 8 });
	const drop = new AbortController();
	const inFlight: string[] = [];
	const { results } = await run(
		people(100),
		{
			script: () =>
				chunking({
					verdict: (content, nth) => {
						if (nth <= 20) return '250 2.0.0 Ok: queued as 1A';
						inFlight.push(recipientOf(content));
						return null;
					},
				}),
		},
		{ marks, connections: 1, drop: drop.signal, afterResult: (seen) => seen === 20 && drop.abort() },
	);
	const unknown = results.filter((result) => result.endsWith(': unknown')).map((result) => result.split(':')[0]);
	assert.ok(unknown.length > 0 && unknown.length <= 8, `${unknown.length} unknown`);
	assert.ok(inFlight.every((to) => unknown.includes(to)));
	assert.equal(count(results, 'accepted') + unknown.length, results.length);
});

test('a bare close leaves at most a window unknown, and none of them is sent again', async () => {
	const marks = new ScriptedMarks({ window: 8 });
	const script = (connection: number) => {
		let isClosed = false;
		return chunking({
			verdict(_content, nth) {
				if (connection > 1) return '250 2.0.0 Ok: queued as 1A';
				const isLast = !isClosed && nth === 20;
				isClosed ||= isLast;
				// What it has of the others is taken, and nothing is said about it.
				return isLast ? { say: '', ending: 'close' } : isClosed ? null : '250 2.0.0 Ok: queued as 1A';
			},
		});
	};
	const { results, accepted } = await run(people(100), { script }, { marks, connections: 1 });
	const unknown = count(results, 'unknown');
	assert.ok(unknown > 1 && unknown <= 8, `${unknown} unknown`);
	assert.equal(count(results, 'accepted') + unknown, 100);
	assert.equal(accepted.length, 100 - unknown);
});

test('421 in a full window: what was not taken goes to the other server, and nobody is unknown', async () => {
	const marks = new ScriptedMarks({ window: 8 });
	const second = await startScriptedServer({ greeting: () => '220 spare.example', script: () => chunking() });
	let isClosed = false;
	const { results, accepted, error } = await run(
		people(60),
		{
			greeting: (connection) => (connection > 1 ? '554 5.3.2 going down' : '220 hi'),
			script: () =>
				chunking({
					verdict(_content, nth) {
						if (isClosed) return null;
						isClosed = nth === 20;
						return isClosed ? { say: '421 4.3.2 shutting down', ending: 'close' } : '250 2.0.0 Ok: queued as 1A';
					},
				}),
		},
		{ marks, connections: 1, others: [planFor({ port: second.port })] },
	);
	second.close();
	assert.equal(error, null, String(error));
	assert.equal(count(results, 'accepted'), 60);
	assert.equal(accepted.length, 19);
	const taken = [...accepted, ...second.accepted].map(recipientOf);
	assert.deepEqual([taken.length, new Set(taken).size], [60, 60]);
});
