/** Nobody sleeps while there is something to do: each of these runs hung, crawled, or ended as a bug. The clock of most has no sweep that could come to the rescue. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageSource } from '../../src/delivery/deliver-options.ts';
import type { Clock } from '../../src/support/clock.ts';
import { RunError } from '../../src/support/errors.ts';
import { type Script, type ScriptedServer, startScriptedServer } from '../smtp/peer.ts';
import { hurriedClock } from './hurried-clock.ts';
import { count, people, planFor, recipientOf, run } from './run-delivery.ts';
import { laterByTurns } from './scripted-marks.ts';

const timeout = 10_000;
const paused = '554 Message rejected: Sending paused for this account.';

function unsweptClock(): Clock {
	return { ...hurriedClock(), every: () => ({ cancel() {} }) };
}

async function spare(script: (connection: number) => Script = () => ({})): Promise<ScriptedServer> {
	return startScriptedServer({ greeting: () => '220 spare.example', script });
}

test('a verdict that comes when its server is not used any more leaves the reason as it is', { timeout }, async () => {
	let server: ScriptedServer | null = null;
	const { error, results } = await run(
		people(12),
		{
			onServer: (scripted) => {
				server = scripted;
			},
			script: (connection) => ({
				ehlo: () => '250-peer.example\r\n250 SIZE',
				mail: (_from, nth) => (connection === 1 && nth > 3 ? '530 5.7.0 Authentication required' : '250 ok'),
				verdict() {
					if (connection === 1) return '250 ok';
					laterByTurns(200, () => server?.say('250 ok'));
					return null;
				},
			}),
		},
		{ connections: 2 },
	);
	assert.ok(error instanceof RunError, String(error));
	assert.equal(error.exitCode, 77);
	assert.equal(count(results, 'accepted'), 4);
});

test('a second server that had trouble once is tried again when the first one is out', { timeout }, async () => {
	const second = await spare((connection) => ({
		mail: () => (connection <= 4 ? { say: '', ending: 'close' } : '250 ok'),
	}));
	let verdicts = 0;
	const delivered = await run(
		people(40),
		{
			greeting: (connection) => (connection <= 2 ? '421 4.3.2 restarting' : '220 hi'),
			script: () => ({ verdict: () => (++verdicts > 3 ? paused : '250 ok') }),
		},
		{ connections: 1, others: [{ ...planFor({ port: second.port }), connections: 1 }], clock: unsweptClock() },
	);
	second.close();
	assert.equal(delivered.error, null, String(delivered.error));
	assert.equal(count(delivered.results, 'accepted'), 40);
	assert.equal(new Set([...delivered.accepted, ...second.accepted].map(recipientOf)).size, 40);
});

test('the second server keeps its pace while the first one is tried and says nothing', { timeout }, async () => {
	const second = await spare();
	const delivered = await run(
		people(30),
		{ greeting: (connection) => (connection === 1 ? '421 4.3.2 restarting' : ''), script: () => ({}) },
		{
			others: [{ ...planFor({ port: second.port }), rates: [{ count: 1, periodMs: 1_000, burst: 1 }] }],
			clock: unsweptClock(),
		},
	);
	second.close();
	assert.equal(delivered.error, null, String(delivered.error));
	assert.equal(second.accepted.length, 30);
});

test('who waits to be tried again is tried in time although the source may give more later', { timeout }, async () => {
	const messages = people(3);
	let refusals = 0;
	let accepted = 0;
	const listeners: (() => void)[] = [];
	const source: MessageSource = {
		round: 0,
		next: () => messages.shift() ?? null,
		get ended() {
			return accepted === 3;
		},
		whenReadable: (listener) => listeners.push(listener),
	};
	const { error, results } = await run(
		[],
		{ script: () => ({ rcpt: (to) => (to.startsWith('r1@') && ++refusals < 2 ? '450 4.2.1 busy' : '250 ok') }) },
		{
			source,
			connections: 1,
			retry: { delaysMs: [60_000] },
			clock: unsweptClock(),
			onResult({ kind }) {
				if (kind === 'accepted') accepted += 1;
			},
		},
	);
	assert.equal(error, null);
	assert.equal(count(results, 'accepted'), 3);
});

test('a connection that opens while its server rests takes nothing', { timeout }, async () => {
	let server: ScriptedServer | null = null;
	const stop = new AbortController();
	const clock = hurriedClock();
	const { error, heard } = await run(
		people(40),
		{
			onServer: (scripted) => {
				server = scripted;
			},
			greeting: (connection) => (connection === 1 ? '220 hi' : ''),
			script: () => ({ ehlo: () => '250-peer.example\r\n250 SIZE', rcpt: () => '451 4.3.0 Local error in processing' }),
		},
		{
			connections: 3,
			stop: stop.signal,
			// The rest of a minute does not end.
			clock: { ...clock, after: (delayMs, callback) => clock.after(delayMs > 20_000 ? 300_000 : delayMs, callback) },
			onNotice(text) {
				if (!text.includes('put off 5')) return;
				server?.say('220 hi');
				laterByTurns(300, () => stop.abort());
			},
		},
	);
	assert.equal(error, null, String(error));
	assert.equal(heard.filter((line) => line.startsWith('MAIL')).length, 5);
});

test('while the source has nothing nobody dials for what it may give', { timeout }, async () => {
	const messages = people(3);
	let isOver = false;
	const listeners: (() => void)[] = [];
	const clock = hurriedClock();
	const sweeps: (() => void)[] = [];
	let lateMs = 0;
	const delivered = run(
		[],
		{ script: () => ({}) },
		{
			connections: 5,
			source: {
				round: 0,
				next: () => messages.shift() ?? null,
				get ended() {
					return isOver;
				},
				whenReadable: (listener) => listeners.push(listener),
			},
			clock: {
				...clock,
				monotonicMs: () => clock.monotonicMs() + lateMs,
				every: (_intervalMs, callback) => {
					sweeps.push(callback);
					return { cancel() {} };
				},
			},
			onResult() {
				if (messages.length > 0) return;
				// Everybody is idle for longer than connections are kept, twice.
				const pass = () => {
					lateMs += 40_000;
					for (const sweep of sweeps) sweep();
				};
				laterByTurns(100, pass);
				laterByTurns(300, pass);
				laterByTurns(500, () => {
					isOver = true;
					for (const listener of listeners) listener();
				});
			},
		},
	);
	const { error, connections, results } = await delivered;
	assert.equal(error, null, String(error));
	assert.equal(count(results, 'accepted'), 3);
	assert.ok(connections <= 5, `${connections} connections`);
});
