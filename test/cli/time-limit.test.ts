import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeLimit, type TimeLimits } from '../../src/cli/time-limit.ts';
import type { Clock } from '../../src/support/clock.ts';

/** Looks come when `look` is called; both clocks are moved by hand. */
function limited(limits: Partial<TimeLimits>) {
	const time = { wallMs: 1_000_000, monotonicMs: 5_000 };
	let looks: (() => void) | null = null;
	let isCancelled = false;
	const clock: Clock = {
		now: () => time.wallMs,
		monotonicMs: () => time.monotonicMs,
		after: () => ({ cancel() {} }),
		every(_intervalMs, callback) {
			looks = callback;
			return {
				cancel() {
					isCancelled = true;
				},
			};
		},
	};
	const said: string[] = [];
	const all = { maxRuntimeMs: null, deadlineAt: null, startedAtMs: 5_000, ...limits };
	const limit = new TimeLimit(all, { clock, onUp: (text) => said.push(text) });
	return { limit, time, said, look: () => looks?.(), isWatching: () => looks !== null && !isCancelled };
}

test('a run without limits is not watched', () => {
	const { limit, isWatching } = limited({});
	assert.equal(isWatching(), false);
	assert.equal(limit.signal.aborted, false);
});

test('--max-runtime counts the time that the command ran, whatever the wall clock does', () => {
	const { limit, time, said, look } = limited({ maxRuntimeMs: 60_000 });
	time.wallMs += 86_400_000;
	time.monotonicMs += 59_999;
	look();
	assert.equal(limit.signal.aborted, false);
	time.monotonicMs += 1;
	look();
	assert.equal(limit.signal.aborted, true);
	assert.equal(limit.error?.exitCode, 5);
	assert.match(said.join(), /--max-runtime/);
	look();
	assert.equal(said.length, 1);
});

test('--deadline is a time of day: a machine that slept through it stops when it wakes', () => {
	const { limit, time, look } = limited({ deadlineAt: 2_000_000 });
	time.wallMs = 1_999_999;
	look();
	assert.equal(limit.error, null);
	time.wallMs = 90_000_000;
	look();
	const { error } = limit;
	assert.match(String(error), /--deadline/);
});

test('a deadline that has passed already stops before anything is sent', () => {
	const { limit } = limited({ deadlineAt: 999_999 });
	assert.equal(limit.signal.aborted, true);
});

test('a run that ended is not watched any more', () => {
	const { limit, isWatching } = limited({ maxRuntimeMs: 60_000 });
	assert.equal(isWatching(), true);
	limit.end();
	assert.equal(isWatching(), false);
});
