import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { basename, dirname, join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { encodeHolder } from '../../../src/results/journal/lock-holder.ts';
import { lockSocketName } from '../../../src/results/journal/lock-socket.ts';
import { sinceWords } from '../../../src/results/journal/log-in-use.ts';
import { LogLock, type LogLockOptions } from '../../../src/results/journal/log-lock.ts';
import { readProcessIdentity } from '../../../src/results/journal/process-identity.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { type FileSystem, nodeFileSystem } from '../../../src/support/file-system.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { FaultyFileSystem, systemError } from '../faulty-file-system.ts';
import { TestClock } from '../make-result.ts';

const identity = readProcessIdentity();
const clock = new TestClock();
const sinceMs = clock.now() - 12 * 60_000;
/** This process, which lives, as somebody else's file shows it. */
const running = { ...identity, sinceMs };

const kinds = process.platform === 'linux' ? ['sockets', 'file'] : ['file'];

function makeLog(t: TestContext): { readonly logPath: string; readonly lockPath: string } {
	const logPath = join(temporaryDirectory(t), 'results.jsonl');
	return { logPath, lockPath: `${logPath}.lock` };
}

async function acquire(t: TestContext, logPath: string, options: Partial<LogLockOptions> = {}): Promise<LogLock> {
	const lock = await LogLock.acquire(logPath, { identity, clock, ...options });
	t.after(() => lock.release());
	return lock;
}

async function refusal(
	logPath: string,
	options: Partial<LogLockOptions> = {},
): Promise<{
	readonly exitCode: number;
	readonly message: string;
	readonly hint: string;
}> {
	const acquired = LogLock.acquire(logPath, { identity, clock, ...options });
	const error: unknown = await acquired.then(
		(lock) => {
			lock.release();
			return null;
		},
		(reason: unknown) => reason,
	);
	assert.ok(error !== null, 'the lock was given');
	const { exitCode, message, hint } = Object(error);
	return { exitCode, message, hint };
}

for (const kind of kinds) {
	const hasAbstractSockets = kind === 'sockets';

	test(`a log is held by one, is free after release, and its lock file is private (${kind})`, async (t) => {
		const { logPath, lockPath } = makeLog(t);
		const lock = await acquire(t, logPath, { hasAbstractSockets });
		assert.equal(statSync(lockPath).mode & 0o777, 0o600);
		assert.deepEqual(JSON.parse(readFileSync(lockPath, 'utf8')), {
			pid: identity.pid,
			pid_started: identity.pidStarted,
			boot_id: identity.bootId,
			host: identity.host,
			since: '2026-11-22T09:00:00.000Z',
		});
		const { exitCode, message, hint } = await refusal(logPath, { hasAbstractSockets });
		assert.equal(exitCode, 75);
		assert.equal(
			message,
			`another run holds the log ${logPath}: process ${process.pid} on ${identity.host}, ${sinceWords(clock.now(), clock.now())}`,
		);
		assert.ok(hint.includes(`kill ${process.pid}`), hint);
		assert.deepEqual(readdirSync(dirname(logPath)), ['results.jsonl.lock']);

		lock.release();
		lock.release();
		assert.deepEqual(readdirSync(dirname(logPath)), []);
		await acquire(t, logPath, { hasAbstractSockets });
	});

	test(`what a process left that has ended, or another boot, is taken over without a word (${kind})`, async (t) => {
		const stale = [
			{ ...running, pidStarted: '1' },
			{ ...running, pid: 2 ** 22 + 1, pidStarted: '' },
			{ ...running, bootId: '00000000-0000-0000-0000-000000000000' },
		];
		for (const holder of process.platform === 'linux' ? stale : stale.slice(1, 2)) {
			const { logPath, lockPath } = makeLog(t);
			writeFileSync(lockPath, encodeHolder(holder));
			await acquire(t, logPath, { hasAbstractSockets });
			assert.equal(JSON.parse(readFileSync(lockPath, 'utf8')).since, '2026-11-22T09:00:00.000Z');
			assert.deepEqual(readdirSync(dirname(logPath)), ['results.jsonl.lock']);
		}
	});

	test(`a lock file of another machine is obeyed, and says how to remove it when that one is gone (${kind})`, async (t) => {
		const { logPath, lockPath } = makeLog(t);
		const text = encodeHolder({ pid: 4711, pidStarted: '5', bootId: 'x', host: 'mail2\u001b[2J', sinceMs });
		writeFileSync(lockPath, text);
		const { exitCode, message, hint } = await refusal(logPath, { hasAbstractSockets });
		assert.equal(exitCode, 75);
		assert.match(message, /: process 4711 on mail2, since \d\d:48:00, 12 minutes ago$/);
		assert.match(hint, /mail2 is another machine or container/);
		assert.ok(hint.endsWith(`\n  rm ${lockPath}`), hint);
		assert.equal(readFileSync(lockPath, 'utf8'), text);
		// The refusal holds nothing: once the file is gone, the log is free.
		nodeFileSystem.unlink(lockPath);
		await acquire(t, logPath, { hasAbstractSockets });
	});

	test(`a live process in the lock file is obeyed, whatever else is free (${kind})`, async (t) => {
		const { logPath, lockPath } = makeLog(t);
		writeFileSync(lockPath, encodeHolder({ ...running, pid: process.ppid, pidStarted: '' }));
		const { exitCode, message, hint } = await refusal(logPath, { hasAbstractSockets });
		assert.equal(exitCode, 75);
		assert.ok(message.includes(`process ${process.ppid} on `), message);
		// Nothing tells whether that number was given to another program since.
		assert.ok(hint.endsWith(`\n  rm ${lockPath}`), hint);
	});

	test(`who holds a log can be seen without taking it or writing anything (${kind})`, async (t) => {
		const { logPath, lockPath } = makeLog(t);
		const look = () => LogLock.look(logPath, { identity, clock, hasAbstractSockets });
		assert.equal(await look(), null);
		assert.deepEqual(readdirSync(dirname(logPath)), []);
		const lock = await acquire(t, logPath, { hasAbstractSockets });
		assert.match(String((await look())?.message), new RegExp(`process ${process.pid} on `));
		if (hasAbstractSockets) {
			nodeFileSystem.unlink(lockPath);
			assert.match(String((await look())?.message), new RegExp(`process ${process.pid} on `));
		}
		lock.release();
		assert.equal(await look(), null);
		writeFileSync(lockPath, encodeHolder({ ...running, pid: 2 ** 22 + 1 }));
		assert.equal(await look(), null);
		writeFileSync(lockPath, encodeHolder({ ...running, host: 'mail2' }));
		assert.equal((await look())?.exitCode, 75);
	});

	test(`a process that died while it removed a stale lock file stands in nobody's way (${kind})`, async (t) => {
		const { logPath, lockPath } = makeLog(t);
		writeFileSync(lockPath, encodeHolder({ ...running, pid: 2 ** 22 + 1 }));
		writeFileSync(`${lockPath}.takeover`, '');
		await acquire(t, logPath, { hasAbstractSockets, clock: systemClock });
		assert.deepEqual(readdirSync(dirname(logPath)), ['results.jsonl.lock']);
	});

	for (const [what, text] of [
		['empty', ''],
		['torn', '{"pid":47'],
		['NULs after a power cut', '\0'.repeat(120)],
		['half NULs', `${encodeHolder(running).slice(0, 40)}${'\0'.repeat(50)}`],
	] as const) {
		test(`a lock file whose writer died in the middle is taken over: ${what} (${kind})`, async (t) => {
			const { logPath, lockPath } = makeLog(t);
			writeFileSync(lockPath, text);
			await acquire(t, logPath, { hasAbstractSockets, clock: systemClock });
			assert.equal(JSON.parse(readFileSync(lockPath, 'utf8')).pid, process.pid);
		});
	}

	for (const [what, text] of [
		['words', 'my notes\n'],
		['JSON of somebody else', '{"pid":12}\n'],
		['a number', '4711\n'],
		['a big file', `{"pid":${' '.repeat(10_000)}`],
		['null', 'null'],
	] as const) {
		test(`a file of somebody else under that name is left alone: ${what} (${kind})`, async (t) => {
			const { logPath, lockPath } = makeLog(t);
			writeFileSync(lockPath, text);
			const { exitCode, message, hint } = await refusal(logPath, { hasAbstractSockets });
			assert.equal(exitCode, 73);
			assert.equal(message, `${lockPath} holds something else, and mailshot needs that name for the lock of its log`);
			assert.ok(hint.includes(`mv ${lockPath} `), hint);
			assert.equal(readFileSync(lockPath, 'utf8'), text);
		});
	}

	test(`a link, a directory and a pipe under that name are refused and left (${kind})`, async (t) => {
		const { logPath, lockPath } = makeLog(t);
		const victim = join(dirname(logPath), 'victim');
		symlinkSync(victim, lockPath);
		assert.match((await refusal(logPath, { hasAbstractSockets })).message, /is a symbolic link/);
		assert.equal(existsSync(victim), false);
		nodeFileSystem.unlink(lockPath);
		mkdirSync(lockPath);
		const { exitCode, message } = await refusal(logPath, { hasAbstractSockets });
		assert.equal(exitCode, 73);
		assert.match(message, /is a directory/);
	});

	test(`a lock file that cannot be written is 73, and leaves the log free (${kind})`, async (t) => {
		const { logPath } = makeLog(t);
		for (const [code, text] of [
			['EROFS', 'read-only file system'],
			['EACCES', 'permission denied'],
		] as const) {
			const open: FileSystem['open'] = () => {
				throw systemError(code, text);
			};
			const { exitCode, message } = await refusal(logPath, { hasAbstractSockets, files: { ...nodeFileSystem, open } });
			assert.equal(exitCode, 73);
			assert.equal(message, `the lock file ${logPath}.lock cannot be written: ${text} (${code})`);
		}
		const full = new FaultyFileSystem({ room: 20 });
		assert.equal((await refusal(logPath, { hasAbstractSockets, files: full })).exitCode, 73);
		assert.deepEqual(readdirSync(dirname(logPath)), []);
		await acquire(t, logPath, { hasAbstractSockets });
	});

	test(`a folder that does not exist is named (${kind})`, async (t) => {
		const logPath = join(temporaryDirectory(t), 'missing', 'results.jsonl');
		const { exitCode, message, hint } = await refusal(logPath, { hasAbstractSockets });
		assert.equal(exitCode, 73);
		assert.equal(message, `the folder of the log, ${dirname(logPath)}, does not exist`);
		assert.ok(hint.includes(`mkdir -p ${dirname(logPath)}`), hint);
	});

	test(`all paths to a log are one lock, and another log beside it is another (${kind})`, async (t) => {
		const { logPath } = makeLog(t);
		const link = join(temporaryDirectory(t), 'link');
		symlinkSync(dirname(logPath), link);
		await acquire(t, logPath, { hasAbstractSockets });
		for (const path of [join(link, 'results.jsonl'), relative(process.cwd(), logPath)]) {
			assert.equal((await refusal(path, { hasAbstractSockets })).exitCode, 75);
		}
		await acquire(t, join(dirname(logPath), 'other.jsonl'), { hasAbstractSockets });
	});

	test(`release leaves a lock file that is not ours (${kind})`, async (t) => {
		const { logPath, lockPath } = makeLog(t);
		const lock = await acquire(t, logPath, { hasAbstractSockets });
		nodeFileSystem.unlink(lockPath);
		writeFileSync(lockPath, encodeHolder({ ...running, host: 'mail2' }));
		lock.release();
		assert.equal(JSON.parse(readFileSync(lockPath, 'utf8')).host, 'mail2');
	});
}

test('the holder says who it is when its lock file is gone', needsSockets(), async (t) => {
	const { logPath, lockPath } = makeLog(t);
	await acquire(t, logPath);
	nodeFileSystem.unlink(lockPath);
	const { exitCode, message } = await refusal(logPath);
	assert.equal(exitCode, 75);
	assert.ok(message.includes(`: process ${process.pid} on ${identity.host}, since `), message);
});

test('a stranger on our socket is believed no more than a lock file', needsSockets(), async (t) => {
	const { logPath } = makeLog(t);
	const facts = nodeFileSystem.lstat(dirname(logPath));
	assert.ok(facts !== null);
	for (const answer of ['', 'ho ho', 'x'.repeat(100_000)]) {
		const stranger = createServer((socket) => socket.on('error', () => {}).end(answer));
		await new Promise<void>((resolve) => stranger.listen(lockSocketName(facts, basename(logPath)), resolve));
		t.after(() => stranger.close());
		const { exitCode, message } = await refusal(logPath);
		await new Promise((resolve) => stranger.close(resolve));
		assert.deepEqual([exitCode, message], [75, `another run on this machine holds the log ${logPath}`]);
	}
});

test('a holder that answers nothing is not waited for', needsSockets(), async (t) => {
	const { logPath } = makeLog(t);
	const facts = nodeFileSystem.lstat(dirname(logPath));
	assert.ok(facts !== null);
	const testClock = new TestClock();
	const silent = createServer((socket) => {
		socket.on('error', () => {});
		testClock.advance(1000);
	});
	await new Promise<void>((resolve) => silent.listen(lockSocketName(facts, basename(logPath)), resolve));
	t.after(() => silent.close());
	assert.equal((await refusal(logPath, { clock: testClock })).exitCode, 75);
	assert.equal(testClock.timers, 0);
});

test('somebody who connects to the socket and stays keeps nothing busy', needsSockets(), async (t) => {
	const { logPath } = makeLog(t);
	const facts = nodeFileSystem.lstat(dirname(logPath));
	assert.ok(facts !== null);
	const lock = await acquire(t, logPath);
	const visitor = connect({ path: lockSocketName(facts, basename(logPath)), allowHalfOpen: true });
	t.after(() => visitor.destroy());
	let said = '';
	visitor.on('data', (chunk) => {
		said += String(chunk);
	});
	await new Promise((resolve) => visitor.once('end', resolve));
	assert.equal(JSON.parse(said).pid, process.pid);
	lock.release();
	await acquire(t, logPath);
});

test('the name of the socket is as long as a name may be, whatever the log is called', () => {
	const facts = { device: 2n ** 64n - 1n, inode: 2n ** 64n - 1n };
	const names = ['r.jsonl', 'x'.repeat(255), 'ü.jsonl'].map((baseName) => lockSocketName(facts, baseName));
	assert.deepEqual(
		names.map((name) => Buffer.byteLength(name)),
		[108, 108, 108],
	);
	assert.equal(new Set(names).size, 3);
});

test('since when is said in local words', () => {
	const at = (text: string) => new Date(text).getTime();
	const since = at('2026-11-22T06:50:11');
	assert.equal(sinceWords(since, at('2026-11-22T06:50:12')), 'since 06:50:11, 1 second ago');
	assert.equal(sinceWords(since, at('2026-11-22T07:02:30')), 'since 06:50:11, 12 minutes ago');
	assert.equal(sinceWords(since, at('2026-11-22T08:50:30')), 'since 06:50:11, 2 hours ago');
	assert.equal(sinceWords(since, at('2026-11-23T08:00:00')), 'since 22 Nov 06:50:11, 25 hours ago');
	assert.equal(sinceWords(since, at('2026-11-30T08:00:00')), 'since 22 Nov 06:50:11, 8 days ago');
	assert.equal(sinceWords(since, at('2026-11-22T06:00:00')), 'since 06:50:11');
});

function needsSockets(): { readonly skip: string | false } {
	return { skip: process.platform === 'linux' ? false : 'abstract sockets are Linux only' };
}
