/** Replies that a notice quotes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findReply } from '../../../../src/bounces/returned/families/quoted-reply.ts';

const quoted: readonly (readonly [string, string, string, string])[] = [
	['host mx.example.org[192.0.2.1] said: 550 5.1.1 no', '550 5.1.1 no', '5.1.1', 'mx.example.org'],
	['host mx.example.org [192.0.2.1]: 550 no such user', '550 no such user', '', 'mx.example.org'],
	['Remote host said: 550-one\n550 two', '550-one 550 two', '', ''],
	['<<< 550-5.2.1 one\n<<< 550 5.2.1 two\n550 3rd', '550-5.2.1 one 550 5.2.1 two', '5.2.1', ''],
	['The error was: 550 550 5.1.1 no (state 14).', '550 5.1.1 no (state 14).', '5.1.1', ''],
	["Remote Server returned '550 5.1.10 gone'", '550 5.1.10 gone', '5.1.10', ''],
	['(reason: 550 no)', '550 no', '', ''],
	['as follows: [550 5.1.1 no]', '550 5.1.1 no', '5.1.1', ''],
	['Diagnostic code: smtp;550 5.7.1 blocked', '550 5.7.1 blocked', '5.7.1', ''],
	[
		'#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##',
		'550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##',
		'5.1.1',
		'',
	],
	['5.1.1 <a@b.c>... User unknown', '5.1.1 <a@b.c>... User unknown', '5.1.1', ''],
];
for (const [text, reply, enhancedCode, server] of quoted) {
	test(`"${text.slice(0, 60)}" quotes a reply`, () => {
		assert.deepEqual(findReply(text.split('\n')), { reply, enhancedCode, server });
	});
}

for (const text of [
	'550 MB are too many',
	'sent on 2020-05-05 at 450',
	'from 192.0.2.550',
	'order 550 left',
	'in 450 seconds',
	'version 5.1.1 of the program',
]) {
	test(`"${text}" quotes none`, () => {
		assert.equal(findReply([text]), null);
	});
}
