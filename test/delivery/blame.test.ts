/** Who is blamed for a refusal: the recipient, the connection, the server or us (issue: "Blame has a scope"). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunError } from '../../src/support/errors.ts';
import { count, type Delivered, people, recipientOf, run } from './run-delivery.ts';

function exitCodeOf({ error }: Delivered): number {
	assert.ok(error instanceof RunError, String(error));
	return error.exitCode;
}

function messageOf({ error }: Delivered): string {
	return error instanceof RunError ? `${error.message}\n${error.hint}` : String(error);
}

for (const [name, reply] of [
	[
		'an unverified sender',
		'554 Message rejected: Email address is not verified. The following identities failed the check in region US-EAST-1: news@acme.example',
	],
	[
		'a suspended account',
		'554 Message rejected: Sending paused for this account. For more information, please check the inbox of the email address',
	],
	['a daily quota, said with 454', '454 Throttling failure: Daily message quota exceeded.'],
	[
		'a daily quota, said with 550',
		'550-5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to https://support.google.com/a/answer/166852 - gsmtp\r\n550 5.4.5 x',
	],
] as const) {
	test(`${name} stops the run with exit code 4, in the server's own words, and nobody's row is settled for it`, async () => {
		const delivered = await run(
			people(50),
			{ script: () => ({ verdict: (_content, nth) => (nth > 4 ? reply : '250 ok') }) },
			{ connections: 1 },
		);
		assert.equal(exitCodeOf(delivered), 4);
		assert.match(messageOf(delivered), /not verified|paused|quota|limit exceeded/);
		assert.equal(delivered.accepted.length, 4);
		assert.equal(count(delivered.results, 'accepted'), 4);
		assert.equal(delivered.results.length, 4, delivered.results.join());
	});
}

test('the same refusal for five different recipients stops the run, and none of the five is a bounce', async () => {
	const delivered = await run(people(100), {
		script: () => ({ rcpt: (to) => `554 5.7.1 <${to}>: Access denied, see policy 1234` }),
	});
	assert.equal(exitCodeOf(delivered), 4);
	assert.equal(count(delivered.results, 'bounced'), 0, delivered.results.join());
	assert.match(messageOf(delivered), /Access denied/);
});

test('refusals that pass by with others accepted in between are the recipients own', async () => {
	const delivered = await run(
		people(40),
		{
			script: () => ({
				rcpt: (to) => (Number(/\d+/.exec(to)?.[0]) % 4 === 3 ? '554 5.7.1 not wanted here' : '250 ok'),
			}),
		},
		{ connections: 1 },
	);
	assert.equal(delivered.error, null, String(delivered.error));
	assert.equal(count(delivered.results, 'bounced'), 10);
	assert.equal(count(delivered.results, 'accepted'), 30);
});

test('refusals at the very end that nothing can decide any more are recorded', async () => {
	const delivered = await run(
		people(10),
		{
			script: () => ({ rcpt: (to) => (/r[789]@/.test(to) ? '554 5.7.1 not wanted here' : '250 ok') }),
		},
		{ connections: 1 },
	);
	assert.equal(delivered.error, null);
	assert.equal(count(delivered.results, 'bounced'), 3);
});

test('a list of dead addresses stops at the bounce rate, and each of them was a bounce', async () => {
	const delivered = await run(
		people(1_000),
		{
			script: () => ({
				rcpt: (to) => (Number(/\d+/.exec(to)?.[0]) % 3 === 0 ? `550 5.1.1 <${to}>: User unknown` : '250 ok'),
			}),
		},
		{ safety: { maxBounceRate: 0.2, maxFailures: Number.POSITIVE_INFINITY } },
	);
	assert.equal(exitCodeOf(delivered), 4);
	const bounced = count(delivered.results, 'bounced');
	assert.ok(bounced >= 41 && bounced < 120, String(bounced));
	assert.match(messageOf(delivered), /--max-bounce-rate/);
	assert.equal(count(delivered.results, 'unknown'), 0, 'whose dot was out got a verdict');
});

test('--max-failures stops after so many', async () => {
	const delivered = await run(
		people(100),
		{ script: () => ({ rcpt: (to) => (/[05]@/.test(to) ? `550 5.1.1 <${to}>: User unknown` : '250 ok') }) },
		{ safety: { maxBounceRate: Number.POSITIVE_INFINITY, maxFailures: 3 }, connections: 1 },
	);
	assert.equal(exitCodeOf(delivered), 4);
	assert.ok(count(delivered.results, 'bounced') >= 3 && count(delivered.results, 'bounced') <= 5);
});

test('the same passing refusal for everybody rests the server, and everybody is sent to afterwards', async () => {
	let refused = 0;
	const delivered = await run(
		people(60),
		{
			script: () => ({
				mail: () => (++refused <= 12 ? '451 4.3.2 system not accepting mail at the moment' : '250 ok'),
			}),
		},
		{ retry: { delaysMs: [60_000, 60_000, 60_000, 60_000] } },
	);
	assert.equal(delivered.error, null, messageOf(delivered));
	assert.equal(delivered.accepted.length, 60);
	assert.equal(new Set(delivered.accepted.map(recipientOf)).size, 60);
	assert.ok(
		delivered.notices.some((notice) => /trying again in/.test(notice)),
		delivered.notices.join('; '),
	);
});

test('"not so fast" slows the run down, tells so once, and costs no recipient anything', async () => {
	let said = 0;
	const delivered = await run(
		people(300),
		{
			script: () => ({
				verdict: (_content, nth) =>
					nth % 20 === 0 && said++ < 5 ? '454 Throttling failure: Maximum sending rate exceeded.' : '250 ok',
			}),
		},
		{ connections: 4 },
	);
	assert.equal(delivered.error, null, messageOf(delivered));
	assert.equal(delivered.accepted.length, 300);
	assert.equal(count(delivered.results, 'accepted'), 300);
	assert.equal(delivered.results.length, 300);
	assert.ok(
		delivered.notices.some((notice) => /slow down/.test(notice)),
		delivered.notices.join('; '),
	);
});

test('a limit per session is learnt: later connections end before it', async () => {
	const delivered = await run(
		people(60),
		{
			script: () => ({
				mail: (_from, nth) => (nth > 10 ? '452 4.4.5 Maximum number of messages per session exceeded' : '250 ok'),
			}),
		},
		{ connections: 1 },
	);
	assert.equal(delivered.error, null);
	assert.equal(delivered.accepted.length, 60);
	const refusals = delivered.heard.filter((line) => line.startsWith('MAIL')).length - 60;
	assert.ok(refusals <= 2, `${refusals} refused after the first lesson`);
	assert.ok(
		delivered.notices.some((notice) => /takes 10 messages a connection/.test(notice)),
		delivered.notices.join('; '),
	);
});

test('"too many messages" to the same few recipients is theirs: the others are not slowed down for it', async () => {
	const delivered = await run(
		people(400),
		{
			script: () => ({
				rcpt: (to) =>
					/[05]0@/.test(to) ? `450 4.7.1 <${to}>: Recipient address rejected: Too many messages` : '250 ok',
			}),
		},
		{ retry: { delaysMs: [60_000, 60_000] } },
	);
	assert.equal(delivered.error, null, messageOf(delivered));
	assert.equal(delivered.accepted.length, 393);
	assert.deepEqual(
		delivered.notices.filter((notice) => /slow down/.test(notice)),
		[],
	);
	assert.equal(count(delivered.results, 'deferred'), 3 * 7);
});
