/** `--max-runtime` and `--deadline`: stops a run as the first Ctrl-C does, when its time is up. */
import type { Clock, Timer } from '../support/clock.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { formatDuration } from './format.ts';

export interface TimeLimits {
	/** Of the whole command; null for none. */
	readonly maxRuntimeMs: number | null;
	/** Wall clock, milliseconds since 1970; null for none. */
	readonly deadlineAt: number | null;
	/** Monotonic: when the command began. */
	readonly startedAtMs: number;
}

const lookMs = 500;

export class TimeLimit {
	readonly #limits: TimeLimits;
	readonly #clock: Clock;
	readonly #isUp = new AbortController();
	readonly #timer: Timer | null;
	readonly #onUp: (what: string) => void;
	#error: RunError | null = null;

	/** `onUp` gets a line for people. A machine that sleeps through a deadline is stopped when it wakes, hence looks at the clock in place of one timer. */
	constructor(limits: TimeLimits, { clock, onUp }: { readonly clock: Clock; readonly onUp: (what: string) => void }) {
		this.#limits = limits;
		this.#clock = clock;
		this.#onUp = onUp;
		const isLimited = limits.maxRuntimeMs !== null || limits.deadlineAt !== null;
		this.#timer = isLimited ? clock.every(lookMs, () => this.#look()) : null;
		if (isLimited) this.#look();
	}

	get signal(): AbortSignal {
		return this.#isUp.signal;
	}

	/** Why the run was stopped, exit 5; null when it was not. */
	get error(): RunError | null {
		return this.#error;
	}

	end(): void {
		this.#timer?.cancel();
	}

	#look(): void {
		if (this.#error !== null) return;
		const { maxRuntimeMs, deadlineAt, startedAtMs } = this.#limits;
		if (maxRuntimeMs !== null && this.#clock.monotonicMs() - startedAtMs >= maxRuntimeMs) {
			this.#stop(`the time of --max-runtime is up (${formatDuration(maxRuntimeMs / 1000)})`);
		} else if (deadlineAt !== null && this.#clock.now() >= deadlineAt) {
			this.#stop('the time of --deadline has come');
		}
	}

	#stop(message: string): void {
		this.#error = new RunError(exitCodes.workLeft, message, {
			hint: 'The same command goes on with the rows that are left.',
		});
		this.#onUp(`${message}: what is under way is finished, the rest is left`);
		this.#isUp.abort();
	}
}
