/** Header text on the wire: encoded words (RFC 2047), folding (RFC 5322 §2.2.3) and display names (RFC 5322 §3.2.5). */
import { escapeCodePoint } from './quoted-printable.ts';

// RFC 5322 §2.1.1 recommends 78, RFC 2047 §2 demands 76 for lines with encoded words.
const lineLimit = 76;
const wordLimit = 75;
// RFC 5322 §2.1.1: the most a line may ever have.
const hardLimit = 998;
const fold = '\r\n ';
const utf8Overhead = '=?UTF-8?Q??='.length;

/** What has no place in any header value: line breaks would end the header, NUL the message. */
export function hasForbiddenCharacter(value: string): boolean {
	return value.includes('\n') || value.includes('\r') || value.includes('\0');
}

/** Printable ASCII and spaces only, nothing that a reader would take for an encoded word. */
export function isPrintableAscii(value: string): boolean {
	for (let at = 0; at < value.length; at++) {
		const code = value.charCodeAt(at);
		if (code < 0x20 || code > 0x7e) return false;
	}
	return true;
}

/** An unstructured value (RFC 5322 §3.2.5) as it goes on the wire, folded. `used` is what stands on the line before it. */
export function encodeUnstructured(value: string, used: number): string {
	if (isPrintableAscii(value) && !value.includes('=?')) {
		if (used + value.length <= lineLimit) return value;
		const folded = foldAtBlanks(value, used);
		if (folded !== null) return folded;
	}
	return encodeWords(value, used);
}

/** A display name as a phrase: bare atoms, a quoted string, or encoded words. */
export function encodePhrase(name: string, used: number): string {
	if (isAtoms(name) && used + name.length <= lineLimit) return name;
	if (isPrintableAscii(name) && !name.includes('=?')) {
		const quoted = `"${name.replace(/["\\]/g, '\\$&')}"`;
		if (used + quoted.length <= lineLimit) return quoted;
	}
	return encodeWords(name, used);
}

/** Puts `token` behind a blank on the line, or on the next when it does not fit: null when it is too long for any line. */
export function appendToken(line: string, token: string): string | null {
	const start = line.lastIndexOf('\n') + 1;
	const length = line.length - start + 1 + token.length;
	// Readers stumble over a first line that has nothing but the header's name.
	const isFirst = line.endsWith(':');
	if (length > hardLimit && (isFirst || token.length >= hardLimit)) return null;
	return length <= lineLimit || isFirst ? `${line} ${token}` : line + fold + token;
}

// A continuation line of blanks only is not allowed (RFC 5322 §3.2.2), so a run of blanks stays in front of its word.
function foldAtBlanks(value: string, used: number): string | null {
	let folded = '';
	let length = used;
	for (const piece of value.match(/ *[^ ]+/g) ?? []) {
		if (piece.length > hardLimit - 2 - used) return null;
		if (piece.startsWith(' ') && length + piece.length > lineLimit) {
			folded += `\r\n${piece}`;
			length = piece.length;
		} else {
			folded += piece;
			length += piece.length;
		}
	}
	return folded;
}

function isAtoms(name: string): boolean {
	if (name === '' || name.startsWith(' ') || name.endsWith(' ')) return false;
	for (let at = 0; at < name.length; at++) {
		const code = name.charCodeAt(at);
		const isWord = (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
		const isJoint =
			code === 0x2d || code === 0x27 || code === 0x5f || (code === 0x20 && name.charCodeAt(at + 1) !== 0x20);
		if (!isWord && !isJoint) return false;
	}
	return true;
}

function encodeWords(value: string, used: number): string {
	const base64 = isShorterAsBase64(value);
	const room = wordLimit - utf8Overhead;
	// The first word shares its line with the header's name.
	let left = Math.min(room, lineLimit - used - utf8Overhead);
	let encoded = '';
	// Of the word that is being filled; in Q its characters are written as they come.
	let from = 0;
	let quoted = '';
	let cost = 0;
	for (let at = 0; at < value.length; at++) {
		const codePoint = value.codePointAt(at) ?? 0;
		const written = base64 ? '' : quote(codePoint);
		const total = cost + (base64 ? octetsOf(codePoint) : written.length);
		if ((base64 ? Math.ceil(total / 3) * 4 : total) > left) {
			encoded += (cost === 0 ? '' : base64 ? base64Word(value.slice(from, at)) : `=?UTF-8?Q?${quoted}?=`) + fold;
			left = room;
			from = at;
			quoted = written;
			cost = base64 ? octetsOf(codePoint) : written.length;
		} else {
			quoted += written;
			cost = total;
		}
		if (codePoint > 0xffff) at++;
	}
	return encoded + (base64 ? base64Word(value.slice(from)) : `=?UTF-8?Q?${quoted}?=`);
}

function isShorterAsBase64(value: string): boolean {
	let octets = 0;
	let quotedLength = 0;
	for (let at = 0; at < value.length; at++) {
		const codePoint = value.codePointAt(at) ?? 0;
		const count = octetsOf(codePoint);
		octets += count;
		quotedLength += count > 1 ? 3 * count : codePoint === 0x20 || isQSafe(codePoint) ? 1 : 3;
		if (codePoint > 0xffff) at++;
	}
	return Math.ceil(octets / 3) * 4 < quotedLength;
}

/** Of UTF-8; half a surrogate pair becomes U+FFFD. */
function octetsOf(codePoint: number): number {
	if (codePoint < 0x80) return 1;
	if (codePoint < 0x800) return 2;
	return codePoint < 0x10000 ? 3 : 4;
}

function base64Word(text: string): string {
	return `=?UTF-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}

function quote(codePoint: number): string {
	if (codePoint === 0x20) return '_';
	return isQSafe(codePoint) ? String.fromCharCode(codePoint) : escapeCodePoint(codePoint);
}

// RFC 2047 §5 (3): the set that is safe in a phrase as well.
function isQSafe(code: number): boolean {
	return (
		(code >= 0x30 && code <= 0x39) ||
		(code >= 0x41 && code <= 0x5a) ||
		(code >= 0x61 && code <= 0x7a) ||
		code === 0x21 || // !
		code === 0x2a || // *
		code === 0x2b || // +
		code === 0x2d || // -
		code === 0x2f // /
	);
}
