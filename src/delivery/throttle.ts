/**
 * How much one server can be asked for, learnt from what it says: "not so fast" halves connections and rate, every hundred messages that it takes, or ten
 * seconds without trouble, give some of it back (additive increase, multiplicative decrease; reference/reliability.md §3, faults 4, 30 and 42 to 45).
 *
 * A rate that was cut goes on rising past where the trouble was, and is lifted when nobody wants that much: lifted at once it would only flood the server
 * into the next trouble.
 */

// Ten connections hear of one trouble together.
const oneTroubleMs = 1_000;
const cleanMessages = 100;
const cleanMs = 10_000;
const stepsBack = 10;
/** Six a minute. */
const slowestPerSecond = 0.1;
/** Where nothing went through yet, nothing was measured. */
const cautiousPerSecond = 1;
const measuredSeconds = 5;
/** A server that gives no more than three connections is asked for a fourth ever more rarely. */
const rarestAsking = 64;

export class Throttle {
	readonly #mostConnections: number;
	readonly #rate: RecentRate;
	#connections: number;
	/** Infinity while no rate is imposed. */
	#perSecond = Number.POSITIVE_INFINITY;
	/** The rate before the first cut, and what each step gives back of it. */
	#fullPerSecond = 0;
	#step = 0;
	#clean = 0;
	/** When the rate was raised last, or cut, and how many messages were taken since. */
	#lastChangeMs = Number.NEGATIVE_INFINITY;
	#sinceChange = 0;
	#lastTroubleMs = Number.NEGATIVE_INFINITY;
	#hasAcceptedSince = true;
	/** The last connection more that was asked for is not proven yet; so many times a hundred messages are waited before the next. */
	#isAskingForOneMore = false;
	#patience = 1;

	constructor({ connections, monotonicMs }: { readonly connections: number; readonly monotonicMs: () => number }) {
		this.#mostConnections = connections;
		this.#connections = connections;
		this.#rate = new RecentRate(monotonicMs());
	}

	/** Open no more than this. At least 1. */
	get connections(): number {
		return this.#connections;
	}

	/** Send no more than this; Infinity when the rate is not cut. */
	get perSecond(): number {
		return this.#perSecond;
	}

	/** The server wants less. Monotonic time; gives a line for people, to be read after the server's name and a colon, or '' when nothing changed. */
	slowDown(nowMs: number, cause: 'connections' | 'rate' | 'both'): string {
		const isSameTrouble = nowMs - this.#lastTroubleMs < oneTroubleMs || !this.#hasAcceptedSince;
		this.#clean = 0;
		this.#sinceChange = 0;
		this.#lastChangeMs = nowMs;
		if (isSameTrouble) return '';
		this.#lastTroubleMs = nowMs;
		this.#hasAcceptedSince = false;
		this.#isAskingForOneMore = false;
		const changes: string[] = [];
		if (cause !== 'rate' && this.#connections > 1) {
			this.#connections = Math.max(1, Math.floor(this.#connections / 2));
			changes.push(connectionsOf(this.#connections));
		}
		if (cause !== 'connections' && this.#cutRate(nowMs)) changes.push(`at most ${rateOf(this.#perSecond)}`);
		return changes.length === 0 ? '' : `slowing down to ${changes.join(', ')}`;
	}

	/** It took a message. Once per message; gives a line when nothing is cut any more, otherwise ''. */
	accepted(nowMs: number): string {
		this.#rate.add(nowMs);
		this.#hasAcceptedSince = true;
		if (!this.#isCut) return '';
		this.#clean += 1;
		this.#sinceChange += 1;
		const isHundred = this.#clean % cleanMessages === 0;
		const hundreds = this.#clean / cleanMessages;
		if (isHundred && this.#connections < this.#mostConnections && hundreds % this.#patience === 0)
			this.#askForOneMore();
		if (this.#sinceChange >= cleanMessages || nowMs - this.#lastChangeMs >= cleanMs) this.#raiseRate(nowMs);
		return this.#isCut ? '' : `back to full speed, ${connectionsOf(this.#connections)}`;
	}

	/** Only `count` connections could be had although more were wanted. Gives a line for people, or '' when that is known. */
	opened(count: number): string {
		const could = Math.max(1, count);
		if (could >= this.#connections) return '';
		const isKnown = this.#isAskingForOneMore && could === this.#connections - 1;
		this.#patience = isKnown ? Math.min(this.#patience * 2, rarestAsking) : 1;
		this.#isAskingForOneMore = false;
		this.#connections = could;
		this.#clean = 0;
		return isKnown ? '' : `going on with ${connectionsOf(could)}`;
	}

	get #isCut(): boolean {
		return this.#connections < this.#mostConnections || this.#perSecond !== Number.POSITIVE_INFINITY;
	}

	/** Gives false when it is as slow as can be. */
	#cutRate(nowMs: number): boolean {
		const measured = this.#rate.perSecond(nowMs);
		const current = Math.min(measured > 0 ? measured : this.#perSecond, this.#perSecond);
		const full = current === Number.POSITIVE_INFINITY ? cautiousPerSecond * 2 : current;
		const cut = Math.max(slowestPerSecond, full / 2);
		if (cut >= this.#perSecond) return false;
		if (this.#perSecond === Number.POSITIVE_INFINITY) this.#fullPerSecond = Math.max(full, cut * 2);
		this.#perSecond = cut;
		this.#step = (this.#fullPerSecond - cut) / stepsBack;
		return true;
	}

	#raiseRate(nowMs: number): void {
		const wantedPerSecond = (this.#sinceChange * 1_000) / Math.max(1, nowMs - this.#lastChangeMs);
		this.#perSecond = wantedPerSecond * 2 > this.#perSecond ? this.#perSecond + this.#step : Number.POSITIVE_INFINITY;
		this.#sinceChange = 0;
		this.#lastChangeMs = nowMs;
	}

	#askForOneMore(): void {
		// The one before was given.
		if (this.#isAskingForOneMore) this.#patience = 1;
		this.#isAskingForOneMore = true;
		this.#connections += 1;
	}
}

/** Messages a second over the last seconds, the one that runs included. */
class RecentRate {
	readonly #counts = new Uint32Array(measuredSeconds + 1);
	readonly #startedAtMs: number;
	#second = 0;

	constructor(startedAtMs: number) {
		this.#startedAtMs = startedAtMs;
	}

	add(nowMs: number): void {
		this.#moveTo(nowMs);
		const place = this.#second % this.#counts.length;
		this.#counts[place] = (this.#counts[place] ?? 0) + 1;
	}

	/** 0 when nothing was accepted lately. */
	perSecond(nowMs: number): number {
		this.#moveTo(nowMs);
		const elapsed = Math.max(0, (nowMs - this.#startedAtMs) / 1_000);
		const span = Math.min(measuredSeconds + (elapsed % 1), elapsed);
		const total = this.#counts.reduce((sum, count) => sum + count, 0);
		// Less than a second is no measure.
		return total / Math.max(1, span);
	}

	#moveTo(nowMs: number): void {
		const second = Math.floor((nowMs - this.#startedAtMs) / 1_000);
		if (second <= this.#second) return;
		const length = this.#counts.length;
		for (let each = Math.max(this.#second, second - length) + 1; each <= second; each += 1)
			this.#counts[each % length] = 0;
		this.#second = second;
	}
}

function connectionsOf(count: number): string {
	return count === 1 ? '1 connection' : `${count} connections`;
}

function rateOf(perSecond: number): string {
	return perSecond >= 1 ? `${Math.round(perSecond)} a second` : `${Math.round(perSecond * 60)} a minute`;
}
