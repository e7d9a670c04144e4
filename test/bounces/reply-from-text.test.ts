/** Replies that were written down become replies again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replyFromText } from '../../src/bounces/reply-from-text.ts';
import { stageFromText } from '../../src/bounces/stage-from-text.ts';

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

test('a reply that somebody quotes is found behind the words that quote it', () => {
	for (const text of [
		'host mx.example.org[192.0.2.9] said: 450 4.2.2 full (in reply to RCPT TO command)',
		'smtp; 450 4.2.2 full',
		'Remote server returned: "450 4.2.2 full"',
		'<<< 450 4.2.2 full',
		"The response was: '450 4.2.2 full'",
	]) {
		const { code, enhancedCode } = replyFromText(text);
		assert.deepEqual([code, enhancedCode], [450, '4.2.2'], text);
	}
	assert.equal(replyFromText('Too many: 500 messages').code, 550, 'a count is no code');
	assert.equal(replyFromText('4.2.2 full').code, 450, 'an enhanced code says the class');
});

test('the stage is found where the quoting server names its command', () => {
	for (const [text, stage] of [
		['host x said: 550 no (in reply to MAIL FROM command)', 'mail'],
		['550 no (in reply to RCPT TO command)', 'rcpt'],
		['550 no (in reply to end of DATA command)', 'verdict'],
		['SMTP error from remote mail server after pipelined MAIL FROM:<a@b.example> SIZE=1: 550 no', 'mail'],
		['SMTP error from remote mail server after initial connection: 554 no', 'greeting'],
		['550 no', null],
	] as const) {
		assert.equal(stageFromText(text), stage, text);
	}
});
