/** One secret, a key for each purpose: what is signed for one of them means nothing for another. */
import { createHmac } from 'node:crypto';

/** What is signed, with the version of its form: a new form gets a new key. */
export type Purpose = 'unsubscribe 1' | 'verp 1';

/** 32 octets. `secret` may have any length; how good it is was judged where it came from. */
export function purposeKey(secret: Buffer, purpose: Purpose): Buffer {
	return createHmac('sha256', secret).update(`mailshot ${purpose}`).digest();
}
