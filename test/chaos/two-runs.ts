/** Several runs of one campaign at once, killed at random: with the lock patched out, the fence alone stands between them and a second copy. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FinishedRun } from '../helpers/run-mailshot.ts';
import { CampaignSite } from './campaign-site.ts';
import type { ChaosServer } from './chaos-server.ts';
import { judge, type Verdict } from './judge.ts';
import { SeededRandom } from './seeded-random.ts';

export interface CrowdCampaign {
	readonly seed: number;
	readonly rows: number;
	/** Runs that are started at about the same time. */
	readonly processes: number;
	/** So often, before one run alone goes to the end. */
	readonly rounds: number;
	readonly connections: number;
	readonly window: number;
	/** 0 to 1: how many of them are killed, at any moment. */
	readonly killOdds: number;
	/** A program without lock. */
	readonly program: string;
}

export interface CrowdOutcome extends Verdict {
	/** How many runs ended with each code; -9: killed. */
	readonly endings: Readonly<Record<string, number>>;
}

const verdictMs = 25;

export async function runCrowd(campaign: CrowdCampaign, server: ChaosServer): Promise<CrowdOutcome> {
	const directory = mkdtempSync(join(tmpdir(), 'mailshot-crowd-'));
	const random = new SeededRandom(campaign.seed);
	const { rows, connections, window, program, processes, rounds } = campaign;
	await server.begin(
		{ seed: campaign.seed, verdictMs: [verdictMs / 2, verdictMs * 1.5] },
		join(directory, 'truth.jsonl'),
	);
	const flags = ['--concurrency', String(connections), '--window', String(window)];
	const site = new CampaignSite({ directory, smtp: server.url, rows, flags, program });
	const endings: Record<string, number> = {};
	const violations: string[] = [];
	let starts = 0;
	const note = (ended: FinishedRun) => {
		starts += 1;
		const how = ended.signal === 'SIGKILL' ? '-9' : String(ended.code);
		endings[how] = (endings[how] ?? 0) + 1;
		// Without a lock they also take the summary away from each other, which is no matter of the promise.
		const isSummary = ended.stderr.includes('.summary.json');
		if (![0, 3, 5, 74].includes(ended.code ?? 0) && !isSummary) {
			violations.push(`a run ended with ${ended.code}:\n${ended.stderr}`);
		}
	};
	for (let round = 0; round < rounds; round++) {
		const runs = Array.from({ length: processes }, () =>
			startAndMaybeKill(site, { random, killOdds: campaign.killOdds }),
		);
		for (const ended of await Promise.all(runs)) note(ended);
	}
	const last = await finish(site);
	note(last);
	if (last.code !== 0 && last.code !== 3) violations.push(`alone it ended with ${last.code}:\n${last.stderr}`);
	const verdict = judge({
		logPath: site.logPath,
		keys: site.keys,
		truth: await server.report(),
		// A run that the fence stops drops its connections: what it had under way is unknown, as after a kill.
		unknownBound: starts * connections * window,
		window,
		isFinished: last.code === 0 || last.code === 3,
		files: 'shared',
	});
	violations.push(...verdict.violations);
	if (violations.length > 0) violations.push(`seed ${campaign.seed}`);
	rmSync(directory, { recursive: true, force: true });
	return { ...verdict, violations, endings };
}

function startAndMaybeKill(
	site: CampaignSite,
	{ random, killOdds }: { readonly random: SeededRandom; readonly killOdds: number },
): Promise<FinishedRun> {
	const delayMs = random.next() < 0.3 ? 0 : random.next() * 150;
	const killAfterMs = random.next() < killOdds ? 150 + random.next() * 600 : null;
	return new Promise((resolve, reject) => {
		setTimeout(() => {
			const running = site.start();
			const kill = killAfterMs === null ? undefined : setTimeout(() => running.kill('SIGKILL'), killAfterMs);
			running.finished.finally(() => clearTimeout(kill)).then(resolve, reject);
		}, delayMs);
	});
}

/** One run alone goes on to the end; a journal that two wrote to may have to be repaired first, as the refusal says. */
async function finish(site: CampaignSite): Promise<FinishedRun> {
	let ended = await site.run();
	if (ended.code === 74) {
		await site.command('log', 'repair', 'results.jsonl');
		ended = await site.run();
	}
	for (let again = 0; ended.code === 5 && again < 5; again++) ended = await site.run();
	return ended;
}
