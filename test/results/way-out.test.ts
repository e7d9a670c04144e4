/** A campaign that exists is never sent somewhere else for its log: a new log would write to everybody once more. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { KeyTable } from '../../src/recipients/key-table.ts';
import { CampaignLog } from '../../src/results/campaign-log.ts';
import { LogLock } from '../../src/results/journal/log-lock.ts';
import { assertLocalFileSystem } from '../../src/results/journal/network-file-system.ts';
import { readProcessIdentity } from '../../src/results/journal/process-identity.ts';
import { repairLog } from '../../src/results/journal/repair-log.ts';
import { verifyLog } from '../../src/results/journal/verify-log.ts';
import { openCampaign } from '../../src/results/open-campaign.ts';
import { RunError } from '../../src/support/errors.ts';
import { type FileSystem, nodeFileSystem } from '../../src/support/file-system.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { FaultyFileSystem, systemError } from './faulty-file-system.ts';
import { JournalText } from './journal/make-journal.ts';
import { TestClock } from './make-result.ts';
import { openTables, runRecord } from './simulate-campaign.ts';

/** The path of a log: of a campaign that sent already, or of none. */
function makeLog(context: TestContext, isNew: boolean): string {
	if (isNew) return join(temporaryDirectory(context), 'results.jsonl');
	return new JournalText().run().mark(1).settle(1).commit().write(context);
}

async function begin(logPath: string, files: FileSystem): Promise<unknown> {
	const tables = openTables();
	const opened = await openCampaign(logPath, tables);
	return CampaignLog.begin({ logPath, opened, ...tables, run: runRecord, clock: new TestClock(), files });
}

async function openOnly(logPath: string, files: FileSystem): Promise<unknown> {
	return openCampaign(logPath, { ...openTables(), files });
}

async function lock(logPath: string, files: FileSystem): Promise<unknown> {
	const held = await LogLock.acquire(logPath, { identity: readProcessIdentity(), clock: new TestClock(), files });
	held.release();
	return null;
}

function closedTo(code: string, isMeant: (path: string, flags: number) => boolean): FileSystem {
	return {
		...nodeFileSystem,
		open(path, flags, mode) {
			if (isMeant(path, flags)) throw systemError(code, 'permission denied');
			return nodeFileSystem.open(path, flags, mode);
		},
	};
}

async function hintOf(attempt: Promise<unknown>, exitCode = 73): Promise<string> {
	const error: unknown = await attempt.then(
		() => null,
		(reason: unknown) => reason,
	);
	assert.ok(error instanceof RunError, String(error));
	assert.equal(error.exitCode, exitCode);
	return error.hint;
}

const troubles: readonly {
	readonly what: string;
	readonly meet: (logPath: string) => Promise<unknown>;
	readonly helps: RegExp;
}[] = [
	{
		what: 'the disk is full',
		meet: (logPath) => begin(logPath, new FaultyFileSystem({ room: 0 })),
		helps: /^Nothing was sent\. Make room.*then the same command goes on/,
	},
	{
		what: 'the files may not be written',
		meet: (logPath) =>
			begin(
				logPath,
				closedTo('EACCES', (path, flags) => path.includes('results.jsonl') && flags !== 0),
			),
		helps: /ls -ld .*then the same command goes on|then the same command goes on[\s\S]*ls -ld /,
	},
	{
		what: 'the lock file may not be made',
		meet: (logPath) =>
			lock(
				logPath,
				closedTo('EACCES', (path) => path.endsWith('.lock')),
			),
		helps: /then the same command goes on/,
	},
	{
		what: 'the file system is read-only',
		meet: (logPath) =>
			lock(
				logPath,
				closedTo('EROFS', (path) => path.endsWith('.lock')),
			),
		helps: /then the same command goes on/,
	},
	{
		what: 'something else has the name of the lock',
		meet(logPath) {
			mkdirSync(`${logPath}.lock`);
			return lock(logPath, nodeFileSystem);
		},
		helps: /then the same command goes on[\s\S]*mv .*\.lock.*\.moved/,
	},
	{
		what: 'a name cannot be looked at',
		meet: (logPath) =>
			openOnly(logPath, {
				...nodeFileSystem,
				lstat: () => {
					throw systemError('EACCES', 'permission denied');
				},
			}),
		helps: /ls -ld /,
	},
	{
		what: 'the folder is on NFS',
		async meet(logPath) {
			assertLocalFileSystem(logPath, { ...nodeFileSystem, statfs: () => 0x6969 }, { platform: 'linux' });
		},
		helps: /--unsafe-fs/,
	},
];

for (const { what, meet, helps } of troubles) {
	test(`${what}: for a campaign that exists no other log is suggested`, async (context) => {
		const hint = await hintOf(meet(makeLog(context, false)));
		assert.doesNotMatch(hint, /--log|another place|another log/);
		assert.match(hint, helps);
	});
}

for (const { what, meet } of troubles) {
	if (what === 'a name cannot be looked at') continue;
	test(`${what}: a new campaign may go to another place`, async (context) => {
		assert.match(await hintOf(meet(makeLog(context, true))), /--log/);
	});
}

for (const suffix of ['', '.journal']) {
	test(`a results.jsonl${suffix} that this user may not read is 73, with what shows who may, for a run and for those who look`, async (context) => {
		const logPath = makeLog(context, false);
		const closed = closedTo('EACCES', (path) => path === `${logPath}${suffix}`);
		const makeTable = () => new KeyTable(Buffer.alloc(16, 1));
		for (const attempt of [openOnly(logPath, closed), verifyLog(logPath, { files: closed, makeTable })]) {
			const hint = await hintOf(attempt);
			assert.ok(hint.includes(`ls -l ${logPath}${suffix}`), hint);
			assert.doesNotMatch(hint, /--log|repair/);
		}
	});
}

test('a repair for which there is no room leaves the log as it was, and goes on when there is', async (context) => {
	const logPath = makeLog(context, false);
	const makeTable = () => new KeyTable(Buffer.alloc(16, 1));
	const options = { makeTable, randomBytes: (count: number) => Buffer.alloc(count, 7), tool: 'mailshot 0.1.0' };
	rmSync(`${logPath}.journal`);
	const hint = await hintOf(repairLog(logPath, { ...options, files: new FaultyFileSystem({ room: 100 }) }));
	assert.match(hint, /^Make room; then the same command goes on\./);
	assert.doesNotMatch(hint, /--log/);
	assert.deepEqual(readdirSync(dirname(logPath)), ['results.jsonl']);
	assert.equal((await repairLog(logPath, { ...options, files: nodeFileSystem })).kind, 'salvaged');
});

test('a full disk: log and journal may be moved, together', async (context) => {
	const logPath = makeLog(context, false);
	const hint = await hintOf(begin(logPath, new FaultyFileSystem({ room: 0 })));
	assert.ok(hint.includes(`mv ${logPath} ${logPath}.journal /elsewhere/`), hint);
});

test('a log that was linked into its place beside its journal: the file itself belongs there', async (context) => {
	const logPath = makeLog(context, false);
	renameSync(logPath, `${logPath}.moved`);
	symlinkSync(`${logPath}.moved`, logPath);
	const hint = await hintOf(openOnly(logPath, nodeFileSystem));
	assert.doesNotMatch(hint, /--log|another place/);
	assert.match(hint, /then the same command goes on/);
});

test('a file that is no log of mailshot is not to be repaired', async (context) => {
	for (const text of [
		'email,name\nanna@example.com,Anna\n',
		'Dear {{name}}',
		'[1]\n',
		'{"name":"x"}\n',
		'{\n  "a": 1\n}\n',
	]) {
		const logPath = makeLog(context, true);
		writeFileSync(logPath, text);
		const error: unknown = await openOnly(logPath, nodeFileSystem).catch((reason: unknown) => reason);
		assert.ok(error instanceof RunError);
		assert.equal(error.exitCode, 73);
		assert.equal(error.message, `${logPath} is not a log of mailshot`);
		assert.doesNotMatch(error.hint, /repair|--log/);
	}
});
