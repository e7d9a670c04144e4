/** Who waits for the next attempt, by when it is due. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WaitingRoom } from '../../../src/delivery/retry/waiting-room.ts';

function roomOf(limits: { maxItems?: number; maxBytes?: number } = {}): WaitingRoom<string> {
	return new WaitingRoom({ ...limits, sizeOf: (item) => item.length });
}

/** Everybody, due or not. */
function takeAll<T>(room: WaitingRoom<T>): T[] {
	const items: T[] = [];
	for (let item = room.take(Number.POSITIVE_INFINITY); item !== null; item = room.take(Number.POSITIVE_INFINITY))
		items.push(item);
	return items;
}

test('nobody is given out before their time, and then the earliest first', () => {
	const room = roomOf();
	room.put('late', 300);
	room.put('early', 100);
	room.put('middle', 200);
	assert.deepEqual([room.size, room.nextAtMs], [3, 100]);
	assert.equal(room.take(99.9), null);
	assert.equal(room.take(100), 'early');
	assert.equal(room.take(100), null);
	assert.deepEqual([room.take(1000), room.take(1000), room.take(1000)], ['middle', 'late', null]);
	assert.deepEqual([room.size, room.nextAtMs], [0, Number.POSITIVE_INFINITY]);
});

test('of those who are due at the same time, who came first goes first', () => {
	const room = roomOf();
	const names = Array.from({ length: 50 }, (_, at) => `n${at}`);
	for (const name of names) room.put(name, 5);
	assert.deepEqual(
		names.map(() => room.take(5)),
		names,
	);
});

test('there is room for so many and no more, until one has left', () => {
	const room = roomOf({ maxItems: 2 });
	assert.deepEqual([room.put('a', 1), room.put('b', 2), room.put('c', 0)], [true, true, false]);
	assert.equal(room.take(1), 'a');
	assert.equal(room.put('c', 0), true);
	assert.equal(room.take(0), 'c');
});

test('there is room for so many octets, and they are free again when one has left', () => {
	const room = roomOf({ maxBytes: 10 });
	assert.deepEqual([room.put('12345', 1), room.put('123456', 2), room.put('12345', 2)], [true, false, true]);
	room.take(1);
	assert.equal(room.put('123456', 3), false);
	assert.equal(room.put('1234', 3), true);
});

test('one that is larger than the room has place when nobody else waits', () => {
	const room = roomOf({ maxBytes: 10 });
	assert.equal(room.put('x'.repeat(11), 1), true);
	assert.equal(room.put('y', 1), false);
	takeAll(room);
	assert.equal(room.put('y', 1), true);
});

test('taken at the end of time it gives everybody by their time and is empty', () => {
	const room = roomOf();
	for (const [name, at] of [
		['c', 3],
		['a', 1],
		['b', 2],
	] as const)
		room.put(name, at);
	assert.deepEqual([takeAll(room), room.size, takeAll(room)], [['a', 'b', 'c'], 0, []]);
});

test('the defaults hold 10,000 items and 32 MB', () => {
	const room = new WaitingRoom<number>({ sizeOf: (bytes) => bytes });
	for (let at = 0; at < 10_000; at += 1) assert.ok(room.put(1, at));
	assert.equal(room.put(1, 0), false);
	takeAll(room);
	assert.deepEqual([room.put(32_000_000, 1), room.put(1, 1)], [true, false]);
});

test('whatever comes and goes, what is taken is what a sorted list would give', () => {
	const step = fc.oneof(
		fc.record({ put: fc.integer({ min: 0, max: 50 }) }),
		fc.record({ takeAt: fc.integer({ min: 0, max: 50 }) }),
	);
	fc.assert(
		fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
			const room = new WaitingRoom<{ due: number; ticket: number }>({ maxItems: 20, sizeOf: () => 0 });
			const model: { due: number; ticket: number }[] = [];
			for (const [ticket, it] of steps.entries()) {
				if ('put' in it) {
					const item = { due: it.put, ticket };
					assert.equal(room.put(item, it.put), model.length < 20);
					if (model.length < 20) model.push(item);
				} else {
					const first = [...model].sort((a, b) => a.due - b.due || a.ticket - b.ticket)[0];
					const expected = first !== undefined && first.due <= it.takeAt ? first : null;
					if (expected !== null) model.splice(model.indexOf(expected), 1);
					assert.equal(room.take(it.takeAt), expected);
				}
				assert.equal(room.size, model.length);
				assert.equal(room.nextAtMs, Math.min(Number.POSITIVE_INFINITY, ...model.map(({ due }) => due)));
			}
		}),
	);
});
