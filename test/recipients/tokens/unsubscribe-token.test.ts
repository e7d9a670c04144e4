import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { purposeKey } from '../../../src/recipients/tokens/purpose-key.ts';
import {
	findUnsubscribeToken,
	makeUnsubscribeTokens,
	readUnsubscribeToken,
} from '../../../src/recipients/tokens/unsubscribe-token.ts';
import { makeTextHmac } from '../../../src/support/text-hmac.ts';
import { address, anyAddress, anyChange, otherSecret, someSecret } from './some-secrets.ts';

const tokenFor = makeUnsubscribeTokens(someSecret, { campaign: 'november-news' });
const anna = tokenFor(address('anna@example.com'));

function reasonOf(token: string, secrets: readonly Buffer[] = [someSecret]): string {
	const reading = readUnsubscribeToken(token, secrets);
	return reading.kind === 'refused' ? reading.reason : `${reading.address} ${reading.campaign}`;
}

test('a token gives back the address and the campaign, whatever they are', () => {
	fc.assert(
		fc.property(anyAddress, fc.string({ unit: 'grapheme' }), (whom, campaign) => {
			const token = makeUnsubscribeTokens(someSecret, { campaign })(whom);

			assert.deepEqual(readUnsubscribeToken(token, [someSecret]), { kind: 'valid', address: whom, campaign });
		}),
	);
});

test('a token needs no encoding in a URL, and ends in what no program leaves out of a link', () => {
	fc.assert(
		fc.property(anyAddress, (whom) => {
			const token = tokenFor(whom);

			assert.match(token, /^1[\w-]+\.[\w-]*[A-Za-z0-9]$/);
			assert.equal(encodeURIComponent(token), token);
			assert.ok(token.length <= 200, token);
		}),
	);
});

test('the same address has the same token in every run, so that an old link goes on working', () => {
	// Held as text: a changed form needs a new version, and the old one read as before.
	assert.equal(anna, '1viD4t0-sQIFxysKZXyQ8cJbm92ZW1iZXItbmV3cw.YW5uYUBleGFtcGxlLmNvbQ');
});

test('whichever character of a token is changed, left out or put in, it is refused', () => {
	const characters = 'ABYZabyz0189-_.+/=@ \n\u00e4';
	fc.assert(
		fc.property(anyChange(anna, characters), (changed) => {
			assert.equal(readUnsubscribeToken(changed, [someSecret]).kind, 'refused', changed);
		}),
		{ numRuns: 2000 },
	);
});

test('signature and text of two tokens do not make a third', () => {
	const bob = tokenFor(address('bob@example.com'));
	const december = makeUnsubscribeTokens(someSecret, { campaign: 'december-news' })(address('anna@example.com'));

	assert.equal(reasonOf(anna.slice(0, 23) + bob.slice(23)), 'forged');
	assert.equal(reasonOf(anna.slice(0, 23) + december.slice(23)), 'forged');
	// What belongs to the campaign cannot be moved to the address.
	assert.equal(reasonOf(anna.replace('.', 'AA.')), 'forged');
});

test('a token of another secret is forged, and so is one that was signed for another purpose', () => {
	const whom = address('anna@example.com');
	const theirs = makeUnsubscribeTokens(otherSecret, { campaign: 'november-news' })(whom);
	const signedBy = (key: Buffer) => `1${makeTextHmac(key)(anna.slice(23), 'base64url').slice(0, 22)}${anna.slice(23)}`;

	assert.equal(reasonOf(theirs), 'forged');
	assert.equal(signedBy(purposeKey(someSecret, 'unsubscribe 1')), anna);
	assert.equal(reasonOf(signedBy(purposeKey(someSecret, 'verp 1'))), 'forged');
	assert.equal(reasonOf(signedBy(someSecret)), 'forged');
});

test('of several secrets each is accepted, so that the secret can be changed while links are out', () => {
	assert.equal(reasonOf(anna, [otherSecret, someSecret]), 'anna@example.com november-news');
	assert.equal(reasonOf(anna, [otherSecret]), 'forged');
	assert.equal(reasonOf(anna, []), 'forged');
});

test('what is no token is told from one that another version made', () => {
	for (const token of [
		'',
		'1',
		'-',
		anna.slice(0, 22),
		anna.replace('.', ''),
		`${anna}?x=1`,
		` ${anna}`,
		`1${'A'.repeat(5000)}.A`,
	])
		assert.equal(reasonOf(token), 'malformed', token);
	assert.equal(reasonOf(`2${anna.slice(1)}`), 'version');
});

test('a token is found where people and programs put it, and nothing else is taken for one', () => {
	for (const text of [
		`unsubscribe ${anna}`,
		`Re: unsubscribe ${anna}`,
		`unsubscribe%20${anna}`.replace('%20', ' '),
		`https://acme.example/u/${anna}`,
		`"${anna}", please`,
		`<${anna}>`,
	])
		assert.equal(findUnsubscribeToken(text), anna, text);
	for (const text of ['unsubscribe', 'version 1.2.3', `x${anna}`, 'a'.repeat(100), '12345678901234567890123456789012'])
		assert.equal(findUnsubscribeToken(text), null, text);
	// A megabyte of beginnings is looked at once.
	assert.equal(findUnsubscribeToken(`1${'a'.repeat(30)} `.repeat(30_000)), null);
});
