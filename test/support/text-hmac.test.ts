import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeTextHmac } from '../../src/support/text-hmac.ts';

test('it is the HMAC of node:crypto, for any text, again and again', () => {
	fc.assert(
		fc.property(
			fc.uint8Array({ minLength: 1, maxLength: 64 }),
			fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 500, maxLength: 2000 })), {
				minLength: 1,
			}),
			(key, texts) => {
				const hmac = makeTextHmac(Buffer.from(key));
				for (const text of texts) {
					for (const encoding of ['hex', 'base64url'] as const) {
						assert.equal(hmac(text, encoding), createHmac('sha256', key).update(text).digest(encoding));
					}
				}
			},
		),
	);
});

test('a key that would have to be hashed first is refused', () => {
	assert.throws(() => makeTextHmac(Buffer.alloc(65)), /at most 64/);
});
