/** One message after another at equal distances, and after a pause `burst` of them at once. */
import type { Limit } from './limit.ts';

export interface Spread {
	readonly label: string;
	readonly intervalMs: number;
	/** At least 1. */
	readonly burst: number;
}

// Timers, a busy event loop and a busy machine come late. That is made up for, as far as no window gets too much; what is longer is a pause.
const latenessMs = 250;
// The last of a burst must not wait because fractions add up to a little more.
const roundingMs = 0.001;

export class EvenSpread implements Limit {
	readonly label: string;
	readonly #intervalMs: number;
	readonly #burstMs: number;
	#dueAtMs = Number.NEGATIVE_INFINITY;

	constructor({ label, intervalMs, burst }: Spread) {
		this.label = label;
		this.#intervalMs = intervalMs;
		this.#burstMs = burst === 1 ? 0 : (burst - 1) * intervalMs + roundingMs;
	}

	readyAtMs(): number {
		return this.#dueAtMs;
	}

	spend(nowMs: number): void {
		const isAfterPause = nowMs - this.#dueAtMs > this.#burstMs + latenessMs;
		this.#dueAtMs = (isAfterPause ? nowMs - this.#burstMs : this.#dueAtMs) + this.#intervalMs;
	}
}
