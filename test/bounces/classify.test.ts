/** Stage before text, our relay or an MX, text before codes, and nothing suppressed on a number alone. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { classifierOf, classify } from '../../src/bounces/classify.ts';
import { replyFromText } from '../../src/bounces/reply-from-text.ts';
import { replyRules } from '../../src/bounces/rules/reply-rules.ts';
import type { Stage } from '../../src/smtp/outcome.ts';
import { meaningOf, verdictOf } from './replies.ts';

describe('the stage', () => {
	test('an unknown user at RCPT is dead, and at MAIL FROM it is our bounce address', () => {
		const text = '550 5.1.1 User unknown';
		assert.equal(verdictOf(meaningOf(text)), 'hard/invalid_recipient suppress');
		assert.equal(verdictOf(meaningOf(text, { stage: 'verdict' })), 'hard/invalid_recipient suppress');
		assert.equal(verdictOf(meaningOf(text, { stage: 'mail' })), 'block/sender_auth stop');
		assert.equal(verdictOf(meaningOf(text, { stage: 'mail', via: 'relay' })), 'block/account stop');
		assert.equal(meaningOf(text, { stage: 'mail' }).rule, 'stage:mail');
	});

	test('a refusal in the greeting is about our address on the net, or passes', () => {
		assert.equal(verdictOf(meaningOf('554 go away', { stage: 'greeting' })), 'block/reputation hold');
		assert.equal(verdictOf(meaningOf('421 not now', { stage: 'greeting' })), 'soft/rate_limited slow');
		assert.equal(verdictOf(meaningOf('554 go away', { stage: 'greeting', via: 'relay' })), 'block/account stop');
	});

	test('a full mailbox at MAIL FROM is not the mailbox of a recipient', () => {
		assert.equal(
			verdictOf(meaningOf('552 5.2.2 quota exceeded', { stage: 'mail', via: 'relay' })),
			'block/account stop',
		);
		assert.equal(verdictOf(meaningOf('452 4.2.2 mailbox full', { stage: 'mail' })), 'soft/system retry');
	});

	test('a 5xx at MAIL FROM stops or holds and drops nobody, because no recipient was named yet', () => {
		for (const via of ['relay', 'mx'] as const) {
			const atMail = { stage: 'mail', via } as const;
			assert.equal(verdictOf(meaningOf('550 5.7.1 zzz', atMail)), 'block/policy stop');
			assert.equal(meaningOf('550 zzz', atMail).action, 'stop');
			assert.equal(meaningOf('501 5.5.4 Invalid arguments', atMail).action, 'stop');
			assert.equal(verdictOf(meaningOf('550 5.7.350 zzz', atMail)), 'block/spam hold');
		}
	});

	test('no reply that we know settles a recipient before RCPT, whatever its code and stage', () => {
		const samples = [...replyRules.map(({ sample }) => sample), '550 5.7.1 sender refused', '554 zzz', '552 zzz'];
		for (const sample of samples) {
			for (const via of ['relay', 'mx'] as const) {
				for (const stage of ['greeting', 'ehlo', 'starttls', 'auth', 'mail'] as const) {
					const meaning = meaningOf(sample, { stage, via });
					const isOfMessage = stage === 'mail' && /^text:(?:too-large|smtputf8)$/.test(meaning.rule);
					if (!isOfMessage) assert.doesNotMatch(meaning.action, /^(?:suppress|drop)$/, `${stage} ${via} ${sample}`);
				}
			}
		}
	});

	test('a message that is too large for the server is dropped at MAIL FROM, the others are sent', () => {
		for (const text of [
			'552 5.3.4 Message size exceeds fixed limit',
			'552 Message size exceeds fixed maximum message size',
			'552 5.3.4 zzz',
		]) {
			assert.equal(verdictOf(meaningOf(text, { stage: 'mail', via: 'relay' })), 'block/message drop', text);
			assert.equal(meaningOf(text, { stage: 'ehlo', via: 'relay' }).action, 'stop', text);
		}
		assert.equal(meaningOf('552 5.6.0 zzz', { stage: 'mail' }).action, 'stop');
	});

	test('a refused login stops, whatever it says, unless the server has trouble for the moment', () => {
		const atLogin = { stage: 'auth', via: 'relay' } as const;
		assert.equal(verdictOf(meaningOf('535 5.7.8 Error: authentication failed', atLogin)), 'block/account stop');
		assert.equal(verdictOf(meaningOf('535 5.1.1 user unknown', atLogin)), 'block/account stop');
		assert.equal(verdictOf(meaningOf('454 4.7.0 Temporary authentication failure', atLogin)), 'soft/system retry');
	});
});

describe('our relay or an MX', () => {
	for (const [text, atMx, atRelay] of [
		['554 5.7.1 <jo@example.org>: Relay access denied', 'block/policy drop', 'block/account stop'],
		['550 5.1.7 Invalid sender address', 'block/sender_auth stop', 'block/account stop'],
		['530 5.7.1 Authentication required', 'block/policy drop', 'block/account stop'],
		['554 5.1.8 Sender address blocked', 'block/reputation hold', 'block/account stop'],
		['550 5.2.1 This account has been suspended', 'hard/inactive suppress', 'block/account stop'],
	] as const) {
		test(`${text} is ${atMx} at an MX and ${atRelay} at our relay`, () => {
			assert.equal(verdictOf(meaningOf(text, { via: 'mx' })), atMx);
			assert.equal(verdictOf(meaningOf(text, { via: 'relay' })), atRelay);
		});
	}
});

describe('codes', () => {
	test('text beats the enhanced code, and that beats the reply code', () => {
		assert.equal(meaningOf('550 5.1.1 message looks like spam').category, 'spam');
		assert.equal(meaningOf('550 5.2.2 zzz').category, 'mailbox_full');
		assert.equal(meaningOf('550 5.2.2 zzz').rule, 'enhanced:5.2.2');
		assert.equal(meaningOf('552 zzz').rule, 'code:552');
	});

	test('a bare reply code suppresses nobody', () => {
		for (let code = 400; code < 600; code += 1) {
			if (code === 556) continue;
			for (const text of [`${code} `, `${code} zzz`]) assert.notEqual(meaningOf(text).action, 'suppress', text);
		}
		assert.equal(verdictOf(meaningOf('556 zzz')), 'hard/invalid_domain suppress', 'RFC 7504 gives 556 one meaning');
	});

	test('a 4xx is never suppressed: hard by its words, it is retried until the caller gives up', () => {
		assert.equal(verdictOf(meaningOf('450 4.1.1 User unknown')), 'hard/invalid_recipient retry');
		assert.equal(verdictOf(meaningOf('450 4.1.2 zzz')), 'hard/invalid_domain retry');
		assert.equal(verdictOf(meaningOf('450 4.7.1 zzz')), 'block/policy retry');
	});

	test('an enhanced code at the end of the text counts, an IP address does not', () => {
		assert.equal(meaningOf('550 zzz (#5.1.1)').rule, 'enhanced:5.1.1');
		assert.equal(meaningOf('550 zzz (5.1.1.7)').rule, 'code:550');
	});

	test('the banned addresses of Microsoft are a range', () => {
		assert.equal(meaningOf('550 5.7.606 zzz').category, 'reputation');
		assert.equal(meaningOf('550 5.7.649 zzz').category, 'reputation');
		assert.equal(meaningOf('550 5.7.699 zzz').category, 'unknown');
	});
});

test('a word in the address of the recipient decides nothing', () => {
	assert.equal(meaningOf('550 5.1.1 <full.spam.greylist@example.org>: zzz').rule, 'enhanced:5.1.1');
	assert.equal(meaningOf('550 <spam@example.org>: User unknown').category, 'invalid_recipient');
});

test('the last line decides when it says more than the first', () => {
	const first = '550-Requested action not taken: mailbox unavailable';
	assert.equal(meaningOf(`${first}\n550 Sender verify failed`).category, 'sender_auth');
	assert.equal(meaningOf(`${first}\n550 good bye`).category, 'invalid_recipient');
});

test('rules of the user come before ours', () => {
	const classifyMine = classifierOf([
		{ id: 'mine', pattern: /zzz top/, category: 'greylisted', sample: '450 zzz top', source: 'me' },
		...replyRules,
	]);
	const refused = { reply: replyFromText('450 ZZZ  top'), stage: 'rcpt', via: 'mx', provider: '' } as const;
	assert.equal(classifyMine(refused).rule, 'text:mine');
	assert.equal(classify(refused).rule, 'code:450');
});

describe('hostile replies', () => {
	const megabyte = 1024 * 1024;
	const stages: readonly Stage[] = ['greeting', 'auth', 'mail', 'rcpt', 'verdict'];
	for (const [name, lines] of [
		['no lines', []],
		['empty lines', ['', '', '']],
		['a million empty lines', new Array<string>(1_000_000).fill('')],
		['a megabyte of one letter', ['a'.repeat(megabyte)]],
		['a megabyte of spaces', [' '.repeat(megabyte)]],
		['a megabyte of at signs', ['@'.repeat(megabyte)]],
		['a megabyte of half a phrase', ['user '.repeat(megabyte / 5)]],
		['a megabyte of digits and dots', ['5.1.'.repeat(megabyte / 4)]],
		['control characters', ['\u0000\u0007\u001b[2J\u009b\u202e']],
		['lone surrogates', ['\ud800 \udfff user']],
		['letters that grow when folded', ['\ufdfa'.repeat(megabyte)]],
		['a pattern', ['(a+)+$ [ \\ $1 __proto__ constructor']],
	] as const) {
		test(`${name} gets an answer and suppresses nobody`, () => {
			for (const stage of stages) {
				const meaning = classify({ reply: { code: 550, enhancedCode: '', lines }, stage, via: 'mx', provider: '' });
				assert.notEqual(meaning.action, 'suppress');
				assert.notEqual(meaning.rule, '');
			}
		});
	}

	test('odd codes and provider names get an answer', () => {
		for (const code of [200, 399, 400, 599, 999, Number.NaN]) {
			const meaning = classify({
				reply: { code, enhancedCode: '9.9.9', lines: ['x'] },
				stage: 'rcpt',
				via: 'mx',
				provider: '\u0000(',
			});
			assert.notEqual(meaning.action, 'suppress');
		}
	});
});
