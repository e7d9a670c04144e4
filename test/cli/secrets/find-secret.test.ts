/** Where a password comes from, in which order, and what is refused. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	closeSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	symlinkSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { findSecret, type SecretContextOfServer } from '../../../src/cli/secrets/find-secret.ts';
import { noSecretSource, type SecretSource } from '../../../src/cli/secrets/secret-source.ts';
import { type Clock, systemClock } from '../../../src/support/clock.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

type Ways = Partial<Readonly<Record<keyof SecretSource, string>>>;

const origins = {
	passwordFile: '--password-file',
	passwordCommand: '--password-command',
	password: 'MAILSHOT_SMTP_PASSWORD',
	oauthTokenCommand: '--oauth-token-command',
	oauthRefresh: '--oauth-refresh',
} as const;

function find(ways: Ways, changes: Partial<SecretContextOfServer> = {}) {
	const given = (name: keyof SecretSource) => {
		const text = ways[name];
		return text === undefined ? null : { text, origin: origins[name] };
	};
	const source: SecretSource = {
		...noSecretSource,
		passwordFile: given('passwordFile'),
		passwordCommand: given('passwordCommand'),
		password: given('password'),
		oauthTokenCommand: given('oauthTokenCommand'),
		oauthRefresh: given('oauthRefresh'),
	};
	return findSecret(source, {
		env: { PATH: '/usr/bin:/bin' },
		clock: systemClock,
		signal: new AbortController().signal,
		askPassword: () => null,
		warn: () => {},
		user: 'news',
		host: 'smtp.acme.example',
		port: 587,
		...changes,
	});
}

async function password(ways: Ways, changes: Partial<SecretContextOfServer> = {}): Promise<string> {
	const login = await find(ways, changes);
	assert.ok(login?.kind === 'password');
	return login.password;
}

function secretFile(context: TestContext, text: string, mode = 0o600): string {
	const path = join(temporaryDirectory(context), 'smtp secret');
	writeFileSync(path, text);
	chmodSync(path, mode);
	return path;
}

test('the first line of the file is the password, without its end', async (context) => {
	for (const text of ['pa ss', 'pa ss\n', 'pa ss\r\n', 'pa ss\nsecond line\n', '\ufeffpa ss\n']) {
		assert.equal(await password({ passwordFile: secretFile(context, text) }), 'pa ss');
	}
	assert.equal(await password({ passwordFile: secretFile(context, ' ü\t\n', 0o400) }), ' ü\t');
});

test('a file that others can read is refused, with the command that changes it', async (context) => {
	for (const mode of [0o644, 0o640, 0o604, 0o620, 0o602, 0o610, 0o677]) {
		const path = secretFile(context, 'hunter2\n', mode);
		await assert.rejects(find({ passwordFile: path }), (error) => {
			const { message, hint, exitCode } = Object(error);
			assert.match(message, /--password-file .*others can read or change it/);
			assert.equal(hint, `chmod 600 '${path}'   and change the password if others use this machine`);
			assert.doesNotMatch(message + hint, /hunter2/);
			return exitCode === 78;
		});
	}
});

test('a pipe is read to its end, and not waited for when nobody writes to it', async (context) => {
	const pipe = join(temporaryDirectory(context), 'pipe');
	execFileSync('mkfifo', ['-m', '600', pipe]);
	await assert.rejects(find({ passwordFile: pipe }), { exitCode: 78, message: /its first line is empty/ });

	const writer = openSync(pipe, 'r+');
	writeSync(writer, 'hun');
	let isSettled = false;
	const found = password({ passwordFile: pipe }).finally(() => {
		isSettled = true;
	});
	// Ours, the one that met an empty pipe, and the one that waits: from there on the reader depends on what is written.
	while (!isSettled && descriptorsOf(pipe) < 3) await nextTurn();
	writeSync(writer, 'ter2\n');
	closeSync(writer);
	assert.equal(await found, 'hunter2');
});

function descriptorsOf(path: string): number {
	const descriptors = readdirSync('/proc/self/fd');
	return descriptors.filter((name) => {
		try {
			return readlinkSync(`/proc/self/fd/${name}`) === path;
		} catch {
			return false; // The one with which the folder was read.
		}
	}).length;
}

test('a link is judged by what it leads to', async (context) => {
	const directory = temporaryDirectory(context);
	const link = join(directory, 'link');
	const shared = secretFile(context, 'x\n', 0o644);
	symlinkSync(shared, link);
	await assert.rejects(find({ passwordFile: link }), { exitCode: 78 });
	chmodSync(shared, 0o600);
	assert.equal(await password({ passwordFile: link }), 'x');
});

const root = { skip: process.getuid?.() === 0 ? false : 'only root can give a file away' } as const;
test('a file of another user is refused', root, async (context) => {
	const path = secretFile(context, 'x\n');
	chownSync(path, 4711, 4711);
	await assert.rejects(find({ passwordFile: path }), { exitCode: 78, message: /belongs to another user/ });
});

test('a file that is missing, a folder, empty, endless or holds a zero byte is told apart', async (context) => {
	const directory = temporaryDirectory(context);
	await assert.rejects(find({ passwordFile: join(directory, 'nowhere') }), { exitCode: 66, message: /no such file/ });
	await assert.rejects(find({ passwordFile: directory }), { exitCode: 78, message: /directory/ });
	for (const text of ['', '\n', '\nsecond']) {
		await assert.rejects(find({ passwordFile: secretFile(context, text) }), { exitCode: 78, message: /empty/ });
	}
	await assert.rejects(find({ passwordFile: secretFile(context, 'a\0b\n') }), { exitCode: 78, message: /zero byte/ });
	await assert.rejects(find({ passwordFile: secretFile(context, 'x'.repeat(70_000)) }), {
		exitCode: 78,
		message: /too long/,
	});
});

test('what a command prints first is the password', async () => {
	assert.equal(await password({ passwordCommand: 'printf "one two\\nthree\\n"' }), 'one two');
	assert.equal(await password({ passwordCommand: 'cat; echo end' }), 'end');
});

test('a command does not get our variables', async () => {
	const env = { PATH: '/usr/bin:/bin', MAILSHOT_SMTP_PASSWORD: 'other', MAILSHOT_SMTP_URL: 'smtp://a:b@h', HOME: '/h' };
	assert.equal(await password({ passwordCommand: 'env | grep -c MAILSHOT; echo' }, { env }), '0');
	assert.equal(await password({ passwordCommand: 'echo $HOME' }, { env }), '/h');
});

test('a command that fails, prints nothing or too much is told without its words', async () => {
	for (const [command, says] of [
		['echo hunter2; exit 3', /ended with exit code 3/],
		['kill -TERM $$', /ended by SIGTERM/],
		['true', /its first line is empty/],
		['yes hunter2', /printed more than a secret can be/],
		['no-such-program-hunter2 2>/dev/null', /exit code 127/],
	] as const) {
		await assert.rejects(find({ passwordCommand: command }), (error) => {
			const { message, hint, exitCode } = Object(error);
			assert.match(message, /--password-command/);
			assert.match(message, says);
			assert.doesNotMatch(message + hint, /hunter2/);
			return exitCode === 78;
		});
	}
});

/** Time passes at once for whoever waits so long. */
function clockThatExpires(expiringMs: number): Clock {
	return {
		...systemClock,
		after: (delayMs, callback) => systemClock.after(delayMs === expiringMs ? 300 : delayMs, callback),
	};
}

test('a command that does not end is killed with all it started', async (context) => {
	const started = join(temporaryDirectory(context), 'started');
	const command = `sleep 300 & echo $! > '${started}'; wait`;
	await assert.rejects(find({ passwordCommand: command }, { clock: clockThatExpires(60_000) }), {
		exitCode: 78,
		message: /did not end within 60 seconds/,
	});
	const child = readFileSync(started, 'utf8').trim();
	// It ends soon, or the test never does.
	while (isAlive(child)) await new Promise((resolve) => setImmediate(resolve));
});

function isAlive(pid: string): boolean {
	try {
		return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
	} catch {
		return false; // Gone, and nobody waits for it.
	}
}

test('a helper that stays behind with the output open does not hold the run up', async () => {
	assert.equal(
		await password({ passwordCommand: 'echo secret; sleep 30 &' }, { clock: clockThatExpires(1_000) }),
		'secret',
	);
});

test('a stop ends a command at once', async () => {
	const stop = new AbortController();
	const finding = find({ passwordCommand: 'sleep 30' }, { signal: stop.signal });
	stop.abort(new Error('stopped'));
	await assert.rejects(finding, { message: 'stopped' });
});

test('a systemd credential comes before the variable, the one of this server first, whatever its mode shows', async (context) => {
	const directory = temporaryDirectory(context);
	const env = { CREDENTIALS_DIRECTORY: directory };
	assert.equal(await password({ password: 'variable' }, { env }), 'variable');
	writeFileSync(join(directory, 'mailshot-smtp-password'), 'of all\n', { mode: 0o440 });
	assert.equal(await password({ password: 'variable' }, { env }), 'of all');
	writeFileSync(join(directory, 'mailshot-smtp-password.smtp.acme.example'), 'of this one\n', { mode: 0o440 });
	assert.equal(await password({ password: 'variable' }, { env }), 'of this one');
	assert.equal(await password({ password: 'variable' }, { env, host: 'other.example' }), 'of all');
	assert.equal(await password({ passwordCommand: 'echo command' }, { env: { ...env, PATH: '/bin' } }), 'command');
	mkdirSync(join(directory, 'mailshot-smtp-password.folder.example'));
	await assert.rejects(find({}, { env, host: 'folder.example' }), { exitCode: 78, message: /systemd credential/ });
});

test('when there is none and nobody to ask, each place is named', async () => {
	await assert.rejects(find({}), (error) => {
		const { message, hint, exitCode } = Object(error);
		assert.match(message, /"news" at smtp\.acme\.example:587/);
		for (const place of ['--password-file', '--password-command', 'CREDENTIALS_DIRECTORY', 'MAILSHOT_SMTP_PASSWORD']) {
			assert.ok(hint.includes(place), place);
		}
		return exitCode === 2;
	});
});

test('where nobody signs in nothing is read, and a flag for it is a mistake', async () => {
	assert.equal(await find({ password: 'x' }, { user: '' }), null);
	await assert.rejects(find({ passwordFile: '/nowhere' }, { user: '' }), { exitCode: 2, hint: /--user/ });
});

test('a token command gives one token to all, runs again after a minute, and once more when one is refused', async (context) => {
	const counter = join(temporaryDirectory(context), 'count');
	let nowMs = 0;
	const clock = { ...systemClock, monotonicMs: () => nowMs };
	const login = await find({ oauthTokenCommand: `echo x >> '${counter}'; echo T$(wc -l < '${counter}')` }, { clock });
	assert.ok(login?.kind === 'xoauth2');
	assert.deepEqual(await Promise.all([login.token(false), login.token(false), login.token(false)]), ['T1', 'T1', 'T1']);
	assert.equal(await login.token(false), 'T1');
	assert.deepEqual(await Promise.all([login.token(true), login.token(true)]), ['T2', 'T2']);
	assert.equal(await login.token(true), 'T2');
	nowMs += 61_000;
	assert.equal(await login.token(false), 'T3');
});

test('a token command that fails is a refused login, and what is no token is not used', async () => {
	for (const command of ['exit 1', 'echo "two words"', 'true']) {
		const login = await find({ oauthTokenCommand: command });
		assert.ok(login?.kind === 'xoauth2');
		await assert.rejects(login.token(false), { exitCode: 77 });
	}
});
