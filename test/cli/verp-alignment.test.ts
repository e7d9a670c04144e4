import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignmentWarning } from '../../src/cli/verp-alignment.ts';

test('bounces at the domain of the sender, above it, below it or beside it need no warning', () => {
	for (const verp of ['b@acme.example', 'b@ACME.example', 'b@bounces.acme.example', 'b@mail.acme.example'])
		assert.deepEqual(alignmentWarning(verp, 'news@acme.example'), [], verp);
	assert.deepEqual(alignmentWarning('b@acme.example', 'news@mail.acme.example'), []);
	assert.deepEqual(alignmentWarning('b@bounces.acme.example', 'news@mail.acme.example'), []);
});

test('bounces at another domain leave DMARC to DKIM, and that is said', () => {
	assert.deepEqual(alignmentWarning('b@returns.example', 'news@acme.test'), [
		'SPF does not count for DMARC (DKIM has to): bounces go to returns.example, From is at acme.test',
	]);
	assert.match(alignmentWarning('b@notacme.test', 'news@acme.test').join(), /bounces go to notacme\.test/);
});
