/** Delivery over real sockets: who gets a result, how often the server took a message, and how a run ends. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { RunError } from '../../src/support/errors.ts';
import { address, count, messageFor, people, run } from './run-delivery.ts';

test('every message is accepted once over the connections asked for', async () => {
	const { results, accepted, connections, error } = await run(people(200), { script: () => ({}) });
	assert.equal(error, null);
	assert.equal(count(results, 'accepted'), 200);
	assert.equal(new Set(accepted).size, 200);
	assert.equal(accepted.length, 200);
	assert.ok(connections <= 3);
});

test('a refusal is a bounce when it is about the address and deferred when it is about us or passes', async () => {
	const replies: Record<string, string> = {
		'r1@x.example': '550 5.1.1 User unknown',
		'r2@x.example': '450 4.2.0 Greylisted, come back later',
		'r3@x.example': '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org',
	};
	const { raw, accepted } = await run(people(5), { script: () => ({ rcpt: (to) => replies[to] ?? '250 ok' }) });
	const kinds = Object.fromEntries(raw.map((result) => [result.message.recipient.address, result.kind]));
	assert.deepEqual(kinds, {
		'r0@x.example': 'accepted',
		'r1@x.example': 'bounced',
		'r2@x.example': 'deferred',
		'r3@x.example': 'deferred',
		'r4@x.example': 'accepted',
	});
	assert.equal(accepted.length, 2);
});

test('a server that closes after each few messages still gets all of them, once', async () => {
	for (const say of ['', '421 4.4.5 too many messages in this session']) {
		const { results, accepted, connections, error } = await run(people(60), {
			script: () => ({ mail: (_from, nth) => (nth > 4 ? { say, ending: 'close' } : '250 ok') }),
		});
		assert.equal(error, null);
		assert.equal(count(results, 'accepted'), 60, results.join('\n'));
		assert.equal(accepted.length, 60);
		assert.ok(connections >= 15, String(connections));
	}
});

test('messages per connection are respected', async () => {
	const { results, connections } = await run(
		people(50),
		{ script: () => ({}) },
		{ messagesPerConnection: 10, connections: 1 },
	);
	assert.equal(count(results, 'accepted'), 50);
	assert.equal(connections, 5);
});

test('one message that kills every connection is deferred and the others go out', async () => {
	const { results, raw, error } = await run(people(30), {
		script: () => ({ rcpt: (to) => (to === 'r7@x.example' ? { say: '', ending: 'close' } : '250 ok') }),
	});
	assert.equal(error, null);
	assert.equal(count(results, 'accepted'), 29);
	assert.ok(results.includes('r7@x.example: undelivered'));
	assert.equal(raw.length, 30);
});

test('a connection that closes after the dot makes exactly that message unknown, and it is not sent again', async () => {
	const { results, accepted } = await run(people(40), {
		script: () => ({
			verdict: (content) => (content.includes('r9@') ? { say: '', ending: 'reset' } : '250 ok'),
		}),
	});
	assert.ok(results.includes('r9@x.example: unknown'));
	assert.equal(count(results, 'accepted'), 39);
	assert.equal(accepted.filter((content) => content.includes('r9@')).length, 0);
});

test('a server whose replies get out of step is taken down a step and the run goes on', async () => {
	const { results, notices, error } = await run(people(40), {
		// The first connections swallow the reply to RCPT when commands are pipelined across messages.
		script: (connection) => (connection <= 3 ? { rcpt: (_to, nth) => (nth === 3 ? null : '250 ok') } : {}),
	});
	assert.equal(error, null);
	assert.equal(count(results, 'accepted') + count(results, 'unknown'), 40);
	assert.ok(
		notices.some((notice) => /out of step.*pipelining only within a message/.test(notice)),
		notices.join('\n'),
	);
});

test('more connections than the server allows: the run goes on with those that opened', async () => {
	const { results, notices, error } = await run(
		people(100),
		{
			greeting: (connection) => (connection > 2 ? '421 4.7.0 too many connections' : '220 hi'),
			script: () => ({}),
		},
		{ connections: 10 },
	);
	assert.equal(error, null);
	assert.equal(count(results, 'accepted'), 100);
	assert.ok(
		notices.some((notice) => /going on with (?:1 connection|[2-9] connections): /.test(notice)),
		notices.join('\n'),
	);
});

test('one connection is one connection', async () => {
	const { results, notices } = await run(
		people(20),
		{
			greeting: (connection) => (connection > 1 ? '421 4.7.0 too many connections' : '220 hi'),
			script: () => ({}),
		},
		{ connections: 5 },
	);
	assert.equal(count(results, 'accepted'), 20);
	assert.match(notices.join('\n'), /^going on with 1 connection: /m);
});

test('a server that lets nobody in stops the run before any message', async () => {
	const { error, raw } = await run(people(3), { greeting: () => '554 5.7.1 no', script: () => ({}) });
	assert.ok(error instanceof RunError);
	assert.equal(error.exitCode, 69);
	assert.match(error.message, /refused the connection: 554 5.7.1 no/);
	assert.equal(raw.length, 0);
});

test('a refused login stops the run after one attempt', async () => {
	const { error, connections } = await run(
		people(50),
		{ script: () => ({ ehlo: () => '250-peer\r\n250-PIPELINING\r\n250 AUTH PLAIN' }) },
		{ connections: 10, settings: { auth: { kind: 'password', user: 'ann', password: 'wrong', origin: 'a test' } } },
	);
	assert.ok(error instanceof RunError);
	assert.equal(error.exitCode, 77);
	assert.equal(connections, 1);
	assert.ok(!`${error.message}${error.hint}`.includes('wrong'));
});

test('a server that goes away for good ends the run with what is left unsettled', async () => {
	const { error, results } = await run(people(100), {
		greeting: (connection) => (connection <= 3 ? '220 hi' : '421 4.3.2 closing down'),
		script: () => ({ mail: (_from, nth) => (nth > 5 ? { say: '', ending: 'close' } : '250 ok') }),
	});
	assert.ok(error instanceof RunError);
	assert.equal(error.exitCode, 69);
	assert.equal(count(results, 'accepted'), 15);
	assert.equal(results.length, 15);
});

test('a server that closes every connection after EHLO ends the run and blames no recipient', async () => {
	const { error, results } = await run(people(20), { script: () => ({ mail: () => ({ say: '', ending: 'close' }) }) });
	assert.ok(error instanceof RunError);
	assert.equal(error.exitCode, 69);
	assert.deepEqual(results, []);
});

test('after a stop what is under way gets its verdict and nothing new starts', async () => {
	const stop = new AbortController();
	const { results, accepted, error } = await run(
		people(500),
		{ script: () => ({}) },
		{ stop: stop.signal, afterResult: (seen) => seen === 20 && stop.abort() },
	);
	assert.equal(error, null);
	assert.ok(results.length >= 20 && results.length <= 20 + 2 * 3, String(results.length));
	assert.equal(accepted.length, results.length);
});

test('after a drop every message has one of the two safe words: accepted, or unknown when its dot was out', async () => {
	const drop = new AbortController();
	const { results, raw, error } = await run(
		people(500),
		{ script: () => ({}) },
		{ drop: drop.signal, afterResult: (seen) => seen === 20 && drop.abort() },
	);
	assert.equal(error, null);
	assert.equal(count(results, 'accepted') + count(results, 'unknown'), results.length);
	assert.ok(count(results, 'unknown') <= 3);
	assert.equal(new Set(results).size, raw.length);
});

test('what the server cannot take is failed without trying', async () => {
	const messages = [
		messageFor('r0@x.example'),
		messageFor('zoë@x.example', {
			envelope: { from: address('n@a.example'), to: address('zoë@x.example'), smtpUtf8: true },
		}),
		messageFor('r2@x.example', { sizeBytes: 2_000_000 }),
	];
	const { raw, accepted } = await run(messages, {
		script: () => ({ ehlo: () => '250-peer\r\n250-PIPELINING\r\n250 SIZE 1000000' }),
	});
	const kinds = raw.map((result) => (result.kind === 'failed' ? result.errorType : result.kind)).sort();
	assert.deepEqual(kinds, ['accepted', 'smtp.no_smtputf8', 'smtp.size_exceeded']);
	assert.equal(accepted.length, 1);
});

test('a result that cannot be recorded ends the run', async () => {
	const { error, accepted } = await run(
		people(500),
		{ script: () => ({}) },
		{
			onResult() {
				throw new RunError(73, 'disk full');
			},
		},
	);
	assert.ok(error instanceof RunError);
	assert.equal(error.exitCode, 73);
	assert.ok(accepted.length <= 6);
});

test('no listener stays on the signals after a run', async () => {
	const stop = new AbortController().signal;
	const drop = new AbortController().signal;
	const halt = new AbortController().signal;
	await run(people(10), { script: () => ({}) }, { stop, drop, halt });
	for (const signal of [stop, drop, halt]) assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('an empty source ends at once without a connection', async () => {
	const { connections, error } = await run([], { script: () => ({}) });
	assert.equal(error, null);
	assert.equal(connections, 0);
});
