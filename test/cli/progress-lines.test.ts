import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainPaint } from '../../src/cli/paint.ts';
import { barLine, countsLine, plainLine, statusFields, statusSentence } from '../../src/cli/progress-lines.ts';
import { RunMeter, type RunSnapshot } from '../../src/cli/run-snapshot.ts';
import { textWidth } from '../../src/cli/text-width.ts';
import { Tally } from '../../src/results/tally.ts';
import { makeAccepted, makeDeferred, makeMalformed, makeSkipped, TestClock } from '../results/make-result.ts';

const snapshot: RunSnapshot = {
	done: 6526,
	toSend: 12_313,
	percent: 53,
	counts: { accepted: 6431, bounced: 83, deferred: 12, failed: 0, skipped: 0, unknown: 0 },
	waiting: 0,
	nextTryInSeconds: null,
	waitsFor: null,
	ratePerSecond: 20,
	secondsLeft: 289,
	seconds: 326,
};
const at80 = { width: 80, paint: plainPaint };

test('the bar has share, counts, rate and time left', () => {
	assert.equal(barLine(snapshot, at80), '  ████████████████░░░░░░░░░░░░░░░░   53%  6,526/12,313   20.0/s   4:49 left');
	const done = { ...snapshot, done: 12_313, percent: 100, secondsLeft: 0 };
	assert.equal(barLine(done, at80), '  ████████████████████████████████  100%  12,313/12,313   20.0/s');
});

test('the counts stand below it, unknown only when there are any', () => {
	assert.equal(countsLine(snapshot, at80), '  accepted 6,431 · bounced 83 · deferred 12 · failed 0');
	const counts = { ...snapshot.counts, unknown: 2 };
	assert.equal(
		countsLine({ ...snapshot, counts }, at80),
		'  accepted 6,431 · bounced 83 · deferred 12 · failed 0 · unknown 2',
	);
});

test('of those who are deferred it says how many wait to be tried again, and when the next of them is', () => {
	const waits = { ...snapshot, waiting: 9, nextTryInSeconds: 251.2 };
	assert.equal(
		countsLine(waits, at80),
		'  accepted 6,431 · bounced 83 · deferred 12 (9 wait, next in 4:12) · failed 0',
	);
	assert.match(countsLine({ ...waits, nextTryInSeconds: 0 }, at80), /deferred 12 \(9 wait\) · failed 0$/);
	assert.match(statusSentence(waits), /4:49 left: accepted .* deferred 12 \(9 wait, next in 4:12\)/);
	const { waiting, next_try: nextTry, rate } = statusFields(waits);
	assert.deepEqual([waiting, nextTry, rate], [9, '4m12s', '20.0/s']);
	assert.deepEqual(Object.keys(statusFields(snapshot)), ['accepted', 'bounced', 'deferred', 'failed', 'rate', 'eta']);
});

test('both leave the last column free at every width', () => {
	for (const width of [40, 60, 80, 120]) {
		assert.ok(textWidth(barLine(snapshot, { width, paint: plainPaint })) < width);
		assert.ok(textWidth(countsLine(snapshot, { width, paint: plainPaint })) < width);
	}
});

test('an empty run has a full bar and no time left', () => {
	const empty = { ...snapshot, done: 0, toSend: 0, percent: 100, ratePerSecond: 0, secondsLeft: null };
	assert.match(barLine(empty, at80), /█ {2}100% {2}0\/0 {3}0\.0\/s$/);
});

test('a plain line stands for itself, and values with spaces are quoted', () => {
	const at = Date.UTC(2026, 10, 22, 9, 5, 26, 123);
	assert.equal(
		plainLine(at, 'november-news', { event: '53% 6526/12313', fields: statusFields(snapshot) }),
		'2026-11-22T09:05:26Z november-news 53% 6526/12313 accepted=6431 bounced=83 deferred=12 failed=0 rate=20.0/s eta=4m49s\n',
	);
	assert.equal(
		plainLine(at, 'my news', { event: 'why', fields: { sample: '550 "no" \u001b[2J\nx' } }),
		'2026-11-22T09:05:26Z "my news" why sample="550 \\"no\\"  x"\n',
	);
});

test('a notice keeps what stands behind the words of the server', () => {
	const text = `smtp.acme.example:587 refused: 421 ${'slow down '.repeat(30)}; trying again in 60 s`;
	assert.match(plainLine(0, 'news', { event: 'notice', fields: { text } }), /trying again in 60 s"\n$/);
});

test('a plain line stays short, whatever a server says', () => {
	const line = plainLine(0, 'c'.repeat(1000), { event: 'why', fields: { sample: 'x'.repeat(10_000) } });
	assert.ok(line.length < 500, String(line.length));
});

test('the meter counts recipients, and its rate is that of the last seconds', () => {
	const clock = new TestClock();
	const tally = new Tally();
	const meter = new RunMeter({ tally, toSend: 100, waitsFor: () => null }, clock);
	const send = (count: number) => {
		for (let index = 0; index < count; index += 1) tally.add(makeAccepted());
	};
	assert.equal(meter.snapshot().secondsLeft, null);
	tally.add(makeSkipped());
	tally.add(makeMalformed());
	for (let second = 0; second < 4; second += 1) {
		send(10);
		clock.advance(1000);
		meter.snapshot();
	}
	assert.deepEqual([meter.snapshot().done, meter.snapshot().percent, meter.snapshot().ratePerSecond], [40, 40, 10]);
	assert.equal(meter.snapshot().secondsLeft, 6);
	for (let second = 0; second < 60; second += 1) {
		clock.advance(1000);
		meter.snapshot();
	}
	assert.equal(meter.snapshot().ratePerSecond, 0);
	assert.equal(meter.snapshot().secondsLeft, null);
});

test('a meter that is asked once in 30 s still has a rate', () => {
	const clock = new TestClock();
	const tally = new Tally();
	const meter = new RunMeter({ tally, toSend: 1000, waitsFor: () => null }, clock);
	for (const count of [300, 150]) {
		for (let index = 0; index < count; index += 1) tally.add(makeAccepted());
		clock.advance(30_000);
		assert.equal(meter.snapshot().ratePerSecond, count / 30);
	}
});

test('who waits to be tried again is not done, and the time left is not less than the wait', () => {
	const clock = new TestClock();
	const tally = new Tally();
	const meter = new RunMeter({ tally, toSend: 20, waitsFor: () => null }, clock);
	for (let index = 0; index < 10; index += 1) tally.add(makeAccepted());
	tally.add(makeDeferred({ sequel: { kind: 'retry', at: clock.now() + 301_000 } }));
	clock.advance(1_000);
	const { done, waiting, nextTryInSeconds, secondsLeft, counts } = meter.snapshot();
	assert.deepEqual([done, waiting, nextTryInSeconds, secondsLeft, counts.deferred], [10, 1, 300, 300, 1]);
});

test('a run that is held up says by what and for how long, first of all', () => {
	const clock = new TestClock();
	const waitsFor = () => ({ what: 'the limit of 60 a minute', untilMs: clock.monotonicMs() + 40_000 });
	const meter = new RunMeter({ tally: new Tally(), toSend: 100, waitsFor }, clock);
	const held = meter.snapshot();
	assert.match(countsLine(held, at80), /^ {2}waits 0:40 for the limit of 60 a minute · accepted 0/);
	assert.match(statusSentence(held), /: waits 0:40 for the limit of 60 a minute · accepted 0/);
	const { waits_for, waits } = statusFields(held);
	assert.deepEqual([waits_for, waits], ['the limit of 60 a minute', '40s']);
});
