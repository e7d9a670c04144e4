/** One timer for the earliest thing that has to be done: set again and again, it wakes once, never later than the earliest time it was told. */
import type { Clock, Timer } from '../support/clock.ts';

// Longer than a timer can wait: it wakes in between and is set again.
const longestMs = 3_600_000;

export class Alarm {
	readonly #clock: Clock;
	readonly #onRing: () => void;
	#timer: Timer | null = null;
	#atMs = Number.POSITIVE_INFINITY;

	constructor(clock: Clock, onRing: () => void) {
		this.#clock = clock;
		this.#onRing = onRing;
	}

	/** Monotonic; Infinity: nothing is to be done. One that was set for an earlier time stays. */
	set(atMs: number, nowMs: number): void {
		if (atMs === Number.POSITIVE_INFINITY || (this.#timer !== null && this.#atMs <= atMs)) return;
		this.#timer?.cancel();
		this.#atMs = atMs;
		this.#timer = this.#clock.after(Math.min(Math.max(0, atMs - nowMs), longestMs), () => {
			this.#timer = null;
			this.#onRing();
		});
	}

	cancel(): void {
		this.#timer?.cancel();
		this.#timer = null;
	}
}
