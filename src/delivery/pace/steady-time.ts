/** The wall clock, as far as it can be believed: for what has to survive a restart and a laptop's sleep. */

// Both clocks run at one speed; what is less is noise and the little corrections of NTP.
const noticedMs = 1_000;

/**
 * Time that goes on with the monotonic clock when the wall clock is set back, and with the wall clock when that one jumps forward (the machine slept).
 * It never runs back, and never slower than the monotonic clock.
 */
export class SteadyTime {
	readonly #now: () => number;
	#steadyMs = Number.NEGATIVE_INFINITY;
	#wallMs = 0;
	/** What to add to each clock. */
	#toMonotonic = Number.NEGATIVE_INFINITY;
	#toWall = 0;

	constructor(now: () => number) {
		this.#now = now;
	}

	/** `nowMs`: monotonic. */
	at(nowMs: number): number {
		this.#wallMs = this.#now();
		const byWall = this.#wallMs + this.#toWall;
		const byMonotonic = nowMs + this.#toMonotonic;
		this.#steadyMs = Math.max(this.#steadyMs, byWall, byMonotonic);
		if (byWall - byMonotonic > noticedMs) this.#toMonotonic = this.#steadyMs - nowMs;
		else if (byMonotonic - byWall > noticedMs) this.#toWall = this.#steadyMs - this.#wallMs;
		return this.#steadyMs;
	}

	/** What the wall clock said at that time. */
	get wallMs(): number {
		return this.#wallMs;
	}
}
