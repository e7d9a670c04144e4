/** `mailshot demo`: a sample campaign to the sandbox inside mailshot, told as a story. Needs no network and no settings. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { everybody } from '../results/selection.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { renderDemoEnd, renderDemoStart } from './demo-story.ts';
import { openSandbox } from './destination.ts';
import { type HeldLog, holdLog } from './hold-log.ts';
import { packageFile } from './package-file.ts';
import { canAnimate, paintFor } from './paint.ts';
import { prepareCampaign } from './prepare-campaign.ts';
import { runCampaign } from './run-campaign.ts';
import { openView } from './run-view.ts';
import { StopSignals } from './stop-signals.ts';
import type { Surroundings } from './surroundings.ts';
import { layoutWidth } from './text-width.ts';

const demoDirectory = 'mailshot-demo';

/** 0 whatever the sample refusals were; otherwise the code of what went wrong. */
export async function demoCommand(
	{ color = true }: { readonly color?: boolean },
	surroundings: Surroundings,
): Promise<number> {
	const { stdout, stderr, clock, env, signals } = surroundings;
	const isAnimated = canAnimate(stderr, env);
	const look = { width: layoutWidth(stdout), paint: paintFor(stdout, { env, color }) };
	const files = { list: packageFile('samples/customers.csv'), template: packageFile('templates/newsletter.hbs') };
	const stopSignals = new StopSignals(signals);
	const destination = await openSandbox(clock);
	let held: HeldLog | null = null;
	try {
		// The log of an earlier demo is nobody's record: it is replaced.
		held = await holdLog(
			logPath(),
			{ purpose: 'rehearsal', allowsNetworkFiles: true },
			{ ...surroundings, signal: stopSignals.stop, onRecords: () => {} },
		);
		const campaign = await prepareCampaign(
			{
				list: { path: files.list, displayName: 'customers.csv', isStdin: false },
				template: files.template,
				partials: null,
				from: null,
				subject: null,
				unsubscribeUrl: null,
				unsubscribeMailto: null,
				verp: null,
				dsn: false,
				campaignSecret: { secret: null, oldSecrets: [] },
				emailColumn: null,
				delimiter: null,
				encoding: null,
				keyColumn: null,
				set: new Map(),
				campaign: 'demo',
				selection: everybody,
				mayChangeMessage: false,
				suppress: [],
			},
			surroundings,
			{ held, isRehearsal: true, signal: stopSignals.stop, onRows: () => {} },
		);
		stdout.write(renderDemoStart(campaign.survey.rows));
		const { exitCode, stopped, outcome } = await runCampaign(
			{
				name: 'demo',
				template: files.template,
				command: '',
				tags: new Map(),
				limit: Number.POSITIVE_INFINITY,
				servers: [
					{
						settings: destination.servers[0],
						provider: '',
						connections: 4,
						messagesPerConnection: 1000,
						rates: [],
						quotas: null,
					},
				],
				serverName: destination.name,
				// It shows one of each kind, and waits for nobody.
				delivery: {
					domainRates: new Map(),
					retry: { delaysMs: [] },
					safety: { maxBounceRate: Number.POSITIVE_INFINITY, maxFailures: Number.POSITIVE_INFINITY },
					maxWaitMs: 0,
					trace: null,
				},
				timeLimits: { maxRuntimeMs: null, deadlineAt: null, startedAtMs: clock.monotonicMs() },
				window: 2,
				graceMs: 0,
				suppress: [],
				openView: (facts) =>
					openView(
						// The story says it all where no bar can be drawn.
						isAnimated ? 'text' : 'quiet',
						{ facts, stdout, stderr, clock, paint: paintFor(stderr, { env, color }), progressMs: null },
						{ isAnimated },
					),
			},
			campaign,
			{ ...surroundings, stopSignals },
		);
		if (stopped !== null) throw new RunError(stopped.exitCode, stopped.message, { hint: stopped.hint });
		if (outcome === null || outcome.ending.state === 'stopped') return exitCode;
		const { tally, ending } = outcome;
		const { example, survey } = campaign;
		stdout.write(renderDemoEnd({ tally, ending, example, rows: survey.rows, hasBar: isAnimated, files }, look));
		return exitCodes.done;
	} finally {
		held?.release();
		await destination.close();
		stopSignals.release();
	}
}

function logPath(): string {
	const path = join(demoDirectory, 'results.jsonl');
	try {
		mkdirSync(demoDirectory, { recursive: true });
		return path;
	} catch (cause) {
		const why = cause instanceof Error ? cause.message : String(cause);
		throw new RunError(exitCodes.cannotWriteLog, `the demo cannot write its log to ./${path}: ${why}`, {
			hint: 'Run it in a folder that you may write to:\n  cd /tmp && mailshot demo',
			cause,
		});
	}
}
