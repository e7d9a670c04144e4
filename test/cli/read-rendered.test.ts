import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRendered } from '../../src/cli/read-rendered.ts';

const multipart = [
	'From: Acme News <news@acme.example>',
	'To: =?UTF-8?Q?Zo=C3=AB_M=C3=BCller?= <zoe@example.com>',
	'Subject: =?UTF-8?B?Wm/Dqw==?=, your',
	' November update',
	'List-Unsubscribe: <https://acme.example/u/1>,',
	' <mailto:u@acme.example>',
	'MIME-Version: 1.0',
	'Content-Type: multipart/alternative;',
	' boundary="--_x"',
	'',
	'----_x',
	'Content-Type: text/plain; charset=utf-8',
	'Content-Transfer-Encoding: quoted-printable',
	'',
	'Hello Zo=C3=AB, this is a long=',
	' line.',
	'.',
	'',
	'----_x',
	'Content-Type: text/html; charset=utf-8',
	'',
	'<p>Hello</p>',
	'----_x--',
	'',
].join('\r\n');

test('the header fields are decoded and unfolded, and the text part is found', () => {
	assert.deepEqual(readRendered(multipart), {
		from: 'Acme News <news@acme.example>',
		to: 'Zoë Müller <zoe@example.com>',
		subject: 'Zoë, your November update',
		listUnsubscribe: '<https://acme.example/u/1>, <mailto:u@acme.example>',
		text: 'Hello Zoë, this is a long line.\n.',
	});
});

test('a message of one text part, in base64', () => {
	const content = `Subject: x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from('Grüße\r\n').toString('base64')}\r\n`;
	assert.deepEqual(readRendered(content), {
		from: '',
		to: '',
		subject: 'x',
		listUnsubscribe: '',
		text: 'Grüße',
	});
});

test('a message of HTML alone has no text', () => {
	assert.equal(readRendered('Content-Type: text/html\r\n\r\n<p>x</p>\r\n').text, '');
});
