/** The one form of a reply's text that rules are written for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxTextLength, normaliseReply } from '../../src/bounces/normalise-reply.ts';

function textOf(...lines: string[]): string {
	return normaliseReply({ code: 550, enhancedCode: '5.1.1', lines }).text;
}

test('lines are joined, lower-cased and spaced once', () => {
	assert.equal(textOf('5.1.1  No\tSuch', '  USER '), 'no such user');
});

test('codes repeated on each line or quoted in the text go, other numbers stay', () => {
	assert.equal(textOf('5.1.1 a', '550-5.1.1 b 550 5.1.1 c', '550 d'), 'a b c d');
	assert.equal(textOf('quota of 1550 and 551'), 'quota of 1550 and 551');
	assert.equal(textOf('see doc#550'), 'see doc#550');
});

test('addresses lose their local part and keep their domain', () => {
	assert.equal(textOf('<full.box@example.org>: no; jo@a.example'), '<@example.org>: no; @a.example');
	assert.equal(textOf('a@b@c'), '@c');
});

test('Latin accents and full-width letters are folded, letters of other scripts stay whole', () => {
	assert.equal(textOf('Boîte pleine, Empfänger, użytkownik pełna'), 'boite pleine, empfanger, uzytkownik pelna');
	assert.equal(textOf('ＵＳＥＲ　ｕｎｋｎｏｗｎ'), 'user unknown');
	assert.equal(textOf('Ящик переполнен, мой'), 'ящик переполнен, мой');
	assert.equal(textOf('宛先が見つかりません'), '宛先が見つかりません');
	assert.equal(textOf('존재하지 않는'), '존재하지 않는');
});

test('typewriter and curly apostrophes are one', () => {
	assert.equal(textOf('doesn’t, doesn`t, doesn´t'), "doesn't, doesn't, doesn't");
});

test('no text is longer than the cap, and the first and the last line survive the cut', () => {
	const huge = 'x '.repeat(500_000);
	for (const lines of [
		[`first ${huge}`, 'last'],
		[`first ${huge} last`],
		['first', huge, 'last'],
		['\ufdfa'.repeat(1_000_000)],
	]) {
		assert.ok(textOf(...lines).length <= maxTextLength);
	}
	assert.match(textOf('first', huge, 'last'), /^first x .* x last$/);
	assert.match(textOf(`first ${huge} last`), /^first x .* x last$/);
	assert.equal(textOf('a'.repeat(maxTextLength)).length, maxTextLength);
});

test('the enhanced code is taken from the reply first, then from the text', () => {
	const enhancedOf = (enhancedCode: string, line: string): string =>
		normaliseReply({ code: 550, enhancedCode, lines: [line] }).enhanced;
	assert.equal(enhancedOf('5.7.1', 'x (#5.1.1)'), '7.1');
	assert.equal(enhancedOf('', 'sorry (#5.1.1)'), '1.1');
	assert.equal(enhancedOf('', '#5.1.0 address rejected.'), '1.0');
	assert.equal(enhancedOf('', 'host 4.16.55.1 is busy'), '');
	assert.equal(enhancedOf('', 'no code'), '');
});
