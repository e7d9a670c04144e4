/**
 * Preloaded into the mailer (`node --import`): each SIGWINCH lets JUMPING_CLOCK_MS pass at once, on the monotonic clock with its timers, on the wall
 * clock, or both (JUMPING_CLOCK_KINDS: monotonic, wall, both). So that minutes of silence, a corrected clock and a laptop's sleep take no time to test.
 */
const jumpMs = Number(process.env.JUMPING_CLOCK_MS);
const clocks = process.env.JUMPING_CLOCK_KINDS;
const {
	setTimeout: startTimer,
	clearTimeout: stopTimer,
	Date: { now: wallNow },
} = globalThis;
const monotonicNow = performance.now.bind(performance);
let monotonicSkewMs = 0;
let wallSkewMs = 0;
/** Timers of the program that are due some time later: handle -> { dueMs, fire }. */
const pending = new Map();

performance.now = () => monotonicNow() + monotonicSkewMs;
Date.now = () => wallNow() + wallSkewMs;
globalThis.setTimeout = (callback, delayMs = 0, ...args) => {
	const fire = () => {
		pending.delete(handle);
		callback(...args);
	};
	const handle = startTimer(fire, delayMs);
	pending.set(handle, { dueMs: performance.now() + delayMs, fire });
	return handle;
};
globalThis.clearTimeout = (handle) => {
	pending.delete(handle);
	stopTimer(handle);
};

process.on('SIGWINCH', () => {
	if (clocks !== 'wall') monotonicSkewMs += jumpMs;
	if (clocks !== 'monotonic') wallSkewMs += jumpMs;
	const nowMs = performance.now();
	const due = [...pending].filter(([, { dueMs }]) => dueMs <= nowMs);
	for (const [handle, { fire }] of due.sort(([, one], [, other]) => one.dueMs - other.dueMs)) {
		stopTimer(handle);
		fire();
	}
});
