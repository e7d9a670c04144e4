/** A rate that is kept evenly spread: its messages at equal distances, and in no window more than its count. */
import { describeRate } from './describe-rate.ts';
import { EvenSpread } from './even-spread.ts';
import type { Limit } from './limit.ts';
import type { Rate } from './rate.ts';
import { slackMs } from './slack.ts';
import { SlidingWindow } from './sliding-window.ts';

export class RateLimit implements Limit {
	readonly label: string;
	readonly #spread: EvenSpread;
	/** What the spread makes up for after a late timer, and what a burst takes at once, still has to fit the window. */
	readonly #window: SlidingWindow;

	constructor(rate: Rate) {
		this.label = describeRate(rate);
		const intervalMs = (rate.periodMs + slackMs(rate.periodMs)) / rate.count;
		this.#spread = new EvenSpread({ label: this.label, intervalMs, burst: rate.burst });
		this.#window = new SlidingWindow(rate);
	}

	readyAtMs(nowMs: number): number {
		return Math.max(this.#spread.readyAtMs(), this.#window.readyAtMs(nowMs));
	}

	spend(nowMs: number): void {
		this.#spread.spend(nowMs);
		this.#window.spend(nowMs);
	}
}
