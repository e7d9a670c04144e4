/** The helpers that other tests believe: a server that lies would make them green for nothing. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { createTransport } from 'nodemailer';
import { needs, needsPostfix } from './needs.ts';
import { startPostfix } from './postfix.ts';
import { startScriptedServer } from './scripted-server.ts';
import { type AcceptedMail, smtpDialogue } from './smtp-dialogue.ts';
import { startSmtpServer } from './smtp-server.ts';
import { startSmtpSink } from './smtp-sink.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { makeTestCa } from './test-ca.ts';

const message = { from: 'news@acme.example', subject: 'Hello', text: 'Dear reader,\n.\nbye' };

test('smtp-sink counts the messages of another client', needs('smtp-sink'), async () => {
	const sink = await startSmtpSink({ counting: true });
	execFileSync('/usr/sbin/smtp-source', ['-d', '-s', '5', '-m', '100', `127.0.0.1:${sink.port}`]);
	const counts = await sink.stop();
	// One session more: the one that saw that the port answers.
	assert.deepEqual(counts, { sessions: 6, messages: 100 });
});

test('our Postfix takes mail over STARTTLS, refuses by its map, and stops', needsPostfix(), async (t) => {
	const ca = makeTestCa(temporaryDirectory(t));
	const refused = new Map([['bob@example.com', '550 5.1.1 User unknown']]);
	const postfix = await startPostfix({ certificate: ca.good, refused });
	try {
		const tls = { ca: ca.caCertificate };
		const client = createTransport({ host: '127.0.0.1', port: postfix.port, requireTLS: true, tls });
		const sent = await client.sendMail({ ...message, to: 'anna@example.com' });
		assert.match(sent.response, /^250 2\.0\.0 Ok: queued as /);
		await assert.rejects(client.sendMail({ ...message, to: 'bob@example.com' }), /550 5\.1\.1.*User unknown/);
		const plain = createTransport({ host: '127.0.0.1', port: postfix.port, ignoreTLS: true });
		await assert.rejects(plain.sendMail({ ...message, to: 'anna@example.com' }), /530 5\.7\.0/);
		assert.deepEqual(await postfix.discarded(1), ['anna@example.com']);
	} finally {
		postfix.stop();
	}
	await assert.rejects(once(connect(postfix.port, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' });
});

test('the test relay tells logins that were right from those that were not', needs('openssl'), async (t) => {
	const ca = makeTestCa(temporaryDirectory(t));
	const login = { user: 'news', password: 'secret', methods: ['PLAIN'] };
	const server = await startSmtpServer({ certificate: ca.good, implicitTls: true, login });
	t.after(() => server.stop());
	const transport = (pass: string) => ({
		host: '127.0.0.1',
		port: server.port,
		secure: true,
		auth: { user: 'news', pass },
	});
	const tls = { ca: ca.caCertificate };
	await assert.rejects(createTransport({ ...transport('wrong'), tls }).sendMail({ ...message, to: 'a@example.com' }));
	await createTransport({ ...transport('secret'), tls }).sendMail({ ...message, to: 'a@example.com' });
	await assert.rejects(
		createTransport(transport('secret')).sendMail({ ...message, to: 'a@example.com' }),
		/certificate/,
	);
	const outcomes = server.logins.map(({ method, accepted, encrypted }) => ({ method, accepted, encrypted }));
	assert.deepEqual(outcomes, [
		{ method: 'PLAIN', accepted: false, encrypted: true },
		{ method: 'PLAIN', accepted: true, encrypted: true },
	]);
	assert.deepEqual(
		server.messages.map((kept) => kept.to),
		[['a@example.com']],
	);
});

test('the scripted dialogue keeps mail as sent, and deviates where told', async (t) => {
	const accepted: AcceptedMail[] = [];
	const server = await startScriptedServer(
		smtpDialogue({
			accepted,
			deviate: ({ command, recipient }) =>
				command === 'RCPT' && recipient === 'bob@example.com' ? { say: '550 5.1.1 no' } : null,
		}),
	);
	t.after(() => server.stop());
	const client = createTransport({ host: '127.0.0.1', port: server.port, ignoreTLS: true });
	await client.sendMail({ ...message, to: 'anna@example.com' });
	await assert.rejects(client.sendMail({ ...message, to: 'bob@example.com' }), /550 5\.1\.1/);
	assert.deepEqual(
		accepted.map((mail) => mail.recipient),
		['anna@example.com'],
	);
	assert.deepEqual(accepted[0]?.lines.slice(-3), ['Dear reader,', '.', 'bye']);
	assert.ok(server.heard.some(({ line }) => line === 'RCPT TO:<bob@example.com>'));
});

test('the scripted server shows a bare line feed to the test', async (t) => {
	const accepted: AcceptedMail[] = [];
	const server = await startScriptedServer(smtpDialogue({ accepted }));
	t.after(() => server.stop());
	const socket = connect(server.port, '127.0.0.1');
	socket.end('MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\none\ntwo\r\n.\r\nQUIT\r\n');
	socket.resume();
	await once(socket, 'close');
	assert.deepEqual(
		accepted.map((mail) => mail.lines),
		[['one\ntwo']],
	);
});

test('certificates are bad in one way each', needs('openssl'), (t) => {
	const ca = makeTestCa(temporaryDirectory(t));
	const verify = (file: string, name: string) => {
		try {
			execFileSync('openssl', ['verify', '-CAfile', ca.caFile, '-verify_ip', name, file], { stdio: 'pipe' });
			return 'good';
		} catch (error) {
			const said = error instanceof Error ? error.message : '';
			return /error \d+ at 0 depth lookup: (.*)/.exec(said)?.[1];
		}
	};
	assert.equal(verify(ca.good.certificateFile, '127.0.0.1'), 'good');
	assert.equal(verify(ca.wrongName.certificateFile, '127.0.0.1'), 'IP address mismatch');
	assert.equal(verify(ca.expired.certificateFile, '127.0.0.1'), 'certificate has expired');
	assert.equal(verify(ca.selfSigned.certificateFile, '127.0.0.1'), 'self-signed certificate');
});
