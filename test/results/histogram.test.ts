import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Histogram } from '../../src/results/histogram.ts';

test('nothing counted gives zeros', () => {
	assert.deepEqual(new Histogram().quantiles(), { min: 0, med: 0, p95: 0, p99: 0, max: 0 });
});

test('one duration is every quantile', () => {
	const histogram = new Histogram();
	histogram.add(142.123456);
	assert.deepEqual(histogram.quantiles(), {
		min: 142.123456,
		med: 142.123456,
		p95: 142.123456,
		p99: 142.123456,
		max: 142.123456,
	});
});

test('quantiles are within 4 % or a microsecond of the true ones, minimum and maximum exact', () => {
	const durations = fc.array(fc.double({ min: 0, max: 600_000, noNaN: true }), { minLength: 1, maxLength: 300 });
	fc.assert(
		fc.property(durations, (values) => {
			const histogram = new Histogram();
			for (const value of values) histogram.add(value);
			const sorted = [...values].sort((a, b) => a - b);
			const quantiles = histogram.quantiles();
			assert.equal(quantiles.min, sorted[0]);
			assert.equal(quantiles.max, sorted.at(-1));
			for (const [share, got] of [
				[0.5, quantiles.med],
				[0.95, quantiles.p95],
				[0.99, quantiles.p99],
			] as const) {
				const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
				assert.ok(Math.abs(got - exact) <= exact * 0.04 + 0.001, `${share}: ${got} for ${exact}`);
			}
		}),
	);
});

test('durations beyond half an hour, negative and broken ones do no harm', () => {
	const histogram = new Histogram();
	for (const value of [1e12, -5, Number.NaN]) histogram.add(value);
	assert.equal(histogram.total, 3);
	assert.equal(histogram.quantiles().min, 0);
	assert.equal(histogram.quantiles().max, 1e12);
});
