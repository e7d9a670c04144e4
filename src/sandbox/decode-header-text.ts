/** Header text as people read it: folding undone, encoded words decoded (RFC 5322 §2.2.3, RFC 2047). */

const encodedWord = /=\?([^?*\s]{1,40})(?:\*[^?\s]*)?\?([bq])\?([^?\s]*)\?=/gi;
const betweenEncodedWords = /(=\?[^?\s]+\?[bq]\?[^?\s]*\?=)\s+(?==\?[^?\s]+\?[bq]\?[^?\s]*\?=)/gi;

/** `value` without its name; what cannot be decoded stays as it stands. Controls are not removed: cleanText does that. */
export function decodeHeaderText(value: string): string {
	const unfolded = value.replace(/\r?\n(?=[ \t])/g, '').trim();
	if (!unfolded.includes('=?')) return unfolded;
	let text = '';
	let position = 0;
	// Words of one charset in a row are joined before decoding: some composers cut a character in two.
	let pending: { charset: string; bytes: Buffer[] } | null = null;
	const joined = unfolded.replace(betweenEncodedWords, '$1');
	for (const match of joined.matchAll(encodedWord)) {
		const [word, charsetName = '', encoding = '', content = ''] = match;
		const charset = charsetName.toLowerCase();
		const between = joined.slice(position, match.index);
		if (pending !== null && (between !== '' || pending.charset !== charset)) {
			text += decodeBytes(pending.bytes, pending.charset);
			pending = null;
		}
		text += between;
		pending ??= { charset, bytes: [] };
		pending.bytes.push(encoding.toLowerCase() === 'b' ? Buffer.from(content, 'base64') : quotedBytes(content));
		position = match.index + word.length;
	}
	if (pending !== null) text += decodeBytes(pending.bytes, pending.charset);
	return text + joined.slice(position);
}

function quotedBytes(content: string): Buffer {
	const characters = content.replace(/_/g, ' ').replace(/=([0-9a-f]{2})/gi, (_, hex: string) => {
		return String.fromCharCode(Number.parseInt(hex, 16));
	});
	return Buffer.from(characters, 'latin1');
}

function decodeBytes(parts: readonly Buffer[], charset: string): string {
	const bytes = Buffer.concat(parts);
	try {
		// QUIRK: without `stream`, Node 20's decoder turns windows-1252's 0x80-0x9F into controls (ecosystem.md §1.5, trap 1).
		const decoder = new TextDecoder(charset);
		return decoder.decode(bytes, { stream: true }) + decoder.decode();
	} catch {
		// RangeError: a charset that nobody knows. Latin-1 shows at least its ASCII.
		return bytes.toString('latin1');
	}
}
