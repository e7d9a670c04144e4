/** Never more than `count` messages in any stretch of time as long as the period, wherever it begins. */
import { describeRate } from './describe-rate.ts';
import type { Limit } from './limit.ts';
import type { Rate } from './rate.ts';
import { slackMs } from './slack.ts';

// 32 KB. Above it several messages share a slot, and at most one slot in 4,096 is counted longer than it need be.
const mostSlots = 4_096;

export class SlidingWindow implements Limit {
	readonly label: string;
	readonly #holdMs: number;
	readonly #slotSize: number;
	/** In a ring: when the last message in each slot went out. */
	readonly #lastSpendMs: Float64Array;
	#slot = 0;
	#inSlot = 0;

	/** The rate's burst does not matter here. */
	constructor(rate: Rate) {
		this.label = describeRate(rate);
		this.#holdMs = rate.periodMs + slackMs(rate.periodMs);
		this.#slotSize = Math.ceil(rate.count / mostSlots);
		this.#lastSpendMs = new Float64Array(Math.floor(rate.count / this.#slotSize)).fill(Number.NEGATIVE_INFINITY);
	}

	readyAtMs(nowMs: number): number {
		if (this.#inSlot > 0) return nowMs;
		return (this.#lastSpendMs[this.#slot] ?? 0) + this.#holdMs;
	}

	spend(nowMs: number): void {
		this.#lastSpendMs[this.#slot] = nowMs;
		this.#inSlot += 1;
		if (this.#inSlot < this.#slotSize) return;
		this.#inSlot = 0;
		this.#slot = (this.#slot + 1) % this.#lastSpendMs.length;
	}
}
