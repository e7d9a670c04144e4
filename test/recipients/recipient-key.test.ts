import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from '../../src/recipients/parse-address.ts';
import { columnKey, recipientKey } from '../../src/recipients/recipient-key.ts';

function keyOf(cell: string): string {
	const parsed = parseAddress(cell);
	assert.ok(parsed.kind === 'address');
	return recipientKey(parsed.address);
}

test('two spellings of one address have one key', () => {
	assert.equal(keyOf('Bob@Example.com'), 'bob@example.com');
	assert.equal(keyOf('zoe@BÜCHER.example'), keyOf('ZOE@xn--bcher-kva.example'));
	assert.equal(keyOf('ju\u0308rgen@ex.com'), keyOf('JÜRGEN@ex.com'));
	// Lower case of a dotted capital I is two characters, which NFC leaves alone.
	assert.equal(keyOf('\u0130@ex.com'), keyOf('i\u0307@ex.com'));
});

test('different addresses have different keys', () => {
	assert.notEqual(keyOf('bob@example.com'), keyOf('bob@example.org'));
	assert.notEqual(keyOf('b.ob@example.com'), keyOf('bob@example.com'));
});

test('a key column is trimmed and composed, its case is kept', () => {
	assert.equal(columnKey(' A-17\u00a0'), 'A-17');
	assert.equal(columnKey('Zoe\u0308'), 'Zo\u00eb');
	assert.notEqual(columnKey('a-17'), columnKey('A-17'));
	assert.equal(columnKey(' \t'), '');
});
