/** A clock on which pauses are over at once, that moves a little with every look, and that nobody sweeps: a wake-up that is lost is a run that hangs. */
import { stages } from '../../src/smtp/stages.ts';
import { type Clock, systemClock, type Timer } from '../../src/support/clock.ts';
import { laterByTurns } from './scripted-marks.ts';

const deadlines = new Set(Object.values(stages).map(({ deadlineMs }) => deadlineMs));

export interface CountingClock extends Clock {
	readonly turns: () => number;
	readonly running: () => number;
}

export function restlessClock(): CountingClock {
	let nowMs = 1_000_000;
	let turns = 0;
	let running = 0;
	const monotonicMs = () => {
		nowMs += 0.003;
		return nowMs;
	};
	return {
		monotonicMs,
		now: () => Date.UTC(2026, 10, 22) + nowMs,
		turns: () => turns,
		running: () => running,
		every: () => {
			running += 1;
			let isCancelled = false;
			return {
				cancel() {
					if (!isCancelled) running -= 1;
					isCancelled = true;
				},
			};
		},
		after(delayMs, callback): Timer {
			running += 1;
			let isOver = false;
			const end = () => {
				if (!isOver) running -= 1;
				isOver = true;
			};
			const isPause = !deadlines.has(delayMs);
			if (isPause) turns += 1;
			const dueAtMs = nowMs + delayMs;
			const ring = () => {
				if (isOver) return;
				end();
				if (isPause) nowMs = Math.max(nowMs, dueAtMs);
				callback();
			};
			if (isPause) laterByTurns(3, ring);
			const timer = isPause ? null : systemClock.after(delayMs, ring);
			return {
				cancel() {
					end();
					timer?.cancel();
				},
			};
		},
	};
}
