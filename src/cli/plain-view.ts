/** Progress for cron, CI and pipes: lines that each stand for themselves, at the start, every 30 s, and at the end; no escape codes. */
import { campaignCounts, type Summary } from '../results/summary.ts';
import type { Tally } from '../results/tally.ts';
import type { Timer } from '../support/clock.ts';
import { shellWord } from '../support/shell-word.ts';
import { type PlainFields, plainLine, statusFields } from './progress-lines.ts';
import { RunMeter } from './run-snapshot.ts';
import type { RunView, ViewContext } from './run-view.ts';
import { goOnCommand, type RunEnding } from './summary-block.ts';

export class PlainView implements RunView {
	readonly #context: ViewContext;
	readonly #meter: RunMeter;
	#timer: Timer | null = null;

	constructor(context: ViewContext) {
		this.#context = context;
		this.#meter = new RunMeter(context.facts, context.clock);
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

	warning(text: string): void {
		this.#line('warning', { text });
	}

	showNow(): void {
		writeLine(this.#context, statusWords(this.#meter));
	}

	halt(): void {
		this.#timer?.cancel();
	}

	end(ending: RunEnding, summary: Summary): void {
		const { tally } = this.#context.facts;
		for (const { category, count, sample } of tally.categories) this.#line('why', { category, count, sample });
		for (const { errorType, count, sample } of tally.failures) this.#line('why', { error: errorType, count, sample });
		for (const { event, fields } of endLines(ending, summary, tally)) this.#line(event, fields);
	}

	#line(event: string, fields: PlainFields): void {
		writeLine(this.#context, { event, fields });
	}
}

/** Silence, but for what is wrong: with the log, with recipients that somebody has to look at, and at the end when not everything was accepted. */
export class QuietView implements RunView {
	readonly #context: ViewContext;
	readonly #meter: RunMeter;

	constructor(context: ViewContext) {
		this.#context = context;
		this.#meter = new RunMeter(context.facts, context.clock);
	}

	start(): void {}

	connected(): void {}

	notice(): void {}

	warning(text: string): void {
		writeLine(this.#context, { event: 'warning', fields: { text } });
	}

	/** Somebody asks. */
	showNow(): void {
		writeLine(this.#context, statusWords(this.#meter));
	}

	halt(): void {}

	end(ending: RunEnding, summary: Summary): void {
		if (summary.exit_code === 0) return;
		for (const words of endLines(ending, summary, this.#context.facts.tally)) writeLine(this.#context, words);
	}
}

interface Words {
	readonly event: string;
	readonly fields: PlainFields;
}

function writeLine({ stderr, clock, facts }: ViewContext, words: Words): void {
	stderr.write(plainLine(clock.now(), facts.campaign, words));
}

function statusWords(meter: RunMeter): Words {
	const snapshot = meter.snapshot();
	return { event: `${snapshot.percent}% ${snapshot.done}/${snapshot.toSend}`, fields: statusFields(snapshot) };
}

/** Who is unknown, what to do, and the numbers. */
function endLines(ending: RunEnding, summary: Summary, tally: Tally): Words[] {
	const unknown = tally.unknownRecipients.map(({ recipient, line, reason }) => ({
		event: 'unknown',
		fields: { recipient, line, reason },
	}));
	const log = shellWord(ending.logPath);
	const resolve = {
		list: `mailshot log unknown ${log}`,
		resolve: `mailshot log resolve ${log} --accepted ADDRESS...`,
	};
	const command = goOnCommand(ending, tally);
	return [
		...unknown,
		...(unknown.length > 0 ? [{ event: 'hint', fields: resolve }] : []),
		...(command === '' ? [] : [{ event: 'hint', fields: { go_on: command } }]),
		{ event: ending.state === 'finished' ? 'done' : 'stopped', fields: endFields(ending, summary, tally) },
	];
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
		seconds: ending.seconds,
		rate: `${summary.rate_per_s}/s`,
		log: ending.logPath,
		...(summary.exit_code === undefined ? {} : { exit: summary.exit_code }),
	};
}
