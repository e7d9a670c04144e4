import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyTable, visitedBefore } from '../../src/recipients/key-table.ts';

const seed = Buffer.from('0123456789abcdef');
const { queueLength } = new KeyTable(seed);

/** Keys that broke other tables: names of what every object has, halves of characters, texts that differ in NULs only. */
const hostile = [
	'',
	'\u0000',
	'\u0000\u0000',
	'\u0000\u0000\u0000\u0000',
	'__proto__',
	'constructor',
	'toString',
	'\ud800',
	'\udc00',
	'\ufffd',
	'\udc00\ud800',
	'\ud83d\ude00',
	'a',
	'\u0061\u0301',
	'\u00e1',
	'x'.repeat(100_000),
	`${'x'.repeat(100_000)}\u0000`,
	`${'x'.repeat(99_999)}\u00e9`,
];

function soughtValue(keys: KeyTable, key: string): number {
	keys.seek(key);
	return keys.value;
}

/** The cursor is on the key that these octets are. */
function seekOctets(keys: KeyTable, octets: Uint8Array, start: number, end: number): void {
	keys.queueAscii(octets, start, end);
	keys.changeQueued((value) => value);
}

test('a key is new once in a pass', () => {
	const keys = new KeyTable(seed);
	assert.equal(keys.visit('bob@example.com'), 0);
	assert.equal(keys.visit('bob@example.com'), visitedBefore);
	assert.equal(keys.visit('rob@example.com'), 0);
	assert.equal(keys.size, 2);
});

test('a key that has a value before it is visited is no duplicate, and its value is told', () => {
	const keys = new KeyTable(seed);
	keys.seek('bob@example.com');
	keys.value = 127;
	assert.equal(keys.visit('bob@example.com'), 127);
	assert.equal(keys.visit('bob@example.com'), 127 + visitedBefore);
	assert.equal(keys.size, 1);
});

test('value and visit leave each other alone', () => {
	const keys = new KeyTable(seed);
	keys.visit('bob@example.com');
	assert.equal(keys.value, 0);
	keys.value = 85;
	assert.equal(keys.value, 85);
	assert.equal(keys.visit('bob@example.com'), 85 + visitedBefore);
	keys.value = 0;
	assert.equal(keys.visit('bob@example.com'), visitedBefore);
	keys.value = 42;
	keys.forgetVisits();
	assert.equal(keys.value, 42);
	assert.equal(keys.visit('bob@example.com'), 42);
});

test('the value is that of the key under the cursor, which seek, visit and changeQueued move and nothing else', () => {
	const keys = new KeyTable(seed);
	keys.seek('a');
	keys.value = 1;
	keys.visit('b');
	keys.value = 2;
	seekOctets(keys, Buffer.from('-c-'), 1, 2);
	keys.value = 3;
	keys.has('a');
	keys.has('nobody');
	keys.forgetVisits();
	assert.equal(keys.value, 3);
	assert.deepEqual(
		['a', 'b', 'c'].map((key) => soughtValue(keys, key)),
		[1, 2, 3],
	);
});

test('a value that does not fit, and a cursor on nothing, are bugs', () => {
	const keys = new KeyTable(seed);
	assert.throws(() => keys.value, /no key/);
	assert.throws(() => {
		keys.value = 1;
	}, /no key/);
	keys.seek('a');
	for (const value of [-1, 128, 1.5, Number.NaN, 2 ** 32]) {
		assert.throws(() => {
			keys.value = value;
		}, /0 to 127/);
	}
	assert.equal(keys.value, 0);
	assert.equal(keys.visit('a'), 0);
});

test('asking whether a key is there takes nothing in', () => {
	const keys = new KeyTable(seed);
	assert.equal(keys.has('a'), false);
	assert.equal(keys.size, 0);
	keys.seek('a');
	assert.equal(keys.has('a'), true);
	assert.equal(keys.has('b'), false);
	assert.equal(keys.visit('a'), 0);
});

test('octets find the key that the string put in, and the other way round', () => {
	const ascii = fc.string({ unit: 'binary-ascii', maxLength: 40 });
	fc.assert(
		fc.property(fc.uniqueArray(ascii, { maxLength: 60 }), (texts) => {
			const keys = new KeyTable(seed);
			for (const [index, text] of texts.entries()) {
				const octets = Buffer.from(`"${text}"`, 'latin1');
				if (index % 2 === 0) keys.seek(text);
				else seekOctets(keys, octets, 1, octets.length - 1);
				keys.value = index;
				if (index % 2 === 1) keys.seek(text);
				else seekOctets(keys, octets, 1, octets.length - 1);
				assert.equal(keys.value, index);
			}
			assert.equal(keys.size, texts.length);
		}),
	);
});

test('octets that are no ASCII are refused before anything is taken in', () => {
	const keys = new KeyTable(seed);
	const octets = Buffer.from('bob@ex\u00e4mple.com');
	assert.throws(() => keys.queueAscii(octets, 0, octets.length), /not ASCII/);
	keys.changeQueued((value) => value);
	assert.equal(keys.size, 0);
});

test('keys that were noted change one after the other: one that comes twice has its first change already', () => {
	const key = fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.string({ unit: 'binary-ascii', maxLength: 40 }));
	fc.assert(
		fc.property(fc.array(fc.array(key, { maxLength: queueLength }), { maxLength: 40 }), (batches) => {
			const keys = new KeyTable(seed);
			const model = new Map<string, number>();
			for (const [batch, texts] of batches.entries()) {
				const octets = Buffer.from(texts.join(''), 'latin1');
				let start = 0;
				for (const [index, text] of texts.entries()) {
					assert.equal(keys.queueAscii(octets, start, start + text.length), index + 1);
					start += text.length;
				}
				const seen: number[] = [];
				keys.changeQueued((value, index) => {
					seen.push(value);
					return (3 * value + index + batch) % 128;
				});
				for (const [index, text] of texts.entries()) {
					const before = model.get(text) ?? 0;
					assert.equal(seen[index], before);
					model.set(text, (3 * before + index + batch) % 128);
				}
				keys.changeQueued(() => assert.fail('none is noted any more'));
			}
			assert.equal(keys.size, model.size);
			for (const [text, value] of model) assert.equal(soughtValue(keys, text), value);
		}),
	);
});

test('a change leaves visits alone, and to note more keys than fit or to give them what is no value is a bug', () => {
	const keys = new KeyTable(seed);
	const octets = Buffer.from('bob');
	keys.visit('bob');
	keys.queueAscii(octets, 0, 3);
	keys.changeQueued(() => 5);
	assert.equal(keys.visit('bob'), 5 + visitedBefore);
	keys.queueAscii(octets, 0, 3);
	assert.throws(() => keys.changeQueued(() => 128), /0 to 127/);
	for (let noted = 0; noted < queueLength; noted++) keys.queueAscii(octets, 0, 3);
	assert.throws(() => keys.queueAscii(octets, 0, 3), /and no more/);
});

test('a table with room for its keys does not grow while they come, and one that was promised too few does', () => {
	const keys = new KeyTable(seed);
	keys.seek('first');
	keys.value = 9;
	keys.reserve(100_000);
	const [before, chunkOctets] = [keys.sizeBytes, 2 ** 14 * 17];
	for (let number = 0; number < 90_000; number++) keys.seek(`user${number}`);
	assert.equal((keys.sizeBytes - before) % chunkOctets, 0);
	keys.reserve(10);
	for (let number = 0; number < 150_000; number++) keys.seek(`user${number}`);
	assert.equal(keys.size, 150_001);
	assert.equal(soughtValue(keys, 'first'), 9);
});

test('hostile keys are keys like others', () => {
	const keys = new KeyTable(seed);
	for (const key of hostile) assert.equal(keys.has(key), false);
	for (const [index, key] of hostile.entries()) {
		assert.equal(keys.visit(key), 0);
		keys.value = index + 1;
	}
	assert.equal(keys.size, hostile.length);
	for (const [index, key] of hostile.entries()) assert.equal(keys.visit(key), index + 1 + visitedBefore);
});

test('it answers as a Map does, whatever is asked of it', () => {
	const key = fc.oneof(
		fc.string({ maxLength: 2 }),
		fc.string({ unit: 'binary', maxLength: 40 }),
		fc.constantFrom(...hostile),
		fc.nat({ max: 30_000 }).map((number) => `user${number}`),
	);
	const operation = fc.oneof(
		{ weight: 5, arbitrary: fc.tuple(fc.constant('visit'), key, fc.nat({ max: 127 })) },
		{ weight: 3, arbitrary: fc.tuple(fc.constant('seek'), key, fc.nat({ max: 127 })) },
		{ weight: 2, arbitrary: fc.tuple(fc.constant('set'), key, fc.nat({ max: 127 })) },
		{ weight: 2, arbitrary: fc.tuple(fc.constant('has'), key, fc.constant(0)) },
		{ weight: 1, arbitrary: fc.tuple(fc.constant('forget'), fc.constant(''), fc.constant(0)) },
		// Enough for the index to grow under what follows.
		{ weight: 1, arbitrary: fc.tuple(fc.constant('many'), fc.constant(''), fc.nat({ max: 127 })) },
	);
	fc.assert(
		fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
			const keys = new KeyTable(seed);
			const model = new Map<string, number>();
			let passed = new Set<string>();
			let cursor: string | null = null;
			for (const [what, text, value] of operations) {
				if (what === 'visit') {
					assert.equal(keys.visit(text), (model.get(text) ?? 0) + (passed.has(text) ? visitedBefore : 0));
					model.set(text, model.get(text) ?? 0);
					passed.add(text);
					cursor = text;
				} else if (what === 'seek') {
					keys.seek(text);
					model.set(text, model.get(text) ?? 0);
					cursor = text;
				} else if (what === 'set' && cursor !== null) {
					keys.value = value;
					model.set(cursor, value);
				} else if (what === 'has') {
					assert.equal(keys.has(text), model.has(text));
				} else if (what === 'forget') {
					keys.forgetVisits();
					passed = new Set();
				} else if (what === 'many') {
					for (let number = 0; number < 1_500; number++) {
						cursor = `many${value % 8}.${number}`;
						keys.seek(cursor);
						keys.value = value;
						model.set(cursor, value);
					}
				}
				if (cursor !== null) assert.equal(keys.value, model.get(cursor));
				assert.equal(keys.size, model.size);
			}
			keys.forgetVisits();
			for (const [text, value] of model) assert.equal(keys.visit(text), value);
			assert.equal(keys.size, model.size);
		}),
		{ numRuns: 150 },
	);
});

test('two million addresses that differ in one digit are two million, with their values, in whatever order they come again', () => {
	const keys = new KeyTable(seed);
	const total = 2_000_000;
	let falseDuplicates = 0;
	for (let number = 0; number < total; number++) {
		if (keys.visit(`user${number}@example.com`) !== 0) falseDuplicates++;
		keys.value = number % 127;
	}
	assert.equal(falseDuplicates, 0);
	assert.equal(keys.size, total);
	let wrong = 0;
	for (let number = 0; number < total; number += 97) {
		if (keys.visit(`user${number}@example.com`) !== (number % 127) + visitedBefore) wrong++;
	}
	keys.forgetVisits();
	for (let number = total - 1; number >= 0; number -= 89) {
		if (keys.visit(`user${number}@example.com`) !== number % 127) wrong++;
		if (keys.has(`user${number}@example.org`)) wrong++;
	}
	assert.equal(wrong, 0);
	assert.equal(keys.size, total);
});

test('a key never takes more than 30 octets of a large table, however many there are', () => {
	const keys = new KeyTable(seed);
	let most = 0;
	for (let number = 0; number < 900_000; number++) {
		keys.seek(`user${number}`);
		if (number > 100_000) most = Math.max(most, keys.sizeBytes / keys.size);
	}
	assert.ok(most <= 30, `${most} octets`);
	assert.ok(most >= 17, `${most} octets cannot hold a fingerprint and a value`);
});

test('another pass over the same keys needs no more memory', () => {
	const keys = new KeyTable(seed);
	for (let number = 0; number < 20_000; number++) keys.visit(`user${number}`);
	const before = keys.sizeBytes;
	keys.forgetVisits();
	assert.equal(keys.size, 20_000);
	for (let number = 0; number < 20_000; number++) assert.equal(keys.visit(`user${number}`), 0);
	assert.equal(keys.sizeBytes, before);
});
