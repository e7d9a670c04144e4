import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fingerprint } from '../../src/recipients/fingerprint.ts';

const seed = Buffer.from('0123456789abcdef');

function printOf(text: string, under: Uint8Array = seed): string {
	const print = new Fingerprint(under);
	print.take(text);
	return print.words.join();
}

const ascii = fc.oneof(
	fc.string({ unit: 'binary-ascii', maxLength: 12 }),
	fc.string({ unit: 'binary-ascii', minLength: 100, maxLength: 600 }),
	fc.emailAddress(),
);

test('the fingerprint of ASCII octets is that of the string, wherever in the octets it stands', () => {
	fc.assert(
		fc.property(ascii, fc.nat({ max: 9 }), fc.nat({ max: 9 }), (text, before, after) => {
			const octets = Buffer.concat([Buffer.alloc(before, 'x'), Buffer.from(text, 'latin1'), Buffer.alloc(after, 'y')]);
			const print = new Fingerprint(seed);
			print.takeAscii(octets, before, before + text.length);
			assert.equal(print.words.join(), printOf(text));
		}),
	);
});

test('no text leaves anything behind for the next one', () => {
	const text = fc.oneof(ascii, fc.string({ unit: 'binary', maxLength: 300 }));
	fc.assert(
		fc.property(fc.array(text, { maxLength: 6 }), (texts) => {
			const print = new Fingerprint(seed);
			for (const each of texts) {
				print.take(each);
				assert.equal(print.words.join(), printOf(each));
			}
		}),
	);
});

test('texts that are padded, cut, widened or packed alike have different fingerprints', () => {
	const texts = new Set<string>();
	// 512 a and a NUL, and 256 units of \u6161, differ in the mark of the last word only.
	for (const unit of ['\u0000', 'a', '\u0080', '\u6161', '\ud800']) {
		for (let length = 0; length < 600; length++) texts.add(unit.repeat(length)).add(`${unit.repeat(length)}\u0000`);
	}
	for (const text of [
		'ab',
		'abcd',
		'abcdefgh',
		'abcd\u0000\u0000\u0000\u0004',
		'\ud800',
		'\udc00',
		'\ufffd',
		'\ud83d\ude00',
	]) {
		texts.add(text);
		// The words of one text as the units of another, both ways.
		texts.add(Buffer.from(text, 'latin1').toString('utf16le'));
		texts.add(Buffer.from(text, 'utf16le').toString('latin1'));
	}
	const prints = new Set(Array.from(texts, (text) => printOf(text)));
	assert.equal(prints.size, texts.size);
});

test('octets that are no ASCII or not there are a bug, not a fingerprint', () => {
	const print = new Fingerprint(seed);
	const octets = Buffer.from('bob@exämple.com');
	for (let end = 7; end <= octets.length; end++) assert.throws(() => print.takeAscii(octets, 0, end), /not ASCII/);
	assert.throws(() => print.takeAscii(octets, 0, octets.length + 1), /missing/);
	assert.throws(() => print.takeAscii(octets, 3, 2), /missing/);
	assert.throws(() => print.takeAscii(octets, -1, 2), /missing/);
});

test('every bit of a text moves half of the fingerprint', () => {
	const a = new Fingerprint(seed);
	const b = new Fingerprint(seed);
	const flips = new Array<number>(128).fill(0);
	let trials = 0;
	for (let number = 0; number < 400; number++) {
		const text = `user${number}@example.com`;
		a.take(text);
		for (let position = 0; position < text.length; position += 3) {
			for (const bit of [0, 1, 2, 3, 4, 5, 6, 7, 11, 15]) {
				const unit = String.fromCharCode(text.charCodeAt(position) ^ (1 << bit));
				b.take(text.slice(0, position) + unit + text.slice(position + 1));
				trials++;
				for (let index = 0; index < 128; index++) {
					const difference = (a.words[index >> 5] ?? 0) ^ (b.words[index >> 5] ?? 0);
					if (((difference >>> (index & 31)) & 1) === 1) flips[index] = (flips[index] ?? 0) + 1;
				}
			}
		}
	}
	for (const [index, count] of flips.entries()) {
		assert.ok(Math.abs(count / trials - 0.5) < 0.03, `bit ${index} moves in ${count} of ${trials}`);
	}
});

test('the fingerprint depends on every octet of the seed, and a short seed is a bug', () => {
	const prints = new Set<string>();
	for (let index = -1; index < 16; index++) {
		const other = Buffer.from(seed);
		if (index >= 0) other.writeUInt8(other.readUInt8(index) ^ 1, index);
		prints.add(printOf('bob@example.com', other));
	}
	assert.equal(prints.size, 17);
	assert.throws(() => new Fingerprint(Buffer.alloc(15)));
});
