/** When a message that was refused for now is tried again in the same run, or that patience is over. */
import type { Refusal } from '../../bounces/refusal.ts';
import { toldDelayMs } from '../../bounces/told-time.ts';
import type { Reply } from '../../smtp/reply.ts';
import type { RetrySchedule } from './retry-schedule.ts';

export interface RetryPolicyOptions {
	readonly schedule: RetrySchedule;
	/** 0 to below 1. */
	readonly random: () => number;
	/** Wall clock, for replies that name a time of day. */
	readonly now: () => number;
}

export interface FailedTry {
	/** Attempts of this message in this run so far, at least 1. */
	readonly tries: number;
	/** Null: the connection broke before the final dot. */
	readonly refusal: Refusal | null;
	/** Null: no reply decided. */
	readonly reply: Reply | null;
}

// Those who were all told the same time do not come back all at once.
const mostSpreadMs = 60_000;

export class RetryPolicy {
	readonly #options: RetryPolicyOptions;

	constructor(options: RetryPolicyOptions) {
		this.#options = options;
	}

	/** Milliseconds from now until the next attempt, more than 0; null: not in this run. */
	delayMs({ tries, refusal, reply }: FailedTry): number | null {
		const { schedule, random, now } = this.#options;
		const stepMs = schedule.delaysMs[tries - 1];
		if (stepMs === undefined || !mayPass(refusal)) return null;
		const toldMs = reply === null ? null : toldDelayMs(reply, now());
		if (toldMs !== null) return toldMs > this.#patienceMs(tries) ? null : this.#notBefore(toldMs);
		if (refusal?.category === 'greylisted') return this.#notBefore(stepMs);
		// Full jitter: a server that fell over with everybody is not met by everybody at once. 1 - random is never 0.
		return stepMs * (1 - random());
	}

	/** What the schedule has left in all. */
	#patienceMs(tries: number): number {
		return this.#options.schedule.delaysMs.slice(tries - 1).reduce((sum, delayMs) => sum + delayMs, 0);
	}

	#notBefore(delayMs: number): number {
		return delayMs + this.#options.random() * Math.min(delayMs / 10, mostSpreadMs);
	}
}

/** hold and stop are about us and not about a moment; drop and suppress are final. */
function mayPass(refusal: Refusal | null): boolean {
	return refusal === null || refusal.action === 'retry' || refusal.action === 'slow';
}
