/** Nothing lost, nothing doubled: kill -9 at random instants, at least 200 of them, over connections, windows, PIPELINING, CHUNKING and faults. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CrashCampaign, crashMatrix, runCrashCampaigns } from './crash-loop.ts';

const killsOfEachCampaign = 10;
const firstSeed = 20_000;

for (const { offers, pipelining, chunking, atLeast } of [
	{ offers: 'PIPELINING', pipelining: true, chunking: false, atLeast: 52 },
	{ offers: 'nothing', pipelining: false, chunking: false, atLeast: 52 },
	{ offers: 'PIPELINING and CHUNKING', pipelining: true, chunking: true, atLeast: 30 },
]) {
	for (const hasFaults of [true, false]) {
		const shapes = crashMatrix().filter(
			(shape) =>
				shape.pipelining === pipelining && shape.chunking === chunking && shape.faults.length > 0 === hasFaults,
		);
		const how = `${offers} offered, ${hasFaults ? 'with' : 'without'} faults`;
		test(`killed ${atLeast} times, ${how}: nothing lost, nothing doubled, unknown within the bound, counts add up`, async (t) => {
			let campaigns = 0;
			let kills = 0;
			let unknown = 0;
			const violations: string[] = [];
			const next = (): CrashCampaign | null => {
				const shape = shapes[campaigns % shapes.length];
				if (shape === undefined || kills >= atLeast || violations.length > 0) return null;
				campaigns += 1;
				return { ...shape, seed: firstSeed + campaigns, kills: killsOfEachCampaign };
			};
			await runCrashCampaigns(next, {
				jobs: 2,
				onOutcome: (campaign, outcome) => {
					kills += outcome.kills;
					unknown += outcome.unknown;
					if (outcome.violations.length > 0) violations.push(JSON.stringify(campaign), ...outcome.violations);
				},
			});
			assert.deepEqual(violations, []);
			t.diagnostic(`${kills} kills of ${campaigns} campaigns, ${unknown} unknown`);
		});
	}
}
