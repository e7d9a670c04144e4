/** Progress for programs: JSON lines on standard output, the last one the summary. Fields may be added, never change meaning. */
import type { Summary } from '../results/summary.ts';
import type { Timer } from '../support/clock.ts';
import { RunMeter } from './run-snapshot.ts';
import type { RunView, ViewContext } from './run-view.ts';
import { goOnCommand, type RunEnding } from './summary-block.ts';

export class JsonView implements RunView {
	readonly #context: ViewContext;
	readonly #meter: RunMeter;
	#timer: Timer | null = null;

	constructor(context: ViewContext) {
		this.#context = context;
		this.#meter = new RunMeter(context.facts, context.clock);
	}

	start(): void {
		const { campaign, toSend, skipped, server, logPath } = this.#context.facts;
		this.#write({ type: 'start', campaign, to_send: toSend, skipped, server, log: logPath });
		const { progressMs, clock } = this.#context;
		if (progressMs !== null) this.#timer = clock.every(progressMs, () => this.showNow());
	}

	connected(): void {}

	notice(text: string): void {
		this.#write({ type: 'notice', text });
	}

	warning(text: string): void {
		this.#write({ type: 'warning', text });
	}

	showNow(): void {
		const snapshot = this.#meter.snapshot();
		const { done, toSend, counts, waiting, nextTryInSeconds, waitsFor, ratePerSecond, secondsLeft, seconds } = snapshot;
		this.#write({
			type: 'status',
			done,
			to_send: toSend,
			...counts,
			waiting,
			// -1: nobody waits.
			next_try_seconds: nextTryInSeconds === null ? -1 : Math.ceil(nextTryInSeconds),
			// '' and 0: nothing holds it up.
			waits_for: waitsFor?.what ?? '',
			waits_seconds: Math.ceil(waitsFor?.seconds ?? 0),
			rate_per_s: round(ratePerSecond),
			// -1: nothing moves, so nobody knows.
			seconds_left: secondsLeft === null ? -1 : Math.ceil(secondsLeft),
			seconds: round(seconds),
		});
	}

	halt(): void {
		this.#timer?.cancel();
	}

	end(ending: RunEnding, summary: Summary): void {
		const { tally } = this.#context.facts;
		this.#write({
			type: 'summary',
			...summary,
			unknown_recipients: tally.unknownRecipients,
			// '': nobody is left.
			go_on: goOnCommand(ending, tally),
			log: ending.logPath,
			summary: ending.summaryPath,
		});
	}

	#write(object: Readonly<Record<string, unknown>>): void {
		const { clock, stdout } = this.#context;
		stdout.write(`${JSON.stringify({ v: 1, timestamp: new Date(clock.now()).toISOString(), ...object })}\n`);
	}
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
