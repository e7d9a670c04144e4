/** A clock on which pauses are over at once, and time has passed all the same; deadlines stay real. */

import { stages } from '../../src/smtp/stages.ts';
import { type Clock, systemClock, type Timer } from '../../src/support/clock.ts';

/** How long a server may take is no pause, nor is the time until people are told that somebody waits. */
const deadlines = new Set([10_000, ...Object.values(stages).map(({ deadlineMs }) => deadlineMs)]);

export interface HurriedClock extends Clock {
	/** Those that were waited for, in milliseconds. */
	readonly pauses: readonly number[];
}

/** `isFrozen`: no time passes but in pauses, so that what a busy machine does cannot be seen on it. */
export function hurriedClock({ isFrozen }: { readonly isFrozen: boolean } = { isFrozen: false }): HurriedClock {
	let skippedMs = 0;
	const pauses: number[] = [];
	const startedAtMs = systemClock.monotonicMs();
	const monotonicMs = () => (isFrozen ? startedAtMs : systemClock.monotonicMs()) + skippedMs;
	return {
		pauses,
		now: () => systemClock.now() + skippedMs,
		monotonicMs,
		every: systemClock.every,
		after(delayMs, callback): Timer {
			if (deadlines.has(delayMs)) return systemClock.after(delayMs, callback);
			const dueAtMs = monotonicMs() + delayMs;
			pauses.push(delayMs);
			return systemClock.after(0, () => {
				skippedMs += Math.max(0, dueAtMs - monotonicMs());
				callback();
			});
		},
	};
}
