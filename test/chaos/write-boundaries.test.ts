/** Every write boundary: a crash after each operation on the disk, and then the campaign goes on until it is done. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { journalPath } from '../../src/results/journal/journal-record.ts';
import { openCampaign } from '../../src/results/open-campaign.ts';
import { MemoryFileSystem } from '../results/memory-file-system.ts';
import {
	type Copy,
	connections,
	logPath,
	openTables,
	recipientKey,
	simulateRun,
	window,
} from '../results/simulate-campaign.ts';
import { SeededRandom } from './seeded-random.ts';

const rows = 40;
const bound = connections * window;

interface History {
	readonly disk: MemoryFileSystem;
	readonly copies: readonly Copy[];
	/** How often a connection broke behind the dot. */
	readonly broken: number;
}

async function firstRun(seed: number): Promise<History> {
	const disk = new MemoryFileSystem();
	const random = new SeededRandom(seed);
	const { copies, broken } = await simulateRun(disk, { rows, random: () => random.next() });
	return { disk, copies, broken };
}

/** Runs the campaign again and again until nothing is left, and gives how many recipients the crash made unknown. */
async function finish(crashed: MemoryFileSystem, before: readonly Copy[], random: () => number): Promise<number> {
	const copies = [...before];
	let unknown = 0;
	for (let run = 1, left = 1; left > 0; run += 1) {
		const result = await simulateRun(crashed, { rows, random });
		if (result.opened.kind === 'existing') unknown += result.opened.reading.openMarks.length;
		copies.push(...result.copies);
		left = result.left;
		assert.ok(run < 50);
	}
	assertKept(crashed, copies);
	await assertClean(crashed);
	return unknown;
}

/** The promise of design.md §1, held against what the server knows. */
function assertKept(disk: MemoryFileSystem, copies: readonly Copy[]): void {
	const records = parse(disk, journalPath(logPath));
	const logRows = parse(disk, logPath);
	for (let row = 1; row <= rows; row += 1) {
		if (row % 13 === 0) {
			assert.ok(logRows.some((found) => found['row'] === row && found['status'] === 'failed'));
			continue;
		}
		const key = recipientKey(row);
		const taken = copies.filter((copy) => copy.key === key).length;
		assert.ok(taken <= 1, `${key} was sent ${taken} copies`);
		const settled = records.filter((record) => record['type'] === 'settle' && record['key'] === key);
		const statuses = new Set(settled.map((record) => record['status']));
		if (statuses.has('accepted')) assert.equal(taken, 1, `${key} is accepted, and the server has nothing`);
		else if (statuses.has('unknown')) continue;
		else {
			assert.ok(statuses.has('bounced'), `${key} has no result`);
			assert.equal(taken, 0, `${key} bounced, and the server has it`);
		}
	}
}

/** Each record of the journal has its row. After a power cut the log may have more: rows whose records were lost. */
function assertRows(disk: MemoryFileSystem, { isExact }: { readonly isExact: boolean }): void {
	const recorded = identities(
		parse(disk, journalPath(logPath)).filter(({ type }) => type === 'settle' || type === 'local'),
	);
	const written = identities(parse(disk, logPath));
	for (const [identity, count] of recorded) {
		const found = written.get(identity) ?? 0;
		assert.ok(isExact ? found === count : found >= count, `${identity}: ${count} records, ${found} rows`);
	}
	if (isExact) assert.equal(written.size, recorded.size);
}

function identities(lines: readonly Record<string, unknown>[]): Map<string, number> {
	const counts = new Map<string, number>();
	for (const line of lines) {
		const run = line['run_id'] ?? `RUN${line['run']}`;
		const identity = [run, line['status'], line['key'], line['key'] === '' ? line['row'] : ''].join(' ');
		counts.set(identity, (counts.get(identity) ?? 0) + 1);
	}
	return counts;
}

/** What a clean exit leaves: nothing open or missing, and, when its run wrote anything, a last commit record that vouches for all of both files. */
async function assertClean(disk: MemoryFileSystem): Promise<void> {
	const opened = await openCampaign(logPath, { files: disk, ...openTables() });
	assert.ok(opened.kind === 'existing');
	const { reading, tail } = opened;
	assert.deepEqual([reading.torn, tail.torn, reading.openMarks, tail.missing], [null, null, [], []]);
	assert.equal(reading.crc, crc32(disk.text(journalPath(logPath))));
	assert.equal(tail.crc, crc32(disk.text(logPath)));
	if (parse(disk, journalPath(logPath)).at(-1)?.['type'] === 'commit') {
		assert.deepEqual(reading.uncovered, []);
		assert.equal(reading.lastCommit?.log, tail.lengthBytes);
	}
	assert.deepEqual([...disk.paths].sort(), [logPath, journalPath(logPath)].sort());
}

function parse(disk: MemoryFileSystem, path: string): Record<string, unknown>[] {
	return disk
		.text(path)
		.split('\n')
		.slice(0, -1)
		.map((line) => JSON.parse(line));
}

for (const seed of [1, 2, 3]) {
	test(`killed after each operation, seed ${seed}: 0 lost, 0 doubled, no more unknown than marks may be open`, async () => {
		const { disk, copies } = await firstRun(seed);
		assert.ok(disk.operations.length > 60);
		const random = new SeededRandom(seed * 1000);
		for (let operation = 0; operation <= disk.operations.length; operation += 1) {
			const torn = disk.afterTornWrite(operation, () => random.next());
			for (const crashed of [disk.afterCrash(operation), torn]) {
				const before = copies.filter((copy) => copy.operation <= operation);
				const unknown = await finish(crashed, before, () => random.next());
				assert.ok(unknown <= bound, `${unknown} unknown after operation ${operation}`);
				assertRows(crashed, { isExact: true });
			}
		}
	});

	test(`power cut after each operation, seed ${seed}: both files cut, torn or filled with NULs behind their last sync`, async () => {
		const { disk, copies } = await firstRun(seed);
		const random = new SeededRandom(seed * 2000);
		for (let operation = 0; operation <= disk.operations.length; operation += 1) {
			for (let variant = 0; variant < 3; variant += 1) {
				const crashed = disk.afterCrash(operation, { random: () => random.next() });
				const before = copies.filter((copy) => copy.operation <= operation);
				const unknown = await finish(crashed, before, () => random.next());
				assert.ok(unknown <= bound, `${unknown} unknown after operation ${operation}`);
				assertRows(crashed, { isExact: false });
			}
		}
	});
}

for (const [what, hasPowerCuts] of [
	['kill after kill', false],
	['kills and power cuts', true],
] as const) {
	test(`${what}, ten of them in a campaign: the promise holds, and each makes no more unknown than marks may be open`, async () => {
		for (let seed = 1; seed <= 12; seed += 1) {
			const random = new SeededRandom(seed * 3000);
			let disk = new MemoryFileSystem();
			const copies: Copy[] = [];
			for (let crash = 1; crash <= 10; crash += 1) {
				const run = await simulateRun(disk, { rows, random: () => random.next() });
				if (run.opened.kind === 'existing') assert.ok(run.opened.reading.openMarks.length <= bound);
				// Half of them soon, so that repairs are cut short, too.
				const operation = random.whole(
					0,
					random.next() < 0.5 ? Math.min(6, disk.operations.length) : disk.operations.length,
				);
				copies.push(...run.copies.filter((copy) => copy.operation <= operation));
				const cut = hasPowerCuts && random.next() < 0.5 ? { random: () => random.next() } : null;
				disk = hasPowerCuts ? disk.afterCrash(operation, cut) : disk.afterTornWrite(operation, () => random.next());
			}
			await finish(disk, copies, () => random.next());
			assertRows(disk, { isExact: !hasPowerCuts });
		}
	});
}
