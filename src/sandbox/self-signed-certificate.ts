/** A certificate for one run of the sandbox (X.509 v3, RFC 5280; EC P-256), written as DER by hand: Node has no call for it. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export interface SelfSignedCertificate {
	/** What `--tls-ca` names. */
	readonly certificatePem: string;
	/** PKCS #8; never leaves the process. */
	readonly privateKeyPem: string;
}

const dayMs = 86_400_000;
/** Longer ones are refused by some clients (Apple's limit for server certificates is 398 days). */
const validDays = 397;

/** Valid for localhost, 127.0.0.1 and ::1, from a day before `nowMs` (milliseconds since 1970) on. */
export function selfSignedCertificate(nowMs: number): SelfSignedCertificate {
	const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const publicKeyInfo = publicKey.export({ type: 'spki', format: 'der' });
	const name = sequence(set(sequence(objectId('2.5.4.3'), utf8String('mailshot sandbox'))));
	const toBeSigned = sequence(
		tagged(0, unsignedInteger(Buffer.of(2))),
		serialNumber(),
		ecdsaWithSha256,
		name,
		sequence(time(nowMs - dayMs), time(nowMs + (validDays - 1) * dayMs)),
		name,
		publicKeyInfo,
		tagged(3, extensions(publicKeyInfo)),
	);
	const signature = sign('sha256', toBeSigned, privateKey);
	const certificate = sequence(toBeSigned, ecdsaWithSha256, bitString(signature));
	const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
	return {
		certificatePem: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
		privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
	};
}

/** RFC 5280 §4.2: no CA, server use only, and the names that clients compare. */
function extensions(publicKeyInfo: Buffer): Buffer {
	// RFC 5280 §4.2.1.2: SHA-1 of the key bits, which are the last 65 bytes of an uncompressed P-256 key.
	const keyId = createHash('sha1').update(publicKeyInfo.subarray(-65)).digest();
	const critical = element(0x01, Buffer.of(0xff));
	const names = sequence(
		element(0x82, Buffer.from('localhost')),
		element(0x87, Buffer.of(127, 0, 0, 1)),
		element(0x87, Buffer.concat([Buffer.alloc(15), Buffer.of(1)])),
	);
	return sequence(
		sequence(objectId('2.5.29.19'), critical, octetString(sequence())),
		sequence(objectId('2.5.29.15'), critical, octetString(element(0x03, Buffer.of(7, 0x80)))),
		sequence(objectId('2.5.29.37'), octetString(sequence(objectId('1.3.6.1.5.5.7.3.1')))),
		sequence(objectId('2.5.29.17'), octetString(names)),
		sequence(objectId('2.5.29.14'), octetString(octetString(keyId))),
	);
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets; the second bit is set so that it has no leading zero. */
function serialNumber(): Buffer {
	const bytes = randomBytes(16);
	bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
	return unsignedInteger(bytes);
}

/** RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on. */
function time(atMs: number): Buffer {
	const digits = `${new Date(atMs).toISOString().replace(/\.\d+|[-:T]/g, '')}`;
	return digits < '2050' ? element(0x17, Buffer.from(digits.slice(2))) : element(0x18, Buffer.from(digits));
}

function objectId(dotted: string): Buffer {
	const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
	const bytes = [first * 40 + second];
	for (const arc of rest) {
		const groups = [arc & 0x7f];
		for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
		bytes.push(...groups);
	}
	return element(0x06, Buffer.from(bytes));
}

/** A DER element (ITU-T X.690 §8.1): tag, length, content. */
function element(tag: number, content: Buffer): Buffer {
	const { length } = content;
	if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
	const lengthBytes = length < 0x100 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff);
	return Buffer.concat([Buffer.of(tag), lengthBytes, content]);
}

const sequence = (...parts: readonly Buffer[]) => element(0x30, Buffer.concat(parts));
const set = (...parts: readonly Buffer[]) => element(0x31, Buffer.concat(parts));
const unsignedInteger = (bytes: Buffer) => element(0x02, bytes);
const utf8String = (text: string) => element(0x0c, Buffer.from(text));
const octetString = (content: Buffer) => element(0x04, content);
const bitString = (content: Buffer) => element(0x03, Buffer.concat([Buffer.of(0), content]));
const tagged = (number: number, content: Buffer) => element(0xa0 | number, content);
const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'));
