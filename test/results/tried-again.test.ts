/** Several attempts of one recipient in one run: each has its mark, its record and its row, and the last of them counts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyTable } from '../../src/recipients/key-table.ts';
import type { CampaignLog } from '../../src/results/campaign-log.ts';
import { keyState, statusOfState, stronger, waitingForRound } from '../../src/results/journal/key-state.ts';
import { repairLog } from '../../src/results/journal/repair-log.ts';
import { verifyLog } from '../../src/results/journal/verify-log.ts';
import { openCampaign } from '../../src/results/open-campaign.ts';
import { statuses } from '../../src/results/result.ts';
import { SeededRandom } from '../chaos/seeded-random.ts';
import { begin, journal, linesOf, typesOf } from './campaign-in-memory.ts';
import {
	attempt,
	makeAccepted,
	makeBounced,
	makeDeferred,
	makeRecipient,
	makeUndelivered,
	makeUnknown,
} from './make-result.ts';
import { MemoryFileSystem } from './memory-file-system.ts';
import { logPath, openTables, simulateRun } from './simulate-campaign.ts';

const retry = { kind: 'retry', at: Date.UTC(2026, 10, 22, 9, 5) } as const;
const round = { kind: 'round', atMs: 5 } as const;
const makeTable = () => new KeyTable(new Uint8Array(16));

function verify(disk: MemoryFileSystem) {
	return verifyLog(logPath, { files: disk, makeTable });
}

/** Makes the mark and gives the attempt that closes it. */
function tried(log: CampaignLog, number: number, recipient = makeRecipient()) {
	const mark = log.mark(makeAccepted({ recipient }).message, { number, connection: 3 });
	return { recipient, attempt: { ...attempt, number, isRetry: number > 1, mark: mark.id } };
}

test('each attempt has its own mark, record and row, of which only the last is final', async () => {
	const disk = new MemoryFileSystem();
	const { log } = await begin(disk);
	log.record(makeDeferred({ ...tried(log, 1), sequel: retry }));
	log.record(makeUndelivered({ ...tried(log, 2), sequel: round }));
	log.record(makeAccepted(tried(log, 3)));
	await log.close();
	assert.equal(typesOf(disk), 'run mark settle mark settle mark settle commit');
	const rows = linesOf(disk, logPath).map(({ status, attempt: number, final }) => [status, number, final]);
	assert.deepEqual(rows, [
		['deferred', 1, false],
		['deferred', 2, false],
		['accepted', 3, true],
	]);
	const settles = linesOf(disk, journal).filter(({ type }) => type === 'settle');
	assert.deepEqual(
		settles.map(({ final }) => final),
		[false, false, undefined],
	);
	assert.deepEqual([log.tally.total, log.tally.count('accepted'), log.tally.categories], [1, 1, []]);
	assert.equal((await verify(disk)).conclusion, 'fine');
});

test('patience that is over leaves the recipient deferred, and the next run sends to him', async () => {
	const disk = new MemoryFileSystem();
	const first = await begin(disk);
	first.log.record(makeDeferred({ ...tried(first.log, 1), sequel: retry }));
	first.log.record(makeUndelivered(tried(first.log, 2)));
	await first.log.close();
	assert.deepEqual([first.log.tally.count('deferred'), first.log.tally.waiting], [1, 0]);
	assert.deepEqual(
		first.log.tally.categories.map(({ category, count }) => [category, count]),
		[['network', 1]],
	);
	const next = await begin(disk);
	next.keys.seek('bob@old.example');
	assert.equal(next.keys.value, keyState('deferred', 'network'));
	await next.log.close();
});

test('while the run goes on the key table knows who waits, and for what', async () => {
	const { log, keys } = await begin(new MemoryFileSystem());
	const stateNow = () => {
		keys.seek('bob@old.example');
		return keys.value;
	};
	log.record(makeDeferred({ ...tried(log, 1), sequel: retry }));
	assert.equal(stateNow(), keyState('deferred', 'mailbox_full'));
	log.record(makeUndelivered({ ...tried(log, 2), sequel: round }));
	assert.equal(stateNow(), waitingForRound('network'));
	await log.close();
});

test('who was settled by an earlier run and is sent to again is replaced once, however often he is tried', async () => {
	const disk = new MemoryFileSystem();
	const first = await begin(disk);
	first.log.record(makeBounced(tried(first.log, 1)));
	await first.log.close();
	const { log } = await begin(disk);
	log.record(makeDeferred({ ...tried(log, 1), sequel: round }));
	log.record(makeDeferred({ ...tried(log, 2), sequel: retry }));
	log.record(makeAccepted(tried(log, 3)));
	await log.close();
	assert.deepEqual([log.tally.replaced.bounced, log.tally.total, log.tally.count('accepted')], [1, 1, 1]);
});

test('a message that no server can take after all is failed, and no longer deferred', async () => {
	const { log } = await begin(new MemoryFileSystem());
	log.record(makeDeferred({ ...tried(log, 1), sequel: retry }));
	const { recipient, attempt: second } = tried(log, 2);
	const { message } = makeAccepted({ recipient });
	log.record({ kind: 'failed', message, attempt: second, errorType: 'smtp.size_exceeded', errorMessage: 'too large' });
	await log.close();
	assert.deepEqual([log.tally.count('failed'), log.tally.count('deferred'), log.tally.total], [1, 0, 1]);
});

test('a crash between the attempts leaves the recipient deferred, one behind the dot of a retry leaves him unknown', async () => {
	const disk = new MemoryFileSystem();
	const { log } = await begin(disk);
	log.record(makeDeferred({ ...tried(log, 1), sequel: retry }));
	await log.close();
	const between = openTables();
	await openCampaign(logPath, { files: disk.afterCrash(disk.operations.length), ...between });
	between.keys.seek('bob@old.example');
	assert.equal(statusOfState(between.keys.value), 'deferred');

	const second = await begin(disk);
	second.log.record(makeDeferred({ ...tried(second.log, 1), sequel: retry }));
	tried(second.log, 2);
	await second.log.close();
	const third = await begin(disk);
	assert.deepEqual(
		third.opened.kind === 'existing' ? third.opened.reading.openMarks.map(({ attempt: number }) => number) : [],
		[2],
	);
	third.keys.seek('bob@old.example');
	assert.equal(statusOfState(third.keys.value), 'unknown');
	await third.log.close();
	assert.equal((await verify(disk)).conclusion, 'fine');
});

test('rows of several attempts that a crash kept from the log are put in again, each as it was', async () => {
	const disk = new MemoryFileSystem();
	const { log } = await begin(disk);
	// The same number twice: a round does not know how often somebody was tried before.
	for (const number of [1, 2, 2]) {
		log.record(makeDeferred({ ...tried(log, number), sequel: round }));
	}
	log.record(makeAccepted(tried(log, 3)));
	await log.close();
	const whole = linesOf(disk, logPath).map(({ status, attempt: number, final }) => ({ status, number, final }));
	const lines = disk.text(logPath).split(/(?<=\n)/);
	// The last commit record speaks of the whole log: without it the crash came before.
	const records = disk
		.text(journal)
		.split(/(?<=\n)/)
		.filter((line) => !line.includes('"type":"commit"'));
	for (let kept = 0; kept < lines.length; kept += 1) {
		const crashed = new MemoryFileSystem();
		crashed.put(journal, Buffer.from(records.join('')));
		crashed.put(logPath, Buffer.from(lines.slice(0, kept).join('')));
		if (kept === 0) crashed.put(logPath, Buffer.alloc(0));
		const found = await verify(crashed);
		assert.equal(found.missingRows, lines.length - kept);
		const { log: next } = await begin(crashed);
		await next.close();
		assert.deepEqual(
			linesOf(crashed, logPath).map(({ status, attempt: number, final }) => ({ status, number, final })),
			whole,
		);
		assert.equal((await verify(crashed)).conclusion, 'fine');
	}
});

/** What a key is after so many lines of a journal, by the rule of design.md §5 and nothing else. */
function stateByRule(lines: readonly Record<string, unknown>[], key: string): number {
	let state = 0;
	const open = new Set<unknown>();
	for (const line of lines) {
		if (line['type'] === 'mark' && line['key'] === key) open.add(line['mark']);
		if (line['type'] === 'release') open.delete(line['mark']);
		if (line['type'] !== 'settle' || line['key'] !== key) continue;
		open.delete(line['mark']);
		const status = statuses.find((word) => word === line['status']) ?? 'unknown';
		const category =
			line['bounce_category'] === 'mailbox_full'
				? 'mailbox_full'
				: line['bounce_category'] === 'network'
					? 'network'
					: '';
		state = stronger(state, keyState(status, status === 'bounced' ? 'invalid_recipient' : category));
	}
	return open.size > 0 ? stronger(state, keyState('unknown', '')) : state;
}

test('any attempts of any keys, cut off behind any line: the strongest counts, of deferrals the last, and an open mark is unknown', async () => {
	const step = fc.record({
		row: fc.integer({ min: 1, max: 4 }),
		end: fc.constantFrom('accepted', 'bounced', 'unknown', 'retry', 'round', 'broken', 'left', 'released', 'open'),
	});
	await fc.assert(
		fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.nat(), async (steps, place) => {
			const disk = new MemoryFileSystem();
			const { log } = await begin(disk);
			const tries = new Map<number, number>();
			const over = new Set<number>();
			for (const { row, end } of steps) {
				if (over.has(row)) continue;
				const recipient = makeRecipient({ address: `r${row}@x.example`, row, line: row + 1 });
				const number = (tries.get(row) ?? 0) + 1;
				const facts = tried(log, number, recipient);
				if (end === 'released') {
					log.release({ id: facts.attempt.mark, isDurable: false }, 'closed');
					continue;
				}
				tries.set(row, number);
				if (end === 'retry') log.record(makeDeferred({ ...facts, sequel: retry }));
				else if (end === 'round') log.record(makeDeferred({ ...facts, sequel: round }));
				else if (end === 'broken') log.record(makeUndelivered({ ...facts, sequel: retry }));
				else over.add(row);
				if (end === 'accepted') log.record(makeAccepted(facts));
				else if (end === 'bounced') log.record(makeBounced(facts));
				else if (end === 'unknown') log.record(makeUnknown(facts));
				else if (end === 'left') log.record(makeDeferred(facts));
			}
			await log.close();
			log.tally.assertAddsUp({
				read: [...tries].filter(([row]) => wasRecorded(disk, row)).length,
				earlier: 0,
				left: 0,
			});
			const lines = disk
				.text(journal)
				.split(/(?<=\n)/)
				.filter((line) => line !== '' && !line.includes('"type":"commit"'));
			const kept = lines.slice(0, 1 + (place % lines.length));
			const crashed = new MemoryFileSystem();
			crashed.put(journal, Buffer.from(kept.join('')));
			crashed.put(logPath, Buffer.alloc(0));
			const next = await begin(crashed);
			const records = kept.map((line): Record<string, unknown> => JSON.parse(line));
			for (let row = 1; row <= 4; row += 1) {
				const key = `r${row}@x.example`;
				next.keys.seek(key);
				assert.equal(next.keys.value, stateByRule(records, key), key);
			}
			await next.log.close();
			assert.equal((await verify(crashed)).conclusion, 'fine');
		}),
		{ numRuns: 150 },
	);
});

test('a repair of files that lost lines of several attempts keeps every accepted recipient, and leaves files that verify', async () => {
	const whole = new MemoryFileSystem();
	const { log } = await begin(whole);
	for (let row = 1; row <= 6; row += 1) {
		const recipient = makeRecipient({ address: `r${row}@x.example`, row, line: row + 1 });
		for (const number of [1, 2, 3]) log.record(makeDeferred({ ...tried(log, number, recipient), sequel: round }));
		log.record(makeAccepted(tried(log, 4, recipient)));
	}
	await log.close();
	const linesIn = (path: string) =>
		whole
			.text(path)
			.split(/(?<=\n)/)
			.filter((line) => line !== '');
	for (let seed = 1; seed <= 25; seed += 1) {
		const random = new SeededRandom(seed);
		const disk = new MemoryFileSystem();
		// What is in one of the files at least is not lost: rows 1 to 3 lose records, 4 to 6 rows of the log.
		const isKept = (line: string, rows: RegExp) => !rows.test(line) || random.next() < 0.6;
		disk.put(
			journal,
			Buffer.from(
				linesIn(journal)
					.filter((line) => isKept(line, /"key":"r[123]@/))
					.join(''),
			),
		);
		disk.put(
			logPath,
			Buffer.from(
				linesIn(logPath)
					.filter((line) => isKept(line, /"key":"r[456]@/))
					.join(''),
			),
		);
		const randomBytes = (count: number) => new Uint8Array(count).fill(0xab);
		await repairLog(logPath, { files: disk, makeTable, randomBytes, tool: 'mailshot 0.1.0' });
		// A mark whose settle record is lost may stay open: the next run says unknown of that attempt, which is less than accepted.
		assert.notEqual((await verify(disk)).conclusion, 'damaged', `seed ${seed}`);
		await (await begin(disk)).log.close();
		assert.equal((await verify(disk)).conclusion, 'fine', `seed ${seed}`);
		const tables = openTables();
		await openCampaign(logPath, { files: disk, ...tables });
		for (let row = 1; row <= 6; row += 1) {
			tables.keys.seek(`r${row}@x.example`);
			assert.equal(statusOfState(tables.keys.value), 'accepted', `seed ${seed}, row ${row}`);
		}
	}
});

function wasRecorded(disk: MemoryFileSystem, row: number): boolean {
	return linesOf(disk, logPath).some((line) => line['row'] === row);
}

test('in a campaign with retries and rounds the numbers are those of the last row of each recipient, and the files verify', async () => {
	let rounds = 0;
	for (let seed = 1; seed <= 12; seed += 1) {
		const disk = new MemoryFileSystem();
		const random = new SeededRandom(seed);
		const run = await simulateRun(disk, { rows: 60, random: () => random.next() });
		rounds += run.rounds;
		const last = new Map(linesOf(disk, logPath).map((line) => [line['row'], line['status']]));
		for (const status of statuses) {
			const count = [...last.values()].filter((found) => found === status).length;
			assert.equal(run.tally.count(status), count, `seed ${seed}: ${status}`);
		}
		run.tally.assertAddsUp({ read: 60, earlier: 0, left: 0 });
		assert.equal(run.tally.waiting, 0);
		assert.equal((await verify(disk)).conclusion, 'fine');
		const copies = run.copies.map(({ key }) => key);
		assert.equal(new Set(copies).size, copies.length);
	}
	assert.ok(rounds > 12, String(rounds));
});
