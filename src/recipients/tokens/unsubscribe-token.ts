/**
 * Unsubscribe tokens: an address and a campaign, signed, so that a link works without a login and nobody can make one for somebody else
 * (RFC 8058 §3.1 asks for "an opaque identifier or another hard-to-forge component").
 *
 *     1 pIEdnB9Gq0-LzW3y7vXs2A bm92ZW1iZXI . YW5uYUBleGFtcGxlLmNvbQ          (without the blanks)
 *     | signature              campaign      address
 *     version of this form
 *
 * The text is signed, not what it decodes to, so that there is one spelling of a token. It is signed and not encrypted: who holds a token can read
 * the address. It ends in what an address ends in, a letter or digit, which programs that make links of text leave in the link.
 */
import { makeTextHmac } from '../../support/text-hmac.ts';
import { parseAddress } from '../parse-address.ts';
import type { Address } from '../row.ts';
import { purposeKey } from './purpose-key.ts';
import { isSameText } from './same-text.ts';

export type TokenReading =
	| { readonly kind: 'valid'; readonly address: Address; readonly campaign: string }
	| { readonly kind: 'refused'; readonly reason: TokenProblem };

/** malformed: no token, or a part of one. version: its form is none that this program knows. forged: changed, or signed with another secret. */
export type TokenProblem = 'malformed' | 'version' | 'forged';

const version = '1';
/** Characters of base64url: 132 bits. */
const macLength = 22;
/** An address has 254 octets, the name of a campaign is somebody's choice. */
const maxLength = 4096;

/** Gives the token of an address. Hot path: 1.2 us. URL-safe as it is: letters, digits, `-`, `_` and one `.`. */
export function makeUnsubscribeTokens(
	secret: Buffer,
	{ campaign }: { readonly campaign: string },
): (address: Address) => string {
	const sign = makeTextHmac(purposeKey(secret, 'unsubscribe 1'));
	const start = `${encode(campaign)}.`;
	return (address) => {
		const body = start + encode(address);
		return version + sign(body, 'base64url').slice(0, macLength) + body;
	};
}

const form = /^(\d)([\w-]{22})(([\w-]*)\.([\w-]+))$/;

/** `secrets`: the one that signs now, and those that did before it. */
export function readUnsubscribeToken(token: string, secrets: readonly Buffer[]): TokenReading {
	const match = token.length > maxLength ? null : form.exec(token);
	if (match === null) return refused('malformed');
	const [, madeAs, mac = '', body = '', campaign = '', address = ''] = match;
	if (madeAs !== version) return refused('version');
	if (!secrets.some((secret) => isSigned(body, mac, secret))) return refused('forged');
	const parsed = parseAddress(decode(address));
	if (parsed.kind === 'invalid') return refused('malformed');
	return { kind: 'valid', address: parsed.address, campaign: decode(campaign) };
}

/** The first token in a text, for example in the subject of a mail that asks to be left alone; null when there is none. It may be forged. */
export function findUnsubscribeToken(text: string): string | null {
	return /(?<![\w.-])1[\w-]{22,4000}\.[\w-]{1,1000}(?![\w-])/.exec(text)?.[0] ?? null;
}

function isSigned(body: string, mac: string, secret: Buffer): boolean {
	const sign = makeTextHmac(purposeKey(secret, 'unsubscribe 1'));
	return isSameText(mac, sign(body, 'base64url').slice(0, macLength));
}

function refused(reason: TokenProblem): TokenReading {
	return { kind: 'refused', reason };
}

function encode(text: string): string {
	return Buffer.from(text, 'utf8').toString('base64url');
}

function decode(text: string): string {
	return Buffer.from(text, 'base64url').toString('utf8');
}
