/** The waiting time that a refusal names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replyFromText } from '../../src/bounces/reply-from-text.ts';
import { toldDelayMs } from '../../src/bounces/told-time.ts';

const now = Date.parse('2025-08-25T07:00:00Z');
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

function told(text: string): number | null {
	return toldDelayMs(replyFromText(text, 450), now);
}

const tellings: readonly (readonly [reply: string, delayMs: number])[] = [
	// SQLgrey, and postgrey with a text of its own.
	['451 4.7.1 <email@example.com>: Recipient address rejected: Greylisted for 5 minutes', 5 * minute],
	[
		'450 4.7.1 <a@b.example>: Recipient address rejected: Greylisted for 300 seconds (see http://postgrey.example/help/b.example.html)',
		300 * second,
	],
	['450 greylisted, see http://postgrey.example/help.html; retry in 300 seconds', 300 * second],
	// milter-greylist
	['451 4.7.1 Greylisting in action, please come back in 00:05:00', 5 * minute],
	['451 Please retry in 00:05:00', 5 * minute],
	['451 4.7.1 Greylisting in action, please come back in 02:00:10 (again)', 2 * hour + 10 * second],
	// Mailgun
	[
		'421 Domain example.com is not allowed to send: recipient limit exceeded, try again after Mon, 25 Aug 2025 07:00:31 UTC',
		31 * second,
	],
	[
		'554 Your account is on probation and domains are limited to 100 messages / hour. Account will be enabled in 341 seconds',
		341 * second,
	],
	['550 Your account is limited for 47 more hours', 47 * hour],
	// Exim recipes and the like
	['451 try again in 10 min', 10 * minute],
	['451 4.7.1 Temporarily rejected. Try again in 300 seconds.', 300 * second],
	['451-Greylisted\n451 Please try again in 1 minute, 30 seconds', 90 * second],
	['451 You are greylisted. Please wait at least 15 minutes before the next attempt.', 15 * minute],
	['450 4.2.0 Please retry your message after 5 min', 5 * minute],
	['450 4.2.0 try again in 5m', 5 * minute],
	['450 4.2.0 try again in 1h30m', 90 * minute],
	['450 4.2.0 try again in 1 hour, 2 minutes and 3 seconds', hour + 2 * minute + 3 * second],
	['450 4.2.0 try again in an hour', hour],
	['450 4.2.0 Please try again in 60 second(s)', minute],
	['450 GREYLISTED: RETRY IN 2 MINUTES', 2 * minute],
	['421 4.7.0 Too many connections: blocked for the next 10 minutes', 10 * minute],
	// The number is the reply's own code.
	['450 try again in 450 seconds', 450 * second],
	['450 try again after 2025-08-25T07:10:00Z', 10 * minute],
	['450 try again after 2025-08-25 09:10:00 +0200', 10 * minute],
	['450 blocked until 25 August 2025 05:30 -02:00', 30 * minute],
];

for (const [reply, delayMs] of tellings) {
	test(`"${reply.slice(0, 120)}" says ${delayMs / second} seconds`, () => {
		assert.equal(told(reply), delayMs);
	});
}

test('what asks to be tried again is believed before what only describes', () => {
	assert.equal(told('451 Greylisted for 1 hour, retry in 5 minutes'), 5 * minute);
});

test('a refusal without a time says none', () => {
	for (const reply of [
		'450 4.2.0 <a@b.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/b.example.html',
		'421 4.3.0 Temporary System Problem. Try again later (10). - gsmtp',
		'451 4.7.1 Try again later',
		'450 4.1.1 <5.minutes@example.org>: unverified address',
		'550 5.1.1 No such user',
		'450 try again in a few minutes',
		'450 try again in 300',
		'450 Try again after 14:30 UTC',
		'450 try again in 5 ms',
		'450',
	]) {
		assert.equal(told(reply), null, reply);
	}
});

test('a rate or a time-out is no time to come back', () => {
	for (const reply of [
		'451 You have sent 500 messages in 10 minutes. Try again later.',
		'452 limited to 100 messages in 60 minutes',
		'421 timeout exceeded after 300 seconds',
		'421 4.7.0 Try again later. Limit of messages for 10 minutes is reached',
	]) {
		assert.equal(told(reply), null, reply);
	}
});

test('a time that has passed, is none, lacks its zone or is more than a week away is not obeyed', () => {
	for (const reply of [
		'450 try again after Mon, 25 Aug 2025 06:59:59 UTC',
		'450 try again after Mon, 25 Xyz 2025 07:10:00 UTC',
		'450 try again after Mon, 25 Aug 2025 07:10:00',
		'450 try again in 0 seconds',
		'450 try again in 8 days',
		'450 try again in 9999999 hours',
		'450 try again after Mon, 1 Sep 2025 07:00:01 UTC',
	]) {
		assert.equal(told(reply), null, reply);
	}
	assert.equal(told('450 try again after Mon, 1 Sep 2025 07:00:00 UTC'), 168 * hour);
});

test('the time stands in any line of a long reply', () => {
	const long = `450-${'Please read our policy. '.repeat(10)}\n`.repeat(40);
	assert.equal(told(`${long}450 Retry in 7 minutes`), 7 * minute);
});

test('a megabyte of hostile text costs no time worth speaking of', () => {
	const megabyte = 1_000_000;
	const pieces = [
		'retry ',
		'wait a b c d ',
		'try again in ',
		'greylisted for 1',
		'wait ,,,,,,,,,',
		'a',
		' ',
		'1:',
		'(',
	];
	for (const piece of pieces) {
		const text = piece.repeat(Math.ceil(megabyte / piece.length));
		const asLines = Array.from({ length: 20_000 }, () => piece.repeat(10));
		for (const lines of [[text], asLines, Array.from({ length: 20 }, () => text)]) {
			const started = process.cpuUsage();
			toldDelayMs({ code: 450, enhancedCode: '', lines }, now);
			const { user } = process.cpuUsage(started);
			// Quadratic would be minutes: the bound leaves room for a busy machine.
			assert.ok(user < 50_000, `${JSON.stringify(piece)}: ${user} us`);
		}
	}
});
