/** HMAC-SHA256 (RFC 2104) of short texts under one key, for what happens once per message. */
import { hash } from 'node:crypto';

/** SHA-256's block (FIPS 180-4), the length HMAC pads its key to (RFC 2104 §2). */
const blockLength = 64;
const digestLength = 32;

export type TextHmac = (text: string, encoding: 'hex' | 'base64url') => string;

/**
 * The HMAC is put together from two one-shot hashes over buffers that are used again: 1.65 us, against 2.7 us for crypto.createHmac
 * (Node 20.20). Tests compare it with createHmac. Throws for a key that is longer than a block.
 */
export function makeTextHmac(key: Buffer): TextHmac {
	if (key.length > blockLength) throw new Error(`an HMAC key has at most ${blockLength} bytes here`);
	let inner = paddedKey(key, 0x36, 512);
	const outer = paddedKey(key, 0x5c, digestLength);
	return (text, encoding) => {
		// Three octets are the most one UTF-16 unit becomes.
		if (inner.length < blockLength + text.length * 3) inner = paddedKey(key, 0x36, text.length * 3);
		const length = inner.write(text, blockLength, 'utf8');
		outer.write(hash('sha256', inner.subarray(0, blockLength + length), 'hex'), blockLength, 'hex');
		return hash('sha256', outer, encoding);
	};
}

function paddedKey(key: Buffer, pad: number, room: number): Buffer {
	const block = Buffer.alloc(blockLength + room, pad);
	for (const [index, octet] of key.entries()) block[index] = octet ^ pad;
	return block;
}
