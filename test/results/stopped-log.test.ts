/** What is said and saved when a run had to stop writing: who may have been sent to, who was certainly not, and what a repair makes of it. */
import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { KeyTable } from '../../src/recipients/key-table.ts';
import { CampaignLog } from '../../src/results/campaign-log.ts';
import { journalPath } from '../../src/results/journal/journal-record.ts';
import { statusOfState } from '../../src/results/journal/key-state.ts';
import { repairLog } from '../../src/results/journal/repair-log.ts';
import { openCampaign } from '../../src/results/open-campaign.ts';
import { nodeFileSystem } from '../../src/support/file-system.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { send } from './campaign-in-memory.ts';
import { FaultyFileSystem } from './faulty-file-system.ts';
import { attempt, makeAccepted, makeDeferred, makeRecipient, makeUnknown, TestClock } from './make-result.ts';
import { openTables, runRecord } from './simulate-campaign.ts';

test('after the fence fell, what was not recorded is named, and what is there is not taken away', async (context) => {
	const path = join(temporaryDirectory(context), 'results.jsonl');
	const tables = openTables();
	const opened = { kind: 'new', leftovers: false } as const;
	const log = await CampaignLog.begin({ logPath: path, opened, ...tables, run: runRecord, clock: new TestClock() });
	send(log, 1);
	await nextTurn();
	appendFileSync(journalPath(path), '\n');
	log.hurry();
	await log.failure;
	send(log, 2);
	await log.close();
	assert.equal(log.stops, 'drop');
	assert.equal(log.error?.exitCode, 74);
	assert.match(
		log.error?.hint ?? '',
		/1 result is not recorded.*\n {2}r2@old\.example \(line 3, accepted\)\n.*\n.*\n.*log verify/,
	);
	log.remove();
	assert.deepEqual(readdirSync(dirname(path)).sort(), ['results.jsonl', 'results.jsonl.journal']);
});

const repairOptions = {
	files: nodeFileSystem,
	makeTable: () => new KeyTable(Buffer.alloc(16, 1)),
	randomBytes: (count: number) => Buffer.alloc(count, 7),
	tool: 'mailshot 0.1.0',
};

/** Five marks in the journal, then somebody meddles with a file; 2 was accepted, 3 and 4 ran ahead, 5 was refused, and 6 had its dot. */
async function fallenFence(context: TestContext, meddle: (path: string) => void) {
	const path = join(temporaryDirectory(context), 'results.jsonl');
	const tables = openTables();
	const opened = { kind: 'new', leftovers: false } as const;
	const log = await CampaignLog.begin({ logPath: path, opened, ...tables, run: runRecord, clock: new TestClock() });
	send(log, 1);
	const marked = [2, 3, 4, 5, 6].map((row) => {
		const recipient = makeRecipient({ address: `r${row}@old.example`, row, line: row + 1 });
		return { recipient, mark: log.mark(makeAccepted({ recipient }).message, { number: 1, connection: 3 }) };
	});
	const [accepted, ahead, alsoAhead, refused, asked] = marked;
	assert.ok(accepted && ahead && alsoAhead && refused && asked);
	await nextTurn();
	meddle(path);
	log.hurry();
	await log.failure;
	const resultOf = ({ recipient, mark }: typeof accepted) => ({ recipient, attempt: { ...attempt, mark: mark.id } });
	log.record(makeAccepted(resultOf(accepted)));
	log.release(ahead.mark, 'closed');
	log.release(alsoAhead.mark, 'closed');
	log.record(makeDeferred(resultOf(refused)));
	log.record(makeUnknown(resultOf(asked)));
	await log.close();
	return { path, log, hint: log.error?.hint ?? '' };
}

test('after the fence fell, those who were certainly not sent to are named with the command that says so', async (context) => {
	const { path, hint } = await fallenFence(context, (logPath) => appendFileSync(journalPath(logPath), '\n'));
	assert.match(
		hint,
		/^2 results are not recorded: those messages may have been sent\.\n {2}r2@.*accepted\)\n {2}r6@.*unknown\)\n/,
	);
	assert.match(hint, /nothing more is written to the log or its journal/);
	assert.ok(
		hint.includes(`\n  mailshot log resolve ${path} --not-sent r3@old.example r4@old.example r5@old.example`),
		hint,
	);
	assert.match(hint, /3 messages were certainly not sent/);
	await repairLog(path, repairOptions);
	const opened = await openCampaign(path, openTables());
	assert.ok(opened.kind === 'existing');
	const open = opened.reading.openMarks.map(({ key }) => key);
	assert.deepEqual(
		open,
		[2, 3, 4, 5, 6].map((row) => `r${row}@old.example`),
	);
});

test('of many who were certainly not sent to ten are named, and the others counted', async (context) => {
	const path = join(temporaryDirectory(context), 'results.jsonl');
	const tables = openTables();
	const opened = { kind: 'new', leftovers: false } as const;
	const clock = new TestClock();
	const log = await CampaignLog.begin({ logPath: path, opened, ...tables, run: runRecord, clock });
	const marks = Array.from({ length: 13 }, (_, index) => {
		const recipient = makeRecipient({ address: `r${index}@old.example` });
		return log.mark(makeAccepted({ recipient }).message, { number: 1, connection: 3 });
	});
	await nextTurn();
	// One that was closed in time is none of them.
	for (const mark of marks.slice(0, 1)) log.release(mark, 'closed');
	await nextTurn();
	appendFileSync(journalPath(path), '\n');
	// The marks may be durable by now, and nobody waits for any: the release is synced all the same, and the fence looked at.
	clock.advance(200);
	await log.failure;
	for (const mark of marks.slice(1)) log.release(mark, 'closed');
	await log.close();
	const hint = log.error?.hint ?? '';
	assert.match(hint, /^Sending has stopped/);
	assert.match(
		hint,
		/12 messages were certainly not sent[\s\S]*--not-sent r1@old\.example .* r10@old\.example\n.*2 more.*\n.*log unknown/,
	);
	assert.doesNotMatch(hint, /r0@|r11@|r12@/);
});

const losses: readonly (readonly [what: string, meddle: (journal: string) => void])[] = [
	['deleted', (path) => rmSync(path)],
	['truncated', (path) => truncateSync(path, 100)],
	['moved', (path) => renameSync(path, `${path}.1`)],
	[
		'replaced',
		(path) => {
			renameSync(path, `${path}.1`);
			writeFileSync(path, '');
		},
	],
];

for (const [what, meddle] of losses) {
	test(`a journal that was ${what}: the rows of what was under way are in the log, and a repair sends to none of them again`, async (context) => {
		const { path, hint } = await fallenFence(context, (logPath) => meddle(journalPath(logPath)));
		assert.doesNotMatch(hint, /not recorded|nothing more is written to the log/);
		assert.match(hint, /What was under way is recorded in the log/);
		const rows = readFileSync(path, 'utf8').split('\n').slice(0, -1);
		assert.deepEqual(
			rows.map((row) => JSON.parse(row)).map(({ recipient, status }) => `${recipient} ${status}`),
			['r1@old.example accepted', 'r2@old.example accepted', 'r5@old.example deferred', 'r6@old.example unknown'],
		);
		await repairLog(path, repairOptions);
		const { keys, locals } = openTables();
		await openCampaign(path, { keys, locals });
		const statuses = [1, 2, 3, 4, 5, 6].map((row) => {
			keys.seek(`r${row}@old.example`);
			return statusOfState(keys.value);
		});
		assert.deepEqual(
			[statuses[0], statuses[1], statuses[4], statuses[5]],
			['accepted', 'accepted', 'deferred', 'unknown'],
		);
	});
}

test('nothing is written to a log that is not as the run left it either', async (context) => {
	let before = '';
	const { path, hint } = await fallenFence(context, (logPath) => {
		rmSync(journalPath(logPath));
		appendFileSync(logPath, '{"note":1}\n');
		before = readFileSync(logPath, 'utf8');
	});
	assert.equal(readFileSync(path, 'utf8'), before);
	assert.match(hint, /^2 results are not recorded/);
	assert.match(hint, /nothing more is written to the log or its journal/);
});

test('a full disk names nothing when the ballast made room for everything', async (context) => {
	const path = join(temporaryDirectory(context), 'results.jsonl');
	const tables = openTables();
	const files = new FaultyFileSystem();
	const opened = { kind: 'new', leftovers: false } as const;
	const log = await CampaignLog.begin({
		logPath: path,
		opened,
		...tables,
		run: runRecord,
		clock: new TestClock(),
		files,
	});
	files.faults = { room: 500, roomOfBallast: 100_000 };
	for (let row = 1; row <= 20; row += 1) send(log, row);
	await log.close();
	assert.equal(log.stops, 'halt');
	assert.equal(log.error?.exitCode, 73);
	assert.match(log.error?.hint ?? '', /^All results of this run are in the log/);
	assert.equal(readFileSync(path, 'utf8').split('\n').length, 21);
});
