import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { editDistance, nearest } from '../../src/support/nearest.ts';

const columns = ['email', 'first_name', 'last_name', 'city'];

test('a slip of the finger finds the word that was meant', () => {
	assert.equal(nearest('fisrt_name', columns), 'first_name');
	assert.equal(nearest('frst_name', columns), 'first_name');
	assert.equal(nearest('ctiy', columns), 'city');
	assert.equal(nearest('EMAL', columns), 'email');
});

test('the candidate comes back as it is written, compared as the caller folds it', () => {
	const fold = (text: string) => text.toLowerCase().replace(/[ _]/g, '');
	assert.equal(nearest('lastnme', ['First Name', 'Last Name'], { fold }), 'Last Name');
});

test('a word that is like nothing finds nothing', () => {
	assert.equal(nearest('postcode', columns), null);
	assert.equal(nearest('x', columns), null);
	assert.equal(nearest('', columns), null);
	assert.equal(nearest('a', ['b']), null);
});

test('a word of a megabyte is not compared at all', () => {
	assert.equal(nearest('x'.repeat(1_000_000), columns), null);
	assert.equal(nearest('email', ['x'.repeat(1_000_000), 'emial']), 'emial');
});

test('a swap of neighbours counts once, other changes one each', () => {
	assert.equal(editDistance('ab', 'ba'), 1);
	assert.equal(editDistance('', 'abc'), 3);
	assert.equal(editDistance('kitten', 'sitting'), 3);
	assert.equal(editDistance('abcd', 'badc'), 2);
});

test('the distance is the same in both directions and zero for equal words only', () => {
	const word = fc.string({ maxLength: 12 });
	fc.assert(
		fc.property(word, word, (a, b) => {
			assert.equal(editDistance(a, b), editDistance(b, a));
			assert.equal(editDistance(a, b) === 0, a === b);
			assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
		}),
	);
});
