/** What `mailshot probe` finds out about servers that are well, odd or hostile. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hostAddresses } from '../../src/cli/host-addresses.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Clock, systemClock } from '../../src/support/clock.ts';
import { exitCodes, RunError } from '../../src/support/errors.ts';
import { needsPostfix } from '../helpers/needs.ts';
import { startPostfix } from '../helpers/postfix.ts';
import { type Script, startScriptedServer } from '../helpers/scripted-server.ts';
import { type Cleanup, temporaryDirectory } from '../helpers/temporary-directory.ts';
import { makeTestCa } from '../helpers/test-ca.ts';
import { probeIt } from './show-probe.ts';

/** Says `ehlo` to EHLO and 250 to everything else. */
function answering(ehlo: string, greeting = '220 odd.example\r\n'): Script {
	return async (peer) => {
		peer.send(greeting);
		for (let line = await peer.readLine(); line !== null; line = await peer.readLine()) {
			peer.send(line.startsWith('EHLO') ? ehlo : '250 Ok\r\n');
			if (line === 'QUIT') return peer.close();
		}
	};
}

async function serverFor(t: Cleanup, script: Script) {
	const server = await startScriptedServer(script);
	t.after(() => server.stop());
	return server;
}

async function sandboxFor(t: Cleanup, tls: 'none' | 'starttls' | 'implicit') {
	const sandbox = await startSandbox({
		host: '127.0.0.1',
		port: 0,
		tls,
		auth: { user: 'news', password: 'correct-horse' },
		save: null,
		maxMessageBytes: 35_000_000,
		clock: systemClock,
		onEvent: ({ kind }) => assert.notEqual(kind, 'message'),
	});
	t.after(() => sandbox.close());
	return sandbox;
}

const news = { kind: 'password', user: 'news', password: 'correct-horse', origin: 'a test' } as const;

test('a server with TLS and a login shows everything there is to know, on 80 columns', async (t) => {
	const { port, certificatePem } = await sandboxFor(t, 'starttls');

	const { stdout, error } = await probeIt({ port, tls: 'starttls', tlsCa: certificatePem, auth: news });

	assert.equal(error, null);
	assert.match(stdout, new RegExp(`^\n {2}127\\.0\\.0\\.1:${port}\n\n {2}Address {6}127\\.0\\.0\\.1\n`));
	assert.match(
		stdout,
		/\n {2}Connection {3}127\.0\.0\.1 port \d+ in [\d.]+ m?s; greeting [\d.]+ m?s later\n {15}220 sandbox\.localhost /,
	);
	assert.match(stdout, /\n {2}TLS {10}TLSv1\.3, TLS_AES_\w+, by STARTTLS, [\d.]+ ms\n/);
	assert.match(
		stdout,
		/\n {2}Certificate {2}localhost, .*\n {15}from mailshot sandbox\n {15}until 20\d\d-\d\d-\d\d: \d+ days left\n {2}Fingerprint {2}[0-9a-f]{64}\n/,
	);
	assert.match(stdout, /\n {2}Login {8}news is let in; offered: PLAIN, LOGIN\n/);
	assert.match(
		stdout,
		/\n {2}Offers {7}PIPELINING, 8BITMIME, SMTPUTF8\n {15}without CHUNKING, DSN\n {15}messages of up to 35\.0 MB \(SIZE\)\n/,
	);
	assert.match(
		stdout,
		/\n {2}Round trip {3}[\d.]+ ms at best, median [\d.]+ ms \(5 NOOPs\)\n {2}Path {9}across messages: /,
	);
	assert.match(stdout, /\n {2}Limits {7}10 connections, 1,000 messages each; this is\s/);
	assert.ok(stdout.endsWith('\n\n  No message was sent.\n'));
	assert.deepEqual(
		stdout.split('\n').filter((line) => line.length > 80),
		[],
	);
});

test('as JSON it is one object with the same facts', async (t) => {
	const { port, certificatePem } = await sandboxFor(t, 'implicit');

	const { stdout } = await probeIt(
		{ port, tls: 'implicit', tlsCa: certificatePem, auth: news },
		{ flags: { json: true }, provider: 'office365' },
	);

	const facts = JSON.parse(stdout);
	assert.deepEqual(
		[facts.v, facts.type, facts.error, facts.host, facts.port, facts.tls_mode, facts.path, facts.user],
		[1, 'probe', '', '127.0.0.1', port, 'implicit', 'across_messages', 'news'],
	);
	assert.deepEqual(facts.auth_mechanisms, ['PLAIN', 'LOGIN']);
	assert.deepEqual([facts.tls.version, facts.certificate.issuer], ['TLSv1.3', 'mailshot sandbox']);
	assert.equal(facts.capabilities.size_limit_bytes, 35_000_000);
	assert.deepEqual([facts.round_trip.count, facts.round_trip.pipelining_holds], [5, true]);
	assert.deepEqual(facts.limits.rates, [
		{ count: 30, period_ms: 60_000 },
		{ count: 10_000, period_ms: 86_400_000 },
	]);
	assert.equal(facts.limits.sources[0].url, 'https://aka.ms/concurrent_sending');
	assert.equal(stdout.split('\n').length, 2);
	assert.ok(!stdout.includes('correct-horse'));
});

test('a refused login is exit 77, and what was found out before is shown', async (t) => {
	const { port, certificatePem } = await sandboxFor(t, 'starttls');

	const auth = { ...news, password: 'wrong-horse' };
	const { stdout, error } = await probeIt({ port, tls: 'starttls', tlsCa: certificatePem, auth });

	assert.equal(error?.exitCode, exitCodes.loginRefused);
	assert.match(stdout, /TLSv1\.3/);
	assert.match(stdout, /Certificate/);
	assert.ok(!stdout.includes('No message was sent') && !stdout.includes('wrong-horse'));
});

test('a certificate that nobody signed is exit 69, with its facts and its fingerprint', async (t) => {
	const { port } = await sandboxFor(t, 'starttls');

	const { stdout, error } = await probeIt({ port, tls: 'starttls', auth: news });

	assert.equal(error?.exitCode, exitCodes.serverUnreachable);
	assert.match(stdout, /Certificate {2}localhost, .*\n {15}from mailshot sandbox\n/);
	assert.match(stdout, /Fingerprint {2}[0-9a-f]{64}\n/);
});

test('a server that nobody runs is exit 69, also as JSON', async (t) => {
	const server = await serverFor(t, () => {});
	await server.stop();

	const { stdout, error } = await probeIt({ port: server.port }, { flags: { json: true } });

	assert.equal(error?.exitCode, exitCodes.serverUnreachable);
	const facts = JSON.parse(stdout);
	assert.match(facts.error, /cannot be reached: .*ECONNREFUSED/);
	assert.deepEqual([facts.connect_ms, facts.capabilities, facts.path], [null, null, '']);
});

test('a server without PIPELINING gets command by command, and is told one command at a time', async (t) => {
	const server = await serverFor(
		t,
		answering('250-odd.example\r\n250-DSN\r\n250-LIMITS MAILMAX=20 RCPTMAX=1\r\n250 SIZE\r\n'),
	);

	const { stdout, error } = await probeIt({ port: server.port });

	assert.equal(error, null);
	assert.match(
		stdout,
		/Offers {7}DSN\n {15}without PIPELINING, CHUNKING, 8BITMIME, SMTPUTF8\n {15}SIZE without a limit\n {15}20 messages over a connection \(LIMITS MAILMAX\)\n/,
	);
	assert.match(stdout, /Path {9}command by command: /);
	const verbs = server.heard.map(({ line }) => line.split(' ', 1)[0]);
	assert.deepEqual(verbs, ['EHLO', 'NOOP', 'NOOP', 'NOOP', 'NOOP', 'NOOP', 'QUIT']);
});

test('a server that answers only the first of the commands that came together is pointed at', async (t) => {
	const fired = new Set<() => void>();
	const clock: Clock = {
		...systemClock,
		after: (delayMs, callback) => {
			if (delayMs === 10_000) fired.add(callback);
			return { cancel: () => void fired.delete(callback) };
		},
	};
	const server = await serverFor(t, async (peer) => {
		peer.send('220 odd.example\r\n');
		for (let line = await peer.readLine(); line !== null; line = await peer.readLine()) {
			if (line === 'RSET') break;
			peer.send(line.startsWith('EHLO') ? '250-odd.example\r\n250 PIPELINING\r\n' : '250 Ok\r\n');
		}
		setImmediate(() => {
			for (const callback of fired) callback();
		});
		await peer.gone();
	});

	const { stdout, error } = await probeIt({ port: server.port }, { clock });

	assert.equal(error, null);
	assert.match(stdout, /! the server left 3 of 3 commands unanswered within 10 s\n/);
	assert.match(stdout, /Path {9}! PIPELINING is offered, but commands that came together\s/);
	assert.match(stdout, /\n {15}command by command: /);
});

test('names and addresses of the host are looked up, and silence of DNS is no failure', async () => {
	const clock: Clock = {
		...systemClock,
		after: (delayMs, callback) => systemClock.after(delayMs === 5_000 ? 0 : delayMs, callback),
	};
	const silent = () => new Promise<never>(() => {});
	const names = {
		addresses: async () => ['192.0.2.10', '2001:db8::10', '192.0.2.10', '127.0.0.1'],
		names: (address: string) => (address === '192.0.2.10' ? Promise.resolve(['mail.acme.example\u001b[2J']) : silent()),
	};

	assert.deepEqual(await hostAddresses('smtp.acme.example', { names, clock }), [
		{ address: '192.0.2.10', names: ['mail.acme.example'] },
		{ address: '2001:db8::10', names: [] },
		{ address: '127.0.0.1', names: [] },
	]);
	assert.deepEqual(await hostAddresses('smtp.acme.example', { names: { ...names, addresses: silent }, clock }), []);
	assert.deepEqual(await hostAddresses('192.0.2.10', { names: { ...names, addresses: silent }, clock }), [
		{ address: '192.0.2.10', names: ['mail.acme.example'] },
	]);
});

test('MAIL is never sent, to no server', async (t) => {
	const server = await serverFor(t, answering('250-odd.example\r\n250 PIPELINING\r\n'));

	await probeIt({ port: server.port });

	assert.ok(server.heard.length > 5);
	assert.deepEqual(
		server.heard.filter(({ line }) => /^(?:MAIL|RCPT|DATA|BDAT|VRFY|EXPN)/i.test(line)),
		[],
	);
});

test('an EHLO reply of 60 KB with escape sequences is shown in a few clean lines', async (t) => {
	const keyword = (nth: number) => `250-\u001b[31mX-${nth}${'y'.repeat(480)}\u0007\u202e ${'z'.repeat(5)}\r\n`;
	const ehlo = `250-odd.example \u001b]0;owned\u0007\r\n${Array.from({ length: 120 }, (_, nth) => keyword(nth)).join('')}250 AUTH \u001b[2J${'MECHANISM '.repeat(40)}\r\n`;
	const server = await serverFor(t, answering(ehlo, '220 \u001b[2Jhello \u009b1m there\r\n'));

	const { stdout, error } = await probeIt({ port: server.port });

	assert.equal(error, null);
	assert.ok(ehlo.length > 58_000);
	assert.ok(stdout.split('\n').length < 40, stdout);
	assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\u0000-\u001f\u007f-\u009f\u202e]/);
	assert.match(stdout, /and 108 more/);
});

test('a greeting that trickles in is waited for a minute, not for ever', async (t) => {
	let expire = () => {};
	const clock: Clock = {
		...systemClock,
		after: (delayMs, callback) => {
			if (delayMs === 60_000) expire = callback;
			return { cancel: () => {} };
		},
	};
	const server = await serverFor(t, (peer) => {
		peer.send('220-');
		setImmediate(() => peer.send('s'));
		setImmediate(() => setImmediate(() => expire()));
	});

	const { stdout, error } = await probeIt({ port: server.port }, { clock });

	assert.equal(error?.exitCode, exitCodes.serverUnreachable);
	assert.match(error?.message ?? '', /did not let us in within 60 s \(stopped while waiting for the greeting\)$/);
	assert.match(stdout, /; no greeting\n/);
});

test('Ctrl-C ends it at once, with the reason of the signal', async (t) => {
	const stop = new AbortController();
	const server = await serverFor(t, () => stop.abort(new RunError(exitCodes.interrupted, 'stopped by Ctrl-C')));

	const { stdout, error } = await probeIt({ port: server.port }, { signal: stop.signal });

	assert.deepEqual([error?.exitCode, stdout], [exitCodes.interrupted, '']);
});

test('what is no mail server is exit 69', async (t) => {
	const server = await serverFor(t, (peer) => peer.send('HTTP/1.1 400 \u001b[2JBad Request\r\n\r\n'));

	const { stdout, error } = await probeIt({ port: server.port });

	assert.equal(error?.exitCode, exitCodes.serverUnreachable);
	assert.ok(!`${stdout}${error?.message}`.includes('\u001b'));
});

test('a certificate that is about to run out is pointed at', async (t) => {
	const { port, certificatePem } = await sandboxFor(t, 'starttls');
	const inAYear = systemClock.now() + 385 * 86_400_000;

	const { stdout } = await probeIt(
		{ port, tls: 'starttls', tlsCa: certificatePem },
		{ clock: { ...systemClock, now: () => inAYear } },
	);

	assert.match(stdout, /\n {15}! until 20\d\d-\d\d-\d\d: \d+ days left\n/);
	assert.match(stdout, /Login {8}not tried: --user names nobody\. Offered: PLAIN, LOGIN\n/);
});

test('the dialogue can be written down, without the password', async (t) => {
	const { port } = await sandboxFor(t, 'none');
	const trace = join(temporaryDirectory(t), 'probe.trace');

	await probeIt({ port, auth: news }, { flags: { trace } });

	const lines = readFileSync(trace, 'utf8')
		.split('\n')
		.map((line) => line.slice(line.indexOf(' ') + 1));
	assert.ok(lines.includes('#1 C: AUTH PLAIN (secret)'), lines.join('\n'));
	assert.equal(lines.filter((line) => line === '#1 C: NOOP').length, 6);
	assert.deepEqual(lines.slice(-3), ['#1 S: 221 Bye', '#1 *: closed', '']);
	assert.ok(
		!lines.join().includes('correct') &&
			!lines.join().includes(Buffer.from('\0news\0correct-horse').toString('base64')),
	);
});

test('a real Postfix is probed over STARTTLS', needsPostfix(), async (t) => {
	const ca = makeTestCa(temporaryDirectory(t));
	const postfix = await startPostfix({ certificate: ca.good, refused: new Map() });
	t.after(() => postfix.stop());

	const { stdout, error } = await probeIt({ port: postfix.port, tls: 'starttls', tlsCa: ca.caCertificate });

	assert.equal(error, null);
	assert.match(stdout, /Postfix/);
	assert.match(stdout, /Certificate {2}127\.0\.0\.1, localhost\n {15}from mailshot test ca\n {15}until 2049-12-31: /);
	assert.match(stdout, /Login {8}none is offered\n/);
	assert.match(stdout, /Offers {7}PIPELINING, CHUNKING, 8BITMIME, SMTPUTF8, DSN\n/);
	assert.match(stdout, /messages of up to 10\.2 MB \(SIZE\)/);
	assert.match(stdout, /Path {9}across messages: /);
	assert.deepEqual(await postfix.discarded(0), []);
});
