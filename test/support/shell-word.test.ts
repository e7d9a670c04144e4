import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { shellWord } from '../../src/support/shell-word.ts';

test('plain words stay as they are', () => {
	assert.equal(shellWord('lists/list-1.csv'), 'lists/list-1.csv');
});

test('a shell gives back exactly the text, whatever it holds', () => {
	for (const text of ["it's", '$HOME `id` "x" \\', '', 'a b', '*', 'ü;|&', "'''"]) {
		assert.equal(execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' }), text);
	}
});
