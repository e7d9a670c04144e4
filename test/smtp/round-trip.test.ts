/** Measuring a server: NOOPs, one group of commands that came together, QUIT; and no more than that, however the server behaves. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { measureRoundTrips } from '../../src/smtp/round-trip.ts';
import { type Clock, systemClock } from '../../src/support/clock.ts';
import { startScriptedServer } from '../helpers/scripted-server.ts';

interface Answerer {
	/** Gives what is said to the nth line, from 1; null says nothing. */
	readonly answer: (line: string, nth: number) => string | null;
	readonly pipelining?: boolean;
	readonly clock?: Clock;
}

async function measure({ answer, pipelining = true, clock = systemClock }: Answerer) {
	let nth = 0;
	const server = await startScriptedServer(async (peer) => {
		for (let line = await peer.readLine(); line !== null; line = await peer.readLine()) {
			nth += 1;
			const said = answer(line, nth);
			if (said === 'close') return peer.close();
			if (said !== null) peer.send(said);
		}
	});
	const socket = connect(server.port, '127.0.0.1');
	await once(socket, 'connect');
	socket.pause();
	try {
		const measured = await measureRoundTrips(socket, {
			clock,
			pipelining,
			signal: new AbortController().signal,
			trace: null,
		});
		if (!socket.closed) await once(socket, 'close');
		return { ...measured, count: measured.milliseconds.length, heard: server.heard.map(({ line }) => line) };
	} finally {
		await server.stop();
	}
}

/** Every timer fires as soon as something says so. */
function clockByHand() {
	const waiting = new Set<() => void>();
	const clock: Clock = {
		...systemClock,
		after: (_delayMs, callback) => {
			waiting.add(callback);
			return { cancel: () => void waiting.delete(callback) };
		},
	};
	const fire = () => {
		for (const callback of waiting) callback();
	};
	return { clock, fire, waiting };
}

const noops = Array.from({ length: 5 }, () => 'NOOP');

test('five NOOPs are measured, one group is tried, and the server is left with QUIT', async () => {
	const { count, milliseconds, pipeliningHolds, problem, heard } = await measure({ answer: () => '250 2.0.0 Ok\r\n' });

	assert.deepEqual([count, pipeliningHolds, problem], [5, true, '']);
	assert.ok(milliseconds.every((value) => value > 0));
	assert.deepEqual(heard, [...noops, 'RSET', 'RSET', 'NOOP', 'QUIT']);
});

test('a server without PIPELINING is sent one command at a time', async () => {
	const { pipeliningHolds, heard } = await measure({ answer: () => '250 Ok\r\n', pipelining: false });

	assert.equal(pipeliningHolds, null);
	assert.deepEqual(heard, [...noops, 'QUIT']);
});

test('a server that does not know NOOP is measured all the same', async () => {
	const { count, problem } = await measure({ answer: () => '502-5.5.1 what\r\n502 5.5.1 is that?\r\n' });

	assert.deepEqual([count, problem], [5, '']);
});

test('commands that come together and are not all answered are found out', async () => {
	const { clock, fire, waiting } = clockByHand();
	const answer = (line: string, nth: number) => {
		if (nth === 6) setImmediate(() => setImmediate(fire));
		return nth <= 6 || line === 'QUIT' ? '250 Ok\r\n' : null;
	};
	const { count, pipeliningHolds, problem, heard } = await measure({ answer, clock });

	assert.deepEqual([count, pipeliningHolds], [5, false]);
	assert.match(problem, /^the server left [23] of 3 commands unanswered within 10 s$/);
	assert.deepEqual(heard.slice(5), ['RSET', 'RSET', 'NOOP']);
	assert.equal(waiting.size, 0);
});

test('a connection that ends, a 421, an extra reply and no reply end the measurement with what was measured', async () => {
	const cases: readonly (readonly [answer: Answerer['answer'], count: number, problem: RegExp])[] = [
		[(_line, nth) => (nth === 3 ? 'close' : '250 Ok\r\n'), 2, /^the server closed the connection$/],
		[(_line, nth) => (nth === 3 ? '421 bye\r\n' : '250 Ok\r\n'), 2, /^the server is closing the connection \(421\)$/],
		[(_line, nth) => (nth === 3 ? '250 Ok\r\n250 and more\r\n' : '250 Ok\r\n'), 2, /^the server answered more than/],
		[(_line, nth) => (nth === 1 ? '\u001b[2Jwhat\r\n' : '250 Ok\r\n'), 0, /is no SMTP reply$/],
	];
	for (const [answer, count, problem] of cases) {
		const measured = await measure({ answer });
		assert.equal(measured.count, count, String(problem));
		assert.match(measured.problem, problem);
		assert.ok(!measured.problem.includes('\u001b'));
		assert.equal(measured.pipeliningHolds, null);
	}
});
