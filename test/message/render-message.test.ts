import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { compileMessage } from '../../src/message/compile-message.ts';
import { loadTemplate } from '../../src/message/load-template.ts';
import { makeMailDate } from '../../src/message/mail-date.ts';
import { makeMessageIds } from '../../src/message/message-id.ts';
import {
	assertContract,
	compiled,
	failure,
	headerOf,
	options,
	rendered,
	row,
	someSecret,
	source,
	standingClock,
} from './given.ts';

test('a message has the headers of mail, in order, and two parts with a boundary that no body can hold', async () => {
	const message = await compiled(
		'Subject: Hi {{a}}\nX-Tag: t\nFrom: Acme <news@acme.example>\nTo: {{a}} <{{email}}>\n\n<p>{{a}}',
		['email', 'a'],
		{ text: 'T {{a}}' },
	);

	const { content, envelope, messageId } = rendered(message, row(['zoe@example.com', 'Zoe']));

	const boundary = `=_mailshot-${'ab'.repeat(16)}-Part_1`;
	assert.equal(
		content,
		[
			'From: Acme <news@acme.example>',
			'To: Zoe <zoe@example.com>',
			'Subject: Hi Zoe',
			'X-Tag: t',
			'Date: Tue, 04 Nov 2025 10:00:00 +0000',
			`Message-ID: ${messageId}`,
			'MIME-Version: 1.0',
			'Content-Type: multipart/alternative;',
			` boundary="${boundary}"`,
			'',
			`--${boundary}`,
			'Content-Type: text/plain; charset=utf-8',
			'Content-Transfer-Encoding: quoted-printable',
			'',
			'T Zoe',
			`--${boundary}`,
			'Content-Type: text/html; charset=utf-8',
			'Content-Transfer-Encoding: quoted-printable',
			'',
			'<p>Zoe',
			`--${boundary}--`,
			'',
		].join('\r\n'),
	);
	assert.deepEqual(envelope, {
		from: 'news@acme.example',
		to: 'zoe@example.com',
		smtpUtf8: false,
		envelopeId: '',
	});
});

test('a text template alone is a message of one part that ends its last line', async () => {
	const { html, ...rest } = source('Hello {{a}}.\n');
	assert.ok(html !== null);
	const message = await compileMessage({ ...rest, html: null, text: html }, options(['email', 'a']));

	for (const a of ['', 'x', '.\n.']) {
		const one = rendered(message, row(['zoe@example.com', a]));

		assertContract(one);
		assert.match(one.content, /^Content-Type: text\/plain; charset=utf-8\r$/m);
		assert.match(one.content, /^Content-Transfer-Encoding: quoted-printable\r$/m);
		assert.match(one.content, /\r\n\r\nHello(?:=20| )[^\r]/);
		assert.doesNotMatch(one.content, /\r\n\r\n$/, a);
	}
});

test('the Message-ID is an HMAC of the recipient key, the same on every attempt and for any length of key', () => {
	const messageId = makeMessageIds(someSecret, 'acme.example');
	for (const key of ['zoe@example.com', '', 'ünï@exämple.com', '😀'.repeat(400), 'a@b.example', 'x'.repeat(5000)]) {
		const want = createHmac('sha256', someSecret).update(key, 'utf8').digest('hex').slice(0, 32);

		assert.equal(messageId(key), `<${want}@acme.example>`);
		assert.equal(messageId(key), messageId(key));
	}
	assert.notEqual(makeMessageIds(Buffer.alloc(16), 'acme.example')('a'), messageId('a'));
});

test('the date follows the clock', () => {
	let now = Date.UTC(2025, 0, 1, 0, 0, 59, 999);
	const mailDate = makeMailDate({ ...standingClock, now: () => now });

	assert.equal(mailDate(), 'Wed, 01 Jan 2025 00:00:59 +0000');
	now += 1;
	assert.equal(mailDate(), 'Wed, 01 Jan 2025 00:01:00 +0000');
});

test('a message beyond the size that providers take fails its row and no other', async () => {
	const message = await compiled('<p>{{a}}', ['email', 'a']);

	const failed = failure(message, row(['zoe@example.com', 'x'.repeat(26 * 1024 * 1024)]));

	assert.equal(failed.errorType, 'template.too_large');
	assertContract(rendered(message, row(['zoe@example.com', 'x'])));
	assertContract(rendered(message, row(['zoe@example.com', 'é'.repeat(1024 * 1024)])));
});

test('a template that throws on a row fails that row and no other', async () => {
	const message = await compiled('<p>{{#each this}}{{../a}}{{/each}}', ['email', 'a']);
	const fields = ['zoe@example.com', 'x'];
	const broken = new Proxy(fields, {
		get: (target, name) =>
			name === '1' ? { includes: () => false, toString: () => assert.fail('boom') } : Reflect.get(target, name),
	});

	const failed = failure(message, { ...row(fields), fields: broken });

	assert.equal(failed.errorType, 'template.render');
	assert.match(failed.message, /boom/);
	assertContract(rendered(message, row(fields)));
});

test('two thousand columns and a cell of ten megabytes are no trouble', async () => {
	const names = ['email', ...Array.from({ length: 2000 }, (_, index) => `c${index}`)];
	const message = await compiled('<p>{{c1999}}{{#if c3}}{{c4}}{{/if}}', names);
	const fields = names.map((name) =>
		name === 'email' ? 'zoe@example.com' : name === 'c1999' ? 'é='.repeat(1024 * 1024) : 'v',
	);

	assertContract(rendered(message, row(fields)));
});

test('a template from a file becomes a message', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'mailshot-message-'));
	try {
		writeFileSync(join(folder, 'n.html'), 'From: a@b.example\r\nSubject: Long\r\n  subject {{a}}\r\n\r\n<p>{{a}}\r\n');
		writeFileSync(join(folder, 'n.txt'), 'Text {{a}}\r\n');

		const message = await compileMessage(await loadTemplate(join(folder, 'n.html')), options(['email', 'a']));

		const one = rendered(message, row(['zoe@example.com', 'Z']));
		assertContract(one);
		assert.deepEqual(headerOf(one, 'Subject'), ['Long subject Z']);
		assert.deepEqual(message.parts, [
			{ kind: 'html', sizeBytes: 9, origin: 'template', values: 1, slowReason: '' },
			{ kind: 'text', sizeBytes: 11, origin: 'sibling', values: 1, slowReason: '' },
		]);
	} finally {
		rmSync(folder, { recursive: true });
	}
});
