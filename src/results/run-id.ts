/** Names a run: a ULID, so that names sort by time and two machines never choose the same. */
import type { Clock } from '../support/clock.ts';

// Crockford's base 32: no I, L, O, U.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 26 characters: 48 bits of time, 80 bits of chance. */
export function makeRunId(clock: Clock, randomBytes: (count: number) => Uint8Array): string {
	let bits = BigInt(Math.floor(clock.now()));
	for (const byte of randomBytes(10)) bits = (bits << 8n) | BigInt(byte);
	let text = '';
	for (let position = 0; position < 26; position += 1) {
		text = alphabet.charAt(Number(bits & 31n)) + text;
		bits >>= 5n;
	}
	return text;
}
