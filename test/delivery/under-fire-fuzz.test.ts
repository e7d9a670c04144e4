/** Whatever several servers do at once: the run ends, nobody gets two copies, and each result is true. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { fire } from './fire-plans.ts';
import { burn } from './under-fire.ts';

const runs = 400;

test('under fire of several servers a run ends, keeps its pace, and tells the truth about everybody', async () => {
	await fc.assert(
		fc.asyncProperty(fire, async (given) => {
			const { violations, notices, events, error } = await burn(given);
			const story = inspect({ notices: notices.slice(-20), events: events.slice(-30), error }, { depth: 4 });
			assert.deepEqual(violations, [], story);
		}),
		// A hang takes its time: few steps are better than none.
		{ numRuns: runs, seed: 1, interruptAfterTimeLimit: 120_000, markInterruptAsFailure: false },
	);
});
