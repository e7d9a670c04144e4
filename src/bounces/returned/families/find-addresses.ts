/** Finds mail addresses in lines that servers wrote, by walking outwards from each `@`; no pattern, since patterns for this are quadratic. */

export interface FoundAddress {
	/** As written, without brackets. */
	readonly address: string;
	/** Offsets in the line, brackets not included. */
	readonly start: number;
	readonly end: number;
}

/** Lines of nothing but `@` are an attack. */
const maxTries = 200;
const maxLocalLength = 128;
const maxDomainLength = 253;
const localCharacter = /[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]/;
const domainCharacter = /[A-Za-z0-9.-]/;
const bareDomain = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/** In order of their place; what stands in a URL is none. A domain without a dot counts in angle brackets only. */
export function findAddresses(line: string, limit = 50): readonly FoundAddress[] {
	const found: FoundAddress[] = [];
	let after = 0;
	let tries = 0;
	for (let at = line.indexOf('@'); at !== -1 && found.length < limit; at = line.indexOf('@', Math.max(at + 1, after))) {
		tries += 1;
		if (tries > maxTries) break;
		const address = bracketed(line, at) ?? bare(line, at, after);
		if (address === null) continue;
		after = address.end;
		found.push(address);
	}
	return found;
}

/** The first address of a line, or ''. */
export function firstAddress(line: string): string {
	return findAddresses(line, 1)[0]?.address ?? '';
}

/** `<local part@domain>`: anything that is no bracket or space, also quoted and non-ASCII. */
function bracketed(line: string, at: number): FoundAddress | null {
	const windowStart = Math.max(0, at - maxLocalLength - 10);
	const open = line.slice(windowStart, at).lastIndexOf('<');
	const length = line.slice(at, at + maxDomainLength).indexOf('>');
	if (open === -1 || length === -1) return null;
	const close = at + length;
	let start = windowStart + open + 1;
	if (line.slice(start, start + 7).toLowerCase() === 'mailto:') start += 7;
	const address = line.slice(start, close);
	const isPlain = !/[\s<>]/.test(address) || /^"[^"<>]{1,64}"@\S+$/.test(address);
	if (!isPlain || address.startsWith('@') || address.endsWith('@') || address.includes('://') || /[:;,]/.test(address))
		return null;
	return address.indexOf('@') !== address.lastIndexOf('@') && !address.startsWith('"')
		? null
		: { address, start, end: close };
}

function bare(line: string, at: number, from: number): FoundAddress | null {
	let start = at;
	if (line.charAt(at - 1) === '"') {
		start = line.lastIndexOf('"', at - 2);
		if (start < from || at - start > maxLocalLength) return null;
	} else {
		while (start > from && at - start < maxLocalLength && localCharacter.test(line.charAt(start - 1))) start -= 1;
		// Quotation marks, emphasis and slashes around the address are none of it.
		while (start < at && /['`*/.|=#?&-]/.test(line.charAt(start))) start += 1;
	}
	let end = at + 1;
	while (end < line.length && end - at <= maxDomainLength && domainCharacter.test(line.charAt(end))) end += 1;
	if (line.charAt(at + 1) === '[') {
		const close = line.indexOf(']', at);
		end = close === -1 || close - at > 50 ? at + 1 : close + 1;
	} else {
		while (end > at + 1 && /[.-]/.test(line.charAt(end - 1))) end -= 1;
	}
	const domain = line.slice(at + 1, end);
	if (start === at || domain === '') return null;
	if (!domain.startsWith('[') && (!bareDomain.test(domain) || !domain.includes('.') || domain.includes('..')))
		return null;
	return isInUrl(line, start) ? null : { address: line.slice(start, end), start, end };
}

/** `https://host/?to=a@b` names a page. Only the word in front is looked at. */
function isInUrl(line: string, start: number): boolean {
	const word = line.slice(Math.max(0, start - 300), start);
	const wordStart =
		Math.max(word.lastIndexOf(' '), word.lastIndexOf('\t'), word.lastIndexOf('<'), word.lastIndexOf('"')) + 1;
	return word.slice(wordStart).includes('://');
}

/** For comparing: domains ignore case, and nobody's local parts differ by case alone. */
export function sameAddress(one: string, other: string): boolean {
	return one.toLowerCase() === other.toLowerCase();
}
