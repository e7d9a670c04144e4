import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCapabilities } from '../../src/smtp/capabilities.ts';

test('an empty line in the list is no keyword', () => {
	assert.deepEqual(parseCapabilities(['smtp-sink', 'PIPELINING', '']).lines, ['PIPELINING']);
});
