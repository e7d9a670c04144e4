import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServers, type ServerOptions } from '../../../src/cli/settings/server-options.ts';
import { type GivenFolder, givenFolder } from './given-files.ts';

async function serversOf(
	folder: GivenFolder,
	...given: Parameters<GivenFolder['open']>
): Promise<readonly ServerOptions[]> {
	return parseServers(await folder.open(...given));
}

/** `news@a 2 5/s file:/x`: who, connections, rate, and the way to the password. */
function short({ url, user, connections, rates, secret }: ServerOptions): string {
	const [way, given] = Object.entries(secret).find(([, source]) => source !== null) ?? ['none', null];
	const login = user === '' ? url?.user : user;
	return `${login}@${url?.host} ${connections} ${rates.map(({ count }) => count).join('+')} ${way}=${given?.text ?? ''}`;
}

test('each server has what is said about it, and else what is said about all', async (t) => {
	const folder = givenFolder(t);
	folder.write(
		'mailshot.yaml',
		`rate: 14/s
concurrency: 4
password_file: /all
smtp:
  - smtp://news@a
  - { url: smtp://other@b, connections: 2, rate: [5/s, 100/day], password_file: /b }
  - { url: "smtp://third:inside@c" }
`,
	);
	assert.deepEqual((await serversOf(folder)).map(short), [
		'news@a 4 14 passwordFile=/all',
		'other@b 2 5+100 passwordFile=/b',
		'third@c 4 14 password=inside',
	]);
});

test('what stands higher wins over what a file says about one server', async (t) => {
	const folder = givenFolder(t);
	folder.write('mailshot.yaml', 'smtp: { url: "smtp://news:inside@a", connections: 2, rate: 5/s, tls: starttls }\n');
	const [server] = await serversOf(
		folder,
		{ rate: ['1/s'], tls: 'implicit' },
		{ MAILSHOT_CONCURRENCY: '7', MAILSHOT_SMTP_PASSWORD: 'env' },
	);
	assert.equal(server?.tls, 'implicit');
	assert.equal(server === undefined ? '' : short(server), 'news@a 7 1 password=env');
});

test('servers of a higher layer replace those of a lower one', async (t) => {
	const folder = givenFolder(t);
	folder.write('mailshot.yaml', 'smtp: [smtp://a, smtp://b]\n');
	const hosts = async (...given: Parameters<GivenFolder['open']>) =>
		(await serversOf(folder, ...given)).map(({ url }) => url?.host);
	assert.deepEqual(await hosts(), ['a', 'b']);
	assert.deepEqual(await hosts({}, { MAILSHOT_SMTP_URL: 'smtp://c smtp://d' }), ['c', 'd']);
	assert.deepEqual(await hosts({ smtp: ['smtp://e'] }, { MAILSHOT_SMTP_URL: 'smtp://c' }), ['e']);
});

test('a provider alone is a server, too', async (t) => {
	const folder = givenFolder(t);
	const [server] = await serversOf(folder, { provider: 'ses:eu-west-1' });
	assert.deepEqual([server?.url, server?.provider, server?.origin], [null, 'ses:eu-west-1', '--provider']);
	folder.write('mailshot.yaml', 'smtp: [{ provider: gmail, user: anna }, smtp://b]\n');
	assert.deepEqual(
		(await serversOf(folder)).map(({ url, provider, user }) => [url?.host, provider, user]),
		[
			[undefined, 'gmail', 'anna'],
			['b', '', ''],
		],
	);
	assert.deepEqual(await serversOf(givenFolder(t)), []);
});

test('the way to the password that stands highest is taken, and only that', async (t) => {
	const folder = givenFolder(t);
	folder.write('mailshot.yaml', 'smtp: { url: "smtp://news@a", password_file: /file }\n');
	const way = async (...given: Parameters<GivenFolder['open']>) =>
		(await serversOf(folder, ...given)).map(short)[0]?.split(' ').at(-1);
	assert.equal(await way(), 'passwordFile=/file');
	assert.equal(await way({}, { MAILSHOT_SMTP_PASSWORD: 'x' }), 'password=x');
	assert.equal(await way({ passwordCommand: 'pass' }, { MAILSHOT_SMTP_PASSWORD: 'x' }), 'passwordCommand=pass');
	assert.equal(await way({ oauthTokenCommand: 'token' }, { MAILSHOT_SMTP_PASSWORD: 'x' }), 'oauthTokenCommand=token');
});

test('two ways in one place exclude each other', async (t) => {
	const folder = givenFolder(t);
	const flags = { smtp: ['smtp://news@a'], passwordFile: 'x', oauthRefresh: 'y' };
	await assert.rejects(serversOf(folder, flags), {
		exitCode: 2,
		message: '--password-file and --oauth-refresh exclude each other',
	});
	folder.write('mailshot.yaml', 'smtp: smtp://news@a\npassword: x\npassword_file: y\n');
	await assert.rejects(serversOf(folder), { exitCode: 78, message: /exclude each other/ });
});

test('one password is not shown to the servers of two logins', async (t) => {
	const folder = givenFolder(t);
	const env = { MAILSHOT_SMTP_PASSWORD: 'hunter2' };
	await assert.rejects(serversOf(folder, { smtp: ['smtp://anna@a', 'smtp://bob@b'] }, env), {
		exitCode: 2,
		message: 'MAILSHOT_SMTP_PASSWORD would be shown to two logins, "anna" and "bob"',
	});
	assert.equal((await serversOf(folder, { smtp: ['smtp://anna@a', 'smtp://anna@b', 'smtp://c'] }, env)).length, 3);
});

test('a password in --smtp is refused, in a file it is taken, and no message repeats it', async (t) => {
	const folder = givenFolder(t);
	await assert.rejects(serversOf(folder, { smtp: ['smtp://anna:hunter2@a'] }), (error) => {
		assert.match(String(error), /password in --smtp/);
		assert.doesNotMatch(`${error}${Object(error).hint}`, /hunter2/);
		return true;
	});
	folder.write('mailshot.yaml', 'smtp: "smtp://anna:hunter2@a b"\n');
	await assert.rejects(serversOf(folder), (error) => {
		assert.match(String(error), /the server in .*mailshot\.yaml:1:7 holds a space/);
		assert.doesNotMatch(`${error}${Object(error).hint}`, /hunter2/);
		return Object(error).exitCode === 78;
	});
});

test('a fingerprint is read as openssl prints it', async (t) => {
	const folder = givenFolder(t);
	const hex = '0f'.repeat(32);
	const printed = hex.toUpperCase().replace(/..(?=.)/g, '$&:');
	for (const tlsFingerprint of [hex, printed, `sha256 Fingerprint=${printed}`, `SHA256:${hex}`]) {
		assert.equal((await serversOf(folder, { smtp: ['smtp://a'], tlsFingerprint }))[0]?.tlsFingerprint, hex);
	}
	for (const tlsFingerprint of ['', 'ab', '0f'.repeat(20), `${hex}0f`, 'zz'.repeat(32)]) {
		await assert.rejects(serversOf(folder, { smtp: ['smtp://a'], tlsFingerprint }), { exitCode: 2 }, tlsFingerprint);
	}
});

test('what is wrong for a server is said also where none is named', async (t) => {
	const folder = givenFolder(t);
	folder.write('mailshot.yaml', 'tls: sometimes\n');
	const settings = await folder.open();
	assert.throws(() => parseServers(settings), { exitCode: 78, message: /^tls: "sometimes" in .* is none of auto/ });
});
