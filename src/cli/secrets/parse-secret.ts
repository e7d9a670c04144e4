/** The campaign secret as it is written down: text, `base64:` or `hex:`. What it signs is only as hard to forge as it is to guess. */

export type ParsedSecret =
	| { readonly kind: 'secret'; readonly octets: Buffer }
	/** `problem` goes on after the name of the place: `has 12 octets, and 32 are the least`. */
	| { readonly kind: 'invalid'; readonly problem: string };

const leastOctets = 32;
/** Fewer different ones are a placeholder: `xxxx...`, `0000...`, `changemechangeme...` has 7. */
const leastDifferent = 8;

/** What to type, where a secret is missing or does not do. */
export const setSecret = [
	'This makes a good one; keep it like a password, and give it to every machine that sends or verifies:',
	'  export MAILSHOT_SECRET="base64:$(head -c 32 /dev/urandom | base64)"',
].join('\n');

export function parseSecret(text: string): ParsedSecret {
	// A list of secrets is separated by spaces, and one at the end is a slip of the hand that nobody sees.
	if (/[\s\p{Cc}]/u.test(text)) return invalid('has a space or a line break in it');
	const octets = octetsOf(text);
	if (octets === null) return invalid('is not what its beginning says: base64: and hex: are followed by nothing else');
	if (octets.length < leastOctets) return invalid(`has ${octets.length} octets, and ${leastOctets} are the least`);
	if (new Set(octets).size < leastDifferent) return invalid('is the same few characters over and over');
	return { kind: 'secret', octets };
}

function octetsOf(text: string): Buffer | null {
	const [, form = '', digits = ''] = /^(base64|hex):(.*)$/.exec(text) ?? [];
	if (form === 'hex') return /^(?:[\da-f]{2})*$/i.test(digits) ? Buffer.from(digits, 'hex') : null;
	// Both alphabets, with and without padding: Buffer reads them all.
	if (form === 'base64') return /^[\w+/-]*={0,2}$/.test(digits) ? Buffer.from(digits, 'base64') : null;
	return Buffer.from(text, 'utf8');
}

function invalid(problem: string): ParsedSecret {
	return { kind: 'invalid', problem };
}
