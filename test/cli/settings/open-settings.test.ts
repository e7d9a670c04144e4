import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseServers } from '../../../src/cli/settings/server-options.ts';
import { givenFolder } from './given-files.ts';

const configError = (message: RegExp, hint = /(?:)/) => ({ name: 'RunError', exitCode: 78, message, hint });

test("flag before environment before --env-file before file before the user's own file", async (t) => {
	const folder = givenFolder(t);
	folder.write(
		'home/.config/mailshot/config.yaml',
		'window: 1\nretry: 1m\ngrace: 1s\nmax_wait: 1m\nfrom: own@a.example\n',
	);
	folder.write('mailshot.yaml', 'window: 2\nretry: 2m\ngrace: 2s\nmax_wait: 2m\n');
	const envFile = folder.write('my.env', 'MAILSHOT_WINDOW=3\nMAILSHOT_RETRY=3m\nMAILSHOT_GRACE=3s\n');
	const env = { MAILSHOT_WINDOW: '4', MAILSHOT_RETRY: '4m' };

	const settings = await folder.open({ window: '5', envFile }, env);

	const found = (['window', 'retry', 'grace', 'maxWait', 'from'] as const).map((name) => settings.find(name));
	assert.deepEqual(found, [
		{ text: '5', origin: '--window' },
		{ text: '4m', origin: 'MAILSHOT_RETRY' },
		{ text: '3s', origin: `MAILSHOT_GRACE in ${envFile}:3` },
		{ text: '2m', origin: `max_wait: in ${folder.path}/mailshot.yaml:4:11` },
		{ text: 'own@a.example', origin: `from: in ${folder.path}/home/.config/mailshot/config.yaml:5:7` },
	]);
});

test('--config stands in place of the file in the folder, and must exist', async (t) => {
	const folder = givenFolder(t);
	folder.write('mailshot.yaml', 'window: 2\n');
	const config = folder.write('prod.yaml', 'grace: 9s\n');
	const settings = await folder.open({ config });
	assert.deepEqual([settings.find('window'), settings.find('grace')?.text], [null, '9s']);
	await assert.rejects(
		folder.open({ config: join(folder.path, 'no.yaml') }),
		configError(/no\.yaml: there is no such file/),
	);
});

test('the own file is looked for where XDG_CONFIG_HOME says, when that is absolute', async (t) => {
	const folder = givenFolder(t);
	folder.write('xdg/mailshot/config.yaml', 'window: 7\n');
	folder.write('home/.config/mailshot/config.yaml', 'window: 8\n');
	const windowOf = async (env: Record<string, string>) => (await folder.open({}, env)).find('window')?.text;
	assert.equal(await windowOf({ XDG_CONFIG_HOME: join(folder.path, 'xdg') }), '7');
	assert.equal(await windowOf({ XDG_CONFIG_HOME: 'xdg' }), '8');
	assert.equal(await windowOf({ HOME: '' }), undefined);
});

test('several values of a lower layer are replaced, not added to', async (t) => {
	const folder = givenFolder(t);
	folder.write('mailshot.yaml', 'rate: [14/s, 10000/day]\ndomain_rate: { gmail.com: 5/s, b.example: 1/s }\n');
	const textsOf = async (env: Record<string, string>) =>
		(await folder.open({}, env)).findAll('rate').map(({ text }) => text);
	assert.deepEqual(await textsOf({}), ['14/s', '10000/day']);
	assert.deepEqual(await textsOf({ MAILSHOT_RATE: ' 1/s  2/min ' }), ['1/s', '2/min']);
	assert.deepEqual(await textsOf({ MAILSHOT_RATE: '' }), ['14/s', '10000/day']);
	const rates = (await folder.open()).findAll('domainRate').map(({ text }) => text);
	assert.deepEqual(rates, ['gmail.com=5/s', 'b.example=1/s']);
});

test('paths in a file are relative to that file, paths in flags are as typed', async (t) => {
	const folder = givenFolder(t);
	folder.write('mailshot.yaml', 'tls_ca: certs/ca.pem\npassword_file: ~/smtp.secret\ntrace: /var/trace.txt\n');
	const settings = await folder.open({}, { HOME: '/home/anna' });
	assert.equal(settings.find('tlsCa')?.text, join(folder.path, 'certs/ca.pem'));
	assert.equal(settings.find('passwordFile')?.text, '/home/anna/smtp.secret');
	assert.equal(settings.find('trace')?.text, '/var/trace.txt');
	assert.equal((await folder.open({ tlsCa: 'ca.pem' })).find('tlsCa')?.text, 'ca.pem');
});

const unknown: readonly (readonly [yaml: string, hint: RegExp])[] = [
	['rat: 14/s', /Did you mean rate\?/],
	['max-wait: 1h', /Did you mean max_wait\?/],
	['smtp: { url: "smtp://h", usr: news }', /Did you mean user\?/],
	['smtp: { host: h }', /one URL: smtp: smtp:\/\//],
	['connections: 3', /for all of them concurrency/],
	['yes: true', /--yes on the command line/],
	['dry_run: true', /--dry-run on the command line/],
	['smtp: { url: "smtp://h", from: a }', /holds for all servers/],
	['<<: { a: b }', /Merge keys/],
	['smtp: { hots: h }', /one URL: smtp: smtp:\/\//],
	['xyzzy: 1', /mailshot config/],
];

for (const [yaml, hint] of unknown) {
	test(`an unknown key is an error with a way out: ${yaml}`, async (t) => {
		const folder = givenFolder(t);
		folder.write('mailshot.yaml', yaml);
		await assert.rejects(folder.open(), configError(/mailshot\.yaml:1:\d+ is no setting/, hint));
	});
}

const wrong: readonly (readonly [yaml: string, says: RegExp])[] = [
	['rate:', /mailshot\.yaml:1:5: rate has no value|mailshot\.yaml:1:\d: rate has no value/],
	['window: [1, 2]', /:1:9 is no value of window: write one text/],
	['window: { a: b }', /is no value of window/],
	['rate: { a: b }', /is no value of rate: write one text or a list/],
	['rate: [[1/s]]', /:1:8 is no value of rate/],
	['domain_rate: { a.example: [1/s] }', /:1:16 is no rate/],
	['smtp: []', /empty list of servers/],
	['smtp: [[a]]', /list in the list/],
	['smtp: { user: news }', /:1:7 is a server without url/],
	['smtp: { url: [a] }', /is no URL/],
	['just a text', /:1:1 is no setting/],
	['- a', /:1:1 is no setting/],
	['\trate: 1/s', /:1:1 has a tab/],
];

for (const [yaml, says] of wrong) {
	test(`a value of the wrong kind is an error with its place: ${yaml}`, async (t) => {
		const folder = givenFolder(t);
		folder.write('mailshot.yaml', yaml);
		await assert.rejects(folder.open(), configError(says));
	});
}

test('a wrong value in a file is exit 78 with its place, in the environment exit 2', async (t) => {
	const folder = givenFolder(t);
	folder.write('mailshot.yaml', 'smtp:\n  url: smtp://h\n  connections: 0\n');
	const settings = await folder.open();
	assert.throws(
		() => parseServers(settings),
		configError(/^connections: "0" in .*mailshot\.yaml:3:16 is not a whole number/),
	);
	const fromVariable = await folder.open({}, { MAILSHOT_CONCURRENCY: 'x' });
	assert.throws(() => parseServers(fromVariable), { name: 'UsageError', message: /^MAILSHOT_CONCURRENCY="x"/ });
});

test('a file with a password that others can read is refused with the command that mends it', async (t) => {
	const folder = givenFolder(t);
	for (const text of [
		'password: hunter2\n',
		'smtp: "smtp://news:hunter2@h"\n',
		'smtp: [{ url: "smtp://h", password: hunter2 }]\n',
	]) {
		const file = folder.write('mailshot.yaml', text);
		for (const mode of [0o640, 0o604, 0o620, 0o644]) {
			chmodSync(file, mode);
			await assert.rejects(folder.open(), (error) => {
				assert.match(String(error), /mailshot\.yaml:1:\d+ holds a password, and others can read the file/);
				assert.match(String(Object(error).hint), new RegExp(`chmod 600 ${file}`));
				assert.doesNotMatch(`${error}${Object(error).hint}`, /hunter2/);
				return true;
			});
		}
		chmodSync(file, 0o600);
		await folder.open();
	}
	chmodSync(folder.write('mailshot.yaml', 'smtp: smtp://news@h\n'), 0o644);
	await folder.open();
});

test('an --env-file with a password is held to the same', async (t) => {
	const folder = givenFolder(t);
	const envFile = folder.write('.env', 'MAILSHOT_SMTP_PASSWORD=hunter2\n', 0o644);
	await assert.rejects(folder.open({ envFile }), configError(/\.env:1 holds a password/, /chmod 600/));
	chmodSync(envFile, 0o600);
	assert.equal((await folder.open({ envFile })).find('password')?.text, 'hunter2');
});

test('a .env that nobody names is not read', async (t) => {
	const folder = givenFolder(t);
	folder.write('.env', 'MAILSHOT_WINDOW=9\n');
	assert.equal((await folder.open()).find('window'), null);
});

test('a command is not taken from a mailshot.yaml that merely lies there, but from every other place', async (t) => {
	const folder = givenFolder(t);
	for (const key of ['password_command', 'oauth_token_command']) {
		for (const yaml of [`${key}: id\n`, `smtp: [{ url: "smtp://h", ${key}: id }]\n`]) {
			const file = folder.write('mailshot.yaml', yaml);
			await assert.rejects(
				folder.open(),
				configError(new RegExp(`${key} is not taken from`), /--config .*mailshot\.yaml/),
			);
			await folder.open({ config: file });
		}
	}
	folder.write('mailshot.yaml', '');
	folder.write('home/.config/mailshot/config.yaml', 'password_command: pass smtp\n');
	assert.equal((await folder.open()).find('passwordCommand')?.text, 'pass smtp');
	assert.equal((await folder.open({}, { MAILSHOT_PASSWORD_COMMAND: 'x' })).find('passwordCommand')?.text, 'x');
});

test('a file that names a program and that everybody can change is refused', async (t) => {
	const folder = givenFolder(t);
	const config = folder.write('prod.yaml', 'password_command: pass smtp\n');
	chmodSync(config, 0o666);
	await assert.rejects(folder.open({ config }), configError(/everybody can change the file/, /chmod o-w/));
});

test('a file that nobody named is refused when everybody can change it, and taken when it is named', async (t) => {
	const folder = givenFolder(t);
	const file = folder.write('mailshot.yaml', 'smtp: smtp://elsewhere.example\n');
	chmodSync(file, 0o646);
	await assert.rejects(folder.open(), configError(/can be changed by everybody/, /chmod o-w .*\n.*--config/));
	assert.equal((await folder.open({ config: file })).servers.length, 1);
	chmodSync(file, 0o664);
	assert.equal((await folder.open()).servers.length, 1);
});

const isRoot = process.getuid?.() === 0;

test('a file that a stranger left in the folder is refused', {
	skip: !isRoot && 'only root gives files away',
}, async (t) => {
	const folder = givenFolder(t);
	const file = folder.write('mailshot.yaml', 'smtp: smtp://elsewhere.example\n', 0o644);
	chownSync(file, 65_534, 65_534);
	await assert.rejects(folder.open(), configError(/belongs to another user \(number 65534\)/, /--config/));
	assert.equal((await folder.open({ config: file })).servers.length, 1);
	// Whose folder it is, his is the file: a container's root works in the folder of somebody else.
	chownSync(folder.path, 65_534, 65_534);
	assert.equal((await folder.open()).servers.length, 1);
});

test('a pipe in the folder is not waited for', async (t) => {
	const folder = givenFolder(t);
	execFileSync('mkfifo', [join(folder.path, 'mailshot.yaml')]);
	await assert.rejects(folder.open(), configError(/is a pipe or a device/));
});

test('what is no text file is refused: huge, binary, UTF-16, a directory, an endless device', async (t) => {
	const folder = givenFolder(t);
	const reading = (text: string | Uint8Array) => {
		folder.write('mailshot.yaml', text);
		return folder.open();
	};
	await assert.rejects(reading('#'.repeat(70_000)), configError(/larger than 64 KB/));
	await assert.rejects(reading(Buffer.from('rate: 1/s', 'utf16le')), configError(/is no text/));
	await assert.rejects(reading(Buffer.from([0x61, 0x3a, 0x20, 0xe4])), configError(/not in UTF-8/));
	await assert.rejects(folder.open({ config: '/dev/zero' }), configError(/\/dev\/zero is larger/));
	mkdirSync(join(folder.path, 'dir.yaml'));
	await assert.rejects(folder.open({ config: join(folder.path, 'dir.yaml') }), configError(/is a directory/));
	assert.equal((await reading('\ufeffwindow: 3\r\ngrace: 1s\r\n')).find('window')?.text, '3');
});

test('a mistyped variable is told, since its limit does not hold', async (t) => {
	const folder = givenFolder(t);
	const { warnings } = await folder.open({}, { MAILSHOT_RATES: '1/s', MAILSHOT_SMTP_PASSWORD_FILE: 'x', OTHER: 'x' });
	assert.deepEqual(warnings, [
		'MAILSHOT_RATES is no setting of mailshot; did you mean MAILSHOT_RATE?',
		'MAILSHOT_SMTP_PASSWORD_FILE is no setting of mailshot; did you mean MAILSHOT_PASSWORD_FILE?',
	]);
	folder.write('mailshot.yml', 'rate: 1/s');
	assert.deepEqual((await folder.open()).warnings, ['mailshot.yml is not read: rename it to mailshot.yaml']);
});
