/** Seven bits a key: what they hold, and who is called in a later round. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyTable } from '../../../src/recipients/key-table.ts';
import {
	categories,
	categoryOfState,
	isCalled,
	isSettled,
	keyState,
	statusOfState,
	stronger,
	waitingForRound,
} from '../../../src/results/journal/key-state.ts';
import { statuses } from '../../../src/results/result.ts';

function tableWith(state: number, key = 'bob@x.example'): KeyTable {
	const keys = new KeyTable(new Uint8Array(16));
	keys.seek(key);
	keys.value = state;
	return keys;
}

test('every status with every category has a number of its own below 128, and so has the wait for a round', () => {
	const all = [...categories, ''] as const;
	const states = [
		...all.map((category) => waitingForRound(category)),
		...statuses.flatMap((status) => all.map((category) => keyState(status, category))),
	];
	assert.equal(new Set(states).size, states.length);
	assert.ok(states.every((state) => state > 0 && state < 128));
	for (const category of all) {
		assert.equal(categoryOfState(waitingForRound(category)), category);
		for (const status of statuses) {
			const state = keyState(status, category);
			assert.deepEqual([statusOfState(state), categoryOfState(state)], [status, category]);
		}
	}
});

test('who waits for a round is not settled, and of two deferrals the later counts', () => {
	assert.equal(isSettled(waitingForRound('greylisted')), false);
	assert.equal(
		stronger(keyState('deferred', 'greylisted'), keyState('deferred', 'system')),
		keyState('deferred', 'system'),
	);
	assert.equal(stronger(keyState('accepted', ''), keyState('deferred', 'system')), keyState('accepted', ''));
});

test('who waits for a round is called once in it, and is deferred with his category from then on', () => {
	const keys = tableWith(waitingForRound('greylisted'));
	assert.equal(isCalled(keys, 'bob@x.example'), true);
	keys.seek('bob@x.example');
	assert.equal(keys.value, keyState('deferred', 'greylisted'));
	assert.equal(isCalled(keys, 'bob@x.example'), false);
});

test('who is put off again while the round goes on is called in the next one, and not by a second row with his key', () => {
	const keys = tableWith(waitingForRound('greylisted'));
	assert.equal(isCalled(keys, 'bob@x.example'), true);
	keys.seek('bob@x.example');
	keys.value = waitingForRound('system');
	assert.equal(isCalled(keys, 'bob@x.example'), false);
	keys.forgetVisits();
	assert.equal(isCalled(keys, 'bob@x.example'), true);
});

test('nobody else is called', () => {
	for (const status of statuses) {
		for (const category of ['', ...categories] as const) {
			const keys = tableWith(keyState(status, category));
			assert.equal(isCalled(keys, 'bob@x.example'), false);
		}
	}
	assert.equal(isCalled(tableWith(0), 'new@x.example'), false);
});
