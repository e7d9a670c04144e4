/** Faults 8 to 15: TLS that is missing, tampered with or wrong, and logins that are refused. No credential byte goes out before TLS stands. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext } from 'node:test';
import { needs } from '../helpers/needs.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { makeTestCa, type TestCa } from '../helpers/test-ca.ts';
import { type FaultCase, type FaultyServer, moment, testFaults } from './fault-case.ts';
import { type SecureServer, type SecureServerOptions, startSecureServer } from './secure-server.ts';

const { skip } = needs('openssl');
const files = temporaryDirectory({ after });
const caFile = join(files, 'ca.pem');
const tokens = join(files, 'tokens');
let ca: TestCa;
before(() => {
	if (skip === false) ca = makeTestCa(files);
});

const secret = 'S3cret pw';
const signIn = ['--user', 'news', '--tls', 'starttls', '--tls-ca', caFile, '--max-wait', '1s'];
const env = { MAILSHOT_SMTP_PASSWORD: secret };

/** Started when its test begins: the certificates are made before. */
function serverWith(options: () => Omit<SecureServerOptions, 'certificate'> & Partial<SecureServerOptions>) {
	return (t: TestContext): Promise<SecureServer> => startSecureServer(t, { certificate: ca.good, ...options() });
}

function noSecretInTheClear(server: FaultyServer): void {
	assert.ok('inTheClear' in server && Array.isArray(server.inTheClear));
	const clear: readonly string[] = server.inTheClear;
	assert.ok(!clear.some((line) => /^(?:AUTH|MAIL)/i.test(line) || line.includes('S3cret')), clear.join('\n'));
}

function loginsOf(server: FaultyServer): readonly string[] {
	return 'logins' in server && Array.isArray(server.logins) ? server.logins : [];
}

const hangs = moment();

/** Refused by what the server is: nothing is sent, nothing is given away. */
const refusals: readonly {
	row: number;
	what: string;
	server: FaultCase['server'];
	flags?: string[];
	says: RegExp[];
	jumps?: true;
}[] = [
	{
		row: 8,
		what: 'a server without STARTTLS gets neither password nor mail',
		server: serverWith(() => ({ startTls: null, authKeyword: 'AUTH PLAIN' })),
		says: [/STARTTLS/],
	},
	{
		row: 8,
		what: 'a server that cannot start TLS just now gets neither password nor mail',
		server: serverWith(() => ({ startTls: '454 4.7.0 TLS not available', authKeyword: 'AUTH PLAIN' })),
		says: [/454 4\.7\.0 TLS not available/],
	},
	{
		row: 9,
		what: 'bytes injected behind the go-ahead for TLS end the connection',
		server: serverWith(() => ({ injected: '250 injected\r\n', authKeyword: 'AUTH PLAIN' })),
		says: [/STARTTLS|TLS/],
	},
	{
		row: 10,
		what: 'a certificate that has expired is refused, with its date',
		server: serverWith(() => ({ certificate: ca.expired })),
		says: [/expired/],
	},
	{
		row: 10,
		what: 'a certificate for another name is refused, with that name',
		server: serverWith(() => ({ certificate: ca.wrongName })),
		says: [/another\.example/],
	},
	{
		row: 10,
		what: 'a certificate that nobody signed is refused, with the flags that trust it',
		server: serverWith(() => ({ certificate: ca.selfSigned })),
		says: [/self[- ]signed/i, /--tls-ca|--tls-fingerprint/],
	},
	{ row: 11, what: 'TLS below 1.2 is refused', server: serverWith(() => ({ maxVersion: 'TLSv1.1' })), says: [/TLS/] },
	{
		row: 11,
		what: 'a handshake that never ends has a deadline',
		server: serverWith(() => ({ handshakeHangs: true, onConnected: hangs.reach })),
		says: [/TLS|did not answer/],
		jumps: true,
	},
	{ row: 14, what: 'a server without any AUTH is not sent a password', server: serverWith(() => ({})), says: [/AUTH/] },
];

const cases: FaultCase[] = refusals.map(({ row, what, server, says, jumps }) => ({
	row,
	what,
	skip,
	...(server === undefined ? {} : { server }),
	campaign: { flags: signIn, env },
	...(jumps === true ? { whenMinutesPass: hangs.reached } : {}),
	ends: { code: row === 14 ? 77 : 69, states: 'left', says, doesNotSay: [/S3cret/] },
	check: (_sent, faulty) => {
		noSecretInTheClear(faulty);
		assert.deepEqual(loginsOf(faulty), []);
	},
}));

/** Refused logins: one attempt, the words of the server, the way out. */
const noes: readonly { row: number; said: string; says: RegExp[] }[] = [
	{ row: 12, said: '535 5.7.8 Authentication credentials invalid', says: [/535 5\.7\.8/] },
	{ row: 12, said: '534 5.7.9 Please log in with your web browser', says: [/534 5\.7\.9/] },
	{ row: 12, said: '538 5.7.11 Encryption required', says: [/538/] },
	{ row: 15, said: '550 5.7.30 Basic authentication is not supported', says: [/550 5\.7\.30/, /XOAUTH2|--oauth/] },
];

for (const { row, said, says } of noes) {
	cases.push({
		row,
		what: `a login that is answered ${said.slice(0, 10).trim()} is tried once, whatever the number of connections`,
		skip,
		isPlain: false,
		server: serverWith(() => ({ authKeyword: 'AUTH PLAIN LOGIN', auth: () => said })),
		people: Array.from({ length: 40 }, (_, n) => `user${n}@example.com`),
		campaign: { flags: [...signIn, '--concurrency', '20'], env },
		ends: { code: 77, states: 'left', says, doesNotSay: [/S3cret/] },
		check: (_sent, faulty) => {
			noSecretInTheClear(faulty);
			assert.equal(loginsOf(faulty).length, 1);
		},
	});
}

cases.push(
	{
		row: 12,
		what: 'a server that asks for a login at MAIL (530) ends the run, and nobody is blamed',
		server: { deviate: ({ command }) => (command === 'MAIL' ? { say: '530 5.7.0 Authentication required' } : null) },
		ends: { code: 77, states: 'unsettled', says: [/530 5\.7\.0/, /--user/] },
	},
	{
		row: 13,
		what: 'a login that cannot be checked just now is tried again after a pause',
		skip,
		server: serverWith(() => ({
			authKeyword: 'AUTH PLAIN',
			auth: (attempt) => (attempt === 1 ? '454 4.7.0 Temporary authentication failure' : '235 2.7.0 Ok'),
		})),
		campaign: { flags: [...signIn.slice(0, -1), '5m'], env },
		whenMinutesPass: () => new Promise((resolve) => setTimeout(resolve, 1_500)),
		ends: { code: 0, states: 'accepted' },
	},
	{
		row: 14,
		what: 'a mechanism that we do not know is told with those that we know',
		skip,
		server: serverWith(() => ({
			authKeyword: 'AUTH GSSAPI',
			auth: () => '504 5.5.4 Unrecognized authentication type',
		})),
		campaign: { flags: signIn, env },
		ends: { code: 77, states: 'left', says: [/AUTH|504|mechanism/i], doesNotSay: [/S3cret/] },
	},
	{
		row: 14,
		what: 'an access token that has expired is fetched anew, once',
		skip,
		server: serverWith(() => ({
			authKeyword: 'AUTH XOAUTH2',
			auth: (attempt, credentials) => {
				if (credentials === '') return '535 5.7.8 Invalid credentials';
				return attempt === 1 ? '334 eyJzdGF0dXMiOiI0MDEifQ==' : '235 2.7.0 Ok';
			},
		})),
		campaign: {
			flags: [...signIn, '--oauth-token-command', `sh -c 'echo x >> ${tokens}; echo token-$(wc -l < ${tokens})'`],
		},
		ends: { code: 0, states: 'accepted' },
		check: (_sent, faulty) => {
			const [first = '', second = ''] = loginsOf(faulty);
			assert.match(first, /token-1/);
			assert.match(second, /token-2/);
		},
	},
	{
		row: 14,
		what: 'an access token that is refused twice ends the run',
		skip,
		server: serverWith(() => ({
			authKeyword: 'AUTH XOAUTH2',
			auth: (_attempt, credentials) =>
				credentials === '' ? '535 5.7.8 Invalid credentials' : '334 eyJzdGF0dXMiOiI0MDEifQ==',
		})),
		campaign: { flags: [...signIn, '--oauth-token-command', 'echo another-token'] },
		ends: { code: 77, states: 'left', says: [/token|535/], doesNotSay: [/another-token\b(?!')/] },
		check: (_sent, faulty) => assert.ok(loginsOf(faulty).length <= 2, `${loginsOf(faulty).length} logins`),
	},
);

writeFileSync(tokens, '');
testFaults(cases);
