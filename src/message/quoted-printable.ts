/** Quoted-printable (RFC 2045 §6.7) in one pass, with stretches that were encoded beforehand spliced in: the hot half of rendering. */

/**
 * A stretch of template text that was encoded once. It is encoded as if it began a line and may go on any line it fits: a dot in front stays `=2E`
 * (harmless elsewhere), a blank at its end is `=20` because a value after it may be empty and the line may end there; `open` is for when it does not.
 */
export interface Segment extends Stretch {
	/** The same with its last blank as it is, for where something printable follows; null when it does not end in a blank. */
	readonly open: Stretch | null;
}

interface Stretch {
	readonly encoded: string;
	/** Octets of its first line, without the `=` of a soft break. */
	readonly firstLineLength: number;
	readonly lastLineLength: number;
	readonly isOneLine: boolean;
}

// 76 octets a line with the `=` of a soft break (RFC 2045 §6.7 rule 5).
const lineLimit = 75;

const softBreak = '=\r\n';
const escapes: readonly string[] = Array.from(
	{ length: 256 },
	(_, octet) => `=${octet.toString(16).toUpperCase().padStart(2, '0')}`,
);

const plain = 1;
const dot = 2;
const blank = 3;
const newline = 4;
const marker = 5;
const unsafe = 0;

const kinds: readonly number[] = Array.from({ length: 128 }, (_, code) => {
	if (code === 0) return marker;
	if (code === 0x0a) return newline;
	if (code === 0x20 || code === 0x09) return blank;
	if (code === 0x2e) return dot;
	return code > 0x20 && code < 0x7f && code !== 0x3d ? plain : unsafe;
});

/** In rendered text, stands for segment `index`: a value can hold no NUL (see RowContext), so nothing a row says looks like it. */
export function segmentMarker(index: number): string {
	// NUL at both ends: Handlebars strips whitespace around `{{~tags~}}` again when it compiles, and some indexes are whitespace.
	return `\0${String.fromCharCode(index)}\0`;
}

/** Markers use one UTF-16 unit below the surrogates. */
export const maxSegments = 0xd000;

export class QuotedPrintableWriter {
	private out = '';
	private column = 0;

	/** The encoded text so far; the writer starts anew. */
	take(): string {
		const { out } = this;
		this.out = '';
		this.column = 0;
		return out;
	}

	/** Ends the last line if it has not ended. */
	endLine(): void {
		if (this.column === 0 && this.out !== '') return;
		this.out += '\r\n';
		this.column = 0;
	}

	/** Encodes text whose line ends are LF; segment markers are replaced by their segments. No line begins with a dot, so nothing needs dot-stuffing. */
	write(text: string, segments: readonly Segment[]): void {
		let { out, column } = this;
		let from = 0;
		const end = text.length;
		for (let at = 0; at < end; at++) {
			const code = text.charCodeAt(at);
			const kind = code < 128 ? kinds[code] : unsafe;
			if (kind === plain && column < lineLimit) {
				column++;
				continue;
			}
			if (kind === newline) {
				out += `${text.slice(from, at)}\r\n`;
				from = at + 1;
				column = 0;
				continue;
			}
			if (kind === marker) {
				const chosen = segments[text.charCodeAt(at + 1)];
				const segment = chosen?.open && text.charCodeAt(at + 3) > 0x20 ? chosen.open : chosen;
				if (segment === undefined) throw new Error('a NUL reached the quoted-printable encoder');
				out += text.slice(from, at);
				at += 2;
				from = at + 1;
				if (column !== 0 && column + segment.firstLineLength > lineLimit) {
					out += softBreak;
					column = 0;
				}
				out += segment.encoded;
				column = segment.isOneLine ? column + segment.lastLineLength : segment.lastLineLength;
				continue;
			}
			if (kind !== unsafe && column >= lineLimit) {
				out += text.slice(from, at) + softBreak;
				from = at;
				column = 0;
			}
			if (kind === plain || (kind === dot && column !== 0) || (kind === blank && !isBeforeBreak(text, at))) {
				column++;
				continue;
			}
			const codePoint = text.codePointAt(at) ?? code;
			const escaped = escapeCodePoint(codePoint);
			out += text.slice(from, at);
			if (column + escaped.length > lineLimit) {
				out += softBreak;
				column = 0;
			}
			out += escaped;
			column += escaped.length;
			if (codePoint > 0xffff) at++;
			from = at + 1;
		}
		this.out = out + text.slice(from);
		this.column = column;
	}
}

// RFC 2045 §6.7 rule 3. At the end of a stretch or before a segment the line may end too.
function isBeforeBreak(text: string, at: number): boolean {
	const next = at + 1 < text.length ? text.charCodeAt(at + 1) : 0;
	return next === 0 || next === 0x0a;
}

function escapeCodePoint(codePoint: number): string {
	if (codePoint < 0x80) return octet(codePoint);
	if (codePoint < 0x800) return octet(0xc0 | (codePoint >> 6)) + octet(0x80 | (codePoint & 0x3f));
	// A lone surrogate has no UTF-8 form: U+FFFD, as TextEncoder does.
	if (codePoint >= 0xd800 && codePoint <= 0xdfff) return '=EF=BF=BD';
	const tail = octet(0x80 | ((codePoint >> 6) & 0x3f)) + octet(0x80 | (codePoint & 0x3f));
	if (codePoint < 0x10000) return octet(0xe0 | (codePoint >> 12)) + tail;
	return octet(0xf0 | (codePoint >> 18)) + octet(0x80 | ((codePoint >> 12) & 0x3f)) + tail;
}

function octet(value: number): string {
	return escapes[value] ?? '';
}

/** Encodes a stretch of static text (LF line ends, no NUL, not empty). */
export function encodeSegment(text: string): Segment {
	const writer = new QuotedPrintableWriter();
	writer.write(text, []);
	const encoded = writer.take();
	const stretch = measure(encoded);
	const isBlankAtEnd = encoded.endsWith(octet(0x20)) && text.endsWith(' ');
	return { ...stretch, open: isBlankAtEnd ? measure(`${encoded.slice(0, -3)} `) : null };
}

function measure(encoded: string): Stretch {
	const firstEnd = encoded.indexOf('\r\n');
	const firstLineLength = firstEnd === -1 ? encoded.length : firstEnd;
	return {
		encoded,
		firstLineLength: encoded.startsWith(softBreak, firstLineLength - 1) ? firstLineLength - 1 : firstLineLength,
		lastLineLength: firstEnd === -1 ? encoded.length : encoded.length - encoded.lastIndexOf('\r\n') - 2,
		isOneLine: firstEnd === -1,
	};
}
