/** Writes and syncs that fail, each in turn: a full disk halts (what is in flight is recorded), anything else ends all writing. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Ballast, ballastPath } from '../../../src/results/journal/ballast.ts';
import { lossHint } from '../../../src/results/lost-results.ts';
import type { RunError } from '../../../src/support/errors.ts';
import { FaultyFileSystem } from '../faulty-file-system.ts';
import { makeMark, openJournal, recordsIn, settleMark, until } from './write-journal.ts';

type Opened = ReturnType<typeof openJournal>;

/** Ten rounds of a mark, its commit and its settle. Gives the marks that became durable, and the rounds that were begun. */
async function work({ journal, pair, files }: Opened): Promise<{ durable: number[]; settled: number }> {
	const durable: number[] = [];
	let settled = 0;
	for (let round = 1; round <= 10; round += 1) {
		const mark = makeMark(journal, `bob${round}@old.example`);
		journal.hurry();
		await until(() => mark.isDurable || pair.error !== null);
		if (pair.error !== null) break;
		durable.push(mark.id);
		settleMark(journal, mark.id, `bob${round}@old.example`);
		settled += 1;
		await nextTurn();
		if (files.count('fdatasync') > 100) throw new Error('it goes on and on');
	}
	return { durable, settled };
}

/** Whole lines only, and none twice. */
function assertTidy({ path, logPath }: Opened): void {
	for (const file of [path, logPath]) {
		const text = readFileSync(file, 'utf8');
		assert.ok(text === '' || text.endsWith('\n'), `${file} ends in a torn line`);
		assert.equal(new Set(recordsIn(file).map((record) => JSON.stringify(record))).size, recordsIn(file).length);
	}
}

test('what had no room at the end leaves no torn line, also when there is room again a moment later', async (context) => {
	const opened = openJournal(context, { room: 300 });
	const { journal, files, pair } = opened;
	const mark = makeMark(journal);
	settleMark(journal, mark.id, 'ann@old.example');
	await nextTurn();
	assert.equal(pair.stops, 'halt');
	const ftruncate = files.ftruncate.bind(files);
	files.ftruncate = (descriptor, length) => {
		ftruncate(descriptor, length);
		// As on a real disk: what was cut off is free.
		files.faults.room = 40;
	};
	await journal.close();
	assert.ok(files.count('ftruncate') > 0);
	assertTidy(opened);
});

for (const code of ['ENOSPC', 'EDQUOT']) {
	for (let number = 1; number <= 12; number += 1) {
		test(`${code} at write ${number}: no dot after it, the ballast goes overboard, and every result is recorded`, async (context) => {
			const opened = openJournal(context);
			opened.files.faults = { failAt: { call: 'write', number, code } };
			const { journal, pair, path, logPath } = opened;
			const { durable, settled } = await work(opened);
			const error = await pair.failure;
			assert.equal(error.exitCode, 73);
			assert.match(error.message, new RegExp(`cannot be written: .*${code}`));
			assert.equal(pair.stops, 'halt');
			assert.equal(existsSync(ballastPath(logPath)), false);
			settleMark(journal, 1000, 'late@old.example');
			const late = makeMark(journal);
			journal.hurry();
			await journal.close();
			assert.equal(late.isDurable, false);
			assert.equal(recordsIn(logPath).length, settled + 1);
			assert.equal(recordsIn(path).filter(({ type }) => type === 'settle').length, settled + 1);
			assert.equal(recordsIn(path).at(-1)?.['type'], 'commit');
			assert.ok(durable.length <= settled + 1);
			assertTidy(opened);
			assert.deepEqual([pair.lost.records, pair.lost.rows], [[], []]);
		});
	}
}

for (let number = 1; number <= 8; number += 1) {
	test(`EIO at write ${number} ends all writing and syncing`, async (context) => {
		const opened = openJournal(context);
		opened.files.faults = { failAt: { call: 'write', number, code: 'EIO' } };
		await work(opened);
		await assertGivenUp(opened);
	});

	test(`EIO at sync ${number} ends all writing and syncing, and its marks are not durable`, async (context) => {
		const opened = openJournal(context);
		opened.files.faults = { failAt: { call: 'fdatasync', number, code: 'EIO' } };
		const { durable } = await work(opened);
		assert.equal(durable.length, number - 1);
		await assertGivenUp(opened);
	});
}

async function assertGivenUp({ pair, journal, files, path, logPath }: Opened): Promise<void> {
	const error = await pair.failure;
	assert.equal(error.exitCode, 73);
	assert.equal(pair.stops, 'drop');
	files.faults = {};
	const before = readFileSync(path, 'utf8') + readFileSync(logPath, 'utf8');
	const calls = [files.count('write'), files.count('fdatasync')];
	settleMark(journal, 1000);
	journal.hurry();
	await nextTurn();
	await journal.close();
	assert.deepEqual([files.count('write'), files.count('fdatasync')], calls);
	assert.equal(readFileSync(path, 'utf8') + readFileSync(logPath, 'utf8'), before);
	assert.equal(existsSync(ballastPath(logPath)), false);
}

test('a log that cannot be synced stops the run, too', async (context) => {
	const opened = openJournal(context);
	settleMark(opened.journal, 1);
	await nextTurn();
	opened.files.faults = { failAt: { call: 'fdatasync', number: 2, code: 'EIO' } };
	opened.clock.advance(200);
	const error = await opened.pair.failure;
	assert.match(error.message, /results\.jsonl cannot be written/);
	await assertGivenUp(opened);
});

test('a sync that was under way when the disk became full makes no mark durable', async (context) => {
	const { files, journal, pair } = openJournal(context, { holdSyncs: true });
	const mark = makeMark(journal);
	journal.hurry();
	await nextTurn();
	files.faults = { holdSyncs: true, failAt: { call: 'write', number: files.count('write') + 1, code: 'ENOSPC' } };
	settleMark(journal, 5);
	await nextTurn();
	assert.equal(pair.stops, 'halt');
	files.faults = {};
	files.finishSyncs();
	await journal.close();
	assert.equal(mark.isDurable, false);
});

test('a sync that fails after the disk was full ends the writing that went on', async (context) => {
	const { files, journal, pair } = openJournal(context);
	files.faults = { failAt: { call: 'write', number: 1, code: 'ENOSPC' } };
	settleMark(journal, 1);
	await nextTurn();
	assert.equal(pair.stops, 'halt');
	files.faults = { syncError: 'EIO' };
	await journal.close();
	assert.equal(pair.stops, 'drop');
	assert.match(pair.error?.message ?? '', /ENOSPC/);
});

for (const room of [0, 100, 250, 500, 650, 700, 900, 1200]) {
	test(`a disk with ${room} octets left and no more behind the ballast: what is lost is named, what is there is whole`, async (context) => {
		const opened = openJournal(context, { room });
		const { journal, pair, path, logPath } = opened;
		for (let mark = 1; mark <= 4; mark += 1) settleMark(journal, mark, `bob${mark}@old.example`);
		await nextTurn();
		settleMark(journal, 5, 'bob5@old.example');
		await journal.close();
		assertTidy(opened);
		const recorded = recordsIn(path).filter(({ type }) => type === 'settle').length;
		const rows = recordsIn(logPath).length;
		assert.ok(rows <= recorded, 'the log is never ahead');
		const hint = lossHint(pair.lost);
		assert.match(hint, new RegExp(`${5 - recorded} results? (?:is|are) not recorded`));
		for (let mark = 1; mark <= 5; mark += 1) {
			assert.equal(hint.includes(`bob${mark}@old.example (line ${mark}, accepted)`), mark > recorded);
		}
	});
}

test('room that the ballast makes is enough for what is in flight', async (context) => {
	const opened = openJournal(context, { room: 300, roomOfBallast: 10_000 });
	for (let mark = 1; mark <= 20; mark += 1) settleMark(opened.journal, mark, `bob${mark}@old.example`);
	await opened.journal.close();
	assert.equal(opened.pair.stops, 'halt');
	assert.equal(recordsIn(opened.logPath).length, 20);
	assert.equal(lossHint(opened.pair.lost), '');
});

test('room that somebody else makes later is used', async (context) => {
	const opened = openJournal(context, { room: 300 });
	settleMark(opened.journal, 1);
	await nextTurn();
	opened.files.faults = {};
	await opened.journal.close();
	assert.equal(opened.pair.error?.exitCode, 73);
	assert.equal(recordsIn(opened.logPath).length, 1);
});

test('the ballast is a private file of a mebibyte that no file system can compress', async (context) => {
	const { logPath, journal } = openJournal(context);
	const path = ballastPath(logPath);
	assert.equal(statSync(path).size, 1024 * 1024);
	assert.equal(statSync(path).mode & 0o777, 0o600);
	assert.ok(gzipSync(readFileSync(path)).length > 1024 * 1024);
	await journal.close();
	assert.equal(existsSync(path), false);
});

test('a ballast that a crash left is replaced', (context) => {
	const { logPath, files } = openJournal(context);
	assert.equal(existsSync(ballastPath(logPath)), true);
	Ballast.make(logPath, files).drop();
	assert.equal(existsSync(ballastPath(logPath)), false);
});

for (const faults of [{ room: 1000 }, { fsyncError: 'ENOSPC' }]) {
	test(`no room for the ballast (${Object.keys(faults)[0]}): RunError 73, and nothing of it is left`, (context) => {
		const { logPath } = openJournal(context);
		const files = new FaultyFileSystem(faults);
		assert.throws(
			() => Ballast.make(logPath, files),
			(error: RunError) => {
				assert.equal(error.exitCode, 73);
				assert.match(error.message, /the disk is nearly full/);
				assert.match(error.hint, /Make room/);
				return true;
			},
		);
		assert.equal(existsSync(ballastPath(logPath)), false);
	});
}
