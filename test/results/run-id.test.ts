import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRunId } from '../../src/results/run-id.ts';
import { TestClock } from './make-result.ts';

test('a run id is 26 characters that sort by time', () => {
	const clock = new TestClock();
	const first = makeRunId(clock, (count) => new Uint8Array(count).fill(255));
	clock.advance(1);
	const second = makeRunId(clock, (count) => new Uint8Array(count));
	assert.match(first, /^[0-9A-HJKMNP-TV-Z]{26}$/);
	assert.ok(first < second);
});

test('two runs of the same millisecond differ by chance alone', () => {
	const clock = new TestClock();
	assert.notEqual(
		makeRunId(clock, (count) => new Uint8Array(count).fill(1)),
		makeRunId(clock, (count) => new Uint8Array(count).fill(2)),
	);
});
