/**
 * The only way to an Address: one cell is one address, or it says in plain words why it is none.
 *
 * No list parser is ever asked: handed `a@b, c@d` or a line break it writes to somebody else (reference/ecosystem.md §1.5 trap 2, §1.6).
 */
import { domainToASCII, domainToUnicode } from 'node:url';
import type { Address } from './row.ts';

export interface ParsedAddress {
	readonly kind: 'address';
	readonly address: Address;
	/** Before the @, case kept, NFC. */
	readonly local: string;
	/** After the @, lower-case A-labels. */
	readonly domain: string;
	/** The local part is not ASCII: the server must offer SMTPUTF8 (RFC 6531). */
	readonly smtpUtf8: boolean;
}

export interface InvalidAddress {
	readonly kind: 'invalid';
	/** Goes on after the quoted cell: `has no domain`. */
	readonly problem: string;
}

// RFC 5321 §4.5.3.1: 64 octets before the @; 254 is what fits a path of 256 with its angle brackets.
const maxLocalOctets = 64;
const maxAddressOctets = 254;
// A display name may stand before the address, but no cell that holds an address is longer than this.
const maxCellLength = 1000;

// Dot-atom @ letters-digits-hyphens, the form of nearly every address there is. Slower and rarer forms go the long way.
const commonForm =
	/^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/** Reads one cell (or header value) as one address; `Name <address>` gives the address. Never throws, never guesses. */
export function parseAddress(cell: string): ParsedAddress | InvalidAddress {
	if (cell.length <= maxAddressOctets && commonForm.test(cell)) {
		const at = cell.indexOf('@');
		const domain = cell.slice(at + 1).toLowerCase();
		// `--` may be an A-label and a digit at the end an IP address: both need the full look.
		if (at <= maxLocalOctets && !domain.includes('--') && domain.charCodeAt(domain.length - 1) > nine) {
			return made(cell.slice(0, at), domain, false);
		}
	}
	return parseCarefully(trimCell(cell));
}

const nine = '9'.charCodeAt(0);

// What trim() leaves: zero-width characters. A line break is not trimmed away: an address with one in it is refused.
const blankStart = /^(?:[^\S\r\n\u2028\u2029]|[\u200b-\u200d\u2060\ufeff])+/;
const blankEnd = /(?:[^\S\r\n\u2028\u2029]|[\u200b-\u200d\u2060\ufeff])+$/;

/** The cell without spaces around it, also no-break, zero-width and byte order mark. */
export function trimCell(cell: string): string {
	// A hostile cell of spaces must not make the search for the end quadratic.
	if (cell.length > maxCellLength) return cell.trim() === '' ? '' : cell;
	return cell.replace(blankStart, '').replace(blankEnd, '');
}

function parseCarefully(cell: string): ParsedAddress | InvalidAddress {
	if (cell === '') return invalid('is empty');
	if (cell.length > maxCellLength) return invalid('is too long for an address');
	if (/[\r\n\u0085\u2028\u2029]/.test(cell)) return invalid('has a line break');
	const control = /\p{Cc}/u.exec(cell);
	if (control !== null) return invalid(`has a control character (${codePoint(control[0])})`);
	const bare = withoutName(cell);
	return typeof bare === 'string' ? parseBare(bare) : bare;
}

// RFC 5322 phrase: a quoted string, or words without specials (dots are common and harmless).
const displayName = /^(?:"(?:[^"\\]|\\.)*"|[^"\\<>()[\]:;@,]*)[ \u00a0]*$/;

function withoutName(cell: string): string | InvalidAddress {
	const open = cell.indexOf('<');
	if (open === -1) return cell.includes('>') ? invalid('has a ">" without a "<"') : cell;
	const close = cell.indexOf('>', open);
	if (close === -1) return invalid('has a "<" without a ">"');
	if (cell.indexOf('<', open + 1) !== -1) {
		return invalid(countAt(cell) > 1 ? 'holds two addresses' : 'has more than one "<"');
	}
	if (close !== cell.length - 1) return invalid(countAt(cell) > 1 ? 'holds two addresses' : 'goes on after the ">"');
	const name = cell.slice(0, open);
	if (!displayName.test(name)) {
		return invalid(
			name.includes('@') ? 'holds two addresses' : 'has a name before the "<" that needs quotes around it',
		);
	}
	const bare = cell.slice(open + 1, close);
	return bare === '' ? invalid('has nothing between "<" and ">"') : bare;
}

function parseBare(bare: string): ParsedAddress | InvalidAddress {
	if (bare.startsWith('"')) return invalid('has a quoted local part, which is not supported');
	const at = bare.indexOf('@');
	if (at === -1) return invalid('has no @');
	if (bare.indexOf('@', at + 1) !== -1) {
		if (bare.startsWith('@')) return invalid('has a route, which is not supported');
		return invalid(/[\s,;:|/&]/u.test(bare.slice(at, bare.lastIndexOf('@'))) ? 'holds two addresses' : 'has two @');
	}
	// Normalised before it is looked at: some characters become ASCII ones (U+037E becomes a semicolon).
	const local = bare.slice(0, at).normalize('NFC');
	const localProblem = problemOfLocal(local);
	if (localProblem !== '') return invalid(localProblem);
	const domain = readDomain(bare.slice(at + 1));
	if (typeof domain !== 'string') return domain;
	if (Buffer.byteLength(local) + 1 + domain.length > maxAddressOctets) {
		return invalid(`is longer than ${maxAddressOctets} octets`);
	}
	return made(local, domain, /[^\u0000-\u007f]/.test(local));
}

function problemOfLocal(local: string): string {
	if (local === '') return 'has nothing before the @';
	if (Buffer.byteLength(local) > maxLocalOctets) return `has more than ${maxLocalOctets} octets before the @`;
	// Invisible ones (format, unpaired surrogate, private use) would make two addresses look the same.
	const wrong = /[^\w!#$%&'*+/=?^`{|}~.\-\u0080-\u{10ffff}]|[\p{C}\p{Z}]/u.exec(local);
	if (wrong !== null) return `has ${nameOf(wrong[0])} before the @`;
	if (local.startsWith('.') || local.endsWith('.')) return 'has a dot at the edge of the part before the @';
	return local.includes('..') ? 'has two dots in a row' : '';
}

// The four characters that UTS-46 takes for a dot.
const dots = /[.\u3002\uff0e\uff61]/u;

function readDomain(domain: string): string | InvalidAddress {
	if (domain === '') return invalid('has no domain');
	if (domain.startsWith('[')) return invalid('has an address literal for a domain');
	// Looked at before domainToASCII, which decodes %41, cuts at a slash and drops what is invisible.
	const wrong = /[^A-Za-z0-9.\-\u0080-\u{10ffff}]|[\p{C}\p{Z}]/u.exec(domain);
	if (wrong !== null) return invalid(`has ${nameOf(wrong[0])} in its domain`);
	const labels = domain.split(dots);
	if (labels.at(-1) === '') return invalid('has a dot at the end of its domain');
	if (labels.includes('')) return invalid('has an empty part in its domain');
	const ascii = /[^a-z0-9.-]|xn--/iu.test(domain) ? domainToASCII(domain) : domain.toLowerCase();
	const asciiLabels = ascii.split('.');
	if (asciiLabels.length !== labels.length) return invalid('has a domain that cannot exist');
	if (/^(?:\d+|0x[\da-f]*)$/.test(asciiLabels.at(-1) ?? '')) return invalid('has an IP address for a domain');
	for (const label of asciiLabels) {
		if (label.length > 63) return invalid('has a part of more than 63 characters in its domain');
		if (label.startsWith('-') || label.endsWith('-'))
			return invalid('has a hyphen at the edge of a part of its domain');
		if (!/^[a-z0-9-]+$/.test(label)) return invalid('has a domain that cannot exist');
		// Node 24 lets an A-label pass that decodes to nothing (RFC 5891 §5.4), Node 20 does not.
		if (label.startsWith('xn--') && domainToUnicode(label).startsWith('xn--')) {
			return invalid('has a domain that cannot exist');
		}
	}
	return ascii;
}

function made(local: string, domain: string, smtpUtf8: boolean): ParsedAddress {
	return { kind: 'address', address: `${local}@${domain}` as Address, local, domain, smtpUtf8 };
}

function invalid(problem: string): InvalidAddress {
	return { kind: 'invalid', problem };
}

function countAt(text: string): number {
	return text.split('@').length - 1;
}

function nameOf(character: string): string {
	if (character === '(' || character === ')') return 'a comment';
	if (/\p{Z}/u.test(character)) return character === ' ' ? 'a space' : `a space (${codePoint(character)})`;
	return /\p{C}/u.test(character) ? `an invisible character (${codePoint(character)})` : `a "${character}"`;
}

function codePoint(character: string): string {
	return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
