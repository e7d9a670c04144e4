import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DomainPace } from '../../../src/delivery/pace/domain-pace.ts';
import type { Rate } from '../../../src/delivery/pace/rate.ts';
import { Shelf } from '../../../src/delivery/pace/shelf.ts';
import { assertNeverAbove, assertUsed, randomFrom, seeds } from './simulate-pace.ts';

interface Letter {
	readonly to: string;
	readonly number: number;
	readonly bytes: number;
}

const oneASecond: Rate = { count: 1, periodMs: 1_000, burst: 1 };
const rates = new Map<string, Rate>([
	['slow.example', oneASecond],
	['quick.example', { count: 5, periodMs: 1_000, burst: 1 }],
	['burst.example', { count: 20, periodMs: 60_000, burst: 4 }],
]);

function shelfOf({
	maxItems = 5_000,
	maxBytes = 1e9,
}: {
	readonly maxItems?: number;
	readonly maxBytes?: number;
} = {}) {
	const pace = new DomainPace(rates);
	const shelf = new Shelf<Letter>({ pace, domainOf: ({ to }) => to, sizeOf: ({ bytes }) => bytes, maxItems, maxBytes });
	return { pace, shelf };
}

let made = 0;
function letterTo(to: string, bytes = 100): Letter {
	made += 1;
	return { to, number: made, bytes };
}

test('a domain without a rate is never held up', () => {
	const { pace, shelf } = shelfOf();
	assert.equal(pace.isLimited('free.example'), false);
	for (let count = 0; count < 100; count += 1) assert.equal(shelf.admit(letterTo('free.example'), 0), true);
	pace.spend('free.example', 0);
	assert.equal(pace.readyAtMs('free.example', 7), 7);
	assert.equal(shelf.size, 0);
});

test('a domain that had its share waits on the shelf, first in first out, while others go', () => {
	const { shelf } = shelfOf();
	const [first, second, third] = [letterTo('slow.example'), letterTo('slow.example'), letterTo('slow.example')];
	assert.equal(shelf.admit(first, 0), true);
	assert.equal(shelf.admit(second, 0), false);
	assert.equal(shelf.admit(letterTo('quick.example'), 0), true);
	assert.equal(shelf.take(500), null);
	assert.equal(shelf.readyAtMs(500), 1_011);
	// The second waits before it, although the domain could have one.
	assert.equal(shelf.admit(third, 1_011), false);
	assert.equal(shelf.take(1_011), second);
	assert.equal(shelf.take(1_011), null);
	assert.equal(shelf.take(2_022), third);
	assert.equal(shelf.size, 0);
	assert.equal(shelf.readyAtMs(9_999), Number.POSITIVE_INFINITY);
});

test('of several domains that may go the longest waiting message does', () => {
	const { shelf } = shelfOf();
	const letters = ['slow.example', 'quick.example', 'burst.example', 'quick.example'].map((to) => letterTo(to));
	for (const letter of letters) shelf.put(letter);
	assert.deepEqual(
		[0, 0, 0, 1_000].map((nowMs) => shelf.take(nowMs)),
		letters,
	);
});

test('a message for a domain that can go makes a shelf ready that waited for others', () => {
	const { shelf } = shelfOf();
	shelf.admit(letterTo('slow.example'), 0);
	shelf.admit(letterTo('slow.example'), 0);
	assert.equal(shelf.take(1), null);
	const late = letterTo('quick.example');
	shelf.put(late);
	assert.equal(shelf.readyAtMs(1) <= 1, true);
	assert.equal(shelf.take(1), late);
});

test('the shelf is full at so many messages or so many octets, and has room again when one was taken', () => {
	for (const bounds of [{ maxItems: 3 }, { maxBytes: 300 }]) {
		const { shelf } = shelfOf(bounds);
		for (let count = 0; count < 3; count += 1) {
			assert.equal(shelf.isFull, false);
			shelf.put(letterTo('slow.example'));
		}
		assert.equal(shelf.isFull, true);
		assert.notEqual(shelf.take(0), null);
		assert.equal(shelf.isFull, false);
	}
});

test('a message that goes to a domain before its time is a bug that is noticed', () => {
	const pace = new DomainPace(rates);
	pace.spend('slow.example', 0);
	assert.throws(() => pace.spend('slow.example', 1), /slow\.example before its time/);
});

test('with any mix nothing is lost, doubled or overtaken, bounds hold, every rate is kept and used, and others never wait', () => {
	const domains = ['slow.example', 'quick.example', 'burst.example', 'free.example'];
	fc.assert(
		fc.property(seeds, fc.integer({ min: 1, max: 60 }), (seed, maxItems) => {
			const random = randomFrom(seed);
			const { shelf } = shelfOf({ maxItems });
			const weights = domains.map(() => random() ** 2 + 0.01);
			const total = weights.reduce((sum, weight) => sum + weight, 0);
			const draw = () => {
				const point = random() * total;
				let sum = 0;
				const index = weights.findIndex((weight) => {
					sum += weight;
					return point < sum;
				});
				return domains[index] ?? 'free.example';
			};
			const list = Array.from({ length: 300 }, (_, number) => ({ to: draw(), number, bytes: 1 }));
			const out = new Map<string, { readonly number: number; readonly atMs: number }[]>(domains.map((to) => [to, []]));
			const went = (letter: Letter, nowMs: number) =>
				out.get(letter.to)?.push({ number: letter.number, atMs: nowMs + random() * 10 });
			let [next, nowMs] = [0, 0];
			while (next < list.length || shelf.size > 0) {
				const aside = shelf.take(nowMs);
				const letter = aside === null && !shelf.isFull ? list[next] : undefined;
				if (aside !== null) went(aside, nowMs);
				else if (letter !== undefined) {
					next += 1;
					if (shelf.admit(letter, nowMs)) went(letter, nowMs);
					else assert.notEqual(letter.to, 'free.example');
				} else {
					const readyAtMs = shelf.readyAtMs(nowMs);
					assert.ok(readyAtMs > nowMs && readyAtMs < Number.POSITIVE_INFINITY, String(readyAtMs));
					nowMs = readyAtMs + random();
				}
				assert.ok(shelf.size <= maxItems, `${shelf.size} of ${maxItems}`);
			}
			const all = [...out.values()].flat();
			assert.equal(new Set(all.map(({ number }) => number)).size, list.length);
			assert.equal(all.length, list.length);
			for (const [domain, letters] of out) {
				assert.deepEqual(
					letters.map(({ number }) => number),
					letters.map(({ number }) => number).sort((a, b) => a - b),
				);
				const rate = rates.get(domain);
				if (rate === undefined) continue;
				assertNeverAbove(
					letters.map(({ atMs }) => atMs).sort((a, b) => a - b),
					[rate],
				);
			}
		}),
		{ numRuns: 60 },
	);
});

test('a domain of which there is always one on the shelf uses 98 % of its rate', () => {
	const { shelf } = shelfOf();
	const random = randomFrom(5);
	let taken = 0;
	for (let nowMs = 0; nowMs < 100_000; ) {
		if (shelf.size === 0) shelf.put(letterTo('quick.example'));
		if (shelf.take(nowMs) === null) nowMs = shelf.readyAtMs(nowMs) + random() * 2;
		else taken += 1;
	}
	assertUsed(taken, { count: 5, periodMs: 1_000, burst: 1 }, 100_000);
});

test('half a million messages in and out cost no more for each than a few hundred', () => {
	const pace = new DomainPace(new Map([['quick.example', { count: 1_000_000, periodMs: 1_000, burst: 1_000_000 }]]));
	const shelf = new Shelf<Letter>({
		pace,
		domainOf: ({ to }) => to,
		sizeOf: () => 1,
		maxItems: 1e6,
		maxBytes: 1e6,
	});
	for (let number = 0; number < 500_000; number += 1) shelf.put({ to: 'quick.example', number, bytes: 1 });
	for (let number = 0; number < 500_000; number += 1) assert.equal(shelf.take(0)?.number, number);
	assert.equal(shelf.size, 0);
});
