import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RepeatedSecrets } from '../../src/delivery/repeated-secrets.ts';
import type { Outcome } from '../../src/smtp/outcome.ts';

const password = 'correct horse battery';
const secrets = new RepeatedSecrets({ kind: 'password', user: 'news', password, origin: 'a test' });

function refused(...lines: string[]): Outcome {
	return { kind: 'rejected', stage: 'mail', reply: { code: 550, enhancedCode: '', lines } };
}

function text(outcome: Outcome): string {
	return JSON.stringify(outcome);
}

test('a server that says the password again, in clear or as base64, does not get it into a result', () => {
	const base64 = Buffer.from(password).toString('base64');
	const plain = Buffer.from(`\0news\0${password}`).toString('base64');
	for (const form of [password, base64, plain]) {
		const masked = text(secrets.outOf(refused('5.7.1 no', `you said ${form} at the door`)));
		assert.ok(!masked.includes(form.replace(/=+$/, '')), masked);
		assert.match(masked, /you said \(secret\)/);
	}
});

test('what broke a connection is kept free of it, too', () => {
	const reply = { code: 421, enhancedCode: '', lines: [`bye ${password}`] };
	const outcome = secrets.outOf({
		kind: 'broken',
		stage: 'rcpt',
		why: { cause: 'service_closing', message: `the server is closing: 421 bye ${password}`, reply },
	});
	assert.ok(!text(outcome).includes(password), text(outcome));
});

test('replies that hold no secret stay the same object, and short passwords hide nothing', () => {
	const outcome = refused('5.1.1 no such user');
	assert.equal(secrets.outOf(outcome), outcome);
	const short = new RepeatedSecrets({ kind: 'password', user: 'a', password: '550', origin: 'a test' });
	const said = refused('550 is what we say');
	assert.equal(short.outOf(said), said);
});

test('an access token that was given while the run goes on is kept out, too', () => {
	const token = 'ya29.a0AfH6SMBx-token';
	const learning = new RepeatedSecrets({ kind: 'xoauth2', user: 'news', origin: 'a test', token: async () => token });
	assert.ok(text(learning.outOf(refused(token))).includes(token), 'nobody knows it yet');
	const login = `user=news\x01auth=Bearer ${token}\x01\x01`;
	learning.add(token, login);
	learning.add(token, login);
	for (const form of [token, Buffer.from(login).toString('base64')]) {
		const masked = text(learning.outOf(refused(`you said ${form}`)));
		assert.ok(!masked.includes(form.replace(/=+$/, '')), masked);
	}
});
