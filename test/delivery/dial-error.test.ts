/** What people read when no connection could be had: the reason, the certificate's facts, and what to type. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialError } from '../../src/delivery/dial-error.ts';
import type { DialFailure } from '../../src/smtp/dial.ts';
import type { Login, ServerSettings } from '../../src/smtp/server-settings.ts';

const password: Login = { kind: 'password', user: 'news', password: 'hunter2', origin: '--password-file news.secret' };
const xoauth2: Login = { kind: 'xoauth2', user: 'news', origin: '--oauth-refresh o.json', token: async () => '' };

const settings: ServerSettings = {
	host: 'smtp.acme.example',
	port: 587,
	tls: 'starttls',
	auth: password,
	tlsCa: null,
	tlsFingerprint: '',
	clientName: '',
};

const fingerprint = 'ab'.repeat(32);
const tls = {
	version: 'TLSv1.3',
	cipher: 'TLS_AES_256_GCM_SHA384',
	certificate: {
		subject: 'mx.acme.example',
		names: ['mx.acme.example', '*.mx.acme.example'],
		issuer: 'Acme CA',
		validFrom: '2020-01-01T00:00:00.000Z',
		validUntil: '2020-02-01T00:00:00.000Z',
		fingerprint,
	},
};

function explain(failure: Partial<DialFailure>, changes: Partial<ServerSettings> = {}) {
	const { message, hint, exitCode } = dialError(
		{ ...settings, ...changes },
		{
			kind: 'failed',
			stage: 'starttls',
			cause: 'tls',
			message: 'no',
			hint: '',
			reply: null,
			code: '',
			tls: null,
			isTemporary: false,
			waitAtLeastMs: 0,
			...failure,
		},
	);
	return { message, hint, exitCode, text: `${message}\n${hint}` };
}

const facts = ['mx.acme.example, *.mx.acme.example', 'Acme CA', '2020-01-01 to 2020-02-01', `sha256:${fingerprint}`];

const certificates = [
	{ code: 'CERT_HAS_EXPIRED', says: /certificate has expired on 2020-02-01/, pin: false, ca: false },
	{ code: 'CERT_NOT_YET_VALID', says: /not valid before 2020-01-01[\s\S]*date of this machine/, pin: false, ca: false },
	{
		code: 'ERR_TLS_CERT_ALTNAME_INVALID',
		says: /another name: mx\.acme\.example.*not smtp\.acme\.example/,
		pin: false,
		ca: false,
	},
	{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT', says: /self-signed/, pin: true, ca: true },
	{ code: 'SELF_SIGNED_CERT_IN_CHAIN', says: /self-signed/, pin: true, ca: true },
	{ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', says: /no trusted authority signed/, pin: true, ca: true },
	{ code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', says: /no trusted authority signed/, pin: true, ca: true },
	{ code: 'CERT_REVOKED', says: /not trusted \(CERT_REVOKED\)/, pin: false, ca: false },
];

for (const { code, says, pin, ca } of certificates) {
	test(`${code} is told with the certificate, and a flag only where it is sane`, () => {
		const { text, exitCode } = explain({ code, tls });
		assert.match(text, says);
		for (const fact of facts) assert.ok(text.includes(fact), `${fact} in ${text}`);
		assert.equal(text.includes('--tls-fingerprint'), pin);
		assert.equal(text.includes('--tls-ca'), ca);
		assert.equal(exitCode, 69);
	});
}

test('another certificate than the one that was named is shown beside it', () => {
	const { text } = explain({ code: 'FINGERPRINT_MISMATCH', tls }, { tlsFingerprint: 'cd'.repeat(32) });
	assert.ok(text.includes(`Expected was sha256:${'cd'.repeat(32)}`), text);
	assert.ok(text.includes(`--tls-fingerprint sha256:${fingerprint}`), text);
});

const others: readonly (readonly [what: string, failure: Partial<DialFailure>, says: RegExp, exitCode: number])[] = [
	['too old a TLS', { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' }, /no TLS of version 1\.2 or newer/, 69],
	['STARTTLS that is missing', { cause: 'no_starttls' }, /does not offer STARTTLS.*\n.*smtps:\/\/.*--tls off/, 69],
	['STARTTLS that is refused', { cause: 'rejected', isTemporary: true }, /then refuses it.*\n.*tries again/, 69],
	['injected bytes', { cause: 'out_of_step', code: 'STARTTLS_INJECTION', message: 'bytes came' }, /bytes came/, 69],
	['a handshake that hangs', { cause: 'timeout', message: 'in time' }, /no TLS session: in time/, 69],
	['plain text for TLS', { code: 'ERR_SSL_WRONG_VERSION_NUMBER' }, /smtps:\/\/ in place of smtp/, 69],
	['TLS for plain text', { stage: 'greeting', cause: 'out_of_step', code: 'TLS_ON_PLAIN_PORT' }, /Use smtps:\/\//, 69],
	['no greeting', { stage: 'greeting', cause: 'timeout' }, /gives no greeting[\s\S]*465/, 69],
	[
		'EHLO refused',
		{ stage: 'ehlo', cause: 'rejected' },
		/refused EHLO: no; without it there is no TLS and no login/,
		69,
	],
	['nobody there', { stage: 'connect', cause: 'network' }, /cannot be reached: no/, 69],
	[
		'a wrong password',
		{ stage: 'auth', cause: 'rejected', message: '535 no' },
		/login "news": 535 no\n.*--password-file news\.secret/,
		77,
	],
	['a login for later', { stage: 'auth', cause: 'rejected', isTemporary: true }, /may pass/, 69],
	[
		'a token that is missing',
		{ stage: 'auth', cause: 'no_token', message: 'no token', hint: 'do this' },
		/no token\ndo this/,
		77,
	],
	['a login in clear', { stage: 'auth', cause: 'in_clear' }, /--tls off/, 77],
	[
		'no login offered',
		{ stage: 'auth', cause: 'no_auth', message: 'offers no AUTH' },
		/not possible: offers no AUTH\n.*587 or 465/,
		77,
	],
	[
		'only tokens',
		{ stage: 'auth', cause: 'no_auth', message: 'offers AUTH XOAUTH2' },
		/--oauth-token-command[\s\S]*--oauth-refresh/,
		77,
	],
];

for (const [what, failure, says, exitCode] of others) {
	test(`${what} is told with what to do`, () => {
		const told = explain(failure);
		assert.match(told.text, says);
		assert.match(told.message, /^smtp\.acme\.example:587/);
		assert.equal(told.exitCode, exitCode);
		assert.doesNotMatch(told.text, /hunter2/);
	});
}

for (const message of [
	'550 5.7.30 Basic authentication is not supported for Client Submission.',
	'535 5.7.139 Authentication unsuccessful, basic authentication is disabled.',
	'535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.',
]) {
	test(`"${message}" says to use XOAUTH2, and how`, () => {
		const { text, exitCode } = explain({ stage: 'auth', cause: 'rejected', message });
		assert.match(text, /XOAUTH2[\s\S]*--oauth-token-command[\s\S]*--oauth-refresh/);
		assert.equal(exitCode, 77);
		if (message.includes('Smtp')) assert.match(text, /administrator has to allow/);
	});
}

test('who has signed in with a token already is not told to use one', () => {
	const { text } = explain({ stage: 'auth', cause: 'rejected', message: '535 5.7.139 no' }, { auth: xoauth2 });
	assert.match(text, /token came from --oauth-refresh o\.json/);
	assert.doesNotMatch(text, /--oauth-token-command/);
});
