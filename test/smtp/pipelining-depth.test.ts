/** A server that gets out of step is taken down a step at a time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepBelow } from '../../src/smtp/pipelining-depth.ts';

test('each failure leads one step down, from the depth at which it happened', () => {
	assert.equal(stepBelow('whole_transactions', 'whole_transactions'), 'across_messages');
	assert.equal(stepBelow('across_messages', 'across_messages'), 'within_message');
	assert.equal(stepBelow('within_message', 'within_message'), 'none');
	assert.equal(stepBelow('none', 'none'), 'none');
});

test('a connection that used less than others were allowed takes the server below what it used', () => {
	assert.equal(stepBelow('across_messages', 'whole_transactions'), 'within_message');
});

test('connections that fail together at one depth teach one lesson', () => {
	assert.equal(stepBelow('whole_transactions', 'across_messages'), 'across_messages');
	assert.equal(stepBelow('across_messages', 'none'), 'none');
});
