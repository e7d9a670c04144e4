/** The log of a campaign over several runs: what each of them finds, puts right and adds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CampaignLog } from '../../src/results/campaign-log.ts';
import { ballastPath } from '../../src/results/journal/ballast.ts';
import { statusOfState } from '../../src/results/journal/key-state.ts';
import { openCampaign } from '../../src/results/open-campaign.ts';
import { RunError } from '../../src/support/errors.ts';
import { begin, journal, linesOf, send, typesOf } from './campaign-in-memory.ts';
import {
	allResults,
	attempt,
	makeAccepted,
	makeFailed,
	makeRecipient,
	makeSkipped,
	makeUndelivered,
	TestClock,
} from './make-result.ts';
import { MemoryFileSystem } from './memory-file-system.ts';
import { logPath, openTables, runRecord } from './simulate-campaign.ts';

test('a new campaign makes both files and its ballast, and records nothing before there is something', async () => {
	const disk = new MemoryFileSystem();
	const { opened, log } = await begin(disk);
	assert.equal(opened.kind, 'new');
	assert.deepEqual([...disk.paths].sort(), [logPath, ballastPath(logPath), journal].sort());
	await log.close();
	assert.deepEqual([disk.text(logPath), disk.text(journal)], ['', '']);
	assert.deepEqual([...disk.paths].sort(), [logPath, journal].sort());
	assert.equal(disk.openFiles, 0);
});

test('each result is counted, has its record in the journal and its row in the log', async () => {
	const disk = new MemoryFileSystem();
	const { log } = await begin(disk);
	for (const result of allResults()) log.record(result);
	await log.close();
	assert.equal(typesOf(disk), 'run settle settle settle settle local settle local local local commit');
	const statuses = linesOf(disk, logPath).map(({ status }) => status);
	assert.deepEqual(
		linesOf(disk, journal)
			.filter(({ type }) => type === 'settle' || type === 'local')
			.map(({ status }) => status),
		statuses,
	);
	assert.equal(log.tally.total, statuses.length);
	assert.equal(log.error, null);
});

test('a message that broke before its dot for the last time is deferred in the journal, too', async () => {
	const disk = new MemoryFileSystem();
	const { log } = await begin(disk);
	log.record(makeUndelivered());
	await log.close();
	const [, settle] = linesOf(disk, journal);
	assert.equal(settle?.['status'], 'deferred');
	assert.equal(settle?.['bounce_category'], 'network');
	assert.equal(settle?.['error_type'], 'closed');
});

test('the next run adds to what is there, under its own number', async () => {
	const disk = new MemoryFileSystem();
	const first = await begin(disk);
	send(first.log, 1);
	await first.log.close();
	const second = await begin(disk);
	assert.equal(second.opened.kind, 'existing');
	send(second.log, 2);
	await second.log.close();
	assert.equal(typesOf(disk), 'run mark settle commit run mark settle commit');
	assert.deepEqual(
		linesOf(disk, journal)
			.filter(({ type }) => type === 'mark')
			.map(({ run, mark, key, to }) => ({ run, mark, key, to })),
		[
			{ run: 1, mark: 1, key: 'r1@old.example', to: '' },
			{ run: 2, mark: 1, key: 'r2@old.example', to: '' },
		],
	);
	assert.equal(linesOf(disk, logPath).length, 2);
	assert.deepEqual(second.log.notices, []);
});

test('a run that has nothing to write leaves both files as they are', async () => {
	const disk = new MemoryFileSystem();
	const first = await begin(disk);
	send(first.log, 1);
	await first.log.close();
	const before = [disk.text(logPath), disk.text(journal)];
	const second = await begin(disk);
	await second.log.close();
	assert.deepEqual([disk.text(logPath), disk.text(journal)], before);
});

test('skips and failures that are in the log already are counted and not written again', async () => {
	const disk = new MemoryFileSystem();
	const locals = allResults().filter(({ kind }) => ['skipped', 'malformed', 'unrenderable', 'failed'].includes(kind));
	const first = await begin(disk);
	for (const result of locals) first.log.record(result);
	await first.log.close();
	const before = [disk.text(logPath), disk.text(journal)];
	const second = await begin(disk);
	for (const result of locals) second.log.record(result);
	assert.equal(second.log.tally.total, locals.length);
	await second.log.close();
	assert.deepEqual([disk.text(logPath), disk.text(journal)], before);
	const third = await begin(disk);
	third.log.record({ ...makeSkipped(), recipient: makeRecipient({ row: 5, line: 6 }) });
	await third.log.close();
	assert.equal(linesOf(disk, logPath).length, locals.length + 1);
});

test('marks that a crash left open are recorded as unknown, by their own attempt, before anything is sent', async () => {
	const disk = new MemoryFileSystem();
	const first = await begin(disk);
	send(first.log, 1);
	const recipient = makeRecipient({ address: 'R2@old.example', row: 2, line: 3 });
	first.log.mark(makeAccepted({ recipient }).message, { number: 2, connection: 7 });
	await nextTurn();
	const crashed = disk.afterCrash(disk.operations.length);
	const second = await begin(crashed);
	const settle = linesOf(crashed, journal).at(-1);
	assert.equal(typesOf(crashed), 'run mark settle mark run settle');
	assert.deepEqual([settle?.['run'], settle?.['mark'], settle?.['status']], [1, 2, 'unknown']);
	const row = linesOf(crashed, logPath).at(-1);
	assert.deepEqual(
		['status', 'recipient', 'key', 'row', 'line', 'attempt', 'connection', 'error_type'].map((name) => row?.[name]),
		['unknown', 'R2@old.example', 'r2@old.example', 2, 3, 2, 7, 'crashed'],
	);
	assert.match(second.log.notices.join('\n'), /1 message: recorded as unknown/);
	await second.log.close();
	const third = await begin(crashed);
	assert.deepEqual(third.log.notices, []);
	await third.log.close();
});

test('rows that the log lacks are completed from the journal', async () => {
	const disk = new MemoryFileSystem();
	const first = await begin(disk);
	for (let row = 1; row <= 3; row += 1) send(first.log, row);
	await nextTurn();
	const crashed = disk.afterCrash(disk.operations.length);
	const text = crashed.text(logPath);
	const rows = text.split('\n');
	crashed.put(logPath, Buffer.from(`${rows[0]}\n${rows[1]?.slice(0, 50)}`));
	const second = await begin(crashed);
	assert.match(second.log.notices.join('\n'), /the log ended in .*cut off/);
	assert.match(second.log.notices.join('\n'), /lacked 2 rows that the journal has: completed/);
	await second.log.close();
	assert.deepEqual(
		linesOf(crashed, logPath).map(({ key, status, smtp_code: code }) => ({ key, status, code })),
		[1, 2, 3].map((row) => ({ key: `r${row}@old.example`, status: 'accepted', code: 250 })),
	);
	assert.equal(typesOf(crashed).endsWith('run commit'), true);
});

test('a torn line at the end of the journal is cut off with a notice', async () => {
	const disk = new MemoryFileSystem();
	const first = await begin(disk);
	send(first.log, 1);
	await first.log.close();
	const whole = disk.text(journal);
	disk.put(journal, Buffer.from(`${whole}{"type":"mark","run":1,"ma`));
	const second = await begin(disk);
	assert.match(second.log.notices.join('\n'), /the journal ended in .*26 octets.*: cut off/);
	assert.equal(disk.text(journal), whole);
	await second.log.close();
});

for (const leftovers of [
	{ [logPath]: '' },
	{ [logPath]: '', [journal]: '' },
	{ [logPath]: '', [journal]: '{"type":"run","v":1,"ru' },
]) {
	test(`what a crash left of making the files is taken over: ${JSON.stringify(leftovers)}`, async () => {
		const disk = new MemoryFileSystem();
		for (const [path, text] of Object.entries(leftovers)) disk.put(path, Buffer.from(text));
		const { log, opened } = await begin(disk);
		assert.equal(opened.kind, 'new');
		send(log, 1);
		await log.close();
		assert.equal(typesOf(disk), 'run mark settle commit');
		assert.equal(log.error, null);
	});
}

test('leftovers in which another run has begun meanwhile are not taken over', async () => {
	const disk = new MemoryFileSystem();
	disk.put(logPath, Buffer.alloc(0));
	disk.put(journal, Buffer.from('{"type":"run"'));
	const tables = openTables();
	const opened = await openCampaign(logPath, { files: disk, ...tables });
	disk.put(journal, Buffer.from('{"type":"run","v":1,"run":1}\n{"type":"mark"'));
	const late = CampaignLog.begin({ logPath, opened, ...tables, run: runRecord, clock: new TestClock(), files: disk });
	await assert.rejects(late, { exitCode: 74 });
	assert.match(disk.text(journal), /"mark"/);
});

test('a campaign that was written to since it was read is refused', async () => {
	const disk = new MemoryFileSystem();
	const first = await begin(disk);
	send(first.log, 1);
	await first.log.close();
	const tables = openTables();
	const opened = await openCampaign(logPath, { files: disk, ...tables });
	disk.put(journal, Buffer.from(`${disk.text(journal)}{"type":"run","v":1,"run":2}\n`));
	const late = CampaignLog.begin({ logPath, opened, ...tables, run: runRecord, clock: new TestClock(), files: disk });
	await assert.rejects(late, (error: RunError) => {
		assert.ok(error instanceof RunError);
		assert.equal(error.exitCode, 74);
		assert.match(
			error.message,
			/not as it was when it was read .*: it is \d+ octets longer: another program wrote to it/,
		);
		return true;
	});
});

test('two runs that begin a campaign at once: the second is refused', async () => {
	const disk = new MemoryFileSystem();
	const tables = openTables();
	const opened = await openCampaign(logPath, { files: disk, ...tables });
	const { log } = await begin(disk);
	send(log, 1);
	await nextTurn();
	const late = CampaignLog.begin({
		logPath,
		opened,
		...tables,
		run: runRecord,
		clock: new TestClock(),
		files: disk,
	}).then(async (second) => {
		send(second, 2);
		await second.close();
		if (second.error !== null) throw second.error;
	});
	await assert.rejects(late, { exitCode: 74 });
	await log.close();
	assert.equal(log.error, null);
});

test('a new campaign of which nothing is worth keeping can be taken away', async () => {
	const disk = new MemoryFileSystem();
	const { log } = await begin(disk);
	log.record(makeSkipped());
	await log.close();
	log.remove();
	assert.deepEqual(disk.paths, []);
});

test('a campaign with an open mark is not taken away', async () => {
	const disk = new MemoryFileSystem();
	const { log } = await begin(disk);
	log.mark(makeAccepted().message, { number: 1, connection: 1 });
	await log.close();
	log.remove();
	assert.deepEqual([...disk.paths].sort(), [logPath, journal].sort());
});

test('files in which another run has begun are not taken away by one that recorded nothing', async () => {
	const disk = new MemoryFileSystem();
	const { log: idle } = await begin(disk);
	const tables = openTables();
	const opened = await openCampaign(logPath, { files: disk, ...tables });
	const clock = new TestClock();
	const busy = await CampaignLog.begin({ logPath, opened, ...tables, run: runRecord, clock, files: disk });
	busy.mark(makeAccepted().message, { number: 1, connection: 1 });
	await busy.close();
	await idle.close();
	idle.remove();
	assert.deepEqual([...disk.paths].sort(), [logPath, journal].sort());
});

test('a campaign of an earlier run is not taken away', async () => {
	const disk = new MemoryFileSystem();
	const first = await begin(disk);
	send(first.log, 1);
	await first.log.close();
	const second = await begin(disk);
	await second.log.close();
	second.log.remove();
	assert.equal(disk.paths.length, 2);
});

test('a released mark is closed, and can no longer be unknown', async () => {
	const disk = new MemoryFileSystem();
	const first = await begin(disk);
	const mark = first.log.mark(makeAccepted().message, { number: 1, connection: 1 });
	first.log.release(mark, 'closed');
	await first.log.close();
	const second = await begin(disk);
	assert.deepEqual(second.log.notices, []);
	assert.equal(second.opened.kind === 'existing' && second.opened.reading.openMarks.length, 0);
	await second.log.close();
});

test('whoever has an open mark is unknown to the run that finds it, and to those after it', async () => {
	const disk = new MemoryFileSystem();
	const first = await begin(disk);
	first.log.mark(makeAccepted({ recipient: makeRecipient({ address: 'r2@old.example' }) }).message, {
		number: 1,
		connection: 1,
	});
	await first.log.close();
	for (const run of [2, 3]) {
		const { keys, log } = await begin(disk);
		keys.seek('r2@old.example');
		assert.equal(statusOfState(keys.value), 'unknown', `run ${run}`);
		await log.close();
	}
});

test('a mark of a message that the server cannot take is closed, also when that is in the log already', async () => {
	const disk = new MemoryFileSystem();
	for (const run of [1, 2]) {
		const { log } = await begin(disk);
		const { id } = log.mark(makeFailed().message, { number: 1, connection: 1 });
		log.record({ ...makeFailed(), attempt: { ...attempt, mark: id } });
		await log.close();
		const { opened, log: next } = await begin(disk);
		assert.deepEqual(opened.kind === 'existing' && opened.reading.openMarks, [], `run ${run}`);
		await next.close();
	}
	assert.equal(linesOf(disk, logPath).length, 1);
});

test('a run that takes its facts from the header of an earlier one has a number of its own', async () => {
	const disk = new MemoryFileSystem();
	const first = await begin(disk);
	send(first.log, 1);
	await first.log.close();
	const tables = openTables();
	const opened = await openCampaign(logPath, { files: disk, ...tables });
	assert.ok(opened.kind === 'existing');
	const run = opened.reading.lastRun;
	const second = await CampaignLog.begin({ logPath, opened, ...tables, run, clock: new TestClock(), files: disk });
	send(second, 2);
	await second.close();
	const runs = linesOf(disk, journal).filter(({ type }) => type === 'run');
	assert.deepEqual(
		runs.map((record) => record['run']),
		[1, 2],
	);
});
