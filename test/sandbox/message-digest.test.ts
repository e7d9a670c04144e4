/** What is read from a message that passes by. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeHeaderText } from '../../src/sandbox/decode-header-text.ts';
import { MessageDigest } from '../../src/sandbox/message-digest.ts';

function digestOf(text: string, chunkBytes = 1_000_000): MessageDigest {
	const digest = new MessageDigest();
	const bytes = Buffer.from(text);
	for (let at = 0; at < bytes.length; at += chunkBytes) digest.push(bytes.subarray(at, at + chunkBytes));
	return digest;
}

test('encoded words are decoded, also when a character is cut between two of them', () => {
	assert.equal(decodeHeaderText(' =?UTF-8?Q?Zo=C3=AB,_your_update?= (2)'), 'Zoë, your update (2)');
	assert.equal(decodeHeaderText('=?utf-8?B?44GT44KT?=\r\n =?utf-8?B?44Gr44Gh?='), 'こんにち');
	assert.equal(decodeHeaderText('=?utf-8?Q?a=F0=9F?= =?utf-8?Q?=8E=89b?='), 'a🎉b');
	assert.equal(decodeHeaderText('=?utf-8?Q?a?= =?iso-8859-1?Q?=E9?= b'), 'aé b');
	assert.equal(decodeHeaderText('=?windows-1252?Q?=80_=93quoted=94?='), '€ “quoted”');
	assert.equal(decodeHeaderText('=?utf-8*en?Q?language?='), 'language');
});

test('what is no encoded word, or in an unknown charset, stays readable', () => {
	assert.equal(decodeHeaderText('1 =? 2 ?= 3'), '1 =? 2 ?= 3');
	assert.equal(decodeHeaderText('=?x-nobody?Q?plain?='), 'plain');
	assert.equal(decodeHeaderText('=?utf-8?X?abc?='), '=?utf-8?X?abc?=');
});

test('subject, Message-ID and size are the same however the bytes are cut', () => {
	const text =
		'From: a@b.example\r\nSubject: Hello\r\n =?utf-8?Q?Zo=C3=AB?=\r\nMessage-ID:\r\n <1@b.example>\r\n\r\nSubject: no\r\n';
	for (const chunkBytes of [1, 2, 3, 7, 64, 1000]) {
		const digest = digestOf(text, chunkBytes);
		assert.equal(digest.subject, 'Hello Zoë');
		assert.equal(digest.messageId, '<1@b.example>');
		assert.equal(digest.sizeBytes, Buffer.byteLength(text));
	}
});

test('a message without those fields, or without a body, has empty ones', () => {
	assert.equal(digestOf('X-Subject: no\r\n\r\nSubject: in the body\r\n').subject, '');
	assert.equal(digestOf('').messageId, '');
	assert.equal(digestOf('Subject: only a header\r\n').subject, 'only a header');
});

test('an escape sequence in a subject reaches no terminal', () => {
	assert.equal(digestOf('Subject: =?utf-8?Q?=1B[31mred=0A=07?=\r\n\r\n').subject, 'red');
});

test('a header without end is not kept beyond its limit', () => {
	const digest = digestOf(`Subject: first\r\nX: ${'x'.repeat(3_000_000)}`, 65_536);
	assert.equal(digest.subject, 'first');
	assert.equal(digest.sizeBytes, 3_000_019);
});
