/** The files of a campaign on a real disk: how they are made, for whom, and what happens when they cannot be. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { CampaignLog } from '../../src/results/campaign-log.ts';
import { ballastPath } from '../../src/results/journal/ballast.ts';
import { journalPath } from '../../src/results/journal/journal-record.ts';
import { openCampaign } from '../../src/results/open-campaign.ts';
import type { RunError } from '../../src/support/errors.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { type Faults, FaultyFileSystem } from './faulty-file-system.ts';
import { makeAccepted, TestClock } from './make-result.ts';
import { openTables, runRecord } from './simulate-campaign.ts';

for (const call of ['fsync', 'write'] as const) {
	for (let number = 1; number <= (call === 'fsync' ? 4 : 1); number += 1) {
		for (const code of ['EIO', 'ENOSPC', 'EDQUOT']) {
			test(`${code} at ${call} ${number} while a campaign is made: it does not begin, and nothing is left of it`, async (context) => {
				const path = join(temporaryDirectory(context), 'results.jsonl');
				const files = new FaultyFileSystem({ failAt: { call, number, code } });
				const tables = openTables();
				const opened = { kind: 'new', leftovers: false } as const;
				const log = CampaignLog.begin({
					logPath: path,
					opened,
					...tables,
					run: runRecord,
					clock: new TestClock(),
					files,
				});
				await assert.rejects(log, (error: RunError) => {
					assert.equal(error.exitCode, 73);
					assert.match(error.message, new RegExp(code));
					return true;
				});
				assert.deepEqual(readdirSync(dirname(path)), []);
				assert.equal(files.count('open'), files.count('close'));
			});
		}
	}
}

for (const call of ['write', 'fdatasync'] as const) {
	for (const number of [1, 2]) {
		test(`a repair that cannot be written (${call} ${number} after the ballast) does not let the run begin`, async (context) => {
			const path = join(temporaryDirectory(context), 'results.jsonl');
			const begin = async (faults: Faults) => {
				const files = new FaultyFileSystem(faults);
				const tables = openTables();
				const opened = await openCampaign(path, { files, ...tables });
				files.calls.length = 0;
				return CampaignLog.begin({
					logPath: path,
					opened,
					...tables,
					run: runRecord,
					clock: new TestClock(),
					files,
				});
			};
			const first = await begin({});
			first.mark(makeAccepted().message, { number: 1, connection: 1 });
			await first.close();
			const faults: Faults = { failAt: { call, number: call === 'write' ? number + 1 : number, code: 'EIO' } };
			await assert.rejects(begin(faults), { exitCode: 73 });
			const third = await begin({});
			assert.deepEqual(third.tally.total, 0);
			await third.close();
			const text = readFileSync(path, 'utf8');
			assert.equal(text.split('\n').length, 2);
			assert.match(text, /"status":"unknown"/);
		});
	}
}

test('a folder that does not exist is named together with the command that makes it', async (context) => {
	const path = join(temporaryDirectory(context), 'no such', 'results.jsonl');
	const tables = openTables();
	const opened = { kind: 'new', leftovers: false } as const;
	const log = CampaignLog.begin({ logPath: path, opened, ...tables, run: runRecord, clock: new TestClock() });
	await assert.rejects(log, (error: RunError) => {
		assert.equal(error.exitCode, 73);
		assert.match(error.hint, /mkdir -p '.*\/no such'/);
		return true;
	});
});

test('the files are readable for their owner only, and both and their directory are synced before they are used', async (context) => {
	const path = join(temporaryDirectory(context), 'results.jsonl');
	const files = new FaultyFileSystem();
	const tables = openTables();
	const opened = { kind: 'new', leftovers: false } as const;
	const log = await CampaignLog.begin({
		logPath: path,
		opened,
		...tables,
		run: runRecord,
		clock: new TestClock(),
		files,
	});
	for (const file of [path, journalPath(path), ballastPath(path)]) assert.equal(statSync(file).mode & 0o777, 0o600);
	assert.equal(files.count('fsync'), 4);
	await log.close();
});

test('a symbolic link is not followed, wherever it points', async (context) => {
	const directory = temporaryDirectory(context);
	const path = join(directory, 'results.jsonl');
	symlinkSync(join(directory, 'elsewhere'), path);
	const opened = { kind: 'new', leftovers: false } as const;
	const log = CampaignLog.begin({ logPath: path, opened, ...openTables(), run: runRecord, clock: new TestClock() });
	await assert.rejects(log, { exitCode: 73 });
	assert.deepEqual(readdirSync(directory), ['results.jsonl']);
});
