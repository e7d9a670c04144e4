/** Time as an argument: nothing else in mailshot reads the system clock or starts a timer on its own. */

export interface Timer {
	cancel(): void;
}

export interface Clock {
	/** Wall clock, milliseconds since 1970; for records that people read. It may jump. */
	now(): number;
	/** Monotonic milliseconds from an arbitrary start; for deadlines and durations. */
	monotonicMs(): number;
	/** Calls `callback` once, `delayMs` from now. The timer keeps the process alive until it fires or is cancelled. */
	after(delayMs: number, callback: () => void): Timer;
	/** Calls `callback` every `intervalMs`. It does not keep the process alive. */
	every(intervalMs: number, callback: () => void): Timer;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	monotonicMs: () => performance.now(),
	after(delayMs, callback) {
		const timeout = setTimeout(callback, delayMs);
		return { cancel: () => clearTimeout(timeout) };
	},
	every(intervalMs, callback) {
		const interval = setInterval(callback, intervalMs);
		interval.unref();
		return { cancel: () => clearInterval(interval) };
	},
};
