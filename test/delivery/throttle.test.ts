/** A server that asks for less gets less, and what it had, little by little, when it takes everything. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Throttle } from '../../src/delivery/throttle.ts';

const second = 1_000;

/** A throttle and a clock of its own; `take` accepts so many messages at so many a second. */
function throttleOf(connections: number) {
	let nowMs = 50_000;
	const throttle = new Throttle({ connections, monotonicMs: () => nowMs });
	const take = (count: number, perSecond: number): string[] => {
		const lines: string[] = [];
		for (let each = 0; each < count; each += 1) {
			nowMs += second / perSecond;
			const line = throttle.accepted(nowMs);
			if (line !== '') lines.push(line);
		}
		return lines;
	};
	const wait = (ms: number) => {
		nowMs += ms;
	};
	return { throttle, take, wait, now: () => nowMs };
}

function assertNear(actual: number, expected: number): void {
	assert.ok(Math.abs(actual - expected) <= expected * 0.05, `${actual} is not about ${expected}`);
}

describe('slowing down', () => {
	test('nothing is cut before the server complains', () => {
		const { throttle, take } = throttleOf(10);

		assert.deepEqual(take(1_000, 50), []);
		assert.equal(throttle.connections, 10);
		assert.equal(throttle.perSecond, Number.POSITIVE_INFINITY);
	});

	test('too many connections halves the connections and leaves the rate alone', () => {
		const { throttle, take, now } = throttleOf(10);
		take(500, 50);

		assert.equal(throttle.slowDown(now(), 'connections'), 'slowing down to 5 connections');
		assert.equal(throttle.connections, 5);
		assert.equal(throttle.perSecond, Number.POSITIVE_INFINITY);
	});

	test('too fast halves the rate of the last seconds, not the one of long ago', () => {
		const { throttle, take, now } = throttleOf(10);
		take(1_000, 500);
		take(600, 60);

		const line = throttle.slowDown(now(), 'rate');

		assertNear(throttle.perSecond, 30);
		assert.match(line, /^slowing down to at most (?:29|30|31) a second$/);
		assert.equal(throttle.connections, 10);
	});

	test('both are cut when the server does not say which', () => {
		const { throttle, take, now } = throttleOf(4);
		take(200, 20);

		assert.match(throttle.slowDown(now(), 'both'), /^slowing down to 2 connections, at most (?:9|10|11) a second$/);
	});

	test('ten connections that hear of one trouble in the same second cut once', () => {
		const { throttle, take, wait, now } = throttleOf(16);
		take(500, 50);
		throttle.slowDown(now(), 'both');

		for (let each = 0; each < 9; each += 1) {
			wait(90);
			take(1, 1_000);
			assert.equal(throttle.slowDown(now(), 'both'), '');
		}

		assert.equal(throttle.connections, 8);
	});

	test('more trouble before anything was accepted is the same trouble, however long it lasts', () => {
		const { throttle, take, wait, now } = throttleOf(16);
		take(500, 50);
		throttle.slowDown(now(), 'both');
		wait(30 * second);

		assert.equal(throttle.slowDown(now(), 'both'), '');
		assert.equal(throttle.connections, 8);
	});

	test('new trouble after something was accepted cuts again', () => {
		const { throttle, take, now } = throttleOf(16);
		take(500, 50);
		throttle.slowDown(now(), 'both');
		take(50, 25);

		throttle.slowDown(now(), 'both');

		assert.equal(throttle.connections, 4);
		assert.ok(throttle.perSecond < 13);
	});

	test('it ends at one connection and six messages a minute, and says nothing more', () => {
		const { throttle, take, wait, now } = throttleOf(200);
		take(100, 10);
		const lines: string[] = [];
		for (let each = 0; each < 40; each += 1) {
			lines.push(throttle.slowDown(now(), 'both'));
			take(1, 1);
			wait(second);
		}

		assert.equal(throttle.connections, 1);
		assert.equal(throttle.perSecond, 0.1);
		assert.equal(lines.filter((line) => line.endsWith('at most 6 a minute')).length, 1);
		assert.equal(lines.at(-1), '');
	});

	test('a server that complains about the very first message is asked for one a second', () => {
		const { throttle, now } = throttleOf(5);

		throttle.slowDown(now(), 'rate');

		assert.equal(throttle.perSecond, 1);
	});
});

describe('recovering', () => {
	test('every hundred messages give back one connection and a tenth of the rate', () => {
		const { throttle, take, now } = throttleOf(4);
		take(600, 60);
		throttle.slowDown(now(), 'both');

		assert.deepEqual(take(100, 29), []);
		assert.equal(throttle.connections, 3);
		assertNear(throttle.perSecond, 33);
		assert.deepEqual(take(100, 32), []);
		assert.equal(throttle.connections, 4);
		assertNear(throttle.perSecond, 36);
	});

	test('a rate that is used rises past where the trouble was, little by little, and is not lifted at once', () => {
		const { throttle, take, now } = throttleOf(4);
		take(600, 60);
		throttle.slowDown(now(), 'rate');
		const rates: number[] = [];
		for (let each = 0; each < 14; each += 1) {
			take(100, throttle.perSecond);
			rates.push(throttle.perSecond);
		}

		assertNear(rates.at(-1) ?? 0, 72);
		assert.ok(
			rates.every((rate, at) => rate - (rates[at - 1] ?? 30) < 3.5),
			rates.join(),
		);
	});

	test('a rate that nobody wants is lifted, and that is said', () => {
		const { throttle, take, now } = throttleOf(4);
		take(600, 60);
		throttle.slowDown(now(), 'rate');

		assert.deepEqual(take(100, 10), ['back to full speed, 4 connections']);
		assert.equal(throttle.perSecond, Number.POSITIVE_INFINITY);
		assert.deepEqual(take(1_000, 60), []);
	});

	test('at a few messages a minute nobody waits for a hundred: ten seconds without trouble give back as much', () => {
		const { throttle, take, now } = throttleOf(4);
		take(600, 60);
		for (let each = 0; each < 12; each += 1) {
			throttle.slowDown(now(), 'rate');
			take(1, 0.5);
		}
		assert.ok(throttle.perSecond <= 0.2, String(throttle.perSecond));

		take(2, throttle.perSecond);
		assert.ok(throttle.perSecond > 2, String(throttle.perSecond));
	});

	test('ninety-nine messages between complaints give nothing back', () => {
		const { throttle, take, now } = throttleOf(8);
		take(500, 50);
		throttle.slowDown(now(), 'connections');
		take(99, 50);
		throttle.slowDown(now(), 'connections');
		take(99, 50);

		assert.equal(throttle.connections, 2);
	});
});

describe('connections that cannot be had', () => {
	test('those that opened are used', () => {
		const { throttle } = throttleOf(10);

		assert.equal(throttle.opened(3), 'going on with 3 connections');
		assert.equal(throttle.connections, 3);
		assert.equal(throttle.opened(5), '');
		assert.equal(throttle.connections, 3);
	});

	test('one is always left', () => {
		const { throttle } = throttleOf(10);

		assert.equal(throttle.opened(0), 'going on with 1 connection');
		assert.equal(throttle.connections, 1);
	});

	test('a server that gives three and no more is asked for a fourth ever more rarely, without a word', () => {
		const { throttle, take } = throttleOf(10);
		throttle.opened(3);

		const messagesUntilAsked = [1, 2, 3, 4].map(() => {
			let count = 0;
			while (throttle.connections === 3) {
				take(1, 100);
				count += 1;
			}
			assert.equal(throttle.opened(3), '');
			return count;
		});

		assert.deepEqual(messagesUntilAsked, [100, 200, 400, 800]);
	});

	test('a fourth that was given makes it ask for the fifth soon', () => {
		const { throttle, take } = throttleOf(10);
		throttle.opened(3);
		take(100, 100);
		throttle.opened(3);
		take(200, 100);
		assert.equal(throttle.connections, 4);
		take(200, 100);
		take(100, 100);

		assert.equal(throttle.connections, 6);
	});
});

test('whatever happens, connections stay between one and those asked for, and the rate is six a minute or more', () => {
	const step = fc.record({
		kind: fc.constantFrom('connections', 'rate', 'both', 'accepted', 'opened'),
		count: fc.nat({ max: 250 }),
		ms: fc.nat({ max: 3_000 }),
	});
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 200 }), fc.array(step, { maxLength: 60 }), (connections, steps) => {
			const { throttle, take, wait, now } = throttleOf(connections);
			for (const { kind, count, ms } of steps) {
				wait(ms);
				if (kind === 'accepted') take(count, 200);
				else if (kind === 'opened') throttle.opened(count);
				else throttle.slowDown(now(), kind);
				assert.ok(throttle.connections >= 1 && throttle.connections <= connections);
				assert.ok(throttle.perSecond >= 0.1);
			}
		}),
	);
});
