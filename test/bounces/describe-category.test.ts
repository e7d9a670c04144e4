/** The words of the terminal summary. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { categoryDefaults } from '../../src/bounces/category.ts';
import { describeCategory } from '../../src/bounces/describe-category.ts';
import type { BounceCategory } from '../../src/bounces/refusal.ts';

const isCategory = (name: string): name is BounceCategory => name in categoryDefaults;

test('each category has one short phrase of its own, and those about us say so', () => {
	const categories = Object.keys(categoryDefaults).filter(isCategory);
	const phrases = categories.map(describeCategory);
	assert.equal(new Set(phrases).size, 15);
	for (const phrase of phrases) assert.match(phrase, /^\S[^\n.]{8,54}\S$/);
	for (const category of ['reputation', 'spam', 'sender_auth', 'account', 'message'] as const) {
		assert.match(describeCategory(category), /^about you: /);
	}
});
