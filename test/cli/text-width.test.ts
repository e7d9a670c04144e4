import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitText, joinFitting, layoutWidth, padText, textWidth, wrapText } from '../../src/cli/text-width.ts';

test('wide characters take two columns, combining marks none', () => {
	assert.deepEqual(
		['abc', 'Zoë', 'Zoe\u0308', '佐藤', '🎉', '👩‍👩‍👧', '❤️', ''].map(textWidth),
		[3, 3, 3, 4, 2, 2, 2, 0],
	);
});

test('a text that is too wide ends in an ellipsis and never in half a character', () => {
	assert.equal(fitText('abcdef', 6), 'abcdef');
	assert.equal(fitText('abcdef', 5), 'abcd…');
	assert.equal(fitText('ab cdef', 4), 'ab…');
	assert.equal(fitText('佐藤遥', 4), '佐…');
	assert.equal(fitText('👩‍👩‍👧👩‍👩‍👧', 3), '👩‍👩‍👧…');
	assert.equal(fitText('abc', 0), '');
});

test('padding counts columns', () => {
	assert.equal(padText('佐藤', 6), '佐藤  ');
	assert.equal(padText('toolong', 3), 'toolong');
});

test('items are shown whole or counted, never cut: half a domain is another domain', () => {
	const rest = (hidden: number) => (hidden > 0 ? `${hidden} more` : '');
	const join = (width: number) =>
		joinFitting(['gmail.com 12', 'outlook.com 3', 'x.example 1'], width, { separator: ' · ', rest });
	assert.equal(join(80), 'gmail.com 12 · outlook.com 3 · x.example 1');
	assert.equal(join(41), 'gmail.com 12 · outlook.com 3 · 1 more');
	assert.equal(join(36), 'gmail.com 12 · 2 more');
	assert.equal(join(10), '3 more');
});

test('lines break at spaces and keep every word', () => {
	assert.deepEqual(wrapText('the server closed the connection', 12), ['the server', 'closed the', 'connection']);
	assert.deepEqual(wrapText('short', 12), ['short']);
	assert.deepEqual(wrapText('incomprehensibilities x', 8), ['incompr…', 'x']);
});

test('a stream that does not know its width, or says 0, gets 80 columns', () => {
	assert.deepEqual(
		[{}, { columns: 0 }, { columns: 100 }, { columns: 10 }, { columns: 900 }].map(layoutWidth),
		[80, 80, 100, 40, 120],
	);
});
