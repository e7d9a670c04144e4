/** Whom the program trusts: certificates that are good, and bad in one way each; and a server that offers no TLS. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { needs } from '../helpers/needs.ts';
import { startScriptedServer } from '../helpers/scripted-server.ts';
import { sendCampaign } from '../helpers/send-campaign.ts';
import { smtpDialogue } from '../helpers/smtp-dialogue.ts';
import { startSmtpServer } from '../helpers/smtp-server.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { makeTestCa, type TestCa } from '../helpers/test-ca.ts';

const openssl = needs('openssl');
const certificates = temporaryDirectory({ after });
let ca: TestCa;
before(() => {
	if (openssl.skip === false) ca = makeTestCa(certificates);
});

const tlsModes = [
	{ name: 'implicit TLS', scheme: 'smtps', implicitTls: true },
	{ name: 'STARTTLS', scheme: 'smtp', implicitTls: false },
];

for (const { name, scheme, implicitTls } of tlsModes) {
	test(`a self-signed certificate is refused over ${name}, and the message names --tls-ca`, openssl, async (t) => {
		const server = await startSmtpServer({ certificate: ca.selfSigned, implicitTls });
		t.after(() => server.stop());
		const smtp = `${scheme}://127.0.0.1:${server.port}`;
		const refused = await sendCampaign(t, { smtp, flags: ['--tls', implicitTls ? 'implicit' : 'starttls'] });
		assert.equal(refused.code, 69, refused.stderr);
		assert.match(refused.stderr, /self[-_ ]signed/i);
		assert.match(refused.stderr, /--tls-ca/);
		assert.deepEqual(server.messages, []);

		const trusted = await sendCampaign(t, { smtp, flags: ['--tls-ca', ca.selfSigned.certificateFile] });
		assert.equal(trusted.code, 0, trusted.stderr);
		assert.equal(server.messages.length, 3);
	});
}

test('a certificate of an unknown authority is refused, and accepted with its --tls-ca', openssl, async (t) => {
	const server = await startSmtpServer({ certificate: ca.good, implicitTls: true });
	t.after(() => server.stop());
	const smtp = `smtps://127.0.0.1:${server.port}`;
	const refused = await sendCampaign(t, { smtp });
	assert.equal(refused.code, 69, refused.stderr);
	assert.match(refused.stderr, /--tls-ca/);

	const trusted = await sendCampaign(t, { smtp, flags: ['--tls-ca', ca.caFile] });
	assert.equal(trusted.code, 0, trusted.stderr);
	assert.equal(server.messages.length, 3);
});

test('a certificate for another name is refused, and the message says for which it is', openssl, async (t) => {
	const server = await startSmtpServer({ certificate: ca.wrongName, implicitTls: true });
	t.after(() => server.stop());
	const sent = await sendCampaign(t, { smtp: `smtps://127.0.0.1:${server.port}`, flags: ['--tls-ca', ca.caFile] });
	assert.equal(sent.code, 69, sent.stderr);
	assert.deepEqual(server.messages, []);
	assert.match(sent.stderr, /another name/);
	assert.match(sent.stderr, /another\.example/);
});

test('a certificate that has expired is refused, and the message says so', openssl, async (t) => {
	const server = await startSmtpServer({ certificate: ca.expired, implicitTls: true });
	t.after(() => server.stop());
	const sent = await sendCampaign(t, { smtp: `smtps://127.0.0.1:${server.port}`, flags: ['--tls-ca', ca.caFile] });
	assert.equal(sent.code, 69, sent.stderr);
	assert.match(sent.stderr, /expired/);
	assert.deepEqual(server.messages, []);
});

test('a server without STARTTLS gets neither password nor mail when STARTTLS is asked for', async (t) => {
	const server = await startScriptedServer(smtpDialogue({ keywords: ['PIPELINING', 'AUTH PLAIN LOGIN'] }));
	t.after(() => server.stop());
	const sent = await sendCampaign(t, {
		smtp: server.url,
		flags: ['--tls', 'starttls', '--user', 'news'],
		env: { MAILSHOT_SMTP_PASSWORD: 'secret' },
	});
	assert.equal(sent.code, 69, sent.stderr);
	assert.match(sent.stderr, /STARTTLS/);
	const commands = server.heard.map(({ line }) => line.split(' ', 1)[0]);
	assert.ok(commands.includes('EHLO'));
	assert.ok(!commands.includes('AUTH') && !commands.includes('MAIL'), commands.join(' '));
});

test('a --tls-ca file that is missing or holds no certificate stops the run before it connects', async (t) => {
	const server = await startScriptedServer(smtpDialogue());
	t.after(() => server.stop());
	const missing = await sendCampaign(t, { smtp: server.url, flags: ['--tls-ca', 'nowhere.pem'] });
	assert.equal(missing.code, 66, missing.stderr);
	assert.match(missing.stderr, /nowhere\.pem/);
	const wrong = await sendCampaign(t, { smtp: server.url, flags: ['--tls-ca', 'news.hbs'] });
	assert.equal(wrong.code, 78, wrong.stderr);
	assert.match(wrong.stderr, /news\.hbs/);
	assert.equal(server.connectionCount, 0);
});
