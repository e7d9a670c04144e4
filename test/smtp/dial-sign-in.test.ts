/** Signing in: one attempt, one fresh token, and no secret in anything that is kept (reference/reliability.md §3 faults 7, 12-15, 83). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DialFailure, dial } from '../../src/smtp/dial.ts';
import type { Login } from '../../src/smtp/server-settings.ts';
import { systemClock } from '../../src/support/clock.ts';
import { exitCodes, RunError } from '../../src/support/errors.ts';
import { type RecordingOptions, startRecordingServer } from './recording-server.ts';

const password = 'S3cret pw/ü!';
const withPassword: Login = { kind: 'password', user: 'ann', password, origin: 'a test' };
const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const response = base64(`\0ann\0${password}`);

/** Tokens as they are handed out, one after the other; the last one stays. */
function withTokens(...tokens: readonly string[]): Login & { readonly asked: readonly boolean[] } {
	const asked: boolean[] = [];
	const token = async (refused: boolean): Promise<string> => {
		asked.push(refused);
		return tokens[Math.min(asked.filter((one) => one).length, tokens.length - 1)] ?? '';
	};
	return { kind: 'xoauth2', user: 'ann', origin: 'a test', token, asked };
}

function xoauth2(token: string): string {
	return `AUTH XOAUTH2 ${base64(`user=ann\x01auth=Bearer ${token}\x01\x01`)}`;
}

/** Everything after EHLO is answered by `answer`. */
async function signInTo(
	offers: string,
	auth: Login,
	answer: (line: string) => string | null,
	options: Partial<RecordingOptions> = {},
) {
	const server = await startRecordingServer({
		greeting: '220 hi\r\n',
		answer: (line) => (line.startsWith('EHLO') ? `250-mx\r\n250 ${offers}\r\n` : answer(line)),
		...options,
	});
	const told: string[] = [];
	const tell = (text: string) => told.push(text);
	try {
		const settings = {
			host: '127.0.0.1',
			port: server.port,
			tls: 'off',
			auth,
			tlsCa: null,
			tlsFingerprint: '',
			clientName: 'client',
		} as const;
		const trace = { client: tell, server: tell, note: tell };
		const result = await dial(settings, { clock: systemClock, signal: new AbortController().signal, trace });
		if (result.kind === 'dialled') result.socket.destroy();
		return { result, heard: server.inClear.slice(1), told: told.join('') };
	} finally {
		server.close();
	}
}

function failure(result: Awaited<ReturnType<typeof dial>>): DialFailure {
	assert.ok(result.kind === 'failed', 'it was dialled');
	return result;
}

const ways = [
	{ offers: 'AUTH LOGIN PLAIN', lines: [`AUTH PLAIN ${response}`], says: ['235 ok\r\n'] },
	{
		offers: 'AUTH LOGIN',
		lines: ['AUTH LOGIN', base64('ann'), base64(password)],
		says: ['334 VXNlcm5hbWU6\r\n', '334 UGFzc3dvcmQ6\r\n', '235 ok\r\n'],
	},
	{ offers: 'AUTH=LOGIN', lines: ['AUTH LOGIN'], says: ['504 no\r\n'] },
	{
		offers: 'AUTH CRAM-MD5',
		lines: [],
		says: [`334 ${base64('<1896.697170952@postoffice.example.net>')}\r\n`, '235 ok\r\n'],
	},
];

for (const { offers, lines, says } of ways) {
	test(`a server that offers ${offers} hears what that mechanism says`, async () => {
		const left = [...says];
		const { result, heard, told } = await signInTo(offers, withPassword, () => left.shift() ?? null);
		assert.equal(result.kind, says.at(-1)?.startsWith('235') === true ? 'dialled' : 'failed');
		if (!offers.includes('CRAM')) assert.deepEqual(heard, lines);
		else assert.match(Buffer.from(heard[1] ?? '', 'base64').toString(), /^ann [0-9a-f]{32}$/);
		for (const line of heard.filter((each) => each !== 'AUTH LOGIN' && each !== 'AUTH CRAM-MD5')) {
			assert.ok(!told.includes(line.split(' ').at(-1) ?? line), told);
		}
	});
}

test('the digest of CRAM-MD5 is the one of RFC 2195', async () => {
	const auth: Login = { kind: 'password', user: 'tim', password: 'tanstaaftanstaaf', origin: 'a test' };
	const challenge = '334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n';
	const says = [challenge, '235 ok\r\n'];
	const { heard } = await signInTo('AUTH CRAM-MD5', auth, () => says.shift() ?? null);
	assert.equal(heard[1], 'dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw');
});

test('a mechanism that we cannot use gets no password', async () => {
	for (const offers of ['AUTH GSSAPI NTLM', 'AUTH XOAUTH2', 'PIPELINING']) {
		const { result, heard } = await signInTo(offers, withPassword, () => '235 ok\r\n');
		const failed = failure(result);
		assert.deepEqual([failed.stage, failed.cause, failed.isTemporary], ['auth', 'no_auth', false], offers);
		assert.deepEqual(heard, []);
	}
	const { result, heard } = await signInTo('AUTH PLAIN LOGIN', withTokens('T1'), () => '235 ok\r\n');
	assert.equal(failure(result).cause, 'no_auth');
	assert.deepEqual(heard, []);
});

const refusals = [
	{ said: '535 5.7.8 no', isTemporary: false, waitAtLeastMs: 0, cause: 'rejected' },
	{ said: '534 5.7.9 too weak', isTemporary: false, waitAtLeastMs: 0, cause: 'rejected' },
	{ said: '530 5.7.0 first', isTemporary: false, waitAtLeastMs: 0, cause: 'rejected' },
	{ said: '538 5.7.11 encrypt', isTemporary: false, waitAtLeastMs: 0, cause: 'rejected' },
	{ said: '454 4.7.0 later', isTemporary: true, waitAtLeastMs: 30_000, cause: 'rejected' },
	{ said: '432 4.3.2 limit', isTemporary: true, waitAtLeastMs: 30_000, cause: 'rejected' },
	{ said: '421 4.7.0 busy', isTemporary: true, waitAtLeastMs: 30_000, cause: 'service_closing' },
] as const;

for (const { said, ...expected } of refusals) {
	test(`after ${said} to the login nothing else is tried, and it is told whether waiting helps`, async () => {
		const { result, heard } = await signInTo('AUTH PLAIN LOGIN CRAM-MD5', withPassword, () => `${said}\r\n`);
		const { cause, isTemporary, waitAtLeastMs, stage } = failure(result);
		assert.deepEqual({ cause, isTemporary, waitAtLeastMs }, expected);
		assert.equal(stage, 'auth');
		assert.equal(heard.length, 1);
	});
}

test('a token is offered once when it is good', async () => {
	const auth = withTokens('T1', 'T2');
	const { result, heard } = await signInTo('AUTH PLAIN XOAUTH2', auth, () => '235 ok\r\n');
	assert.equal(result.kind, 'dialled');
	assert.deepEqual(heard, [xoauth2('T1')]);
	assert.deepEqual(auth.asked, [false]);
});

for (const isChallenged of [true, false]) {
	const how = isChallenged ? 'with a 334 that gives the reason' : 'at once';
	const refuse = (line: string, isGood: (line: string) => boolean): string => {
		if (line.startsWith('AUTH') && isGood(line)) return '235 ok\r\n';
		return line.startsWith('AUTH') && isChallenged ? `334 ${base64('{"status":"401"}')}\r\n` : '535 5.7.8 no\r\n';
	};

	test(`a token that is refused ${how} is replaced once, on the same connection`, async () => {
		const auth = withTokens('T1', 'T2');
		const { result, heard } = await signInTo('AUTH XOAUTH2', auth, (line) =>
			refuse(line, (it) => it === xoauth2('T2')),
		);
		assert.equal(result.kind, 'dialled');
		assert.deepEqual(heard, isChallenged ? [xoauth2('T1'), '', xoauth2('T2')] : [xoauth2('T1'), xoauth2('T2')]);
		assert.deepEqual(auth.asked, [false, true]);
	});

	test(`when the fresh token is refused ${how}, too, that is the end`, async () => {
		const auth = withTokens('T1', 'T2', 'T3');
		const { result, heard } = await signInTo('AUTH XOAUTH2', auth, (line) => refuse(line, () => false));
		const failed = failure(result);
		assert.deepEqual([failed.stage, failed.cause, failed.reply?.code], ['auth', 'rejected', 535]);
		assert.equal(heard.filter((line) => line.startsWith('AUTH')).length, 2);
		assert.deepEqual(auth.asked, [false, true]);
	});
}

test('the same token again is not offered a second time', async () => {
	const { heard } = await signInTo('AUTH XOAUTH2', withTokens('T1', 'T1'), () => '535 5.7.8 no\r\n');
	assert.equal(heard.length, 1);
});

test('a temporary refusal does not use up a token', async () => {
	const auth = withTokens('T1', 'T2');
	const { result } = await signInTo('AUTH XOAUTH2', auth, () => '454 4.7.0 later\r\n');
	assert.equal(failure(result).isTemporary, true);
	assert.deepEqual(auth.asked, [false]);
});

test('a token that cannot be had is a failure with its own advice, and temporary when its source says so', async () => {
	for (const exitCode of [exitCodes.loginRefused, exitCodes.serverUnreachable]) {
		const token = () => Promise.reject(new RunError(exitCode, 'no token today', { hint: 'ask again' }));
		const auth: Login = { kind: 'xoauth2', user: 'ann', origin: 'a test', token };
		const { result, heard } = await signInTo('AUTH XOAUTH2', auth, () => null);
		const { stage, cause, message, hint, isTemporary } = failure(result);
		assert.deepEqual([stage, cause, message, hint], ['auth', 'no_token', 'no token today', 'ask again']);
		assert.equal(isTemporary, exitCode === exitCodes.serverUnreachable);
		assert.deepEqual(heard, []);
	}
});

const echoes: readonly (readonly [how: string, echo: (line: string) => string])[] = [
	['in one line', (line) => `500 5.5.1 unrecognized: ${line}\r\n`],
	['in several lines', (line) => `500-5.5.1 unrecognized:\r\n500-${line.slice(0, 18)}\r\n500 ${line.slice(18)}\r\n`],
	['in capitals', (line) => `500 ${line.toUpperCase()}\r\n`],
	['decoded', (line) => `500 ${Buffer.from(line.split(' ').at(-1) ?? '', 'base64').toString('latin1')}\r\n`],
	['in a 421', (line) => `421 4.7.0 ${line}\r\n`],
	['in a 334', (line) => `334 ${line}\r\n`],
	['behind the reply', (line) => `535 no\r\n${line}\r\n`],
];

for (const [how, echo] of echoes) {
	for (const auth of [withPassword, withTokens('ya29.the-first-token', 'ya29.the-other-token')]) {
		for (const pieceBytes of [1, 1_000]) {
			test(`a server that repeats the login ${how}, in pieces of ${pieceBytes}, gets no ${auth.kind} into failure or trace`, async () => {
				const offers = 'AUTH PLAIN XOAUTH2';
				const { result, told, heard } = await signInTo(
					offers,
					auth,
					(line) => (line === '*' ? '501 ok\r\n' : echo(line)),
					{
						pieceBytes,
					},
				);
				const kept = `${JSON.stringify(failure(result))}\n${told}`.replaceAll(/\s|\\[rn]/g, '').toLowerCase();
				const secrets = [
					password,
					...heard.map((line) => line.split(' ').at(-1) ?? ''),
					'ya29.the-first-token',
					'ya29.the-other-token',
				];
				for (const secret of secrets.filter((each) => each.length > 5)) {
					const squeezed = secret.replaceAll(/[\s=]/g, '').toLowerCase();
					for (let at = 0; at + 8 <= squeezed.length; at += 1) {
						assert.ok(!kept.includes(squeezed.slice(at, at + 8)), `${squeezed.slice(at, at + 8)} in ${kept}`);
					}
				}
			});
		}
	}
}

test('EHLO refused is HELO, but never where a login is wanted', async () => {
	const helo = (line: string) => (line.startsWith('HELO') ? '250 mx\r\n' : '502 5.5.1 what?\r\n');
	const server = await startRecordingServer({ greeting: '220 hi\r\n', answer: helo });
	const base = { host: '127.0.0.1', port: server.port, tlsCa: null, tlsFingerprint: '', clientName: 'client' } as const;
	const context = { clock: systemClock, signal: new AbortController().signal, trace: null };
	const plain = await dial({ ...base, tls: 'off', auth: null }, context);
	assert.ok(plain.kind === 'dialled');
	assert.deepEqual(plain.capabilities.lines, []);
	plain.socket.destroy();
	for (const changes of [
		{ tls: 'off', auth: withPassword },
		{ tls: 'starttls', auth: null },
	] as const) {
		const failed = failure(await dial({ ...base, ...changes }, context));
		assert.deepEqual([failed.stage, failed.cause, failed.isTemporary], ['ehlo', 'rejected', false]);
	}
	server.close();
	assert.deepEqual(server.inClear, ['EHLO client', 'HELO client', 'EHLO client', 'EHLO client']);
});

test('a temporary refusal of EHLO is no reason for HELO', async () => {
	const server = await startRecordingServer({ greeting: '220 hi\r\n', answer: () => '450 4.3.2 later\r\n' });
	const result = await dial(
		{
			host: '127.0.0.1',
			port: server.port,
			tls: 'off',
			auth: null,
			tlsCa: null,
			tlsFingerprint: '',
			clientName: 'client',
		},
		{ clock: systemClock, signal: new AbortController().signal, trace: null },
	);
	server.close();
	assert.deepEqual([failure(result).stage, failure(result).isTemporary], ['ehlo', true]);
	assert.deepEqual(server.inClear, ['EHLO client']);
});
