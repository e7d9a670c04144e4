/**
 * The guards guard, and the proofs of this folder see it when they do not: each patch in broken-builds/ takes one out of the source, and the proof that is
 * there for it must go red, quickly. A patch that no longer applies fails here, too: bring it up to date with the source.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, test } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { CampaignSite } from './campaign-site.ts';
import { type ChaosServer, startChaosServer } from './chaos-server.ts';
import { type CrashCampaign, Pace, runCrashCampaign } from './crash-loop.ts';
import { buildPatched } from './patched-build.ts';
import { cutPower, recordSyncs } from './power-cut.ts';
import { crashAfterDeferral } from './retried-row.ts';
import { runCrowd } from './two-runs.ts';

interface Guard {
	/** What the program lacks. */
	readonly without: string;
	readonly patches: readonly string[];
	/** Runs the proof that is there for this guard once; gives what it found. */
	readonly prove: (program: string, server: ChaosServer, seed: number) => Promise<readonly string[]>;
	readonly finding: RegExp;
}

const small = {
	rows: 120,
	connections: 10,
	window: 2,
	pipelining: true,
	chunking: false,
	faults: [],
	verdictMs: 20,
	kills: 3,
} as const;

// Shared: from the second campaign on it is known when kills hit.
const pace = new Pace();
const flying = { ...small, rows: 240, window: 8, chunking: true } as const;

async function crash(campaign: CrashCampaign, server: ChaosServer): Promise<readonly string[]> {
	return (await runCrashCampaign(campaign, { server, pace })).violations;
}

const powerCut: Pick<CrashCampaign, 'files' | 'envIn' | 'afterKill'> = {
	files: 'cut',
	envIn: recordSyncs,
	afterKill: (site, random) => cutPower([site.journalPath, site.logPath], random),
};

/** On a disk that lets the others get ahead of it. */
const slowPowerCut: typeof powerCut = {
	...powerCut,
	envIn: (directory) => ({ ...recordSyncs(directory), MAILSHOT_TEST_SYNC_MS: '30' }),
};

const guards: readonly Guard[] = [
	{
		without: 'fsync: marks are durable without waiting for the disk',
		patches: ['broken-builds/no-fsync.patch'],
		prove: (program, server, seed) => crash({ ...small, ...powerCut, seed, program }, server),
		finding: /for it after dot \d+ got no answer|the journal has fewer marks/,
	},
	{
		without: 'fence: nobody looks whether the journal is as it was left',
		patches: ['no-lock.patch', 'broken-builds/no-fence.patch'],
		prove: async (program, server, seed) => {
			const crowd = { rows: 200, processes: 2, rounds: 1, connections: 5, window: 2, killOdds: 0 };
			return (await runCrowd({ ...crowd, seed, program }, server)).violations;
		},
		finding: /dot \d+ for it after dot \d+ got/,
	},
	{
		without: 'poison rule: replies out of step are passed over',
		patches: ['broken-builds/no-poison-rule.patch'],
		prove: (program, server, seed) => {
			const faults = [{ stage: 'dot', action: 'lose_missing', odds: 0.2 }] as const;
			return crash({ ...small, faults, kills: 0, seed, program }, server);
		},
		finding: /accepted in the journal, and the server never took it/,
	},
	{
		without: 'mark: the dot goes out without one',
		patches: ['broken-builds/no-mark.patch'],
		prove: (program, server, seed) => crash({ ...small, seed, program }, server),
		finding: /for it after dot \d+ got no answer|the journal has fewer marks/,
	},
	{
		without: 'regard for attempts: a mark is closed by what became of another attempt',
		patches: ['broken-builds/mark-closed-by-another-attempt.patch'],
		prove: async (program, server) => {
			const cleanups: (() => void | Promise<void>)[] = [];
			const directory = temporaryDirectory({ after: (callback) => cleanups.push(callback) });
			const flags = ['--concurrency', '1'];
			try {
				return await crashAfterDeferral(
					new CampaignSite({ directory, smtp: server.url, rows: 1, flags, program }),
					server,
				);
			} finally {
				for (const callback of cleanups) await callback();
			}
		},
		finding: /dot 3 for it after dot 2 got no answer/,
	},
	{
		without: 'regard for the window: a connection marks one more',
		patches: ['broken-builds/wide-window.patch'],
		prove: (program, server, seed) => crash({ ...flying, kills: 0, seed, program }, server),
		finding: /a connection had 9 open marks, its window is 8/,
	},
	{
		without: 'patience: a chunk goes out before its mark is durable',
		patches: ['broken-builds/chunk-before-mark.patch'],
		prove: (program, server, seed) => crash({ ...flying, ...slowPowerCut, seed, program }, server),
		finding: /for it after dot \d+ got no answer|the journal has fewer marks/,
	},
	{
		without: 'doubt: what was in flight behind the first when the connection broke is called unsent',
		patches: ['broken-builds/unsent-behind-the-first.patch'],
		prove: (program, server, seed) => {
			const faults = [{ stage: 'dot', action: 'mute', odds: 0.02 }] as const;
			return crash({ ...flying, faults, kills: 0, seed, program }, server);
		},
		finding: /for it after dot \d+ got no answer/,
	},
	{
		without: 'proof of step: any 250 is a verdict, and the reply to RSET',
		patches: ['broken-builds/no-proof-of-step.patch'],
		prove: (program, server, seed) => {
			const faults = [{ stage: 'dot', action: 'lose_missing', odds: 0.05 }] as const;
			return crash({ ...flying, faults, kills: 0, seed, program }, server);
		},
		finding: /accepted in the journal, and the server never took it/,
	},
];

// Chance decides where a kill hits: so many campaigns at most until a broken build is found out.
const mostTries = 8;

const server = await startChaosServer({ after });

for (const { without, patches, prove, finding } of guards) {
	test(`a build without ${without}, is found out`, async (t) => {
		const program = buildPatched(t, patches);
		for (let seed = 1; seed <= mostTries; seed++) {
			const found = (await prove(program, server, seed)).join('\n');
			if (!finding.test(found)) continue;
			t.diagnostic(`found out by seed ${seed}`);
			return;
		}
		assert.fail(`${mostTries} campaigns of the proof, and nobody noticed`);
	});
}

test('every broken build has a proof that goes red', () => {
	const broken = readdirSync(new URL('./broken-builds', import.meta.url)).map((name) => `broken-builds/${name}`);
	const proven = guards.flatMap((guard) => guard.patches.filter((patch) => patch.startsWith('broken-builds/')));
	assert.deepEqual(broken.toSorted(), proven.toSorted());
});
