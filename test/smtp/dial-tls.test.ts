/** No credential, and no word at all, before a TLS session stands with a server that proved who it is (reference/reliability.md §3 faults 6, 8-11). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type DialFailure, dial } from '../../src/smtp/dial.ts';
import type { ServerSettings } from '../../src/smtp/server-settings.ts';
import { type Clock, systemClock } from '../../src/support/clock.ts';
import { needs } from '../helpers/needs.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { makeTestCa, type ServerCertificate, type TestCa } from '../helpers/test-ca.ts';
import { type RecordingOptions, type RecordingServer, startRecordingServer } from './recording-server.ts';

const openssl = needs('openssl');
const directory = temporaryDirectory({ after });
let ca: TestCa;
before(() => {
	if (openssl.skip === false) ca = makeTestCa(directory);
});

const auth = { kind: 'password', user: 'ann', password: 'correct horse', origin: 'a test' } as const;
const signal = new AbortController().signal;

function settingsFor(server: RecordingServer, changes: Partial<ServerSettings>): ServerSettings {
	const { port } = server;
	const base = { host: '127.0.0.1', port, auth, tlsCa: null, tlsFingerprint: '', clientName: 'client' } as const;
	return { ...base, tls: 'starttls', ...changes };
}

/** Dials once; gives the result and the server with what it heard. */
async function dialOnce(options: RecordingOptions, changes: Partial<ServerSettings> = {}, clock: Clock = systemClock) {
	const server = await startRecordingServer(options);
	const notes: string[] = [];
	const trace = {
		client: (text: string) => notes.push(`C ${text}`),
		server: (text: string) => notes.push(`S ${text}`),
		note: (text: string) => notes.push(`- ${text}`),
	};
	try {
		const result = await dial(settingsFor(server, changes), { clock, signal, trace });
		if (result.kind === 'dialled') result.socket.destroy();
		return { result, server, notes };
	} finally {
		server.close();
	}
}

function failure({ result }: { readonly result: Awaited<ReturnType<typeof dial>> }): DialFailure {
	assert.ok(result.kind === 'failed', 'it was dialled');
	return result;
}

/** Offers STARTTLS and AUTH in clear; over TLS AUTH and CHUNKING. */
function usualAnswer(line: string, isSecure: boolean): ReturnType<NonNullable<RecordingOptions['answer']>> {
	if (line.startsWith('EHLO')) {
		return isSecure ? '250-mx\r\n250-AUTH PLAIN\r\n250 CHUNKING\r\n' : '250-mx\r\n250-STARTTLS\r\n250 AUTH LOGIN\r\n';
	}
	if (line === 'STARTTLS' && !isSecure) return { startTls: '220 go\r\n' };
	return line.startsWith('AUTH') ? '235 2.7.0 welcome\r\n' : '502 5.5.1 what?\r\n';
}

function serverWith(certificate: ServerCertificate, tls: 'implicit' | 'starttls'): RecordingOptions {
	const { certificate: cert, key } = certificate;
	return { greeting: '220 hi\r\n', answer: usualAnswer, tls: { cert, key }, isImplicit: tls === 'implicit' };
}

const bad = [
	{ what: 'has expired', name: 'expired', code: 'CERT_HAS_EXPIRED', trusts: true },
	{ what: 'is not valid yet', name: 'notYetValid', code: 'CERT_NOT_YET_VALID', trusts: true },
	{ what: 'is for another name', name: 'wrongName', code: 'ERR_TLS_CERT_ALTNAME_INVALID', trusts: true },
	{ what: 'is self-signed', name: 'selfSigned', code: 'DEPTH_ZERO_SELF_SIGNED_CERT', trusts: false },
	{ what: 'is of an unknown authority', name: 'good', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', trusts: false },
] as const;

for (const tls of ['implicit', 'starttls'] as const) {
	for (const { what, name, code, trusts } of bad) {
		test(`${tls}: to a server whose certificate ${what} nothing is said over TLS`, openssl, async () => {
			const dialled = await dialOnce(serverWith(ca[name], tls), { tls, tlsCa: trusts ? ca.caCertificate : null });
			const failed = failure(dialled);
			assert.deepEqual([failed.cause, failed.code, failed.isTemporary], ['tls', code, false]);
			assert.deepEqual(dialled.server.overTls, []);
			assert.deepEqual(dialled.server.inClear, tls === 'implicit' ? [] : ['EHLO client', 'STARTTLS']);
			const certificate = failed.tls?.certificate;
			assert.match(certificate?.subject ?? '', /^mailshot test /);
			assert.match(certificate?.fingerprint ?? '', /^[0-9a-f]{64}$/);
			assert.match(certificate?.validUntil ?? '', /^20\d\d-\d\d-\d\dT/);
		});

		test(`${tls}: a certificate that ${what} is trusted when it is the one that was named`, openssl, async () => {
			const first = failure(await dialOnce(serverWith(ca[name], tls), { tls }));
			const tlsFingerprint = first.tls?.certificate?.fingerprint ?? '';
			const { result, server } = await dialOnce(serverWith(ca[name], tls), { tls, tlsFingerprint });
			assert.equal(result.kind, 'dialled');
			assert.ok(server.overTls.some((line) => line.startsWith('AUTH PLAIN ')));
		});
	}

	test(`${tls}: another certificate than the one that was named is not trusted, however good`, openssl, async () => {
		const tlsFingerprint = 'ab'.repeat(32);
		const dialled = await dialOnce(serverWith(ca.good, tls), { tls, tlsCa: ca.caCertificate, tlsFingerprint });
		assert.equal(failure(dialled).code, 'FINGERPRINT_MISMATCH');
		assert.deepEqual(dialled.server.overTls, []);
	});

	test(`${tls}: a good certificate lets the login pass, over TLS only, and the trace hides it`, openssl, async () => {
		const { result, server, notes } = await dialOnce(serverWith(ca.good, tls), { tls, tlsCa: ca.caCertificate });
		assert.ok(result.kind === 'dialled');
		assert.equal(result.tls?.version, 'TLSv1.3');
		assert.deepEqual(result.tls?.certificate?.names, ['127.0.0.1', 'localhost']);
		assert.equal(result.capabilities.chunking, true);
		const response = Buffer.from('\0ann\0correct horse').toString('base64');
		assert.deepEqual(server.overTls, ['EHLO client', `AUTH PLAIN ${response}`]);
		assert.ok(!server.inClear.some((line) => line.startsWith('AUTH')));
		assert.ok(notes.includes('C AUTH PLAIN (secret)\r\n'), notes.join(''));
		assert.ok(notes.some((note) => /^- TLSv1\.3, .*sha256:[0-9a-f]{64}$/.test(note)));
		assert.ok(!notes.join('').includes(response));
	});

	test(`${tls}: a server that knows only TLS 1.0 and 1.1 is not spoken to`, openssl, async () => {
		const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
		const options = serverWith(ca.good, tls);
		const dialled = await dialOnce({ ...options, tls: { ...options.tls, ...old } }, { tls, tlsCa: ca.caCertificate });
		const failed = failure(dialled);
		assert.equal(failed.cause, 'tls');
		assert.match(failed.code, /^ERR_SSL_(?:TLSV1_ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL)$/);
		assert.deepEqual(dialled.server.overTls, []);
	});
}

test('what was offered before TLS is not believed afterwards', openssl, async () => {
	const { result } = await dialOnce(
		{
			...serverWith(ca.good, 'starttls'),
			answer: (line, isSecure) =>
				line.startsWith('EHLO') && !isSecure
					? '250-mx\r\n250-STARTTLS\r\n250-PIPELINING\r\n250 SIZE 5\r\n'
					: usualAnswer(line, isSecure),
		},
		{ tlsCa: ca.caCertificate },
	);
	assert.ok(result.kind === 'dialled');
	assert.deepEqual(result.capabilities.lines, ['AUTH PLAIN', 'CHUNKING']);
	assert.equal(result.capabilities.pipelining, false);
});

test('a login that was offered before TLS only is not used', openssl, async () => {
	const { result, server } = await dialOnce(
		{
			...serverWith(ca.good, 'starttls'),
			answer: (line, isSecure) => (isSecure ? '250 mx\r\n' : usualAnswer(line, isSecure)),
		},
		{ tlsCa: ca.caCertificate },
	);
	assert.ok(result.kind === 'failed');
	assert.equal(result.cause, 'no_auth');
	assert.deepEqual(server.overTls, ['EHLO client']);
});

const injections = [
	'220 go\r\n250-mx\r\n250 AUTH PLAIN\r\n',
	'220 go\r\n250-mx\r\n',
	'220 go\r\n250',
	'220 go\r\n\r\n',
	'220 go\r\nX',
];

for (const said of injections) {
	for (const isTlsNext of [true, false]) {
		const then = isTlsNext ? 'then TLS' : 'nothing more';
		test(`bytes behind the answer to STARTTLS stop the run: ${JSON.stringify(said)}, ${then}`, openssl, async () => {
			const dialled = await dialOnce(
				{
					...serverWith(ca.good, 'starttls'),
					answer: (line, isSecure) => {
						if (line !== 'STARTTLS') return usualAnswer(line, isSecure);
						return isTlsNext ? { startTls: said } : said;
					},
				},
				{ tlsCa: ca.caCertificate },
			);
			const failed = failure(dialled);
			assert.deepEqual([failed.stage, failed.cause, failed.code], ['starttls', 'out_of_step', 'STARTTLS_INJECTION']);
			assert.equal(failed.isTemporary, false);
			assert.deepEqual(dialled.server.inClear, ['EHLO client', 'STARTTLS']);
			assert.deepEqual(dialled.server.overTls, []);
		});
	}
}

test('an answer to STARTTLS that comes with the reply to EHLO is not taken for it', async () => {
	const dialled = await dialOnce({
		greeting: '220 hi\r\n',
		answer: (line) => (line.startsWith('EHLO') ? '250-mx\r\n250 STARTTLS\r\n220 go\r\n' : null),
	});
	assert.equal(failure(dialled).cause, 'out_of_step');
	assert.deepEqual(dialled.server.inClear, ['EHLO client']);
});

const refusals = [
	{ said: '502 5.5.1 not implemented\r\n', offers: false, cause: 'no_starttls', isTemporary: false },
	{ said: '454 4.7.0 TLS not available\r\n', offers: true, cause: 'rejected', isTemporary: true },
	{ said: '554 5.7.3 no\r\n', offers: true, cause: 'rejected', isTemporary: false },
	{ said: '421 4.3.2 going down\r\n', offers: true, cause: 'service_closing', isTemporary: true },
] as const;

for (const { said, offers, cause, isTemporary } of refusals) {
	for (const pieceBytes of [1, 1_000]) {
		test(`after STARTTLS ${offers ? '' : 'that is not offered '}gets ${said.trim()} in pieces of ${pieceBytes} nothing more is said`, async () => {
			const dialled = await dialOnce({
				greeting: '220 hi\r\n',
				pieceBytes,
				answer: (line) => {
					if (line === 'STARTTLS') return said;
					return `250-mx\r\n${offers ? '250-STARTTLS\r\n' : ''}250 AUTH PLAIN LOGIN\r\n`;
				},
			});
			const failed = failure(dialled);
			assert.deepEqual([failed.stage, failed.cause, failed.isTemporary], ['starttls', cause, isTemporary]);
			assert.deepEqual(dialled.server.inClear, ['EHLO client', 'STARTTLS']);
		});
	}
}

/** Time passes when the test says so. */
function standingClock() {
	const waiting = new Set<() => void>();
	const clock: Clock = {
		...systemClock,
		after: (_delayMs, callback) => {
			waiting.add(callback);
			return { cancel: () => waiting.delete(callback) };
		},
	};
	const pass = (): void => {
		for (const callback of [...waiting]) callback();
	};
	return { clock, pass };
}

for (const tls of ['implicit', 'starttls'] as const) {
	test(`${tls}: a handshake that hangs is given up at its deadline`, async () => {
		const { clock, pass } = standingClock();
		let heardStartTls = (): void => {};
		const asked = new Promise<void>((resolve) => {
			heardStartTls = resolve;
		});
		const server = await startRecordingServer({
			greeting: tls === 'implicit' ? null : '220 hi\r\n',
			answer: (line) => {
				if (line === 'STARTTLS') heardStartTls();
				return line === 'STARTTLS' ? '220 go\r\n' : '250-mx\r\n250 STARTTLS\r\n';
			},
		});
		const dialling = dial(settingsFor(server, { tls }), { clock, signal, trace: null });
		await (tls === 'implicit' ? server.heardSomething() : asked);
		pass();
		const result = await dialling;
		server.close();
		assert.ok(result.kind === 'failed');
		assert.deepEqual([result.stage, result.cause, result.isTemporary], ['starttls', 'timeout', true]);
		assert.match(result.message, /did not answer in time \(negotiating TLS\)/);
	});
}

test('a port that speaks plain SMTP where TLS was meant hears nothing', async () => {
	const dialled = await dialOnce({ greeting: '220 hi\r\n' }, { tls: 'implicit' });
	const failed = failure(dialled);
	assert.deepEqual([failed.cause, failed.code], ['tls', 'ERR_SSL_WRONG_VERSION_NUMBER']);
});

for (const pieceBytes of [1, 100]) {
	test(`a port that speaks TLS where plain SMTP was meant is found out at once, in pieces of ${pieceBytes}`, async () => {
		const alert = Buffer.from([0x15, 3, 1, 0, 2, 2, 70]);
		const dialled = await dialOnce({ greeting: alert, pieceBytes });
		const failed = failure(dialled);
		assert.deepEqual([failed.stage, failed.cause, failed.code], ['greeting', 'out_of_step', 'TLS_ON_PLAIN_PORT']);
		assert.deepEqual(dialled.server.inClear, []);
	});
}
