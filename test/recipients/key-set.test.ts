import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fingerprint, fingerprintKey } from '../../src/recipients/fingerprint.ts';
import { KeySet } from '../../src/recipients/key-set.ts';

const seed = Buffer.from('0123456789abcdef');

test('a key is new once', () => {
	const keys = new KeySet(seed);
	assert.equal(keys.add('bob@example.com'), true);
	assert.equal(keys.add('bob@example.com'), false);
	assert.equal(keys.add('rob@example.com'), true);
	assert.equal(keys.size, 2);
});

test('it answers as a Set does, whatever the keys', () => {
	const key = fc.oneof(
		fc.string({ maxLength: 3 }),
		fc.string({ unit: 'binary', maxLength: 40 }),
		fc.constantFrom('', '\u0000', '\u0000\u0000'),
	);
	fc.assert(
		fc.property(fc.array(key, { maxLength: 300 }), (texts) => {
			const keys = new KeySet(seed);
			const set = new Set<string>();
			for (const text of texts) {
				assert.equal(keys.add(text), !set.has(text));
				set.add(text);
			}
			assert.equal(keys.size, set.size);
		}),
	);
});

test('two million addresses that differ in one digit are two million, and all known afterwards', () => {
	const keys = new KeySet(seed);
	let falseDuplicates = 0;
	for (let number = 0; number < 2_000_000; number++) if (!keys.add(`user${number}@example.com`)) falseDuplicates++;
	assert.equal(falseDuplicates, 0);
	assert.equal(keys.size, 2_000_000);
	let forgotten = 0;
	for (let number = 0; number < 2_000_000; number += 97) if (keys.add(`user${number}@example.com`)) forgotten++;
	assert.equal(forgotten, 0);
	assert.ok(keys.sizeBytes <= 2_000_000 * 36, `${keys.sizeBytes} octets`);
});

test('a set that was cleared knows nothing and keeps its memory', () => {
	const keys = new KeySet(seed);
	for (let number = 0; number < 20_000; number++) keys.add(`user${number}`);
	const before = keys.sizeBytes;
	keys.clear();
	assert.equal(keys.size, 0);
	assert.equal(keys.sizeBytes, before);
	for (let number = 0; number < 20_000; number++) assert.equal(keys.add(`user${number}`), true);
	assert.equal(keys.sizeBytes, before);
});

test('every bit of a text moves half of the fingerprint', () => {
	const key = fingerprintKey(seed);
	const flips = new Array<number>(128).fill(0);
	let trials = 0;
	for (let number = 0; number < 400; number++) {
		const text = `user${number}@example.com`;
		for (let position = 0; position < text.length; position += 3) {
			for (let bit = 0; bit < 16; bit += 3) {
				const changed =
					text.slice(0, position) +
					String.fromCharCode(text.charCodeAt(position) ^ (1 << bit)) +
					text.slice(position + 1);
				const a = new Uint32Array(4);
				const b = new Uint32Array(4);
				fingerprint(text, key, { into: a });
				fingerprint(changed, key, { into: b });
				trials++;
				for (let index = 0; index < 128; index++) {
					const difference = (a[index >> 5] ?? 0) ^ (b[index >> 5] ?? 0);
					if (((difference >>> (index & 31)) & 1) === 1) flips[index] = (flips[index] ?? 0) + 1;
				}
			}
		}
	}
	for (const [index, count] of flips.entries()) {
		assert.ok(Math.abs(count / trials - 0.5) < 0.03, `bit ${index} moves in ${count} of ${trials}`);
	}
});

test('the fingerprint depends on every word of the seed, and a short seed is a bug', () => {
	const prints = new Set<string>();
	for (let index = -1; index < 16; index++) {
		const other = Buffer.from(seed);
		if (index >= 0) other.writeUInt8(other.readUInt8(index) ^ 1, index);
		const into = new Uint32Array(4);
		fingerprint('bob@example.com', fingerprintKey(other), { into });
		prints.add(into.join());
	}
	assert.equal(prints.size, 17);
	assert.throws(() => fingerprintKey(Buffer.alloc(15)));
});
