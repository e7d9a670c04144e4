/** Where a run is at this moment, read from its tally: what progress shows. */
import type { Status } from '../results/result.ts';
import type { Tally } from '../results/tally.ts';
import type { Clock } from '../support/clock.ts';
import type { RunFacts } from './run-view.ts';

export interface RunSnapshot {
	/** Messages that have a result, of those that are to be sent in this run. */
	readonly done: number;
	readonly toSend: number;
	/** 0 to 100; 100 only when all are done. */
	readonly percent: number;
	/** Rows that wait to be tried again count as deferred. */
	readonly counts: Readonly<Record<Status, number>>;
	/** Of those that are deferred: how many this run will try again. They are not done. */
	readonly waiting: number;
	/** Until the next of them is due; 0: it is. Null: nobody waits. */
	readonly nextTryInSeconds: number | null;
	/** What holds the run up for more than a moment, and for how long; null when nothing does. */
	readonly waitsFor: { readonly what: string; readonly seconds: number } | null;
	readonly ratePerSecond: number;
	/** Null while nothing moves. */
	readonly secondsLeft: number | null;
	readonly seconds: number;
}

/** The rate is that of the last seconds: after a pause, the mean since the start would promise too much. */
const rateWindowMs = 15_000;

export class RunMeter {
	readonly #tally: Tally;
	readonly #toSend: number;
	readonly #clock: Clock;
	readonly #waitsFor: RunFacts['waitsFor'];
	readonly #startedAt: number;
	#marks: { readonly at: number; readonly done: number }[];

	constructor({ tally, toSend, waitsFor }: Pick<RunFacts, 'tally' | 'toSend' | 'waitsFor'>, clock: Clock) {
		this.#tally = tally;
		this.#toSend = toSend;
		this.#clock = clock;
		this.#waitsFor = waitsFor;
		this.#startedAt = clock.monotonicMs();
		this.#marks = [{ at: this.#startedAt, done: 0 }];
	}

	snapshot(): RunSnapshot {
		const now = this.#clock.monotonicMs();
		const done = Math.min(this.#tally.recipientsDone, this.#toSend);
		const ratePerSecond = this.#rate(now, done);
		const nextTryInMs = this.#tally.nextTryInMs(this.#clock);
		const nextTryInSeconds = nextTryInMs === null ? null : nextTryInMs / 1000;
		const waits = this.#waitsFor();
		const waitsFor = waits === null ? null : { what: waits.what, seconds: Math.max(0, waits.untilMs - now) / 1000 };
		return {
			done,
			toSend: this.#toSend,
			percent: this.#toSend === 0 ? 100 : Math.floor((done / this.#toSend) * 100),
			counts: {
				accepted: this.#tally.count('accepted'),
				bounced: this.#tally.count('bounced'),
				deferred: this.#tally.count('deferred'),
				failed: this.#tally.count('failed'),
				skipped: this.#tally.count('skipped'),
				unknown: this.#tally.count('unknown'),
			},
			waiting: this.#tally.waiting,
			nextTryInSeconds,
			waitsFor,
			ratePerSecond,
			// However fast it goes: nobody is done before the next try, or while everybody waits.
			secondsLeft:
				ratePerSecond > 0
					? Math.max((this.#toSend - done) / ratePerSecond, nextTryInSeconds ?? 0, waitsFor?.seconds ?? 0)
					: null,
			seconds: (now - this.#startedAt) / 1000,
		};
	}

	#rate(now: number, done: number): number {
		const last = this.#marks.at(-1);
		// Ten marks a second at most: the list of them stays short however often somebody looks.
		if (last === undefined || now - last.at >= 100) this.#marks.push({ at: now, done });
		// The oldest mark that is kept is the first one outside the window, so that there is always one to measure from.
		while (this.#marks.length > 2 && now - (this.#marks[1]?.at ?? now) >= rateWindowMs) this.#marks.shift();
		const first = this.#marks[0] ?? { at: now, done };
		const seconds = (now - first.at) / 1000;
		return seconds > 0 ? (done - first.done) / seconds : 0;
	}
}
