import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeMessageIds } from '../../../src/message/message-id.ts';
import { purposeKey } from '../../../src/recipients/tokens/purpose-key.ts';
import { makeVerp, readVerp, verpProblem } from '../../../src/recipients/tokens/verp.ts';
import { makeTextHmac } from '../../../src/support/text-hmac.ts';
import { anyChange, otherSecret, someSecret } from './some-secrets.ts';

const prefix = '0f3a9c51d27e48b60f3a';
const messageId = `<${prefix}0123456789ab@acme.example>`;
const sender = makeVerp(someSecret, 'bounces@example.com')(messageId);

test('a bounce to an envelope sender leads to the message it is about', () => {
	const messageIdOf = makeMessageIds(Buffer.alloc(16, 7), 'acme.example');
	const senderOf = makeVerp(someSecret, 'bounces@example.com');
	fc.assert(
		fc.property(fc.string({ unit: 'grapheme' }), (key) => {
			const id = messageIdOf(key);

			assert.equal(readVerp(senderOf(id), [someSecret]), id.slice(1, 21));
		}),
	);
});

test('an envelope sender shows the Message-ID to whoever searches a log, and is the same on every attempt', () => {
	// Held as text: bounces of mail that is out have to be understood after an update.
	assert.equal(sender, `bounces+${prefix}e7afd7f4db03d937d2f3@example.com`);
});

test('whichever digit of the token is changed, it is refused', () => {
	const token = sender.slice('bounces+'.length, sender.indexOf('@'));
	fc.assert(
		fc.property(anyChange(token, '0123456789abcdefgxz_. '), (changed) => {
			assert.equal(readVerp(`bounces+${changed}@example.com`, [someSecret]), null, changed);
		}),
		{ numRuns: 2000 },
	);
});

test('upper case, and what forwarders put in front, change nothing', () => {
	for (const written of [
		sender.toUpperCase(),
		sender.replace('+', '-'),
		`prvs=4096abcd12=${sender}`,
		`SRS0=abcd=XY=example.com=${sender.replace('@example.com', '@forwarder.example')}`,
	])
		assert.equal(readVerp(written, [someSecret]), prefix, written);
});

test('an address without a token, or with one of another secret or purpose, leads nowhere', () => {
	const otherPurpose = makeTextHmac(purposeKey(someSecret, 'unsubscribe 1'))(prefix, 'hex').slice(0, 20);
	for (const written of [
		'',
		'bounces@example.com',
		`bounces+${'0'.repeat(40)}@example.com`,
		makeVerp(otherSecret, 'bounces@example.com')(messageId),
		`bounces+${prefix}${otherPurpose}@example.com`,
		sender.slice(0, sender.indexOf('@')),
		'+'.repeat(100_000),
	])
		assert.equal(readVerp(written, [someSecret]), null, written);
	assert.equal(readVerp(sender, [otherSecret, someSecret]), prefix);
});

test('an address that cannot carry the token is refused before anything is sent', () => {
	assert.equal(verpProblem('bounces@example.com'), '');
	assert.equal(verpProblem(`${'b'.repeat(23)}@example.com`), '');
	assert.match(verpProblem(`${'b'.repeat(24)}@example.com`), /24 octets before the @, .* at most 23 fit/);
	assert.match(verpProblem('bounces@'), /has no domain/);
	assert.match(verpProblem('jürgen@example.com'), /not ASCII/);
	assert.match(
		verpProblem(`b@${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(50)}.example`),
		/too long/,
	);
	assert.throws(() => makeVerp(someSecret, 'bounces'), /has no @/);
});

test('the longest envelope sender is one that SMTP allows', () => {
	const longest = makeVerp(someSecret, `${'b'.repeat(23)}@example.com`)(messageId);

	assert.equal(longest.indexOf('@'), 64);
	assert.equal(readVerp(longest, [someSecret]), prefix);
});
