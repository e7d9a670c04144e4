/** Replies that were written down become replies again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replyFromText } from '../../src/bounces/reply-from-text.ts';

test('one line gives code, enhanced code and text', () => {
	assert.deepEqual(replyFromText('550 5.1.1 No such user'), {
		code: 550,
		enhancedCode: '5.1.1',
		lines: ['5.1.1 No such user'],
	});
	assert.deepEqual(replyFromText('550-5.1.1 No such user').lines, ['5.1.1 No such user']);
});

test('several lines lose the code that each begins with', () => {
	assert.deepEqual(replyFromText('550-one\r\n550-two\n550 three'), {
		code: 550,
		enhancedCode: '',
		lines: ['one', 'two', 'three'],
	});
	assert.deepEqual(replyFromText('550-one\n421 other').lines, ['one', '421 other']);
});

test('an enhanced code of another class is no enhanced code', () => {
	assert.equal(replyFromText('550 4.2.2 full').enhancedCode, '');
	assert.equal(replyFromText('421 4.16.55.1 busy').enhancedCode, '');
});

test('text without a code gets the fallback, and a bare code is a reply', () => {
	assert.equal(replyFromText('User unknown').code, 550);
	assert.equal(replyFromText('User unknown', 450).code, 450);
	assert.deepEqual(replyFromText('554'), { code: 554, enhancedCode: '', lines: [''] });
	assert.deepEqual(replyFromText(''), { code: 550, enhancedCode: '', lines: [''] });
});
