/** Logging in: the mechanisms over TLS, and what a wrong password does not do. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { needs } from '../helpers/needs.ts';
import { sendCampaign } from '../helpers/send-campaign.ts';
import { startSmtpServer } from '../helpers/smtp-server.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { makeTestCa, type TestCa } from '../helpers/test-ca.ts';

const openssl = needs('openssl');
const password = 'p/ss:w@rd%ü';
const certificates = temporaryDirectory({ after });
let ca: TestCa;
before(() => {
	if (openssl.skip === false) ca = makeTestCa(certificates);
});

for (const method of ['PLAIN', 'LOGIN']) {
	for (const implicitTls of [true, false]) {
		const tls = implicitTls ? 'implicit TLS' : 'STARTTLS';
		test(`AUTH ${method} over ${tls} logs in once per connection and every message is accepted`, openssl, async (t) => {
			const login = { user: 'news', password, methods: [method] };
			const server = await startSmtpServer({ certificate: ca.good, implicitTls, login });
			t.after(() => server.stop());
			const smtp = `${implicitTls ? 'smtps' : 'smtp'}://127.0.0.1:${server.port}`;
			const sent = await sendCampaign(t, {
				list: { rows: 40 },
				smtp,
				flags: ['--user', 'news', '--tls-ca', ca.caFile, '--concurrency', '4'],
				env: { MAILSHOT_SMTP_PASSWORD: password },
			});

			assert.equal(sent.code, 0, sent.stderr);
			assert.equal(server.messages.length, 40);
			assert.ok(server.logins.length >= 1 && server.logins.length <= 4, `${server.logins.length} logins`);
			for (const attempt of server.logins) {
				assert.deepEqual(
					{ ...attempt, connection: '' },
					{ connection: '', method, user: 'news', accepted: true, encrypted: true },
				);
			}
		});
	}
}

test('a wrong password is tried once, not once per connection, and ends the run with 77', openssl, async (t) => {
	const login = { user: 'news', password, methods: ['PLAIN', 'LOGIN'] };
	const server = await startSmtpServer({ certificate: ca.good, implicitTls: true, login });
	t.after(() => server.stop());
	const sent = await sendCampaign(t, {
		list: { rows: 100 },
		smtp: `smtps://127.0.0.1:${server.port}`,
		flags: ['--user', 'news', '--tls-ca', ca.caFile, '--concurrency', '20'],
		env: { MAILSHOT_SMTP_PASSWORD: 'not-it-at-all' },
	});

	assert.equal(sent.code, 77, sent.stderr);
	assert.deepEqual(
		server.logins.map(({ accepted }) => accepted),
		[false],
	);
	assert.deepEqual(server.messages, []);
	assert.match(sent.stderr, /535 5\.7\.8/);
	assert.match(sent.stderr, /MAILSHOT_SMTP_PASSWORD/);
	assert.doesNotMatch(sent.stderr + sent.stdout, /not-it-at-all/);
});

test(
	'a URL in the environment may hold the password, and none of it reaches the output or the log',
	openssl,
	async (t) => {
		const login = { user: 'news', password, methods: ['PLAIN'] };
		const server = await startSmtpServer({ certificate: ca.good, implicitTls: true, login });
		t.after(() => server.stop());
		const url = `smtps://news:${encodeURIComponent(password)}@127.0.0.1:${server.port}`;
		const sent = await sendCampaign(t, { env: { MAILSHOT_SMTP_URL: url }, flags: ['--tls-ca', ca.caFile] });

		assert.equal(sent.code, 0, sent.stderr);
		assert.equal(server.messages.length, 3);
		const said = sent.stdout + sent.stderr + JSON.stringify(sent.rows) + JSON.stringify(sent.summary());
		for (const secret of [password, encodeURIComponent(password)]) assert.ok(!said.includes(secret));
	},
);

test(
	'a password in a URL on the command line is refused before anything is tried, with what to type instead',
	openssl,
	async (t) => {
		const login = { user: 'news', password: 'secret', methods: ['PLAIN'] };
		const server = await startSmtpServer({ certificate: ca.good, implicitTls: true, login });
		t.after(() => server.stop());
		const sent = await sendCampaign(t, {
			smtp: `smtps://news:secret@127.0.0.1:${server.port}`,
			flags: ['--tls-ca', ca.caFile],
		});

		assert.equal(sent.code, 2, sent.stderr);
		assert.match(sent.stderr, /MAILSHOT_SMTP_PASSWORD/);
		assert.deepEqual(server.connections, []);
	},
);
