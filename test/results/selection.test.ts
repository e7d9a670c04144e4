import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byStrength } from '../../src/results/journal/journal-record.ts';
import {
	categories,
	categoryOfState,
	isSettled,
	keyState,
	statusOfState,
	stronger,
} from '../../src/results/journal/key-state.ts';
import { statuses } from '../../src/results/result.ts';
import {
	describeResend,
	earlierCounts,
	everybody,
	nobody,
	passOver,
	resentCounts,
	type Selection,
} from '../../src/results/selection.ts';

const states = {
	new: 0,
	accepted: keyState('accepted', ''),
	unknown: keyState('unknown', ''),
	dead: keyState('bounced', 'invalid_recipient'),
	policy: keyState('bounced', 'policy'),
	deferred: keyState('deferred', 'mailbox_full'),
	failed: keyState('failed', ''),
};

function sentTo(selection: Selection): string[] {
	const passes = passOver(selection);
	return Object.entries(states)
		.filter(([, state]) => passes[state] === 0)
		.map(([name]) => name);
}

test('a state holds every status with every category in seven bits, and gives both back', () => {
	for (const status of statuses) {
		for (const category of [...categories, ''] as const) {
			const state = keyState(status, category);
			assert.ok(state > 0 && state < 128);
			assert.deepEqual([statusOfState(state), categoryOfState(state)], [status, category]);
		}
	}
	assert.deepEqual([statusOfState(0), categoryOfState(0), isSettled(0)], [null, '', false]);
});

test('per key the strongest status counts, whatever came later, and of two equal ones the later', () => {
	for (const [weak, status] of byStrength.entries()) {
		for (const other of byStrength.slice(weak + 1)) {
			assert.equal(stronger(keyState(other, ''), keyState(status, '')), keyState(other, ''));
			assert.equal(stronger(keyState(status, ''), keyState(other, '')), keyState(other, ''));
		}
	}
	assert.equal(stronger(states.dead, states.policy), states.policy);
});

test('what is settled is passed over; deferred, failed and new rows are sent to', () => {
	assert.deepEqual(sentTo(everybody), ['new', 'deferred', 'failed']);
});

test('--resend names settled rows by status, and bounced ones by category', () => {
	const resend = (...names: Selection['resend']) => sentTo({ resend: names, only: null });
	assert.deepEqual(resend({ status: 'unknown', category: '' }), ['new', 'unknown', 'deferred', 'failed']);
	assert.deepEqual(resend({ status: 'bounced', category: '' }), ['new', 'dead', 'policy', 'deferred', 'failed']);
	assert.deepEqual(resend({ status: 'bounced', category: 'policy' }), ['new', 'policy', 'deferred', 'failed']);
	assert.deepEqual(resend({ status: 'accepted', category: '' }), ['new', 'accepted', 'deferred', 'failed']);
});

test('--only narrows, and never adds anybody', () => {
	assert.deepEqual(sentTo({ resend: [], only: 'deferred' }), ['deferred']);
	assert.deepEqual(sentTo({ resend: [], only: 'failed' }), ['failed']);
	assert.deepEqual(sentTo({ resend: [], only: 'unknown' }), []);
	assert.deepEqual(sentTo({ resend: [{ status: 'unknown', category: '' }], only: 'unknown' }), ['unknown']);
});

test('rows that are passed over are counted by how they ended, those that nothing is known of not at all', () => {
	const passedOver = Array.from({ length: 128 }, () => 0);
	for (const [at, state] of Object.values(states).entries()) passedOver[state] = 10 + at;
	assert.deepEqual(earlierCounts({ passedOver, sentTo: [] }, nobody), {
		accepted: 11,
		unknown: 12,
		bounced: 13 + 14,
		deferred: 15,
		failed: 16,
		skipped: 0,
	});
});

test('whom --resend names counts as what he was until he has a new result', () => {
	const sentTo = Array.from({ length: 128 }, () => 0);
	sentTo[0] = 5;
	sentTo[states.deferred] = 4;
	sentTo[states.accepted] = 40;
	assert.deepEqual(resentCounts(sentTo), { ...nobody, accepted: 40 });
	assert.deepEqual(earlierCounts({ passedOver: [], sentTo }, { ...nobody, accepted: 15 }), { ...nobody, accepted: 25 });
});

test('a run record has --resend as a text that compares', () => {
	assert.equal(describeResend(everybody), '');
	const resend = [
		{ status: 'bounced', category: 'policy' },
		{ status: 'unknown', category: '' },
	] as const;
	assert.equal(describeResend({ resend, only: null }), 'bounced:policy,unknown');
});
