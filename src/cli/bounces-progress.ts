/** How far reading has come: a line that moves on a terminal, a line every half minute elsewhere, and the warnings in between. */
import type { Clock, Timer } from '../support/clock.ts';
import { formatCount, formatRate } from './format.ts';
import type { Output } from './surroundings.ts';
import { startWaiting, type Waiting } from './waiting.ts';

export interface ProgressOptions {
	readonly stderr: Output;
	readonly clock: Clock;
	readonly isAnimated: boolean;
	readonly isColored: boolean;
	/** Only warnings are shown. */
	readonly isQuiet: boolean;
}

const lookMs = 200;
const plainMs = 30_000;
// They wait while the line moves; a broken disk has more of them than anybody reads.
const mostHeldWarnings = 1000;

export class BouncesProgress {
	readonly #options: ProgressOptions;
	readonly #startedAtMs: number;
	readonly #timer: Timer | null;
	#held: string[] = [];
	#waiting: Waiting | null = null;
	#isStarting = false;
	#isOver = false;
	#count = 0;

	constructor(options: ProgressOptions) {
		this.#options = options;
		const { clock, isAnimated, isQuiet } = options;
		this.#startedAtMs = clock.monotonicMs();
		const show = isAnimated ? () => this.#move() : () => void options.stderr.write(`${this.#words()}\n`);
		this.#timer = isQuiet ? null : clock.every(isAnimated ? lookMs : plainMs, show);
	}

	get seconds(): number {
		return (this.#options.clock.monotonicMs() - this.#startedAtMs) / 1000;
	}

	/** A mail or an event was read. */
	add(): void {
		this.#count += 1;
	}

	warn(text: string): void {
		if (this.#waiting === null && !this.#isStarting) this.#options.stderr.write(`${text}\n`);
		else if (this.#held.length < mostHeldWarnings) this.#held.push(text);
		else this.#showHeld(text);
	}

	/** Leaves nothing but the warnings. */
	end(): void {
		this.#isOver = true;
		this.#timer?.cancel();
		this.#waiting?.stop();
		this.#waiting = null;
		this.#isStarting = false;
		for (const text of this.#held) this.#options.stderr.write(`${text}\n`);
		this.#held = [];
	}

	#move(): void {
		this.#waiting?.say(this.#words());
		if (this.#waiting !== null || this.#isStarting) return;
		this.#isStarting = true;
		void startWaiting(this.#words(), this.#options.stderr, this.#options).then((waiting) => {
			if (this.#isOver) waiting.stop();
			else this.#waiting = waiting;
			this.#isStarting = false;
		});
	}

	/** The line goes away for them, and comes back with the next look. */
	#showHeld(last: string): void {
		this.#waiting?.stop();
		this.#waiting = null;
		for (const text of [...this.#held, last]) this.#options.stderr.write(`${text}\n`);
		this.#held = [];
	}

	#words(): string {
		const { seconds } = this;
		const rate = seconds >= 1 ? `, ${formatRate(this.#count / seconds)}` : '';
		return `${formatCount(this.#count)} read${rate}`;
	}
}
