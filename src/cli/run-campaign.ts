/** Sends a prepared campaign: log, summary file, progress, signals, and how it ended. */
import type { DeliverOptions, ServerPlan } from '../delivery/deliver-options.ts';
import { suppressedRows } from '../recipients/survey-list.ts';
import { CampaignLog } from '../results/campaign-log.ts';
import { decideExitCode } from '../results/decide-exit-code.ts';
import type { RunRecord } from '../results/journal/journal-record.ts';
import { makeRunId } from '../results/run-id.ts';
import { describeResend } from '../results/selection.ts';
import { campaignCounts, type Summary } from '../results/summary.ts';
import type { Tally } from '../results/tally.ts';
import { type SendJob, type SendReport, send } from '../send.ts';
import type { Clock } from '../support/clock.ts';
import { type ExitCode, RunError } from '../support/errors.ts';
import { CampaignSummary, type SummaryFacts } from './campaign-summary.ts';
import { NoticeDigest } from './notice-digest.ts';
import { packageVersion } from './package-file.ts';
import type { Campaign } from './prepare-campaign.ts';
import type { RunFacts, RunView } from './run-view.ts';
import type { StopSignals } from './stop-signals.ts';
import type { RunEnding } from './summary-block.ts';
import { addBounces } from './suppress-bounces.ts';
import { assertListWritable } from './suppress-files.ts';
import type { Surroundings } from './surroundings.ts';
import { TimeLimit, type TimeLimits } from './time-limit.ts';

export interface CampaignRun {
	readonly name: string;
	readonly template: string;
	/** What goes on with it when typed again; '' when it begins anew. */
	readonly command: string;
	readonly tags: ReadonlyMap<string, string>;
	/** Messages of this run at most; Infinity for all. */
	readonly limit: number;
	/** In the order in which they are tried. */
	readonly servers: readonly [ServerPlan, ...ServerPlan[]];
	/** How people know them: `smtp.acme.example:587`, `the sandbox`. */
	readonly serverName: string;
	readonly delivery: Pick<DeliverOptions, 'domainRates' | 'retry' | 'safety' | 'classify' | 'maxWaitMs' | 'trace'>;
	readonly timeLimits: TimeLimits;
	readonly window: number;
	readonly graceMs: number;
	/** Suppression lists, of which the first gets who bounces hard; empty: nobody writes one. */
	readonly suppress: readonly string[];
	readonly openView: (facts: RunFacts) => Promise<RunView>;
}

/** What the view can ask from the moment at which there is a delivery. */
interface Waiting {
	for: RunFacts['waitsFor'];
}

export interface FinishedCampaign {
	readonly exitCode: ExitCode;
	/** Why it ended before the list did, when that was not a signal; or why its summary could not be written. */
	readonly stopped: SendReport['stopped'];
	/** What is to be shown. Null: nothing was sent, and no log is left, so that the same command can be run again as it is. */
	readonly outcome: {
		readonly ending: RunEnding;
		readonly summary: Summary;
		readonly tally: Tally;
		readonly view: RunView;
	} | null;
}

type Context = Pick<Surroundings, 'clock' | 'randomBytes' | 'signals'> & { readonly stopSignals: StopSignals };

/** Throws RunError 73 when log or summary cannot be written; what else ends a run early is in what it gives. */
export async function runCampaign(run: CampaignRun, campaign: Campaign, context: Context): Promise<FinishedCampaign> {
	const { clock, stopSignals } = context;
	const { survey, held } = campaign;
	const [list] = run.suppress;
	if (list !== undefined) assertListWritable(list);
	const runId = makeRunId(clock, context.randomBytes);
	const log = await CampaignLog.begin({
		...held,
		logPath: held.path,
		run: runHeader(run, campaign, { runId, clock }),
		clock,
	});
	const { tally } = log;
	const toSend = Math.min(survey.recipients, run.limit);
	const facts = { ...run, server: run.servers[0].settings, logPath: held.path, runId, toSend };
	const summary = await startSummary(facts, campaign, { log, clock });
	const waiting: Waiting = { for: () => null };
	const view = await run.openView({
		campaign: run.name,
		toSend,
		skipped: survey.duplicates + suppressedRows(survey),
		server: run.serverName,
		logPath: held.path,
		tally,
		waitsFor: () => waiting.for(),
	});
	for (const text of log.notices) view.warning(text);
	const report = await sendAndShow(run, campaign, { ...context, log, view, summary, waiting });
	const { left, earlier } = summary;
	// What became of the log says more than what it made the connections do. A time that was up when all was done has stopped nothing.
	const stopped = log.error ?? report.stopped ?? (left > 0 ? report.timeUp : null);

	const signal = left > 0 ? stopSignals.exitCode : null;
	const state = stopped !== null || signal !== null ? 'stopped' : 'finished';
	if (state === 'finished' && toSend === survey.recipients) {
		const decided = Object.values(earlier).reduce((sum, count) => sum + count, 0);
		tally.assertAddsUp({ read: survey.rows, earlier: decided, left: survey.passedOver[0] ?? 0 });
	}
	const exitCode = decideExitCode({
		stopped: stopped?.exitCode ?? signal,
		...campaignCounts(tally, earlier),
		left,
	});
	if (state === 'stopped' && tally.attempted === 0 && held.opened.kind === 'new') {
		log.remove();
		summary.remove();
		return { exitCode, stopped, outcome: null };
	}
	const ended = summary.make({ state, exitCode, finishedAt: clock.now() });
	const ending: RunEnding = {
		campaign: run.name,
		state,
		seconds: ended.seconds,
		toSend,
		left,
		earlier,
		command: goesOn(campaign, state) ? run.command : '',
		runId,
		isFirstRun: held.opened.kind === 'new',
		logPath: held.path,
		summaryPath: summary.path,
	};
	const unsuppressed = addBounces(run.suppress, held, { view, randomBytes: context.randomBytes });
	const unwritten = writeLast(summary, ended) ?? unsuppressed;
	return {
		exitCode: unwritten?.exitCode ?? exitCode,
		stopped: stopped ?? unwritten,
		outcome: { ending, summary: ended, tally, view },
	};
}

/** With --resend the same words name again whoever is settled by then; with --only they send to nobody who was left out. */
function goesOn({ selection }: Campaign, state: RunEnding['state']): boolean {
	return selection.resend.length === 0 && (selection.only === null || state === 'stopped');
}

/** What the journal says of this run, before anything else of it. No secrets: no password, no user. */
function runHeader(
	run: CampaignRun,
	{ held, facts, selection }: Campaign,
	{ runId, clock }: { readonly runId: string; readonly clock: Clock },
): Omit<RunRecord, 'type' | 'v' | 'run'> {
	const { pid, pidStarted, bootId, host } = held.identity;
	return {
		run_id: runId,
		campaign_id: held.campaignId.toString('hex'),
		campaign: run.name,
		tags: Object.fromEntries(run.tags),
		tool: `mailshot ${packageVersion()}`,
		started_at: new Date(clock.now()).toISOString(),
		pid,
		pid_started: pidStarted,
		boot_id: bootId,
		host,
		...facts,
		server_address: run.servers[0].settings.host,
		server_port: run.servers[0].settings.port,
		connections: Math.max(...run.servers.map(({ connections }) => connections)),
		window: run.window,
		resend: describeResend(selection),
	};
}

/** A campaign that cannot begin leaves no log that would be in the way of its next attempt. */
async function startSummary(
	facts: SummaryFacts,
	campaign: Campaign,
	{ log, clock }: { readonly log: CampaignLog; readonly clock: Clock },
): Promise<CampaignSummary> {
	try {
		const summary = await CampaignSummary.open(facts, campaign, { tally: log.tally, clock });
		summary.write(summary.make({ state: 'running' }));
		return summary;
	} catch (error) {
		await log.close();
		log.remove();
		throw error;
	}
}

async function sendAndShow(
	run: CampaignRun,
	campaign: Campaign,
	context: Context & {
		readonly log: CampaignLog;
		readonly view: RunView;
		readonly summary: CampaignSummary;
		readonly waiting: Waiting;
	},
): Promise<SendReport & { readonly timeUp: RunError | null }> {
	const { clock, randomBytes, signals, stopSignals, log, view, summary, waiting } = context;
	stopSignals.announce({
		onStop: (text) => view.notice(text),
		onDrop: (text) => view.notice(text),
	});
	const notices = new NoticeDigest(clock, (text) => view.notice(text));
	const showNow = () => view.showNow();
	// Not SIGUSR1: that one starts Node's debugger.
	signals.on('SIGUSR2', showNow);
	view.start();
	const timeLimit = new TimeLimit(run.timeLimits, { clock, onUp: (text) => view.notice(text) });
	const toSend = Math.min(run.limit, campaign.survey.recipients);
	try {
		const report = await send({
			list: campaign.list,
			keys: campaign.held.keys,
			passOver: campaign.passOver,
			...suppression(campaign),
			message: campaign.message,
			// A limit that is not reached is none: rows behind the last recipient, duplicates for example, get their result, too.
			limit: run.limit >= campaign.survey.recipients ? Number.POSITIVE_INFINITY : run.limit,
			log,
			graceMs: run.graceMs,
			delivery: {
				...run.delivery,
				// A connection that finds nothing to send only costs the server a login.
				servers: run.servers.map((plan) => ({ ...plan, connections: Math.min(plan.connections, Math.max(1, toSend)) })),
				window: run.window,
				clock,
				random: () => randomBytes(4).readUInt32LE() / 2 ** 32,
				stop: AbortSignal.any([stopSignals.stop, timeLimit.signal]),
				drop: stopSignals.drop,
				onNotice: (text) => notices.add(text),
				onBegin(waitsFor) {
					waiting.for = waitsFor;
				},
				onConnected: ({ tlsVersion }) => {
					if (tlsVersion !== '') summary.tls = tlsVersion;
					view.connected();
				},
			},
		});
		return { ...report, timeUp: timeLimit.error };
	} finally {
		timeLimit.end();
		notices.end();
		view.halt();
		signals.off('SIGUSR2', showNow);
	}
}

function suppression({ suppression: list }: Campaign): Pick<SendJob, 'isSuppressed'> {
	return list === null ? {} : { isSuppressed: ({ address }) => list.covers(address) };
}

function writeLast(file: CampaignSummary, summary: Summary): RunError | null {
	try {
		file.write(summary);
		return null;
	} catch (error) {
		if (error instanceof RunError) return error;
		throw error;
	}
}
