/** A server gets to repeat a secret in every way that was seen or that a test can think of; none of it stays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SecretMask } from '../../src/smtp/secret-mask.ts';

const password = 'S3cret pw/ü!';

function maskFor(secret: string): SecretMask {
	const mask = new SecretMask();
	mask.add(secret);
	mask.addForm(Buffer.from(`\0ann\0${secret}`).toString('base64'));
	return mask;
}

const plain = Buffer.from(`\0ann\0${password}`).toString('base64');

const echoes: readonly (readonly [what: string, said: string])[] = [
	['in clear', `you said ${password}`],
	['as base64', `you said ${Buffer.from(password).toString('base64')}`],
	['as the response of AUTH PLAIN', `unrecognized: AUTH PLAIN ${plain}`],
	['in capitals', `UNRECOGNIZED: AUTH PLAIN ${plain.toUpperCase()}`],
	['folded over two lines', `unrecognized: ${plain.slice(0, 11)}\n${plain.slice(11)}`],
	['with blanks in between', plain.replaceAll(/(.{3})/g, '$1 ')],
	['cut off', `unrecognized: ${plain.slice(0, 14)}`],
];

for (const [what, said] of echoes) {
	test(`a secret that comes back ${what} is masked`, () => {
		const masked = maskFor(password).mask(said);
		assert.match(masked, /\(secret\)/);
		const letters = masked.replaceAll(/\s/g, '').toLowerCase();
		for (const form of [password, plain, Buffer.from(password).toString('base64')]) {
			const squeezed = form.replaceAll(/[\s=]/g, '').toLowerCase();
			for (let at = 0; at + 6 <= squeezed.length; at += 1) {
				assert.ok(!letters.includes(squeezed.slice(at, at + 6)), `${squeezed.slice(at, at + 6)} is left in ${masked}`);
			}
		}
	});
}

test('what is no secret stays as it is', () => {
	const mask = maskFor(password);
	assert.equal(mask.mask('535 5.7.8 authentication failed for ann'), '535 5.7.8 authentication failed for ann');
	assert.equal(new SecretMask().mask('anything'), 'anything');
	assert.equal(mask.mask(''), '');
});

test('a short secret is masked where it stands whole', () => {
	const mask = new SecretMask();
	mask.add('abc');
	assert.equal(mask.mask('you said "abc"'), 'you said "(secret)"');
	mask.add('');
	assert.equal(mask.mask('x'), 'x');
});

test('a reply keeps its code and its lines', () => {
	const reply = maskFor(password).maskReply({
		code: 535,
		enhancedCode: '5.7.8',
		lines: ['5.7.8 no:', plain.slice(0, 10), plain.slice(10)],
	});
	assert.deepEqual(reply, { code: 535, enhancedCode: '5.7.8', lines: ['5.7.8 no:', '(secret)', '(secret)'] });
});

test('whatever the secret and wherever it stands, it is not left whole', () => {
	fc.assert(
		fc.property(fc.string({ minLength: 1 }), fc.string(), fc.string(), (secret, before, after) => {
			fc.pre(secret.trim() !== '' && !'(secret)'.includes(secret.trim().toLowerCase()));
			const mask = new SecretMask();
			mask.add(secret);
			assert.ok(!mask.mask(`${before}${secret}${after}`).replaceAll('(secret)', '\n').includes(secret));
		}),
	);
});
