/** Verdicts that are swallowed, with and without the connection ending before the next replies are complete: nobody is called accepted whom the server did not take. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startChaosServer } from './chaos-server.ts';
import { Pace, runCrashCampaign } from './crash-loop.ts';
import type { Fault } from './server-behaviour.ts';

const server = await startChaosServer({ after });

const desyncs: Readonly<Record<string, readonly Fault[]>> = {
	'swallowed, and the connection ends at the next RCPT': [
		{ stage: 'dot', action: 'lose_missing', odds: 0.15 },
		{ stage: 'rcpt', action: 'close', odds: 0.3 },
	],
	'swallowed, and the next RCPT is refused': [
		{ stage: 'dot', action: 'lose_missing', odds: 0.15 },
		{ stage: 'rcpt', action: 'say_5yz', odds: 0.3 },
	],
	'refused, with one reply too many or too few before': [
		{ stage: 'dot', action: 'say_4yz', odds: 0.3 },
		{ stage: 'mail', action: 'extra', odds: 0.1 },
		{ stage: 'mail', action: 'missing', odds: 0.1 },
		{ stage: 'data', action: 'say_250', odds: 0.1 },
	],
};

for (const [what, faults] of Object.entries(desyncs)) {
	test(`verdicts are ${what}: accepted means taken, and nobody is sent to twice`, async () => {
		// A server that got out of step once is spoken to more carefully, so only the first moments of a run count: hence many small ones.
		for (const seed of [4, 13, 19]) {
			const outcome = await runCrashCampaign(
				{
					seed,
					rows: 12,
					connections: 5,
					window: 2,
					pipelining: true,
					chunking: false,
					kills: 0,
					verdictMs: 3,
					faults,
				},
				{ server, pace: new Pace() },
			);
			assert.deepEqual(outcome.violations, []);
		}
	});
}
