/** The limits that people set: --max-bounce-rate over the last 200 addresses, --max-failures over the run. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CountedStatus, SafetyCounter } from '../../../src/delivery/breaker/safety-counter.ts';

const noLimits = { maxBounceRate: Number.POSITIVE_INFINITY, maxFailures: Number.POSITIVE_INFINITY };

/** How many were counted when it stopped, and why; null when it did not. */
function stopOf(limits: { maxBounceRate?: number; maxFailures?: number }, statuses: Iterable<CountedStatus>) {
	const counter = new SafetyCounter({ ...noLimits, ...limits });
	let count = 0;
	for (const status of statuses) {
		count += 1;
		const reason = counter.counted(status, '550 5.1.1 No such user');
		if (reason !== null) return { count, ...reason };
	}
	return null;
}

function* mixed(count: number, everyNthIsDead: number): Generator<CountedStatus> {
	for (let each = 1; each <= count; each += 1) yield each % everyNthIsDead === 0 ? 'bounced_hard' : 'accepted';
}

describe('--max-bounce-rate', () => {
	test('stops when more of the last 200 addresses are dead than it allows', () => {
		const stop = stopOf({ maxBounceRate: 0.1 }, mixed(1_000, 9));

		assert.equal(stop?.count, 200);
		assert.equal(
			stop?.why,
			'22 of the last 200 addresses are dead: 11 %, and --max-bounce-rate allows 10 %. The last refusal: 550 5.1.1 No such user',
		);
		assert.match(stop?.hint ?? '', /--max-bounce-rate/);
	});

	test('allows what it says', () => {
		assert.equal(stopOf({ maxBounceRate: 0.1 }, mixed(10_000, 10)), null);
	});

	test('says nothing about fewer than 200 addresses', () => {
		assert.equal(stopOf({ maxBounceRate: 0.1 }, mixed(199, 1)), null);
	});

	test('forgets what is longer ago', () => {
		const rottenThenGood: CountedStatus[] = [
			...new Array<CountedStatus>(180).fill('accepted'),
			...new Array<CountedStatus>(19).fill('bounced_hard'),
			...new Array<CountedStatus>(200).fill('accepted'),
			...new Array<CountedStatus>(20).fill('bounced_hard'),
		];
		assert.equal(stopOf({ maxBounceRate: 0.1 }, rottenThenGood), null);
		assert.equal(stopOf({ maxBounceRate: 0.1 }, [...rottenThenGood, 'bounced_hard'])?.count, 420);
	});

	test('counts neither who has no verdict yet nor what was refused because of us', () => {
		const statuses: CountedStatus[] = [];
		for (let each = 0; each < 1_000; each += 1) statuses.push('deferred', 'bounced', 'accepted');
		assert.equal(stopOf({ maxBounceRate: 0 }, statuses), null);
	});
});

describe('--max-failures', () => {
	test('stops when so many bounced, failed or became unknown', () => {
		const statuses: CountedStatus[] = [
			'accepted',
			'bounced',
			'deferred',
			'failed',
			'accepted',
			'unknown',
			'bounced_hard',
		];

		const stop = stopOf({ maxFailures: 4 }, statuses);

		assert.equal(stop?.count, 7);
		assert.match(stop?.why ?? '', /^4 messages bounced, failed or became unknown, and --max-failures is 4/);
		assert.equal(stopOf({ maxFailures: 5 }, statuses), null);
	});

	test('of 1 stops at the first', () => {
		assert.equal(stopOf({ maxFailures: 1 }, ['accepted', 'failed'])?.count, 2);
	});
});
