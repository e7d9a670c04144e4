/** `mailshot send`: prepare, show what will happen, ask, send, say what became of it. */
import { type Classify, classify } from '../bounces/classify.ts';
import type { TemplateSource } from '../message/load-template.ts';
import { type Survey, suppressedRows } from '../recipients/survey-list.ts';
import { exitCodes, RunError, UsageError } from '../support/errors.ts';
import { ask, nobodyToAsk } from './ask.ts';
import { composeRun } from './compose-run.ts';
import type { ControllingTerminal } from './controlling-terminal.ts';
import { type Destination, openSandbox, openServers } from './destination.ts';
import { dryRun } from './dry-run.ts';
import { formatCount, formatCounted } from './format.ts';
import { type HeldLog, holdLog } from './hold-log.ts';
import { canAnimate, type Paint, paintFor, plainPaint } from './paint.ts';
import { renderPlan } from './plan.ts';
import { type PlannedServer, planServer } from './plan-server.ts';
import { type Campaign, openInputs, prepareCampaign } from './prepare-campaign.ts';
import { renderError, renderErrorJson } from './print-error.ts';
import { readBounceRules } from './read-bounce-rules.ts';
import { sayNoRows, sayNothingToSend, showWarnings } from './remarks.ts';
import { type FinishedCampaign, runCampaign } from './run-campaign.ts';
import { openView, type RunFacts } from './run-view.ts';
import type { SecretContext } from './secrets/find-secret.ts';
import { parseSendOptions, type SendFlags, type SendOptions } from './send-options.ts';
import { openSettings } from './settings/open-settings.ts';
import { StopSignals } from './stop-signals.ts';
import type { Surroundings } from './surroundings.ts';
import { layoutWidth } from './text-width.ts';
import { nodeTraceDisk } from './trace-disk.ts';
import { TraceFile } from './trace-file.ts';
import { waysBackLines } from './unsubscribe-plan.ts';
import { startWaiting } from './waiting.ts';

/** Gives the exit code (design.md §6); throws UsageError and RunError for what stops it before anything is sent. */
export async function sendCommand(list: string, flags: SendFlags, surroundings: Surroundings): Promise<number> {
	const { env, clock } = surroundings;
	const settings = await openSettings(flags, { env, directory: '' });
	const options = parseSendOptions(list, flags, { settings, now: clock.now() });
	return new SendCommand(options, surroundings).run();
}

class SendCommand {
	readonly #options: SendOptions;
	readonly #surroundings: Surroundings;
	readonly #stopSignals: StopSignals;
	/** What SIGUSR2 is told before messages go out; '' when the view tells it. */
	#doing = 'starting';
	/** In the order in which they are tried; empty for a rehearsal. */
	#servers: readonly PlannedServer[] = [];
	readonly #isAnimated: boolean;
	readonly #paint: Paint;
	/** Monotonic. */
	readonly #startedAtMs: number;
	#terminal: ControllingTerminal | null | undefined;
	#trace: TraceFile | null = null;
	#classify: Classify = classify;

	constructor(options: SendOptions, surroundings: Surroundings) {
		const { stderr, env, signals, clock } = surroundings;
		this.#options = options;
		this.#surroundings = surroundings;
		this.#startedAtMs = clock.monotonicMs();
		this.#stopSignals = new StopSignals(signals, { clock, graceMs: options.graceMs });
		this.#isAnimated = options.output === 'text' && canAnimate(stderr, env);
		this.#paint = paintFor(stderr, { env, color: options.color });
	}

	async run(): Promise<number> {
		const { mode } = this.#options;
		let held: HeldLog | null = null;
		this.#surroundings.signals.on('SIGUSR2', this.#sayWhatIsDone);
		let destination: Destination | null = null;
		let campaign: Campaign | null = null;
		try {
			// What is cheap to find out comes first: nobody waits for a count to learn of a typing error.
			const template = await openInputs(this.#options);
			this.#classify = await readBounceRules(this.#options.bounceRules ?? undefined);
			if (mode !== 'dry_run') this.#trace = this.#openTrace();
			if (mode === 'send') destination = await this.#openDestination();
			held = await this.#holdLog();
			campaign = await this.#prepare(template, held);
			this.#checkExpected(campaign);
			if (campaign.survey.rows === 0) sayNoRows(campaign, this.#options, this.#surroundings);
			if (mode === 'dry_run') {
				this.#showPlan(campaign, null);
				return await dryRun(campaign, this.#options.output, {
					...this.#surroundings,
					signal: this.#stopSignals.stop,
				});
			}
			if (campaign.survey.rows === 0) return exitCodes.done;
			sayNothingToSend(campaign, this.#options, this.#surroundings);
			destination ??= await this.#openDestination();
			await this.#confirm(campaign, destination);
			return this.#finish(await this.#send(campaign, destination));
		} finally {
			campaign?.release();
			held?.release();
			this.#terminal?.close();
			await destination?.close();
			await this.#trace?.close();
			this.#stopSignals.release();
			this.#surroundings.signals.off('SIGUSR2', this.#sayWhatIsDone);
		}
	}

	/** Without a listener the signal would end the process. */
	readonly #sayWhatIsDone = (): void => {
		// In front of it may stand a question that waits on its line.
		if (this.#doing !== '') this.#surroundings.stderr.write(`\n${this.#doing}\n`);
	};

	async #openDestination(): Promise<Destination> {
		const { mode, servers, output } = this.#options;
		const { env, clock } = this.#surroundings;
		if (mode === 'sandbox') return openSandbox(clock);
		const context: SecretContext = {
			env,
			clock,
			signal: this.#stopSignals.stop,
			askPassword: (question) => {
				const terminal = this.#openTerminal();
				terminal?.write(question);
				return terminal?.readLine({ hidden: true, signal: this.#stopSignals.stop }) ?? null;
			},
			warn: (text) => showWarnings([text], output, this.#surroundings),
		};
		const destination = await openServers(servers, context);
		this.#servers = destination.servers.flatMap((settings, at) => {
			const options = servers[at];
			return options === undefined ? [] : [planServer(options, settings)];
		});
		return destination;
	}

	async #holdLog(): Promise<HeldLog> {
		const { mode, log, replacesLog, allowsNetworkFiles } = this.#options;
		const reading = `Reading the journal of ${log}`;
		const waiting = this.#startWaiting(reading);
		const purpose = mode === 'dry_run' ? 'look' : replacesLog ? 'rehearsal' : 'send';
		try {
			return await holdLog(
				log,
				{ purpose, allowsNetworkFiles: allowsNetworkFiles || mode === 'sandbox' },
				{
					...this.#surroundings,
					signal: this.#stopSignals.stop,
					onRecords: (records) =>
						void waiting.then(({ say }) => say(`${reading}: ${formatCounted(records, 'record')}`)),
				},
			);
		} finally {
			(await waiting).stop();
		}
	}

	#startWaiting(text: string) {
		this.#doing = text;
		const { stderr } = this.#surroundings;
		return startWaiting(text, stderr, { isAnimated: this.#isAnimated, isColored: this.#paint !== plainPaint });
	}

	async #prepare(template: TemplateSource, held: HeldLog): Promise<Campaign> {
		const { list } = this.#options;
		const reading = `Reading ${list.displayName}`;
		const waiting = await this.#startWaiting(reading);
		try {
			return await prepareCampaign(this.#options, this.#surroundings, {
				held,
				isRehearsal: this.#options.mode === 'sandbox',
				template,
				signal: this.#stopSignals.stop,
				onRows: (rows) => waiting.say(`${reading}: ${formatCounted(rows, 'row')}`),
			});
		} finally {
			waiting.stop();
		}
	}

	/** Counted before --limit and before what is settled: the guard is against a wrong list, and the same command has to go on after a crash. */
	#checkExpected({ survey }: Campaign): void {
		const { expect, list } = this.#options;
		if (expect === null) return;
		const recipients = recipientsOf(survey);
		if (recipients >= expect.min && recipients <= expect.max) return;
		const expected =
			expect.min === expect.max ? formatCount(expect.min) : `${formatCount(expect.min)} to ${formatCount(expect.max)}`;
		throw new UsageError(
			`${list.displayName} has ${formatCounted(recipients, 'recipient')}, and --expect says ${expected}: nothing was sent`,
			{ hint: 'Look at the list first. If its number is right, correct --expect.' },
		);
	}

	async #confirm(campaign: Campaign, destination: Destination): Promise<void> {
		const { isConfirmed } = this.#options;
		const count = this.#count(campaign);
		if (isConfirmed || count === 0) {
			this.#showPlan(campaign, destination);
			return;
		}
		const question = {
			count,
			recipients: recipientsOf(campaign.survey),
			server: destination.name,
			command: this.#surroundings.command,
		};
		const terminal = this.#openTerminal();
		if (terminal === null) throw nobodyToAsk(question);
		this.#showPlan(campaign, destination);
		this.#doing = 'waiting for an answer';
		await ask(question, terminal, { signal: this.#stopSignals.stop });
	}

	/** For people: not where lines are read by programs, except when the question is about it. */
	#showPlan(campaign: Campaign, destination: Destination | null): void {
		const { stderr } = this.#surroundings;
		const { isConfirmed, output } = this.#options;
		const isAsking = destination !== null && !isConfirmed && (output === 'text' || this.#count(campaign) > 0);
		const isForPeople = stderr.isTTY === true && output === 'text';
		const warnings = [...this.#options.warnings, ...campaign.warnings];
		if (!isAsking && !isForPeople && !this.#options.isVerbose) {
			showWarnings(warnings, output, this.#surroundings);
			return;
		}
		const { campaign: name, log, replacesLog, selection } = this.#options;
		const plan = renderPlan(
			{
				campaign: name,
				message: { ...campaign.message, warnings },
				example: campaign.example,
				waysBack: campaign.example === null ? [] : waysBackLines(campaign.example, this.#options),
				destination: destination === null ? 'nobody' : destination.isSandbox ? 'sandbox' : this.#servers,
				time: { ...this.#options, pace: this.#servers[0] ?? this.#options },
				list: campaign.list,
				survey: campaign.survey,
				earlier: campaign.earlier,
				selection,
				toSend: this.#count(campaign),
				log,
				logExists: campaign.held.opened.kind === 'existing',
				replacesLog: replacesLog && destination !== null,
				isVerbose: this.#options.isVerbose,
			},
			{ width: layoutWidth(stderr), paint: this.#paint },
		);
		stderr.write(plan);
	}

	async #send(campaign: Campaign, destination: Destination): Promise<FinishedCampaign> {
		const { output, progressMs } = this.#options;
		const { stdout, stderr, clock } = this.#surroundings;
		this.#doing = '';
		const parts = {
			destination,
			servers: this.#servers,
			classify: this.#classify,
			trace: this.#trace,
			startedAtMs: this.#startedAtMs,
			openView: (facts: RunFacts) =>
				openView(
					output,
					{ facts, stdout, stderr, clock, paint: this.#paint, progressMs },
					{ isAnimated: this.#isAnimated },
				),
		};
		const run = composeRun(this.#options, parts, this.#surroundings);
		return await runCampaign(run, campaign, { ...this.#surroundings, stopSignals: this.#stopSignals });
	}

	#openTrace(): TraceFile | null {
		const { tracePath, output } = this.#options;
		if (tracePath === null) return null;
		const onTrouble = (text: string) => showWarnings([text], output, this.#surroundings);
		return new TraceFile(tracePath, { disk: nodeTraceDisk, clock: this.#surroundings.clock, onTrouble });
	}

	#finish({ exitCode, stopped, outcome }: FinishedCampaign): number {
		const { stderr } = this.#surroundings;
		const { output } = this.#options;
		outcome?.view.end(outcome.ending, outcome.summary);
		const isSaid = stopped !== null && /nothing was sent/i.test(`${stopped.message} ${stopped.hint}`);
		const nothingSent = isSaid ? 'No log is left of it.' : 'Nothing was sent, and no log is left of it.';
		const again = outcome === null ? nothingSent : '';
		if (stopped !== null) {
			const hint = [stopped.hint, again].filter((line) => line !== '').join('\n');
			const error = new RunError(stopped.exitCode, stopped.message, { hint });
			stderr.write(output === 'json' ? renderErrorJson(error, exitCode) : renderError(error, this.#paint));
		} else if (again !== '' && output === 'text') {
			stderr.write(`${again}\n`);
		}
		return exitCode;
	}

	#count({ survey }: Campaign): number {
		return Math.min(survey.recipients, this.#options.limit);
	}

	#openTerminal(): ControllingTerminal | null {
		if (this.#terminal === undefined) this.#terminal = this.#surroundings.openTerminal();
		return this.#terminal;
	}
}

/** Everybody on the list, whatever became of them so far, and whoever does not want it any more. */
function recipientsOf(survey: Survey): number {
	const { recipients, passedOver } = survey;
	return passedOver.reduce((sum, count) => sum + count, recipients + suppressedRows(survey));
}
