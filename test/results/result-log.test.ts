/** The log under faults: what was recorded is in the file once and whole, or the run is told and stops. */
import assert from 'node:assert/strict';
import { lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ResultLog } from '../../src/results/result-log.ts';
import { RunError } from '../../src/support/errors.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { type Faults, FaultyFileSystem } from './faulty-file-system.ts';
import { makeAccepted, makeRecipient, runFacts, TestClock } from './make-result.ts';

function openLog(context: TestContext, faults: Faults = {}) {
	const path = join(temporaryDirectory(context), 'results.jsonl');
	const files = new FaultyFileSystem(faults);
	const clock = new TestClock();
	const log = ResultLog.create(path, { run: runFacts, clock, files });
	files.calls.length = 0;
	return { path, files, clock, log };
}

function recordRows(log: ResultLog, count: number, from = 1): void {
	for (let row = from; row < from + count; row += 1) log.record(makeAccepted({ recipient: makeRecipient({ row }) }));
}

function rowsIn(path: string): number[] {
	const text = readFileSync(path, 'utf8');
	assert.ok(text === '' || text.endsWith('\n'));
	return text
		.split('\n')
		.slice(0, -1)
		.map((line) => JSON.parse(line).row);
}

function numbers(count: number): number[] {
	return Array.from({ length: count }, (_, index) => index + 1);
}

test('lines of one turn of the event loop reach the file with one write at its end', async (context) => {
	const { path, files, log } = openLog(context);
	recordRows(log, 3);
	assert.deepEqual(rowsIn(path), []);
	await nextTurn();
	assert.deepEqual(rowsIn(path), [1, 2, 3]);
	assert.equal(files.count('write'), 1);
	await log.close();
});

test('more than 64 KB are written without waiting for the end of the turn', async (context) => {
	const { path, log } = openLog(context);
	recordRows(log, 200);
	assert.ok(statSync(path).size >= 64 * 1024);
	await log.close();
	assert.deepEqual(rowsIn(path), numbers(200));
});

test('the file is readable for its owner only, and it and its directory are synced before it is used', (context) => {
	const path = join(temporaryDirectory(context), 'results.jsonl');
	const files = new FaultyFileSystem();
	ResultLog.create(path, { run: runFacts, clock: new TestClock(), files });
	assert.equal(statSync(path).mode & 0o777, 0o600);
	assert.deepEqual(files.calls, ['open', 'fsync', 'open', 'fsync', 'close']);
});

test('an existing log is refused with both ways out, and stays as it is', (context) => {
	const path = join(temporaryDirectory(context), 'results.jsonl');
	writeFileSync(path, 'precious\n');
	const create = () => ResultLog.create(path, { run: runFacts, clock: new TestClock() });
	assert.throws(create, (error) => {
		assert.ok(error instanceof RunError);
		assert.equal(error.exitCode, 73);
		assert.match(error.message, /results\.jsonl is the log of an earlier run/);
		assert.match(error.hint, /everybody on the list is written to again/);
		assert.match(error.hint, /mv .*results\.jsonl .*results\.earlier\.jsonl/);
		assert.match(error.hint, /--log results\.2\.jsonl/);
		return true;
	});
	assert.equal(readFileSync(path, 'utf8'), 'precious\n');
});

test('an existing log can be refused before anything is asked', (context) => {
	const directory = temporaryDirectory(context);
	symlinkSync(join(directory, 'nowhere'), join(directory, 'link.jsonl'));
	ResultLog.assertAbsent(join(directory, 'new.jsonl'));
	assert.throws(() => ResultLog.assertAbsent(join(directory, 'link.jsonl')), { exitCode: 73 });
});

test('a symbolic link is not followed, wherever it points', (context) => {
	const directory = temporaryDirectory(context);
	const path = join(directory, 'results.jsonl');
	symlinkSync(join(directory, 'elsewhere'), path);
	assert.throws(() => ResultLog.create(path, { run: runFacts, clock: new TestClock() }), { exitCode: 73 });
	assert.ok(lstatSync(path).isSymbolicLink());
	assert.throws(() => statSync(join(directory, 'elsewhere')), { code: 'ENOENT' });
});

test('a folder that does not exist is named together with the command that makes it', (context) => {
	const path = join(temporaryDirectory(context), 'no such', 'results.jsonl');
	assert.throws(
		() => ResultLog.create(path, { run: runFacts, clock: new TestClock() }),
		(error) => {
			assert.ok(error instanceof RunError);
			assert.equal(error.exitCode, 73);
			assert.match(error.hint, /mkdir -p '.*\/no such'/);
			return true;
		},
	);
});

test('a disk that cannot sync refuses the log and leaves no file behind', (context) => {
	const path = join(temporaryDirectory(context), 'results.jsonl');
	const files = new FaultyFileSystem({ fsyncError: 'EIO' });
	assert.throws(() => ResultLog.create(path, { run: runFacts, clock: new TestClock(), files }), { exitCode: 73 });
	assert.throws(() => statSync(path), { code: 'ENOENT' });
});

test('short writes are completed, so that no line is torn or doubled', async (context) => {
	const { path, log } = openLog(context, { shortWrites: 7 });
	recordRows(log, 50);
	await log.close();
	assert.deepEqual(rowsIn(path), numbers(50));
});

test('a full disk stops the run once, keeps what is recorded later, and writes it at the end when there is room', async (context) => {
	const { path, files, log } = openLog(context, { room: 1000 });
	recordRows(log, 5);
	await nextTurn();
	const error = await log.failure;
	assert.equal(error.exitCode, 73);
	assert.match(error.message, /results\.jsonl cannot be written: no space left on device \(ENOSPC\)/);
	const writes = files.count('write');
	recordRows(log, 5, 6);
	await nextTurn();
	assert.equal(files.count('write'), writes);
	files.faults = {};
	await log.close();
	assert.equal(log.error?.exitCode, 73);
	assert.deepEqual(rowsIn(path), numbers(10));
	assert.equal(log.tally.total, 10);
});

test('a disk that stays full ends with the number of results that are lost', async (context) => {
	const { path, log } = openLog(context, { room: 1000 });
	recordRows(log, 5);
	await nextTurn();
	recordRows(log, 2, 6);
	await log.close();
	assert.match(log.error?.hint ?? '', /6 results are not in the file: those messages may have been sent/);
	// The line that was torn is cut off, and the lost ones are named.
	assert.deepEqual(rowsIn(path), numbers(1));
	assert.equal((log.error?.hint ?? '').split('\n').length, 7);
	assert.match(log.error?.hint ?? '', /@.* \(line \d+, accepted\)/);
});

test('an i/o error while writing is for good: nothing is written after it', async (context) => {
	const { path, files, log } = openLog(context, { writeError: 'EIO' });
	recordRows(log, 1);
	await nextTurn();
	files.faults = {};
	await log.close();
	assert.equal(log.error?.exitCode, 73);
	assert.deepEqual(rowsIn(path), []);
});

test('lines are synced 200 ms after the first of them, with one sync at a time', async (context) => {
	const { files, clock, log } = openLog(context, { holdSyncs: true });
	recordRows(log, 1);
	await nextTurn();
	clock.advance(199);
	assert.equal(files.count('fdatasync'), 0);
	clock.advance(1);
	assert.equal(files.count('fdatasync'), 1);
	recordRows(log, 1, 2);
	await nextTurn();
	clock.advance(1000);
	assert.equal(files.count('fdatasync'), 1);
	files.finishSyncs();
	await nextTurnAfterSync(() => clock.timers === 1);
	clock.advance(200);
	assert.equal(files.count('fdatasync'), 2);
	files.finishSyncs();
	await log.close();
	assert.equal(clock.timers, 0);
});

test('a clean log needs no sync', async (context) => {
	const { files, clock, log } = openLog(context);
	clock.advance(10_000);
	await log.close();
	assert.equal(files.count('fdatasync'), 0);
	assert.equal(clock.timers, 0);
});

test('a failed sync stops the run for good and is not tried again', async (context) => {
	const { files, clock, log } = openLog(context, { syncError: 'EIO' });
	recordRows(log, 1);
	await nextTurn();
	clock.advance(200);
	assert.match((await log.failure).message, /cannot be written: i\/o error \(EIO\)/);
	files.faults = {};
	recordRows(log, 1, 2);
	await log.close();
	assert.match(log.error?.hint ?? '', /1 result is not in the file/);
	assert.equal(files.count('fdatasync'), 1);
	assert.equal(clock.timers, 0);
});

test('a sync that fails while the disk is full leaves no last try', async (context) => {
	const { path, files, clock, log } = openLog(context, { holdSyncs: true });
	recordRows(log, 1);
	await nextTurn();
	clock.advance(200);
	files.faults = { room: 0, syncError: 'EIO' };
	recordRows(log, 1, 2);
	await nextTurn();
	files.finishSyncs();
	files.faults = {};
	await log.close();
	assert.equal(log.error?.exitCode, 73);
	assert.deepEqual(rowsIn(path), [1]);
});

test('close writes and syncs what was recorded in the same turn', async (context) => {
	const { path, files, log } = openLog(context);
	recordRows(log, 3);
	await log.close();
	assert.deepEqual(rowsIn(path), [1, 2, 3]);
	assert.deepEqual(files.calls, ['write', 'fdatasync', 'close']);
	assert.equal(log.error, null);
});

test('a second close does nothing', async (context) => {
	const { files, log } = openLog(context);
	recordRows(log, 1);
	await Promise.all([log.close(), log.close()]);
	await log.close();
	assert.equal(files.count('close'), 1);
});

/** fdatasync calls back from the thread pool: turns of the event loop until it has. */
async function nextTurnAfterSync(isDone: () => boolean): Promise<void> {
	while (!isDone()) await nextTurn();
}
