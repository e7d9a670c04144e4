import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FingerprintTable } from '../../src/recipients/fingerprint-table.ts';

test('fingerprints are numbered in the order in which they come, and keep their number', () => {
	const table = new FingerprintTable();
	const prints = [Int32Array.of(1, 2, 3, 4), Int32Array.of(0, 0, 0, 0), Int32Array.of(-1, -1, -1, -1)];
	for (const print of prints) assert.equal(table.find(print), 0);
	assert.deepEqual(
		[...prints, ...prints].map((print) => table.findOrInsert(print)),
		[1, 2, 3, 1, 2, 3],
	);
	assert.deepEqual(
		prints.map((print) => table.find(print)),
		[1, 2, 3],
	);
	assert.equal(table.size, 3);
});

test('each of the 128 bits alone makes another fingerprint', () => {
	for (const word of [0, 1, -1, 0x12345678]) {
		const table = new FingerprintTable();
		const print = Int32Array.of(word, word, word, word);
		table.findOrInsert(print);
		for (let bit = 0; bit < 128; bit++) {
			const other = print.slice();
			other[bit >> 5] = (other[bit >> 5] ?? 0) ^ (1 << (bit & 31));
			assert.equal(table.find(other), 0, `bit ${bit}`);
			assert.equal(table.findOrInsert(other), bit + 2);
			assert.equal(table.find(print), 1);
		}
	}
});

test('fingerprints that all want the same place find it, also past the end of the index and after it grew', () => {
	// From the last place, alike in the first word, in its high bits, in its low bits.
	for (const first of [
		() => -1,
		(number: number) => -1 - (number << 2),
		(number: number) => (number << 20) | 0xfffff,
	]) {
		const table = new FingerprintTable();
		const before = table.sizeBytes;
		const prints = Array.from({ length: 3_500 }, (_, number) => Int32Array.of(first(number), number, 0, 0));
		for (const [index, print] of prints.entries()) assert.equal(table.findOrInsert(print), index + 1);
		for (const [index, print] of prints.entries()) assert.equal(table.find(print), index + 1);
		assert.equal(table.find(Int32Array.of(-1, 0, 0, 1)), 0);
		assert.ok(table.sizeBytes > before);
	}
});

test('it answers as a Map does while it grows', () => {
	const small = fc.integer({ min: -2, max: 2 });
	const print = fc.tuple(fc.oneof(small, fc.integer()), small, small, fc.oneof(small, fc.integer()));
	fc.assert(
		fc.property(fc.array(print, { maxLength: 200 }), fc.integer(), (prints, start) => {
			const table = new FingerprintTable();
			const model = new Map<string, number>();
			const insert = (words: Int32Array) => {
				const name = words.join();
				const number = model.get(name) ?? model.size + 1;
				assert.equal(table.find(words), model.get(name) ?? 0);
				assert.equal(table.findOrInsert(words), number);
				model.set(name, number);
			};
			for (const words of prints) insert(Int32Array.from(words));
			for (let step = 0; step < 7_000; step++) insert(Int32Array.of(start + Math.imul(step, 0x9e3779b1), step, 7, 7));
			for (const [name, number] of model) assert.equal(table.find(Int32Array.from(name.split(','), Number)), number);
			assert.equal(table.size, model.size);
		}),
		{ numRuns: 20 },
	);
});
