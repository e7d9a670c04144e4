import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeRate } from '../../../src/delivery/pace/describe-rate.ts';
import { formatRate, parseRate } from '../../../src/delivery/pace/parse-rate.ts';
import type { Rate } from '../../../src/delivery/pace/rate.ts';

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];

function rateOf(text: string): Rate {
	const parsed = parseRate(text);
	assert.equal(parsed.kind, 'rate', `${text}: ${parsed.kind === 'invalid' ? parsed.problem : ''}`);
	return parsed.kind === 'rate' ? parsed.rate : assert.fail();
}

function problemOf(text: string): string {
	const parsed = parseRate(text);
	return parsed.kind === 'invalid' ? parsed.problem : assert.fail(`${text} was taken`);
}

test('each unit can be written short and long', () => {
	for (const [units, periodMs] of [
		['s sec second seconds', second],
		['m min minute minutes', minute],
		['h hour hours', hour],
		['d day days', day],
	] as const) {
		for (const unit of units.split(' ')) assert.deepEqual(rateOf(`14/${unit}`), { count: 14, periodMs, burst: 1 });
	}
	assert.deepEqual(rateOf('50/5min'), { count: 50, periodMs: 5 * minute, burst: 1 });
	assert.deepEqual(rateOf(' 10000 / Day '), { count: 10_000, periodMs: day, burst: 1 });
});

test('a burst stands behind a comma', () => {
	assert.deepEqual(rateOf('14/s,burst=14'), { count: 14, periodMs: second, burst: 14 });
	assert.deepEqual(rateOf('600/min, burst = 5'), { count: 600, periodMs: minute, burst: 5 });
});

test('what is no rate says what is wrong with it, and what to write where that is known', () => {
	const problems: Readonly<Record<string, string>> = {
		'': 'does not say how many in how much time, like 14/s or 10000/day',
		'14': 'does not say how many in how much time, like 14/s or 10000/day',
		'14 per second': 'does not say how many in how much time, like 14/s or 10000/day',
		'/s': 'has no number in front of the /',
		'14/': 'has no unit of time behind the /: s, min, h or day',
		'14/5': 'has no unit of time behind the /: s, min, h or day',
		'1/2/s': 'has more than one / in it',
		'0/s': 'lets nothing go out: 1 is the least',
		'000/s': 'lets nothing go out: 1 is the least',
		'-5/s': 'has "-5" where a whole number belongs',
		'1e3/s': 'has "1e3" where a whole number belongs',
		'0x10/s': 'has "0x10" where a whole number belongs',
		'infinity/s': 'has "infinity" where a whole number belongs',
		'1.5/s': 'has "1.5" where a whole number belongs: write 90/min',
		'1.1/s': 'has "1.1" where a whole number belongs: write 66/min',
		'0.5/s': 'has "0.5" where a whole number belongs: write 30/min',
		'0.5/day': 'has "0.5" where a whole number belongs',
		'10,000/day': 'has a comma in its number: write 10000/day',
		'10/fortnight': 'has "fortnight" where a unit of time belongs: s, min, h or day',
		'10/ms': 'has "ms" where a unit of time belongs: s, min, h or day',
		'10/minuet': 'has "minuet" where a unit of time belongs: s, min, h or day; did you mean minute?',
		'10/0s': 'has a period that takes no time',
		'10/32d': 'has a period of more than 31 days',
		'10/99999999999999999999999s': 'has a period of more than 31 days',
		'1000000001/s': 'is more than anybody sends: no rate at all means no limit',
		'99999999999999999999999999/s': 'is more than anybody sends: no rate at all means no limit',
		'14/s,burst=15': 'has a burst above the 14 that may go out at all',
		'14/s,burst=0': 'has "0" where the burst belongs: a whole number from 1 to 14',
		'14/s,burst=': 'has "" where the burst belongs: a whole number from 1 to 14',
		'14/s,burst=-1': 'has "-1" where the burst belongs: a whole number from 1 to 14',
		'14/s,brust=3': 'has "brust=3" behind it, where only burst=N can stand',
		'14/s,': 'has "" behind it, where only burst=N can stand',
		'14/s,burst=2,burst=3': 'has more behind its burst',
	};
	for (const [text, problem] of Object.entries(problems)) assert.equal(problemOf(text), problem, text);
});

test('the largest count and the longest period are still rates', () => {
	assert.equal(rateOf('1000000000/s').count, 1_000_000_000);
	assert.equal(rateOf('6000/31d').periodMs, 31 * day);
});

test('whatever is typed is a rate or a short printable problem, however long the text', () => {
	const hostile = fc.oneof(
		fc.string({ unit: 'binary' }),
		fc.stringMatching(/^[0-9., /a-z=\n-]{0,30}$/),
		fc.constantFrom(
			'9'.repeat(1_000_000),
			` ${'/'.repeat(1_000_000)}`,
			`1/${'\u001b[2J'.repeat(10)}`,
			`1/s,${'\n'.repeat(9)}`,
		),
	);
	fc.assert(
		fc.property(hostile, (text) => {
			const parsed = parseRate(text);
			if (parsed.kind === 'rate') {
				const { count, periodMs, burst } = parsed.rate;
				assert.ok(Number.isSafeInteger(count) && count >= 1 && burst >= 1 && burst <= count, text);
				assert.ok(Number.isSafeInteger(periodMs) && periodMs >= second && periodMs % second === 0, text);
			} else {
				assert.match(parsed.problem, /^[^\p{Cc}]{1,150}$/u);
			}
		}),
	);
});

test('a formatted rate parses to the same', () => {
	const rates = fc
		.record({ count: fc.integer({ min: 1, max: 1_000_000_000 }), seconds: fc.integer({ min: 1, max: 31 * 86_400 }) })
		.chain(({ count, seconds }) =>
			fc.integer({ min: 1, max: count }).map((burst) => ({ count, periodMs: seconds * second, burst })),
		);
	fc.assert(fc.property(rates, (rate) => assert.deepEqual(rateOf(formatRate(rate)), rate)));
	assert.equal(formatRate(rateOf('14/second,burst=14')), '14/s,burst=14');
	assert.equal(formatRate(rateOf('7/120s')), '7/2min');
});

test('people read words', () => {
	const words = (text: string) => describeRate(rateOf(text));
	assert.equal(words('14/s,burst=14'), '14 a second');
	assert.equal(words('500/h'), '500 an hour');
	assert.equal(words('10000/day'), '10,000 a day');
	assert.equal(words('50/5min'), '50 in 5 minutes');
});
