/** Header text on the wire: encoded words (RFC 2047), folding (RFC 5322 §2.2.3) and display names (RFC 5322 §3.2.5). */

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
	const octets = Buffer.from(value, 'utf8');
	// Back from the octets: a lone surrogate is U+FFFD from here on.
	const text = octets.toString('utf8');
	let qLength = 0;
	for (const octet of octets) qLength += qCost(octet);
	const base64 = Math.ceil(octets.length / 3) * 4 < qLength;
	const room = wordLimit - utf8Overhead;
	// The first word shares its line with the header's name.
	let left = Math.min(room, lineLimit - used - utf8Overhead);
	let encoded = '';
	let chunk = '';
	let cost = 0;
	for (const character of text) {
		const characterCost = base64 ? Buffer.byteLength(character) : qCharacterCost(character);
		const total = base64 ? Math.ceil((cost + characterCost) / 3) * 4 : cost + characterCost;
		if (total > left) {
			encoded += `${chunk === '' ? '' : word(chunk, base64)}${fold}`;
			left = room;
			chunk = '';
			cost = 0;
		}
		chunk += character;
		cost += characterCost;
	}
	return encoded + word(chunk, base64);
}

function word(text: string, base64: boolean): string {
	if (base64) return `=?UTF-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`;
	let encoded = '';
	for (const octet of Buffer.from(text, 'utf8')) {
		if (octet === 0x20) encoded += '_';
		else if (isQSafe(octet)) encoded += String.fromCharCode(octet);
		else encoded += `=${octet.toString(16).toUpperCase().padStart(2, '0')}`;
	}
	return `=?UTF-8?Q?${encoded}?=`;
}

function qCost(octet: number): number {
	return octet === 0x20 || isQSafe(octet) ? 1 : 3;
}

function qCharacterCost(character: string): number {
	const code = character.charCodeAt(0);
	return code < 0x80 ? qCost(code) : 3 * Buffer.byteLength(character);
}

// RFC 2047 §5 (3): the set that is safe in a phrase as well.
function isQSafe(octet: number): boolean {
	return (
		(octet >= 0x30 && octet <= 0x39) ||
		(octet >= 0x41 && octet <= 0x5a) ||
		(octet >= 0x61 && octet <= 0x7a) ||
		octet === 0x21 || // !
		octet === 0x2a || // *
		octet === 0x2b || // +
		octet === 0x2d || // -
		octet === 0x2f // /
	);
}
