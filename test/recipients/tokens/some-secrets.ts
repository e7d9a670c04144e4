/** Secrets and addresses for the tests of tokens. */
import fc from 'fast-check';
import { parseAddress } from '../../../src/recipients/parse-address.ts';
import type { Address } from '../../../src/recipients/row.ts';

export const someSecret = Buffer.from('a secret of thirty-two octets ...');
export const otherSecret = Buffer.from('another of thirty-two octets ....');

export function address(text: string): Address {
	const parsed = parseAddress(text);
	if (parsed.kind === 'invalid') throw new Error(`"${text}" ${parsed.problem}`);
	return parsed.address;
}

/** Whatever parseAddress takes: tags, capitals, letters beyond ASCII, international domains. */
export const anyAddress: fc.Arbitrary<Address> = fc
	.tuple(
		fc.stringMatching(/^[\w!#$%&'*+/=?^`{|}~.\-äöüßñЖ日本]{1,20}$/u),
		fc.constantFrom('example.com', 'bücher.example', 'a.b.c.example', '例え.jp'),
	)
	.map(([local, domain]) => `${local}@${domain}`)
	.filter((text) => parseAddress(text).kind === 'address')
	.map(address);

/** The text with one character taken out, put in, or put in the place of another. */
export function anyChange(text: string, characters: string): fc.Arbitrary<string> {
	return fc
		.tuple(fc.nat(text.length - 1), fc.constantFrom(...characters), fc.constantFrom('replace', 'insert', 'remove'))
		.map(([at, character, way]) => {
			const kept = way === 'insert' ? at : at + 1;
			return text.slice(0, at) + (way === 'remove' ? '' : character) + text.slice(kept);
		})
		.filter((changed) => changed !== text);
}
