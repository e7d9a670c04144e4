/** `--retry` as text and as steps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
	defaultRetrySchedule,
	formatRetrySchedule,
	parseRetrySchedule,
} from '../../../src/delivery/retry/retry-schedule.ts';

function delaysOf(text: string): readonly number[] {
	const parsed = parseRetrySchedule(text);
	assert.equal(parsed.kind, 'schedule', text);
	return parsed.kind === 'schedule' ? parsed.schedule.delaysMs : [];
}

function problemOf(text: string): string {
	const parsed = parseRetrySchedule(text);
	return parsed.kind === 'invalid' ? parsed.problem : '';
}

test('each step is a time, and a step can stand for several', () => {
	assert.deepEqual(delaysOf('1m,5m*2,30m'), [60_000, 300_000, 300_000, 1_800_000]);
	assert.deepEqual(delaysOf('250ms, 1s, 2m, 1h, 1d'), [250, 1000, 120_000, 3_600_000, 86_400_000]);
	assert.deepEqual(delaysOf(' 5M * 2 '), [300_000, 300_000]);
});

test('none is no retry at all', () => {
	assert.deepEqual(delaysOf('none'), []);
	assert.deepEqual(delaysOf(' None '), []);
});

test('what is no schedule is named with what is wrong in it', () => {
	assert.match(problemOf(''), /no time in it/);
	assert.match(problemOf('1m,soon'), /has "soon" where/);
	assert.match(problemOf('1m,,2m'), /has "" where/);
	assert.match(problemOf('5'), /has "5" where/);
	assert.match(problemOf('-1m'), /has "-1m" where/);
	assert.match(problemOf('1.5m'), /has "1.5m" where/);
	assert.match(problemOf('1m*1e3'), /where/);
	assert.match(problemOf('0s'), /without a pause/);
	assert.match(problemOf('8d'), /7d is the longest/);
	assert.match(problemOf('999999999d'), /7d is the longest/);
	assert.match(problemOf('1m*0'), /leave it out/);
	assert.match(problemOf('1m*99,1m*2'), /more than 100 steps/);
	assert.match(problemOf('1m,'.repeat(200)), /longer than 400/);
});

test('the default is a minute, five and fifteen', () => {
	assert.equal(formatRetrySchedule(defaultRetrySchedule), '1m,5m,15m');
	assert.equal(formatRetrySchedule({ delaysMs: [] }), 'none');
	assert.equal(formatRetrySchedule({ delaysMs: [60_000, 300_000, 300_000, 1_500] }), '1m,5m*2,1500ms');
});

test('what is written reads as the same schedule', () => {
	const delays = fc.array(fc.oneof(fc.integer({ min: 1, max: 7 * 86_400_000 }), fc.constantFrom(60_000, 3_600_000)), {
		maxLength: 30,
	});
	fc.assert(
		fc.property(delays, (delaysMs) => {
			assert.deepEqual(delaysOf(formatRetrySchedule({ delaysMs })), delaysMs);
		}),
	);
});

test('no text makes it throw', () => {
	fc.assert(fc.property(fc.string({ maxLength: 500 }), (text) => parseRetrySchedule(text).kind !== undefined));
});
