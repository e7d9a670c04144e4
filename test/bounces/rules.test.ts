/** Each rule decides its own sample, and no rule can be slow. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { classify } from '../../src/bounces/classify.ts';
import { normaliseReply } from '../../src/bounces/normalise-reply.ts';
import { replyFromText } from '../../src/bounces/reply-from-text.ts';
import type { ReplyRule } from '../../src/bounces/rules/reply-rule.ts';
import { replyRules } from '../../src/bounces/rules/reply-rules.ts';
import { requiredLiterals } from '../../src/bounces/rules/required-literals.ts';
import { ruleMatcher } from '../../src/bounces/rules/rule-matcher.ts';
import { knownReplies } from './replies.ts';

/** A name that the rule's provider pattern takes: its first alternative. */
function providerOf(rule: ReplyRule): string {
	return rule.provider?.source.split('|')[0] ?? '';
}

describe('a rule decides its own sample', () => {
	for (const rule of replyRules) {
		test(`${rule.id}: ${rule.sample.slice(0, 70)}`, () => {
			const via = rule.onlyVia ?? 'mx';
			const meaning = classify({ reply: replyFromText(rule.sample), stage: 'rcpt', via, provider: providerOf(rule) });

			assert.equal(meaning.rule, `${rule.provider === undefined ? 'text' : 'provider'}:${rule.id}`);
			assert.equal(meaning.category, rule.category);
		});
	}
});

test('rule names are unique, so that the log points at one rule', () => {
	const ids = replyRules.map((rule) => rule.id);
	assert.deepEqual(ids, [...new Set(ids)]);
});

test('no pattern repeats without bound what can match in two ways, so that no text of 2 KB is slow', () => {
	for (const { id, pattern } of replyRules) {
		assert.equal(pattern.flags, '', `${id} has flags`);
		assert.doesNotMatch(pattern.source, /\)[*+]|\)\{\d+,\}/, `${id} repeats a group without bound`);
		assert.doesNotMatch(pattern.source, /(?:\.|\\[SWD]|\])(?:[*+]|\{\d+,\})/, `${id} has an unbounded gap`);
		assert.doesNotMatch(pattern.source, /\\[1-9]/, `${id} refers back`);
	}
});

test('the short cut over letters finds the same rule as trying them all', () => {
	const findRule = ruleMatcher(replyRules);
	const samples = [
		...replyRules.map((rule) => ({ reply: rule.sample, provider: providerOf(rule) })),
		...knownReplies('providers'),
		...knownReplies('families'),
	];

	for (const { reply, provider } of samples) {
		const { text } = normaliseReply(replyFromText(reply));
		for (const via of ['relay', 'mx'] as const) {
			for (const replyClass of [4, 5] as const) {
				const inOrder = [...replyRules.filter((rule) => rule.provider), ...replyRules.filter((rule) => !rule.provider)];
				const slow = inOrder.find(
					(rule) =>
						(rule.onlyClass ?? replyClass) === replyClass &&
						(rule.onlyVia ?? via) === via &&
						(rule.provider?.test(provider) ?? true) &&
						rule.pattern.test(text),
				);
				assert.equal(findRule(text, { replyClass, via, provider })?.id, slow?.id, reply);
			}
		}
	}
});

test('what a pattern cannot do without is read from its source', () => {
	assert.deepEqual(requiredLiterals(/user unknown/), ['user unknown']);
	assert.deepEqual(requiredLiterals(/no (?:such )?mailbox|user (?:unknown|missing)/), [
		'mailbox',
		'unknown',
		'missing',
	]);
	assert.deepEqual(requiredLiterals(/over ?quota/), ['quota']);
	assert.deepEqual(requiredLiterals(/(?:mail){1,2}box?es/), ['mail']);
	assert.deepEqual(requiredLiterals(/\[ts\d\d\]/), ['[ts']);
	assert.deepEqual(requiredLiterals(/邮箱.{0,8}满/), ['邮箱']);
	assert.equal(requiredLiterals(/ab|unknown/), null);
	assert.equal(requiredLiterals(/(?!never)[a-z]{3}/), null);
});

test('a megabyte made of the words of a rule gets an answer at every stage', () => {
	for (const { id, sample, pattern } of replyRules) {
		const words = pattern.source.replace(/\\.|\{[^}]*\}|[^\p{L}' -]/gu, ' ');
		for (const text of [sample, words, `${words.slice(0, 20)}@`]) {
			const megabyte = `${text} `.repeat(Math.ceil(1_048_576 / (text.length + 1)));
			const reply = { code: 550, enhancedCode: '', lines: [megabyte] };
			assert.notEqual(classify({ reply, stage: 'rcpt', via: 'mx', provider: '' }).rule, '', id);
		}
	}
});
