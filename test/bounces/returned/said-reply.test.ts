/** Diagnostics of mail servers, and what of them the other server said. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saidReply } from '../../../src/bounces/returned/said-reply.ts';

const samples: readonly (readonly [string, string, string, string])[] = [
	['550 5.1.1 no', '550 5.1.1 no', '', 'rcpt'],
	[
		'host mx.example.org[192.0.2.1] said: 550 5.1.1 no (in reply to RCPT TO command)',
		'550 5.1.1 no',
		'mx.example.org',
		'rcpt',
	],
	['host mx.example.org[192.0.2.1] said: 550 no (in reply to MAIL FROM command)', '550 no', 'mx.example.org', 'mail'],
	['host mail.example.org[private/dovecot-lmtp] said: 550 no', '550 no', 'mail.example.org', 'rcpt'],
	[
		'host mx.example.org[2001:db8::1]:25 refused to talk to me: 554 go away',
		'554 go away',
		'mx.example.org',
		'greeting',
	],
	[
		'host mx.example.org[192.0.2.1] said: 554 spam (in reply to end of DATA command)',
		'554 spam',
		'mx.example.org',
		'verdict',
	],
	[
		'SMTP error from remote mail server after RCPT TO:<bob@example.org>: host mx.example.org [192.0.2.1]: 550 no',
		'550 no',
		'mx.example.org',
		'rcpt',
	],
	[
		'SMTP error from remote mail server after initial connection: host mx.example.org [192.0.2.1]: 554 no',
		'554 no',
		'mx.example.org',
		'greeting',
	],
	['Remote host said: 553 sorry, no mailbox here by that name', '553 sorry, no mailbox here by that name', '', 'rcpt'],
	[
		'connect to mx.example.org[192.0.2.1]:25: Connection timed out',
		'connect to mx.example.org[192.0.2.1]:25: Connection timed out',
		'',
		'rcpt',
	],
];

test('the reply, its speaker and its command are told apart from the words around them', () => {
	for (const [diagnostic, text, server, stage] of samples) {
		const said = saidReply(diagnostic);
		assert.deepEqual([said.text, said.server, said.stage], [text, server, stage], diagnostic);
	}
});

test('a code in the middle counts, a number that is none does not', () => {
	assert.equal(saidReply("5.1.0 - Unknown address error 550-'5.1.1 user unknown'").code, 550);
	assert.equal(saidReply('message of 512 kilobytes kept for 450').code, 0);
	assert.equal(saidReply('unknown user').code, 0);
});

test('an address on the net is no enhanced code', () => {
	assert.equal(saidReply('550 5.7.1.2 is blocked').enhancedCode, '');
	assert.equal(saidReply('554 client 5.5.5.5 refused (#5.7.1)').enhancedCode, '5.7.1');
});
