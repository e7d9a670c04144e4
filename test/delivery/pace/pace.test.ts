/** Never more than the limit at the server, in any window and with any jitter, and nearly all of it used. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pace } from '../../../src/delivery/pace/pace.ts';
import { parseRate } from '../../../src/delivery/pace/parse-rate.ts';
import type { Rate } from '../../../src/delivery/pace/rate.ts';
import {
	anyRate,
	assertEven,
	assertNeverAbove,
	assertUsed,
	day,
	hour,
	minute,
	mostInWindow,
	randomFrom,
	second,
	seeds,
	sendThrough,
} from './simulate-pace.ts';

const now = () => 1_800_000_000_000;

function rateOf(text: string): Rate {
	const parsed = parseRate(text);
	return parsed.kind === 'rate' ? parsed.rate : assert.fail(parsed.problem);
}

function paceOf(...rates: readonly (Rate | string)[]): Pace {
	return new Pace({ rates: rates.map((rate) => (typeof rate === 'string' ? rateOf(rate) : rate)), quotas: null, now });
}

/** Long enough to mean something, short enough to be simulated. */
function spanOf({ count, periodMs }: Rate): number {
	return periodMs * Math.min(20, Math.max(3, Math.ceil(6_000 / count)));
}

for (const text of ['1/s', '3/s', '14/s', '100/s', '999/s', '2000/s', '30/min', '600/min', '500/h', '10000/day']) {
	test(`${text} is kept in any window, evenly, and at least 98 % of it is used`, () => {
		const rate = rateOf(text);
		const random = randomFrom(42);
		const toMs = spanOf(rate);
		const { spentMs, arrivedMs } = sendThrough(paceOf(rate), { fromMs: 0, toMs, random, latenessMs: 3 });
		assertNeverAbove(arrivedMs, [rate]);
		assertEven(spentMs, rate);
		assertUsed(spentMs.length, rate, toMs);
	});
}

test('any rate with any burst is kept in any window, and at least 98 % of it is used', () => {
	fc.assert(
		fc.property(anyRate, seeds, fc.constantFrom(0, 0.5, 3), (rate, seed, latenessMs) => {
			const toMs = 1e9 + spanOf(rate);
			const world = { fromMs: 1e9, toMs, random: randomFrom(seed), latenessMs };
			const { spentMs, arrivedMs } = sendThrough(paceOf(rate), world);
			assertNeverAbove(arrivedMs, [rate]);
			assertEven(spentMs, rate);
			assertUsed(spentMs.length, rate, toMs - 1e9);
		}),
		{ numRuns: 60 },
	);
});

test('a busy event loop that comes late by up to 18 ms breaks no limit and loses little', () => {
	const rate = rateOf('500/s');
	const { arrivedMs, spentMs } = sendThrough(paceOf(rate), {
		fromMs: 0,
		toMs: 20 * second,
		random: randomFrom(7),
		latenessMs: 18,
	});
	assertNeverAbove(arrivedMs, [rate]);
	assert.ok(spentMs.length > 0.96 * 10_000, String(spentMs.length));
});

test('a machine that stands still for a fifth of a second now and then makes up for it, within the limit', () => {
	for (const text of ['5/s', '600/min']) {
		const rate = rateOf(text);
		const random = randomFrom(11);
		const world = { fromMs: 0, toMs: 40 * second, random, latenessMs: 2 };
		const { arrivedMs } = sendThrough(paceOf(rate), {
			...world,
			meanwhile: (nowMs) => (random() < 0.01 ? nowMs + 150 : nowMs),
		});
		assertNeverAbove(arrivedMs, [rate]);
		const possible = (rate.count * 40 * second) / rate.periodMs;
		assert.ok(arrivedMs.length > 0.95 * possible, `${arrivedMs.length} of ${possible} at ${text}`);
	}
});

test('a laptop that sleeps for hours, again and again, sends no burst when it wakes', () => {
	fc.assert(
		fc.property(anyRate, seeds, (rate, seed) => {
			const random = randomFrom(seed);
			const { arrivedMs, spentMs } = sendThrough(paceOf(rate), {
				fromMs: 0,
				toMs: Number.POSITIVE_INFINITY,
				messages: 6_000,
				random,
				latenessMs: 2,
				meanwhile(nowMs) {
					return random() < 0.005 ? nowMs + random() * 12 * hour : nowMs;
				},
			});
			assertNeverAbove(arrivedMs, [rate]);
			assertEven(spentMs, rate);
		}),
		{ numRuns: 20, examples: [[rateOf('10000/day'), 1]] },
	);
});

test('after a pause exactly the burst goes at once, and without one a single message', () => {
	const goAtOnce = (pace: Pace, nowMs: number) => {
		let count = 0;
		for (; pace.readyAtMs(nowMs) <= nowMs; count += 1) pace.spend(nowMs);
		return count;
	};
	for (const [text, burst] of [
		['14/s', 1],
		['2000/s', 1],
		['14/s,burst=5', 5],
		['14/s,burst=14', 14],
	] as const) {
		const pace = paceOf(text);
		for (const nowMs of [0, 5 * second, 9 * hour]) assert.equal(goAtOnce(pace, nowMs), burst, `${text} at ${nowMs}`);
	}
});

test('several limits hold together, and the one that binds is used', () => {
	const cases: readonly (readonly [limits: readonly string[], spanMs: number, binding: string])[] = [
		[['14/s', '10/s'], minute, '10/s'],
		[['14/s', '300/min'], 10 * minute, '300/min'],
		[['14/s,burst=14', '300/min', '5000/h'], 6 * hour, '5000/h'],
		[['14/s', '600/min', '5000/h', '20000/day'], 3 * day, '20000/day'],
		[['50/5min', '10000/day'], 6 * hour, '50/5min'],
	];
	for (const [limits, spanMs, binding] of cases) {
		const rates = limits.map(rateOf);
		const world = { fromMs: 0, toMs: spanMs, random: randomFrom(3), latenessMs: 2 };
		const { arrivedMs } = sendThrough(paceOf(...rates), world);
		assertNeverAbove(arrivedMs, rates);
		assertUsed(arrivedMs.length, rateOf(binding), spanMs);
	}
});

test('a longer limit is a ceiling: what it allows goes out as fast as the shortest lets it', () => {
	const pace = paceOf('14/s', '100/min');
	const { spentMs } = sendThrough(pace, { fromMs: 0, toMs: 30 * second, random: randomFrom(1), latenessMs: 1 });
	assert.equal(spentMs.length, 100);
	assert.ok((spentMs.at(-1) ?? 0) < 7.5 * second, 'a hundred at 14 a second take seven seconds');
	assert.equal(pace.waitsFor, '100 a minute');
});

test('a learnt pace that moves up and down never takes more than the given rates allow', () => {
	fc.assert(
		fc.property(anyRate, anyRate, seeds, (rate, other, seed) => {
			const random = randomFrom(seed);
			const pace = paceOf(rate, other);
			const shortestMs = Math.min(spanOf(rate), spanOf(other));
			const { arrivedMs, spentMs } = sendThrough(pace, {
				fromMs: 0,
				toMs: shortestMs,
				random,
				latenessMs: 2,
				meanwhile(nowMs) {
					if (random() < 0.05) {
						const perSecond = (rate.count / rate.periodMs) * 1_000 * 4 * random() + 1e-6;
						pace.limitTo(random() < 0.3 ? Number.POSITIVE_INFINITY : perSecond);
					}
					return nowMs;
				},
			});
			assertNeverAbove(arrivedMs, [rate, other]);
			assertEven(spentMs, rate.periodMs <= other.periodMs ? rate : other);
		}),
		{ numRuns: 60 },
	);
});

test('a learnt pace is kept, with and without given rates, from the message before it was learnt', () => {
	for (const pace of [paceOf(), paceOf('1000/s')]) {
		pace.spend(0);
		pace.limitTo(5);
		assert.equal(pace.readyAtMs(10), 200);
		assert.equal(pace.waitsFor, 'a slower pace, 5 a second');
		pace.limitTo(0.1);
		assert.equal(pace.readyAtMs(10), 10_000);
		assert.equal(pace.waitsFor, 'a slower pace, 6 a minute');
		const world = { fromMs: 10_000, toMs: 12_000, random: randomFrom(9), latenessMs: 2 };
		pace.limitTo(50);
		const { arrivedMs } = sendThrough(pace, world);
		assert.ok(arrivedMs.length >= 98 && arrivedMs.length <= 102, String(arrivedMs.length));
		pace.limitTo(Number.POSITIVE_INFINITY);
		assert.equal(pace.readyAtMs(12_100), 12_100);
	}
});

test('a pace without limits lets everything go, and says that it has none', () => {
	const pace = paceOf();
	assert.equal(pace.isLimited, false);
	for (let message = 0; message < 1_000; message += 1) {
		assert.equal(pace.readyAtMs(1), 1);
		pace.spend(1);
	}
	assert.equal(pace.waitsFor, '');
	pace.limitTo(3);
	assert.equal(pace.isLimited, true);
	pace.limitTo(Number.POSITIVE_INFINITY);
	assert.equal(pace.isLimited, false);
	assert.equal(paceOf('14/s').isLimited, true);
	pace.close();
	pace.close();
});

test('a message that goes out before its time is a bug that is noticed', () => {
	const pace = paceOf('1/s');
	pace.spend(0);
	assert.throws(() => pace.spend(500), /before its time \(1 a second\)/);
	assert.equal(pace.waitsFor, '');
	assert.equal(pace.readyAtMs(500), 1_011);
	assert.equal(pace.waitsFor, '1 a second');
	assert.equal(pace.readyAtMs(1_011), 1_011);
	assert.equal(pace.waitsFor, '');
	assert.throws(() => pace.limitTo(0), /0 a second/);
	assert.throws(() => pace.limitTo(Number.NaN), /NaN a second/);
});

test('a million a minute is kept to the message although no slot is kept for each', () => {
	const rate = { count: 1_000_000, periodMs: minute, burst: 1_000_000 };
	const pace = paceOf(rate);
	const spentMs: number[] = [];
	for (let nowMs = 0; nowMs < 2.2 * minute; nowMs += 1) {
		for (let chunk = 0; chunk < 50 && pace.readyAtMs(nowMs) <= nowMs; chunk += 1) {
			pace.spend(nowMs);
			spentMs.push(nowMs);
		}
	}
	const most = mostInWindow(spentMs, minute);
	assert.ok(most <= rate.count && most >= 0.999 * rate.count, String(most));
});
