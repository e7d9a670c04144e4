import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { chooseServer, type ServerChoice } from '../../src/cli/choose-server.ts';
import type { AskPassword } from '../../src/cli/secrets/find-secret.ts';
import { noSecretSource } from '../../src/cli/secrets/secret-source.ts';
import { parseSmtpUrl } from '../../src/cli/smtp-url.ts';
import { selfSignedCertificate } from '../../src/sandbox/self-signed-certificate.ts';
import { systemClock } from '../../src/support/clock.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

const nobody: AskPassword = () => null;

function choose(url: string | null, overrides: Partial<ServerChoice> = {}, askPassword = nobody) {
	const origin = 'MAILSHOT_SMTP_URL';
	const parsed = url === null ? null : parseSmtpUrl({ text: url, origin });
	const password = parsed?.password ?? null;
	const secret = { ...noSecretSource, password: password === null ? null : { text: password, origin } };
	const choice = { url: parsed, origin, provider: '', user: '', secret, tls: 'auto', tlsCa: null } as const;
	return chooseServer(
		{ ...choice, tlsFingerprint: '', ...overrides },
		{ env: {}, clock: systemClock, signal: new AbortController().signal, askPassword, warn: () => {} },
	);
}

const cases: readonly (readonly [url: string, tls: 'auto' | 'implicit' | 'starttls' | 'off', expected: string])[] = [
	['smtp://smtp.acme.example', 'auto', '587 starttls'],
	['smtps://smtp.acme.example', 'auto', '465 implicit'],
	['smtp://smtp.acme.example:465', 'auto', '465 implicit'],
	['smtps://smtp.acme.example:2465', 'auto', '2465 implicit'],
	['smtp://smtp.acme.example', 'implicit', '465 implicit'],
	['smtp://smtp.acme.example:25', 'off', '25 off'],
	['smtp://127.0.0.1', 'auto', '587 off'],
	['smtp://[::1]:25', 'auto', '25 off'],
	['smtp://localhost:25', 'starttls', '25 starttls'],
	['smtps://127.0.0.1:465', 'auto', '465 implicit'],
];

for (const [url, tls, expected] of cases) {
	test(`${url} with --tls ${tls} is port and TLS ${expected}`, async () => {
		const server = await choose(url, { tls });
		assert.equal(`${server.port} ${server.tls}`, expected);
	});
}

test('no server at all names the three ways on', async () => {
	await assert.rejects(choose(null), (error) => {
		assert.match(String(Object(error).hint), /--smtp[\s\S]*--sandbox[\s\S]*--dry-run/);
		return Object(error).exitCode === 2;
	});
});

test('a password is never sent in clear to another machine', async () => {
	await assert.rejects(choose('smtp://news:x@smtp.acme.example', { tls: 'off' }), { exitCode: 2, message: /in clear/ });
	assert.equal((await choose('smtp://news:x@127.0.0.1', { tls: 'off' })).auth?.user, 'news');
});

test('contradictions are refused', async () => {
	await assert.rejects(choose('smtps://h', { tls: 'off' }), {
		exitCode: 2,
		message: /smtps:\/\/ and --tls off contradict/,
	});
	await assert.rejects(choose('smtps://h', { tls: 'starttls' }), { exitCode: 2 });
	await assert.rejects(choose('smtp://h', { tls: 'off', tlsCa: 'ca.pem' }), {
		exitCode: 2,
		message: /--tls-ca contradict/,
	});
	await assert.rejects(choose('smtp://a:x@h', { user: 'b' }), { exitCode: 2, message: /--user says "b"/ });
});

test('a user alone is asked for the password', async () => {
	const questions: string[] = [];
	const asked = await choose('smtp://h', { user: 'news' }, async (question) => {
		questions.push(question);
		return 'typed';
	});
	assert.deepEqual(asked.auth, { kind: 'password', user: 'news', password: 'typed', origin: 'the terminal' });
	assert.deepEqual(questions, ['Password of news at h:587: ']);
	await assert.rejects(choose('smtp://news@h'), { exitCode: 2, hint: /MAILSHOT_SMTP_PASSWORD/ });
	await assert.rejects(
		choose('smtp://news@h', {}, async () => ''),
		{ exitCode: 2 },
	);
});

test('a certificate that is named means TLS also on this machine, and goes with nothing else', async () => {
	const tlsFingerprint = 'ab'.repeat(32);
	const server = await choose('smtp://127.0.0.1:25', { tlsFingerprint });
	assert.deepEqual([server.tls, server.tlsFingerprint], ['starttls', tlsFingerprint]);
	await assert.rejects(choose('smtp://h', { tls: 'off', tlsFingerprint }), { exitCode: 2, message: /contradict/ });
	await assert.rejects(choose('smtp://h', { tlsCa: 'ca.pem', tlsFingerprint }), { exitCode: 2, message: /exclude/ });
});

test('a provider alone names its server', async () => {
	const server = await choose(null, { provider: 'office365', origin: '--provider' });
	assert.deepEqual([server.host, server.port, server.tls], ['smtp.office365.com', 587, 'starttls']);
});

test('--tls-ca is read and checked, and means TLS also on this machine', async (context) => {
	const directory = temporaryDirectory(context);
	const good = join(directory, 'ca.pem');
	const { certificatePem } = selfSignedCertificate(Date.UTC(2026, 10, 22));
	writeFileSync(good, `# ours\n${certificatePem}`);
	const server = await choose('smtp://127.0.0.1:25', { tlsCa: good });
	assert.equal(server.tls, 'starttls');
	assert.ok(server.tlsCa?.includes(certificatePem.trim()));

	await assert.rejects(choose('smtp://h', { tlsCa: join(directory, 'nowhere.pem') }), {
		exitCode: 66,
		message: /^--tls-ca .*nowhere\.pem: there is no such file$/,
	});
	for (const text of ['', 'hello', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n']) {
		const bad = join(directory, 'bad.pem');
		writeFileSync(bad, text);
		await assert.rejects(choose('smtp://h', { tlsCa: bad }), {
			exitCode: 78,
			message: /^--tls-ca .*bad\.pem: it holds no certificate/,
		});
	}
});
