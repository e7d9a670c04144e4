/** The lines of a reply that Sendmail leaves out of its report. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wholeReply } from '../../../src/bounces/returned/whole-reply.ts';

const transcript = `... while talking to [127.0.0.1]:
>>> RCPT To:<a@remote.example>
<<< 550-Requested action not taken: mailbox unavailable
<<< 550-Reject due to policy restrictions.
<<< 550 For explanation visit https://postmaster.example/
550 5.1.1 <a@remote.example>... User unknown
`;

test('the first line of a reply gets the others from the transcript', () => {
	const whole =
		'550-Requested action not taken: mailbox unavailable 550-Reject due to policy restrictions. 550 For explanation visit https://postmaster.example/';
	assert.equal(wholeReply('550-Requested action not taken: mailbox unavailable', transcript), whole);
	assert.equal(wholeReply('SMTP; 550-Requested action not taken: mailbox unavailable', transcript), whole);
});

test('a reply that is whole, or that no transcript has, stays as it is', () => {
	for (const diagnostic of ['550 5.1.1 User unknown', '550-one 550 two', '554-Another server said this', '', '550-']) {
		assert.equal(wholeReply(diagnostic, transcript), diagnostic);
	}
});

test('a transcript without an end is cut', () => {
	const endless = `<<< 550-a\n${'<<< 550-b\n'.repeat(100_000)}`;
	assert.ok(wholeReply('550-a', endless).length < 1000);
});
