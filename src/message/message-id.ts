/** Message-ID (RFC 5322 §3.6.4) that is the same on every attempt and that nobody without the campaign's secret can guess. */
import { makeTextHmac } from '../support/text-hmac.ts';

/** Gives `<...@domain>` for a recipient key: HMAC-SHA256(secret, key), its first 128 bits in hex. */
export function makeMessageIds(secret: Buffer, domain: string): (key: string) => string {
	const hmac = makeTextHmac(secret);
	const end = `@${domain}>`;
	return (key) => `<${hmac(key, 'hex').slice(0, 32)}${end}`;
}
