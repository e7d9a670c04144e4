/** Access tokens by refresh token, against a token server on this machine. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
	chmodSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findSecret } from '../../../src/cli/secrets/find-secret.ts';
import { noSecretSource } from '../../../src/cli/secrets/secret-source.ts';
import { type Clock, systemClock } from '../../../src/support/clock.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

interface Said {
	readonly status?: number;
	readonly body: unknown;
	readonly location?: string;
}

/** A token server; null: it never answers. */
async function startTokenServer(context: TestContext, answer: (form: URLSearchParams, count: number) => Said | null) {
	const asked: URLSearchParams[] = [];
	const server = createServer((request, response) => {
		let text = '';
		request.on('data', (chunk) => {
			text += chunk;
		});
		request.on('end', () => {
			const form = new URLSearchParams(text);
			asked.push(form);
			const said = answer(form, asked.length);
			if (said === null) return;
			const { status = 200, body, location } = said;
			response.writeHead(status, location === undefined ? {} : { location });
			response.end(typeof body === 'string' ? body : JSON.stringify(body));
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	context.after(() => {
		server.closeAllConnections();
		server.close();
	});
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('not a TCP address');
	return { url: `http://127.0.0.1:${address.port}/token`, asked };
}

const secrets = { client_secret: 'client-secret-1', refresh_token: 'refresh-token-1' };

async function signIn(
	context: TestContext,
	fields: object,
	changes: { readonly clock?: Clock; readonly path?: string } = {},
) {
	const path = changes.path ?? join(temporaryDirectory(context), 'oauth.json');
	if (changes.path === undefined) writeFileSync(path, JSON.stringify(fields), { mode: 0o600 });
	const warnings: string[] = [];
	const login = await findSecret(
		{ ...noSecretSource, oauthRefresh: { text: path, origin: '--oauth-refresh' } },
		{
			env: {},
			clock: changes.clock ?? systemClock,
			signal: new AbortController().signal,
			askPassword: () => null,
			warn: (text) => warnings.push(text),
			user: 'news',
			host: 'smtp.acme.example',
			port: 587,
		},
	);
	assert.ok(login?.kind === 'xoauth2');
	return { login, path, warnings };
}

test('a token is fetched as RFC 6749 says, for all connections once, and kept until shortly before it runs out', async (context) => {
	const server = await startTokenServer(context, (_form, count) => ({
		body: { access_token: `T${count}`, token_type: 'Bearer', expires_in: 3600 },
	}));
	let nowMs = 0;
	const clock = { ...systemClock, monotonicMs: () => nowMs };
	const fields = { token_url: server.url, client_id: 'id', scope: 'https://mail.example/', ...secrets };
	const { login } = await signIn(context, fields, { clock });
	assert.deepEqual(server.asked, []);
	assert.deepEqual(await Promise.all([login.token(false), login.token(false)]), ['T1', 'T1']);
	assert.deepEqual(Object.fromEntries(server.asked[0] ?? []), {
		grant_type: 'refresh_token',
		client_id: 'id',
		scope: 'https://mail.example/',
		...secrets,
	});
	nowMs = 3_539_000;
	assert.equal(await login.token(false), 'T1');
	nowMs = 3_541_000;
	assert.equal(await login.token(false), 'T2');
	assert.deepEqual(await Promise.all([login.token(true), login.token(true)]), ['T3', 'T3']);
	assert.equal(await login.token(true), 'T3');
	assert.equal(server.asked.length, 3);
});

test('a new refresh token takes the place of the old one: whole, for its owner only, behind a link', async (context) => {
	const server = await startTokenServer(context, (_form, count) => ({
		body: { access_token: `T${count}`, refresh_token: `refresh-token-${count + 1}`, expires_in: 1 },
	}));
	const directory = temporaryDirectory(context);
	const real = join(directory, 'real.json');
	const path = join(directory, 'link.json');
	writeFileSync(real, JSON.stringify({ note: 'mine', token_url: server.url, client_id: 'id', ...secrets }), {
		mode: 0o600,
	});
	symlinkSync(real, path);
	const { login, warnings } = await signIn(context, {}, { path });
	await login.token(false);
	await login.token(true);
	assert.deepEqual(
		server.asked.map((form) => form.get('refresh_token')),
		['refresh-token-1', 'refresh-token-2'],
	);
	const kept = JSON.parse(readFileSync(real, 'utf8'));
	assert.deepEqual([kept.refresh_token, kept.note, kept.client_secret], ['refresh-token-3', 'mine', 'client-secret-1']);
	assert.equal(statSync(real).mode & 0o777, 0o600);
	assert.ok(lstatSync(path).isSymbolicLink());
	assert.deepEqual(readdirSync(directory).sort(), ['link.json', 'real.json']);
	assert.deepEqual(warnings, []);
});

test('when another run has renewed the refresh token in the meantime, its new one is used', async (context) => {
	const path = join(temporaryDirectory(context), 'oauth.json');
	const server = await startTokenServer(context, (form) => {
		if (form.get('refresh_token') === 'new') return { body: { access_token: 'T' } };
		writeFileSync(path, JSON.stringify({ token_url: server.url, client_id: 'id', refresh_token: 'new' }));
		return { status: 400, body: { error: 'invalid_grant' } };
	});
	writeFileSync(path, JSON.stringify({ token_url: server.url, client_id: 'id', refresh_token: 'old' }), {
		mode: 0o600,
	});
	const { login } = await signIn(context, {}, { path });
	assert.equal(await login.token(false), 'T');
});

test('a refusal is the end of it, in the words of the server but not with our secrets', async (context) => {
	const server = await startTokenServer(context, () => ({
		status: 400,
		body: {
			error: 'invalid_grant',
			error_description: `Bad\u001b[2J ${secrets.refresh_token} of ${secrets.client_secret}`,
		},
	}));
	const { login } = await signIn(context, { token_url: server.url, client_id: 'id', ...secrets });
	await assert.rejects(login.token(false), (error) => {
		const { message, exitCode } = Object(error);
		assert.match(message, /refused to renew the access token: 400 invalid_grant Bad \(secret\) of \(secret\)/);
		return exitCode === 77;
	});
	assert.equal(server.asked.length, 1);
});

test('trouble of the token server may pass: 5xx, nonsense, nobody there, no answer', async (context) => {
	for (const said of [
		{ status: 503, body: '' },
		{ status: 429, body: '' },
		{ body: 'nonsense' },
		{ body: { access_token: 'a\r\nb' } },
	]) {
		const server = await startTokenServer(context, () => said);
		const { login } = await signIn(context, { token_url: server.url, client_id: 'id', ...secrets });
		await assert.rejects(login.token(false), { exitCode: 69 });
	}
	const nobody = await signIn(context, { token_url: 'http://127.0.0.1:1/token', client_id: 'id', ...secrets });
	await assert.rejects(nobody.login.token(false), { exitCode: 69 });
	const silent = await startTokenServer(context, () => null);
	const clock = { ...systemClock, after: (_delayMs: number, callback: () => void) => systemClock.after(50, callback) };
	const { login } = await signIn(context, { token_url: silent.url, client_id: 'id', ...secrets }, { clock });
	await assert.rejects(login.token(false), { exitCode: 69, message: /no answer within 30 seconds/ });
});

test('the secrets follow no redirect', async (context) => {
	const other = await startTokenServer(context, () => ({ body: { access_token: 'stolen' } }));
	const server = await startTokenServer(context, () => ({ status: 307, body: '', location: other.url }));
	const { login } = await signIn(context, { token_url: server.url, client_id: 'id', ...secrets });
	await assert.rejects(login.token(false), { exitCode: 69 });
	assert.deepEqual(other.asked, []);
});

test('a file that is wrong is refused before anything is sent, without what is in it', async (context) => {
	const good = { token_url: 'https://token.example/', client_id: 'id', ...secrets };
	const directory = temporaryDirectory(context);
	const path = join(directory, 'oauth.json');
	for (const text of [
		'refresh-token-1',
		'["refresh-token-1"]',
		'{"refresh_token": "refresh-token-1"',
		JSON.stringify({ ...good, token_url: 'http://token.example/' }),
		JSON.stringify({ ...good, token_url: 'ftp://127.0.0.1/' }),
		JSON.stringify({ ...good, token_url: 'token.example' }),
		JSON.stringify({ ...good, client_id: '' }),
		JSON.stringify({ ...good, refresh_token: undefined }),
		JSON.stringify({ ...good, scope: ['a'] }),
	]) {
		writeFileSync(path, text, { mode: 0o600 });
		await assert.rejects(signIn(context, {}, { path }), (error) => {
			const { message, hint, exitCode } = Object(error);
			assert.doesNotMatch(`${message}${hint}`, /refresh-token-1|client-secret-1/);
			return exitCode === 78;
		});
	}
	writeFileSync(path, JSON.stringify(good));
	chmodSync(path, 0o640);
	await assert.rejects(signIn(context, {}, { path }), { exitCode: 78, message: /others can read/ });
});

test('a new refresh token that cannot be kept is told, and the run goes on', async (context) => {
	const server = await startTokenServer(context, () => ({ body: { access_token: 'T', refresh_token: 'new' } }));
	const { login, path, warnings } = await signIn(context, { token_url: server.url, client_id: 'id', ...secrets });
	// In the way of the file that is to take its place, also for root.
	mkdirSync(`${path}.${process.pid}.new`);
	assert.equal(await login.token(false), 'T');
	assert.match(warnings.join(' '), /--oauth-refresh .*cannot be kept/);
	assert.doesNotMatch(warnings.join(' '), /refresh-token-1|"new"/);
});
