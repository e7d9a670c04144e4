/** Progress for cron, CI and pipes: lines that each stand for themselves, at the start, every 30 s, and at the end; no escape codes. */
import { campaignCounts, type Summary } from '../results/summary.ts';
import type { Tally } from '../results/tally.ts';
import type { Timer } from '../support/clock.ts';
import { shellWord } from '../support/shell-word.ts';
import { type PlainFields, plainLine, statusFields } from './progress-lines.ts';
import { RunMeter } from './run-snapshot.ts';
import type { RunView, ViewContext } from './run-view.ts';
import type { RunEnding } from './summary-block.ts';

export class PlainView implements RunView {
	readonly #context: ViewContext;
	readonly #meter: RunMeter;
	#timer: Timer | null = null;

	constructor(context: ViewContext) {
		this.#context = context;
		this.#meter = new RunMeter(context.facts.tally, { toSend: context.facts.toSend, clock: context.clock });
	}

	start(): void {
		const { toSend, skipped, server, logPath } = this.#context.facts;
		this.#line('start', { to_send: toSend, ...(skipped > 0 ? { skipped } : {}), server, log: logPath });
		const { progressMs, clock } = this.#context;
		if (progressMs !== null) this.#timer = clock.every(progressMs, () => this.showNow());
	}

	connected(): void {}

	notice(text: string): void {
		this.#line('notice', { text });
	}

	showNow(): void {
		const { event, fields } = statusWords(this.#meter);
		this.#line(event, fields);
	}

	halt(): void {
		this.#timer?.cancel();
	}

	end(ending: RunEnding, summary: Summary): void {
		const { tally } = this.#context.facts;
		for (const { category, count, sample } of tally.categories) this.#line('why', { category, count, sample });
		for (const { errorType, count, sample } of tally.failures) this.#line('why', { error: errorType, count, sample });
		for (const { recipient, line, reason } of tally.unknownRecipients) {
			this.#line('unknown', { recipient, line, reason });
		}
		if (tally.unknownRecipients.length > 0) {
			const log = shellWord(ending.logPath);
			this.#line('hint', {
				list: `mailshot log unknown ${log}`,
				resolve: `mailshot log resolve ${log} --accepted ADDRESS...`,
			});
		}
		this.#line(ending.state === 'finished' ? 'done' : 'stopped', endFields(ending, summary, tally));
	}

	#line(event: string, fields: PlainFields): void {
		const { stderr, clock, facts } = this.#context;
		stderr.write(plainLine(clock.now(), facts.campaign, { event, fields }));
	}
}

/** Silence, and one line at the end when not everything was accepted. */
export class QuietView implements RunView {
	readonly #context: ViewContext;
	readonly #meter: RunMeter;

	constructor(context: ViewContext) {
		this.#context = context;
		this.#meter = new RunMeter(context.facts.tally, { toSend: context.facts.toSend, clock: context.clock });
	}

	start(): void {}

	connected(): void {}

	notice(): void {}

	/** Somebody asks. */
	showNow(): void {
		const { stderr, clock, facts } = this.#context;
		stderr.write(plainLine(clock.now(), facts.campaign, statusWords(this.#meter)));
	}

	halt(): void {}

	end(ending: RunEnding, summary: Summary): void {
		if (summary.exit_code === 0) return;
		const { stderr, clock, facts } = this.#context;
		const event = ending.state === 'finished' ? 'done' : 'stopped';
		stderr.write(plainLine(clock.now(), facts.campaign, { event, fields: endFields(ending, summary, facts.tally) }));
	}
}

function statusWords(meter: RunMeter): { readonly event: string; readonly fields: PlainFields } {
	const snapshot = meter.snapshot();
	return { event: `${snapshot.percent}% ${snapshot.done}/${snapshot.toSend}`, fields: statusFields(snapshot) };
}

function endFields(ending: RunEnding, summary: Summary, tally: Tally): PlainFields {
	const counts = campaignCounts(tally, ending.earlier);
	const earlier = Object.values(ending.earlier).reduce((sum, count) => sum + count, 0);
	const optional = { skipped: counts.skipped, unknown: counts.unknown, left: ending.left, by_earlier_runs: earlier };
	return {
		accepted: counts.accepted,
		bounced: counts.bounced,
		deferred: counts.deferred,
		failed: counts.failed,
		...Object.fromEntries(Object.entries(optional).filter(([, count]) => count > 0)),
		seconds: Math.round(ending.seconds * 10) / 10,
		rate: `${summary.rate_per_s}/s`,
		log: ending.logPath,
		...(summary.exit_code === undefined ? {} : { exit: summary.exit_code }),
	};
}
