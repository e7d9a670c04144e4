/** Secrets are covered in whatever form a server or a URL gives them back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SecretCover } from '../../src/cli/secret-cover.ts';

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

function coverOf(secret: string, ...users: readonly string[]): SecretCover {
	const mask = new SecretCover();
	mask.add(secret, users);
	return mask;
}

test('a secret is covered as it is, in URLs, and in the base64 of every way to sign in', () => {
	const secret = 'pä$s w/örd+1';
	const mask = coverOf(secret, 'news');
	const forms = [
		secret,
		secret.toUpperCase(),
		Buffer.from(secret, 'utf8').toString('latin1'),
		encodeURIComponent(secret),
		encodeURIComponent(secret).toLowerCase(),
		encodeURIComponent(secret).replaceAll('%20', '+'),
		base64(secret),
		base64(`\0news\0${secret}`),
		base64(`news\0news\0${secret}`),
		base64(`user=news\u0001auth=Bearer ${secret}\u0001\u0001`),
		Buffer.from(`\0another\0${secret}`, 'utf8').toString('base64url'),
		Buffer.from(secret, 'utf8').toString('hex'),
	];
	for (const form of forms) {
		assert.equal(mask.mask(`535 5.7.8 I do not like <${form}> here`), '535 5.7.8 I do not like <(secret)> here', form);
	}
});

test('what is no secret stays as it is', () => {
	const mask = coverOf('correct horse', 'news');
	const lines = ['250-AUTH PLAIN LOGIN', '334 VXNlcm5hbWU6', '250 2.1.0 Ok <news@acme.example>', ''];
	assert.deepEqual(
		lines.map((line) => mask.mask(line)),
		lines,
	);
	assert.equal(new SecretCover().mask('250 Ok'), '250 Ok');
});

test('a secret of one to three characters is covered where it stands alone, and does not eat the words around it', () => {
	const mask = coverOf('ab', 'news');
	assert.equal(mask.mask('501 able to grab ab? YWI= AG5ld3MAYWI='), '501 able to grab (secret)? (secret) (secret)');
	assert.equal(coverOf('').mask('250 Ok'), '250 Ok');
});

test('two secrets that share characters are both covered', () => {
	const mask = coverOf('abcdef');
	mask.add('defghijk');
	assert.equal(mask.mask('x abcdefghijk y'), 'x (secret) y');
});

test('a secret that begins before the cut is covered as a whole', () => {
	const mask = coverOf('correct-horse');
	const text = `${'x'.repeat(95)} correct-horse and more`;
	assert.equal(mask.mask(text, 100), `${'x'.repeat(95)} (secret)`);
	assert.ok(mask.longest >= 'correct-horse'.length);
});

test('no secret is ever seen through, wherever it stands and whatever is in it', () => {
	const secrets = fc
		.string({ minLength: 4, maxLength: 40, unit: 'binary' })
		.filter((secret) => secret.trim().length >= 4);
	const around = fc.string({ maxLength: 20 });
	fc.assert(
		fc.property(secrets, around, around, (secret, before, after) => {
			const mask = coverOf(secret, 'news');
			assert.ok(
				!mask
					.mask(before + secret + after)
					.replaceAll('(secret)', '')
					.includes(secret),
			);
			const encoded = base64(before + secret + after);
			const octets = Buffer.byteLength(secret);
			const start = Math.ceil((8 * Buffer.byteLength(before)) / 6);
			const core = encoded.slice(start, Math.floor((8 * (Buffer.byteLength(before) + octets)) / 6));
			assert.ok(!mask.mask(encoded).includes(core), encoded);
		}),
	);
});

test('a hostile line costs no more than its length', () => {
	const mask = coverOf('AAAAAAAA', 'news');
	const started = process.cpuUsage();
	for (let round = 0; round < 20; round += 1) mask.mask(`${'QUFB'.repeat(1_000)}!`);
	const { user } = process.cpuUsage(started);
	assert.ok(user < 2_000_000, `${user} us`);
});
