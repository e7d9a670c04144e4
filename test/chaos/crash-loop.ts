/** Campaigns that are killed at random instants until they are done, and the verdict about each (reference/reliability.md §6, T1). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FinishedRun } from '../helpers/run-mailshot.ts';
import { CampaignSite } from './campaign-site.ts';
import { type ChaosServer, startChaosServer } from './chaos-server.ts';
import { judge } from './judge.ts';
import { SeededRandom } from './seeded-random.ts';
import { chunkTrouble, type Fault, storm } from './server-behaviour.ts';

export interface CrashCampaign {
	readonly seed: number;
	readonly rows: number;
	readonly connections: number;
	readonly window: number;
	readonly pipelining: boolean;
	readonly chunking: boolean;
	readonly faults: readonly Fault[];
	/** Most kills; it may be done before. */
	readonly kills: number;
	/** Mean time from dot to verdict. */
	readonly verdictMs: number;
	readonly program?: string;
	/** The mailer's environment, for the directory that the campaign is in. */
	readonly envIn?: (directory: string) => Readonly<Record<string, string>>;
	/** Called after each kill, with the process gone: a power cut, for example. Says what it did. */
	readonly afterKill?: (site: CampaignSite, random: SeededRandom) => readonly string[];
	/** What may have become of the files, beside kills. */
	readonly files?: 'whole' | 'cut';
	/** Leave them where they are when the promise was broken. */
	readonly keepsFiles?: boolean;
}

export interface CrashOutcome {
	readonly kills: number;
	readonly runs: number;
	readonly dots: number;
	readonly accepted: number;
	readonly unknown: number;
	readonly unknownBound: number;
	readonly doubled: number;
	readonly lost: number;
	readonly violations: readonly string[];
	/** Where the files are; '' when they were removed. */
	readonly directory: string;
}

const maxRuns = 60;

/** How long a run takes here and now: from process start to its first dot, and from its last verdict to its end. Learnt as we go. */
export class Pace {
	#aroundMs = 400;

	expectedMs(campaign: CrashCampaign, rowsLeft: number): number {
		return this.#aroundMs + (rowsLeft * (campaign.verdictMs + 0.5)) / campaign.connections;
	}

	ran(campaign: CrashCampaign, facts: { readonly rows: number; readonly ms: number }): void {
		const aroundMs = facts.ms - (facts.rows * (campaign.verdictMs + 0.5)) / campaign.connections;
		this.#aroundMs = Math.max(100, 0.7 * this.#aroundMs + 0.3 * aroundMs);
	}
}

/** Half of the campaigns try again in the run what was put off, the other half in the next run. A list of odd addresses is no rotten one. */
function retries(seed: number): string[] {
	return ['--retry', seed % 2 === 0 ? 'none' : '30ms*3', '--max-bounce-rate', 'none'];
}

export async function runCrashCampaign(
	campaign: CrashCampaign,
	{ server, pace }: { readonly server: ChaosServer; readonly pace: Pace },
): Promise<CrashOutcome> {
	const directory = mkdtempSync(join(tmpdir(), 'mailshot-crash-'));
	const { seed, rows, connections, window, pipelining, chunking, faults, verdictMs } = campaign;
	const random = new SeededRandom(seed);
	const behaviour = { seed, pipelining, chunking, faults, verdictMs: [0, 2 * verdictMs] } as const;
	await server.begin(behaviour, join(directory, 'truth.jsonl'));
	const site = new CampaignSite({
		directory,
		smtp: server.url,
		rows,
		oddRows: true,
		flags: ['--concurrency', String(connections), '--window', String(window), ...retries(seed)],
		...(campaign.program === undefined ? {} : { program: campaign.program }),
		...(campaign.envIn === undefined ? {} : { env: campaign.envIn(directory) }),
	});
	const violations: string[] = [];
	let kills = 0;
	let runs = 0;
	const events: string[] = [];
	let done: FinishedRun | null = null;
	while (done === null && runs < maxRuns) {
		runs += 1;
		const { dots } = await server.report();
		const taken = new Set(dots.filter((dot) => dot.verdict === 'accepted').map((dot) => dot.recipient)).size;
		const left = rows - taken;
		const startedAt = performance.now();
		const running = site.start();
		const killTimer =
			kills < campaign.kills
				? setTimeout(() => running.kill('SIGKILL'), random.next() * pace.expectedMs(campaign, left))
				: undefined;
		const ended = await running.finished;
		clearTimeout(killTimer);
		if (ended.signal === 'SIGKILL') {
			kills += 1;
			events.push(`run ${runs} was killed`, ...(campaign.afterKill?.(site, random) ?? []));
			continue;
		}
		events.push(`run ${runs} ended with ${ended.code}`);
		pace.ran(campaign, { rows: left, ms: performance.now() - startedAt });
		if (ended.code === 0 || ended.code === 3) done = ended;
		// 5: deferred, or left. 69: the server greeted the first connection with a fault.
		else if (ended.code !== 5 && ended.code !== 69) {
			violations.push(`run ${runs} ended with ${ended.code ?? ended.signal}:\n${ended.stderr}`);
			break;
		}
	}
	if (done === null && violations.length === 0) violations.push(`not done after ${maxRuns} runs`);
	if (done !== null) violations.push(...(await runOnceMore(site, server, done)));
	const truth = await server.report();
	// What strikes a connection strikes everything that is in flight on it.
	const inFlight = chunking ? window : 1;
	const unknownBound = window * connections * kills + truth.ambiguous * inFlight;
	const verdict = judge({
		logPath: site.logPath,
		keys: site.keys,
		truth,
		unknownBound,
		window,
		isFinished: done !== null,
		files: campaign.files ?? 'whole',
	});
	violations.push(...verdict.violations);
	const isKept = violations.length > 0 && campaign.keepsFiles === true;
	if (!isKept) rmSync(directory, { recursive: true, force: true });
	if (violations.length > 0) violations.push(`seed ${seed}: ${events.join('; ')}`);
	const { unknown, doubled, lost } = verdict;
	return {
		kills,
		runs,
		dots: truth.dots.length,
		accepted: new Set(truth.dots.filter((dot) => dot.verdict === 'accepted').map((dot) => dot.recipient)).size,
		unknown,
		unknownBound,
		doubled,
		lost,
		violations,
		directory: isKept ? directory : '',
	};
}

/** A finished campaign that is run again sends nothing, writes no row and says the same; `log verify` has nothing to say. */
async function runOnceMore(site: CampaignSite, server: ChaosServer, done: FinishedRun): Promise<string[]> {
	const log = site.read(site.logPath);
	const { dots } = await server.report();
	// Without faults: a greeting that is refused would be its answer.
	await server.behave({});
	const again = await site.run();
	const violations: string[] = [];
	if (again.code !== done.code)
		violations.push(`run again it ends with ${again.code}, not ${done.code}:\n${again.stderr}`);
	const dotsNow = (await server.report()).dots.length;
	if (dotsNow > dots.length)
		violations.push(`nothing was left, and run again it sent ${dotsNow - dots.length} messages`);
	if (site.read(site.logPath) !== log) violations.push('nothing was left, and run again it wrote to the log');
	const verified = await site.command('log', 'verify', 'results.jsonl');
	if (verified.code !== 0)
		violations.push(`log verify ended with ${verified.code}:\n${verified.stderr}${verified.stdout}`);
	return violations;
}

/** Runs what `next` gives, several at the same time, each with a server of its own; until it gives null. */
export async function runCrashCampaigns(
	next: () => CrashCampaign | null,
	{
		jobs,
		onOutcome,
	}: { readonly jobs: number; readonly onOutcome: (campaign: CrashCampaign, outcome: CrashOutcome) => void },
): Promise<void> {
	const work = async () => {
		const cleanups: (() => void | Promise<void>)[] = [];
		const server = await startChaosServer({ after: (callback) => cleanups.push(callback) });
		const pace = new Pace();
		try {
			for (let campaign = next(); campaign !== null; campaign = next()) {
				onOutcome(campaign, await runCrashCampaign(campaign, { server, pace }));
			}
		} finally {
			for (const callback of cleanups) await callback();
		}
	};
	await Promise.all(Array.from({ length: jobs }, work));
}

export type CrashShape = Pick<
	CrashCampaign,
	'connections' | 'window' | 'pipelining' | 'chunking' | 'faults' | 'verdictMs' | 'rows'
>;

/** The shapes that take turns: connections, window, PIPELINING and faults, each with each; and CHUNKING with the windows that make use of it. */
export function crashMatrix(): readonly CrashShape[] {
	const shapes = [];
	for (const pipelining of [true, false]) {
		for (const connections of [10, 50]) {
			for (const window of [2, 1, 8]) {
				for (const faults of [storm, []]) {
					shapes.push(shapeOf({ connections, window, pipelining, chunking: false, faults }));
				}
			}
		}
	}
	for (const [connections, window] of [
		[10, 8],
		[5, 32],
	] as const) {
		for (const faults of [chunkTrouble, []]) {
			shapes.push(shapeOf({ connections, window, pipelining: true, chunking: true, faults }));
		}
	}
	return shapes;
}

function shapeOf(shape: Omit<CrashShape, 'verdictMs' | 'rows'>): CrashShape {
	const { connections, window } = shape;
	// Enough that no kill puts all of them at stake.
	return { ...shape, verdictMs: connections, rows: Math.max(500, 3 * connections * window) };
}
