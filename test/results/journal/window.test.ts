/** The prefix rule: whatever part of the journal survives, no connection has more open marks in it than its window. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { journalPath } from '../../../src/results/journal/journal-record.ts';
import { SeededRandom } from '../../chaos/seeded-random.ts';
import { MemoryFileSystem } from '../memory-file-system.ts';
import { connections, logPath, simulateRun, window } from '../simulate-campaign.ts';

test('in every prefix of a journal each connection has at most as many open marks as its window', async () => {
	await fc.assert(
		fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), fc.integer({ min: 1, max: 60 }), async (seed, rows) => {
			const random = new SeededRandom(seed);
			const disk = new MemoryFileSystem();
			await simulateRun(disk, { rows, random: () => random.next() });
			const open = new Map<number, number>();
			let most = 0;
			for (const record of lines(disk.text(journalPath(logPath)))) {
				if (record.type === 'mark') open.set(record.mark, record.connection);
				if (record.type === 'settle' || record.type === 'release') assert.ok(open.delete(record.mark));
				for (let connection = 1; connection <= connections; connection += 1) {
					const count = [...open.values()].filter((number) => number === connection).length;
					assert.ok(count <= window);
					most = Math.max(most, count);
				}
			}
			assert.equal(open.size, 0);
			assert.ok(rows < 10 || most === window, 'windows were used');
		}),
		{ numRuns: 60 },
	);
});

function lines(text: string): { readonly type: string; readonly mark: number; readonly connection: number }[] {
	return text
		.split('\n')
		.slice(0, -1)
		.map((line) => JSON.parse(line));
}
