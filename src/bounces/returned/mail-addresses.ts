/** Mail addresses in fields and texts that were not made for it (RFC 5321 §4.1.2, RFC 6531); linear in the text. */

// RFC 5321 allows 64 octets; VERP and encapsulated addresses take more.
const maxLocal = 256;
const maxDomain = 255;
const localCharacter = /[^\s<>()[\],;:"\\|@\u0000-\u001f\u3000-\u3003\u300c-\u300f\uff1a-\uff1e]/;
const domainCharacter = /[a-z0-9._\-\u00a1-\u2fff\u3040-\ufeff]/i;
const wrapping = /^['`*=]+(?=.)/;

/** The first address in `text`, case kept; '' when there is none. */
export function addressIn(text: string): string {
	return addressesIn(text, 1)[0] ?? '';
}

/** At most `most` addresses in their order, without repetition (case does not count). */
export function addressesIn(text: string, most = 100): readonly string[] {
	const found = new Map<string, string>();
	for (let at = text.indexOf('@'); at !== -1 && found.size < most; at = text.indexOf('@', at + 1)) {
		const local = localBefore(text, at);
		const domain = local === '' ? '' : domainAfter(text, at);
		if (domain === '') continue;
		const address = `${local}@${domain}`;
		const key = address.toLowerCase();
		if (!found.has(key)) found.set(key, address);
	}
	return [...found.values()];
}

function localBefore(text: string, at: number): string {
	const floor = Math.max(0, at - maxLocal);
	if (text.charAt(at - 1) === '"') {
		const open = text.lastIndexOf('"', at - 2);
		return open >= floor && open < at - 2 && !text.slice(open, at).includes('\n') ? text.slice(open, at) : '';
	}
	let start = at;
	while (start > floor && localCharacter.test(text.charAt(start - 1))) start -= 1;
	return text
		.slice(start, at)
		.replace(wrapping, '')
		.replace(/^(?:mailto|smtp|rfc822)=/i, '');
}

function domainAfter(text: string, at: number): string {
	if (text.charAt(at + 1) === '[') {
		const close = text.indexOf(']', at);
		return close !== -1 && close - at < 60 ? text.slice(at + 1, close + 1) : '';
	}
	let end = at + 1;
	const ceiling = Math.min(text.length, end + maxDomain);
	while (end < ceiling && domainCharacter.test(text.charAt(end))) end += 1;
	while (end > at + 1 && '.-_'.includes(text.charAt(end - 1))) end -= 1;
	const domain = text.slice(at + 1, end);
	return /^[.-]/.test(domain) || domain.includes('..') ? '' : domain;
}

/** Two spellings of one address. */
export function isSameAddress(one: string, other: string): boolean {
	return one !== '' && one.toLowerCase() === other.toLowerCase();
}
