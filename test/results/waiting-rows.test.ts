/** How many rows wait to be tried again in a run, and when the next is due. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WaitingRows } from '../../src/results/waiting-rows.ts';
import { TestClock } from './make-result.ts';

function waitingRows() {
	const clock = new TestClock();
	const rows = new WaitingRows();
	return {
		clock,
		rows,
		retryIn: (ms: number) => rows.add({ kind: 'retry', at: clock.now() + ms }, clock.now()),
		roundIn: (ms: number) => rows.add({ kind: 'round', atMs: clock.monotonicMs() + ms }, clock.now()),
	};
}

test('nobody waits at first, and who is left to the next run does not', () => {
	const { rows, clock } = waitingRows();
	rows.add({ kind: 'left' }, clock.now());
	assert.deepEqual([rows.count, rows.nextInMs(clock)], [0, null]);
});

test('the next is the earliest of those whose time has not come', () => {
	const { rows, clock, retryIn } = waitingRows();
	retryIn(5_000);
	retryIn(2_000);
	retryIn(9_000);
	assert.deepEqual([rows.count, rows.nextInMs(clock)], [3, 2_000]);
	clock.advance(2_000);
	assert.equal(rows.nextInMs(clock), 3_000);
	clock.advance(7_000);
	assert.deepEqual([rows.count, rows.nextInMs(clock)], [3, 0]);
	for (let row = 0; row < 3; row += 1) rows.remove();
	assert.deepEqual([rows.count, rows.nextInMs(clock)], [0, null]);
});

test('a round begins when the last of those who wait for it is due', () => {
	const { rows, clock, retryIn, roundIn } = waitingRows();
	roundIn(8_000);
	roundIn(4_000);
	assert.equal(rows.nextInMs(clock), 8_000);
	retryIn(1_000);
	assert.equal(rows.nextInMs(clock), 1_000);
	clock.advance(1_000);
	assert.equal(rows.nextInMs(clock), 7_000);
});

test('three million that wait for a round are only counted, and 20,000 times that passed are forgotten', () => {
	const { rows, clock, retryIn, roundIn } = waitingRows();
	for (let row = 0; row < 3_000_000; row += 1) roundIn(60_000);
	for (let row = 0; row < 20_000; row += 1) {
		retryIn(5);
		clock.advance(10);
	}
	retryIn(3_000);
	assert.equal(rows.count, 3_020_001);
	assert.equal(rows.nextInMs(clock), 3_000);
});
