/**
 * All limits on what one server gets, held at once: a message goes out when none of them objects.
 *
 *     shortest rate -----> RateLimit        evenly spread
 *     longer rates ------> SlidingWindow    so many, as fast as the shortest allows
 *     hours and longer --> Quota            the same, remembered across restarts and shared with other processes
 *     what was learnt ---> EvenSpread       below all of them
 */
import { EvenSpread } from './even-spread.ts';
import type { Limit } from './limit.ts';
import type { Quota, QuotaLedger } from './quota-ledger.ts';
import type { Rate } from './rate.ts';
import { RateLimit } from './rate-limit.ts';
import { SlidingWindow } from './sliding-window.ts';

export interface PaceOptions {
	/** All of them hold. */
	readonly rates: readonly Rate[];
	/** Null: rates of an hour and longer are kept in memory only. */
	readonly quotas: QuotaLedger | null;
	/** Wall clock. */
	readonly now: () => number;
}

// Nobody restarts a run within minutes to get around a limit, and a file would be written all the time.
const shortestQuotaMs = 3_600_000;

export class Pace {
	readonly #limits: Limit[] = [];
	readonly #quota: Quota | null;
	#learnt: EvenSpread | null = null;
	#lastSpendMs = Number.NEGATIVE_INFINITY;
	/** What readyAtMs said last, and who made it so late. */
	#readyAtMs = Number.NEGATIVE_INFINITY;
	#holdsUp: Limit | null = null;

	constructor({ rates, quotas, now }: PaceOptions) {
		const shortestMs = Math.min(...rates.map(({ periodMs }) => periodMs));
		const forLedger = quotas === null ? [] : rates.filter(({ periodMs }) => periodMs >= shortestQuotaMs);
		for (const rate of rates) {
			if (rate.periodMs === shortestMs) this.#limits.push(new RateLimit(rate));
			else if (!forLedger.includes(rate)) this.#limits.push(new SlidingWindow(rate));
		}
		this.#quota = quotas === null || forLedger.length === 0 ? null : quotas.open(forLedger, now);
	}

	/**
	 * Monotonic: the next message may go out then; not later than `nowMs` when it may now. Other processes may give quota back before that time, so
	 * asking again earlier is worth while. May write to the ledger: RunError 73 when that cannot be done.
	 */
	readyAtMs(nowMs: number): number {
		this.#holdsUp = null;
		this.#readyAtMs = nowMs;
		for (const limit of this.#limits) this.#ask(limit, nowMs);
		if (this.#learnt !== null) this.#ask(this.#learnt, nowMs);
		// Last, and only when nothing else stands in the way: it takes from the quota.
		if (this.#quota !== null && this.#holdsUp === null) this.#ask(this.#quota, nowMs);
		return this.#readyAtMs;
	}

	/** A message goes out now: MAIL is written. Only when readyAtMs(nowMs) has just said that it may. */
	spend(nowMs: number): void {
		for (const limit of this.#limits) spendOf(limit, nowMs);
		if (this.#learnt !== null) spendOf(this.#learnt, nowMs);
		this.#quota?.spend(nowMs);
		this.#lastSpendMs = nowMs;
	}

	/** The rate that the throttle has learnt, beside the given ones; Infinity: none. */
	limitTo(perSecond: number): void {
		if (perSecond === Number.POSITIVE_INFINITY) {
			this.#learnt = null;
			return;
		}
		if (!(perSecond > 0)) throw new Error(`a pace of ${perSecond} a second was asked for`);
		const label = `a slower pace, ${perSecond >= 1 ? `${round(perSecond)} a second` : `${round(perSecond * 60)} a minute`}`;
		this.#learnt = new EvenSpread({ label, intervalMs: 1_000 / perSecond, burst: 1 });
		if (this.#lastSpendMs !== Number.NEGATIVE_INFINITY) this.#learnt.spend(this.#lastSpendMs);
	}

	/** The limit that made the next message wait when readyAtMs was asked last, for people: `10,000 a day`; '' when none did. */
	get waitsFor(): string {
		return this.#holdsUp?.label ?? '';
	}

	/** Any limit is in force now. */
	get isLimited(): boolean {
		return this.#limits.length > 0 || this.#learnt !== null;
	}

	/** Gives quota that was reserved and not used back to the ledger. Throws nothing; safe twice. */
	close(): void {
		this.#quota?.close();
	}

	#ask(limit: Limit, nowMs: number): void {
		const readyAtMs = limit.readyAtMs(nowMs);
		if (readyAtMs <= this.#readyAtMs) return;
		this.#readyAtMs = readyAtMs;
		this.#holdsUp = limit;
	}
}

function spendOf(limit: Limit, nowMs: number): void {
	if (limit.readyAtMs(nowMs) > nowMs) throw new Error(`a message went out before its time (${limit.label})`);
	limit.spend(nowMs);
}

function round(count: number): string {
	return String(Number(count.toPrecision(2)));
}
