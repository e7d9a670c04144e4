/** When a message is tried again in the same run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { categoryDefaults } from '../../../src/bounces/category.ts';
import { classify } from '../../../src/bounces/classify.ts';
import type { BounceAction, Refusal } from '../../../src/bounces/refusal.ts';
import { replyFromText } from '../../../src/bounces/reply-from-text.ts';
import { RetryPolicy } from '../../../src/delivery/retry/retry-policy.ts';

const minute = 60_000;
const schedule = { delaysMs: [minute, 5 * minute, 15 * minute] };
const now = Date.parse('2025-08-25T07:00:00Z');
const almostOne = 1 - 2 ** -32;

function delay(options: {
	readonly tries?: number;
	readonly random?: number;
	readonly reply?: string;
	readonly delaysMs?: readonly number[];
}): number | null {
	const { tries = 1, random = 0.5, reply: text } = options;
	const policy = new RetryPolicy({
		schedule: { delaysMs: options.delaysMs ?? schedule.delaysMs },
		random: () => random,
		now: () => now,
	});
	if (text === undefined) return policy.delayMs({ tries, refusal: null, reply: null });
	const reply = replyFromText(text);
	return policy.delayMs({ tries, refusal: classify({ reply, stage: 'rcpt', via: 'relay', provider: '' }), reply });
}

test('each try has its step, with jitter over the whole of it', () => {
	assert.deepEqual([delay({ random: 0 }), delay({ random: 0.25 })], [minute, 0.75 * minute]);
	assert.deepEqual([delay({ tries: 2, random: 0 }), delay({ tries: 3, random: 0.5 })], [5 * minute, 7.5 * minute]);
	const shortest = delay({ random: almostOne });
	assert.ok(shortest !== null && shortest > 0);
});

test('after the last step patience is over, and without steps from the beginning', () => {
	assert.equal(delay({ tries: 4 }), null);
	assert.equal(delay({ delaysMs: [] }), null);
});

test('the time that the server names is obeyed: never before it, and at most a tenth or a minute after it', () => {
	const reply = '451 4.7.1 Greylisted for 5 minutes';
	assert.equal(delay({ reply, random: 0 }), 5 * minute);
	assert.ok((delay({ reply, random: almostOne }) ?? 0) <= 5.5 * minute);
	const later = '451 4.7.1 Greylisted, try again in 20 minutes';
	assert.equal(delay({ reply: later, random: 0 }), 20 * minute);
	assert.ok((delay({ reply: later, random: almostOne }) ?? 0) <= 21 * minute);
});

test('a time that is longer than all steps that are left is for the next run', () => {
	assert.equal(delay({ reply: '451 4.7.1 Greylisted for 21 minutes' }), 21 * minute + 0.5 * minute);
	assert.equal(delay({ reply: '451 4.7.1 Greylisted for 22 minutes' }), null);
	assert.equal(delay({ tries: 2, reply: '451 4.7.1 Greylisted for 21 minutes' }), null);
});

test('a greylisting server that names no time is not asked before the step is over', () => {
	const reply = '450 4.2.0 Recipient address rejected: Greylisted, see http://postgrey.example/';
	assert.equal(delay({ reply, random: 0 }), minute);
	assert.equal(delay({ reply, random: 0.5 }), minute + 3_000);
});

test('a reply that asks for less speed is tried again with full jitter', () => {
	assert.equal(delay({ reply: '421 4.7.0 Too many connections', random: 0.5 }), minute / 2);
});

test('what is about us or final is not tried again in the run, whatever time it names', () => {
	const refused = (action: BounceAction): Refusal => ({
		...categoryDefaults.system,
		category: 'system',
		action,
		rule: '',
	});
	const policy = new RetryPolicy({ schedule, random: () => 0, now: () => now });
	const reply = replyFromText('450 try again in 5 minutes');
	for (const action of ['hold', 'stop', 'drop', 'suppress'] as const) {
		assert.equal(policy.delayMs({ tries: 1, refusal: refused(action), reply }), null, action);
	}
	for (const action of ['retry', 'slow'] as const) {
		assert.equal(policy.delayMs({ tries: 1, refusal: refused(action), reply }), 5 * minute, action);
	}
});
