import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseSuppressionLine } from '../../../src/recipients/suppression/parse-suppression-line.ts';
import { PlainEntryScanner } from '../../../src/recipients/suppression/plain-entry-scanner.ts';

const pieces = fc.constantFrom(...'aZ09.-_+@,"# %=\t\u00eb<>;'.split(''), 'xn--', '.com', '@example.com', 'hard', '..');
const lines = fc.oneof(
	fc.tuple(fc.stringMatching(/^[\da-fA-F]{62,66}$/), pieces).map(([digits, end]) => `sha256:${digits}${end}`),
	fc.array(pieces, { maxLength: 24 }).map((parts) => parts.join('')),
	fc
		.tuple(fc.array(pieces, { maxLength: 5 }), fc.array(pieces, { maxLength: 5 }))
		.map(([a, b]) => `a${a.join('')}b@c${b.join('')}d`),
	fc
		.tuple(fc.integer({ min: 60, max: 66 }), fc.integer({ min: 60, max: 66 }))
		.map(([a, b]) => `${'l'.repeat(a)}@${'d'.repeat(b)}.com`),
);

test('what the fast reading takes, the careful one takes with the same key and reason', () => {
	const scanner = new PlainEntryScanner();
	let taken = 0;
	fc.assert(
		fc.property(lines, (line) => {
			const octets = Buffer.from(line);
			if (!scanner.scan(octets, 0, octets.length)) return;
			taken += 1;
			const read = parseSuppressionLine(octets);
			// A header of one word has no @, so that it is never taken.
			assert.ok(read.kind === 'entry', line);
			assert.equal(Buffer.from(scanner.key.subarray(0, scanner.keyLength)).toString('latin1'), read.entry.key);
			assert.equal(octets.toString('latin1', scanner.reasonStart, scanner.reasonEnd).trim(), read.entry.reason);
		}),
		{ numRuns: 5000 },
	);
	assert.ok(taken > 100, `only ${taken} lines were plain`);
});

test('common lines are taken the fast way', () => {
	const scanner = new PlainEntryScanner();
	for (const line of [
		'bob@example.com',
		`sha256:${'aB'.repeat(32)}`,
		'Bob.Smith+x@mail.Example.co,hard,2026-11-22T17:05:12Z,november-news',
	]) {
		const octets = Buffer.from(`x\n${line}\n`);
		assert.equal(scanner.scan(octets, 2, octets.length - 1), true);
		assert.equal(Buffer.from(scanner.key.subarray(0, scanner.keyLength)).toString(), line.toLowerCase().split(',')[0]);
	}
});
