import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type AskPassword, chooseServer } from '../../src/cli/choose-server.ts';
import { parseSmtpUrl } from '../../src/cli/smtp-url.ts';
import { selfSignedCertificate } from '../../src/sandbox/self-signed-certificate.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

const nobody: AskPassword = () => null;

function choose(url: string, overrides: Partial<Parameters<typeof chooseServer>[0]> = {}, askPassword = nobody) {
	const smtp = { url: parseSmtpUrl({ text: url, origin: 'MAILSHOT_SMTP_URL' }), origin: 'MAILSHOT_SMTP_URL' };
	return chooseServer({ smtp, user: '', password: null, tls: 'auto', tlsCa: null, ...overrides }, askPassword);
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
	await assert.rejects(
		chooseServer({ smtp: null, user: '', password: null, tls: 'auto', tlsCa: null }, nobody),
		(error) => {
			assert.match(String(Object(error).hint), /--smtp[\s\S]*--sandbox[\s\S]*--dry-run/);
			return Object(error).exitCode === 2;
		},
	);
});

test('a password is never sent in clear to another machine', async () => {
	await assert.rejects(choose('smtp://news:x@smtp.acme.example', { tls: 'off' }), { exitCode: 2, message: /in clear/ });
	assert.deepEqual((await choose('smtp://news:x@127.0.0.1', { tls: 'off' })).auth, { user: 'news', password: 'x' });
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

test('the variable for the password wins over the URL, and a user alone is asked for it', async () => {
	assert.equal((await choose('smtp://a:url@h', { password: 'variable' })).auth?.password, 'variable');
	const questions: string[] = [];
	const asked = await choose('smtp://h', { user: 'news' }, async (question) => {
		questions.push(question);
		return 'typed';
	});
	assert.deepEqual(asked.auth, { user: 'news', password: 'typed' });
	assert.deepEqual(questions, ['Password of news at h:587: ']);
	await assert.rejects(choose('smtp://news@h'), { exitCode: 2, hint: /MAILSHOT_SMTP_PASSWORD/ });
	await assert.rejects(
		choose('smtp://news@h', {}, async () => ''),
		{ exitCode: 2 },
	);
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
