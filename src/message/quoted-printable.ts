/** Quoted-printable (RFC 2045 §6.7) in one pass, with stretches that were encoded beforehand spliced in: the hot half of rendering. */

/**
 * A stretch of template text that was encoded once. It is encoded as if it began a line and may go on any line it fits: a dot in front stays `=2E`
 * (harmless elsewhere). A blank at its end is `=20` where the line may end there, since a value after it may be empty, and stays one in `open`.
 */
export interface Segment {
	readonly closed: Stretch;
	/** For where something printable follows. */
	readonly open: Stretch;
}

interface Stretch {
	readonly octets: Uint8Array;
	readonly sizeBytes: number;
	/** Octets of its first line, without the `=` of a soft break. */
	readonly firstLineLength: number;
	readonly lastLineLength: number;
	readonly isOneLine: boolean;
}

// 76 octets a line with the `=` of a soft break (RFC 2045 §6.7 rule 5).
const lineLimit = 75;

const escapes: readonly string[] = Array.from(
	{ length: 256 },
	(_, octet) => `=${octet.toString(16).toUpperCase().padStart(2, '0')}`,
);

// Strings come in more kinds (joined, cut out, one or two octets a unit) than V8 tells apart at one call: text.charCodeAt() would look the method up for
// each character.
const { charCodeAt } = String.prototype;

const plain = 1;
const dot = 2;
const blank = 3;
const newline = 4;
const marker = 5;
const unsafe = 0;

const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
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

// What one character can come to: a soft break before it, and three octets of UTF-8 escaped. With an empty line or a soft break behind it.
const mostPerCharacter = 16;
// Messages lie in one room, one behind the other, until it is full: a room of its own for each costs a microsecond.
const roomBytes = 64 * 1024;
// A longer message gets a room of its own.
const longBytes = roomBytes / 2;

/**
 * Gathers octets, not a string: a value in Chinese makes the whole rendered text a string of two octets a character, and what is cut from it stays so,
 * although it is ASCII by then. A message put together from such pieces cost twice as much to join and to send.
 */
export class QuotedPrintableWriter {
	private bytes: Buffer = Buffer.allocUnsafeSlow(roomBytes);
	/** Where in `bytes` this message begins; before it lie those that were taken. */
	private begin = 0;
	/** Behind its last octet. */
	private length = 0;
	private column = 0;
	/** Where the body began. */
	private start = 0;

	/** What was written so far, for good; the writer starts anew. */
	take(): Buffer {
		const taken = this.bytes.subarray(this.begin, this.length);
		if (taken.length > longBytes) {
			const own = Buffer.allocUnsafeSlow(taken.length);
			own.set(taken);
			this.discard();
			return own;
		}
		this.begin = this.length;
		this.discard();
		return taken;
	}

	/** Starts anew. */
	discard(): void {
		if (this.bytes.length > roomBytes) {
			this.bytes = Buffer.allocUnsafeSlow(roomBytes);
			this.begin = 0;
		}
		this.length = this.begin;
		this.column = 0;
		this.start = this.begin;
	}

	/** Octets as they are: what stands before a body, and behind it. */
	copy(octets: Uint8Array): void {
		this.roomFor(octets.length).set(octets, this.length);
		this.length += octets.length;
	}

	/** The same of a line of ASCII. */
	line(ascii: string): void {
		const room = this.roomFor(ascii.length);
		this.length += room.write(ascii, this.length, 'latin1');
	}

	/** What comes is a body, from the beginning of a line on. */
	beginBody(): void {
		this.start = this.length;
		this.column = 0;
	}

	/** Ends the last line of the body if it has not ended. */
	endLine(): void {
		if (this.column === 0 && this.length !== this.start) return;
		this.length = lineEnd(this.roomFor(0), this.length);
		this.column = 0;
	}

	/** Encodes text whose line ends are LF; segment markers are replaced by their segments. No line begins with a dot, so nothing needs dot-stuffing. */
	write(text: string, segments: readonly Segment[]): void {
		let { bytes, length, column } = this;
		// Asked of the buffer for each character, its length would cost more than all the rest.
		let room = bytes.length;
		const end = text.length;
		for (let at = 0; at < end; at++) {
			if (length + mostPerCharacter > room) {
				this.length = length;
				bytes = this.roomFor(end - at);
				length = this.length;
				room = bytes.length;
			}
			const code = charCodeAt.call(text, at);
			const kind = code < 128 ? kinds[code] : unsafe;
			if (kind === plain && column < lineLimit) {
				bytes[length++] = code;
				column++;
				continue;
			}
			if (kind === newline) {
				length = lineEnd(bytes, length);
				column = 0;
				continue;
			}
			if (kind === marker) {
				const segment = segments[charCodeAt.call(text, at + 1)];
				if (segment === undefined) throw new Error('a NUL reached the quoted-printable encoder');
				const stretch = charCodeAt.call(text, at + 3) > 0x20 ? segment.open : segment.closed;
				at += 2;
				if (column !== 0 && column + stretch.firstLineLength > lineLimit) {
					length = softBreak(bytes, length);
					column = 0;
				}
				if (length + stretch.sizeBytes > room) {
					this.length = length;
					bytes = this.roomFor(stretch.sizeBytes);
					length = this.length;
					room = bytes.length;
				}
				bytes.set(stretch.octets, length);
				length += stretch.sizeBytes;
				column = stretch.isOneLine ? column + stretch.lastLineLength : stretch.lastLineLength;
				continue;
			}
			if (kind !== unsafe && column >= lineLimit) {
				length = softBreak(bytes, length);
				column = 0;
			}
			if (kind === plain || (kind === dot && column !== 0) || (kind === blank && !isBeforeBreak(text, at))) {
				bytes[length++] = code;
				column++;
				continue;
			}
			const codePoint = text.codePointAt(at) ?? code;
			const escaped = escapeCodePoint(codePoint);
			if (column + escaped.length > lineLimit) {
				length = softBreak(bytes, length);
				column = 0;
			}
			for (let index = 0; index < escaped.length; index++) bytes[length++] = escaped.charCodeAt(index);
			column += escaped.length;
			if (codePoint > 0xffff) at++;
		}
		this.length = length;
		this.column = column;
	}

	/** Octets with so much room behind those that are there, and that of one character. */
	private roomFor(more: number): Buffer {
		if (this.length + more + mostPerCharacter > this.bytes.length) {
			const { begin } = this;
			const wanted = this.length - begin + more + mostPerCharacter;
			const grown = Buffer.allocUnsafeSlow(wanted <= roomBytes ? roomBytes : wanted * 2);
			grown.set(this.bytes.subarray(begin, this.length));
			this.bytes = grown;
			this.length -= begin;
			this.start -= begin;
			this.begin = 0;
		}
		return this.bytes;
	}
}

function lineEnd(bytes: Buffer, at: number): number {
	bytes[at] = 0x0d;
	bytes[at + 1] = 0x0a;
	return at + 2;
}

function softBreak(bytes: Buffer, at: number): number {
	bytes[at] = 0x3d;
	return lineEnd(bytes, at + 1);
}

// RFC 2045 §6.7 rule 3. At the end of a stretch or before a segment the line may end too.
function isBeforeBreak(text: string, at: number): boolean {
	const next = at + 1 < text.length ? charCodeAt.call(text, at + 1) : 0;
	return next === 0 || next === 0x0a;
}

/** The octets of a character in UTF-8, each as `=C3`. */
export function escapeCodePoint(codePoint: number): string {
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
	const encoded = writer.take().toString('latin1');
	const closed = measure(encoded);
	const isBlankAtEnd = encoded.endsWith(octet(0x20)) && text.endsWith(' ');
	return { closed, open: isBlankAtEnd ? measure(`${encoded.slice(0, -3)} `) : closed };
}

function measure(encoded: string): Stretch {
	const firstEnd = encoded.indexOf('\r\n');
	const firstLineLength = firstEnd === -1 ? encoded.length : firstEnd;
	return {
		octets: Buffer.from(encoded, 'latin1'),
		sizeBytes: encoded.length,
		firstLineLength: encoded.startsWith('=\r\n', firstLineLength - 1) ? firstLineLength - 1 : firstLineLength,
		lastLineLength: firstEnd === -1 ? encoded.length : encoded.length - encoded.lastIndexOf('\r\n') - 2,
		isOneLine: firstEnd === -1,
	};
}
