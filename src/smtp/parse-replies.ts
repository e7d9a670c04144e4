/**
 * RFC 5321 §4.2 replies out of a byte stream, however it was cut. No sockets, no expectations: what a reply means is
 * the session's business.
 *
 * The parser is pulled: push() bytes, then next() until it gives 0. Codes come first and text is decoded only when
 * reply() is asked, since of the four replies a message costs only the verdict is ever read by anybody.
 */
import { cleanText } from '../support/clean-text.ts';
import type { Reply } from './reply.ts';

// RFC 5321 §4.5.3.1.5 sets 512 octets for a reply line and asks clients to be lenient; no server has been seen near these.
const maxLineBytes = 4096;
const maxLines = 128;
const maxReplyBytes = 65_536;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const HYPHEN = 0x2d;
const DIGIT_ZERO = 0x30;

export class ReplyParser {
	/** Why next() gave -1: for people. */
	problem = '';
	#bytes: Buffer = Buffer.alloc(0);
	/** Where the reply that next() looks for begins, and how far it was already searched for a line end. */
	#replyStart = 0;
	#lineStart = 0;
	#searched = 0;
	#lineCount = 0;
	#code = 0;
	/** The reply that next() found last. */
	#foundStart = 0;
	#foundEnd = 0;
	#foundCode = 0;

	push(chunk: Buffer): void {
		const kept = this.#bytes.length - this.#replyStart;
		if (kept === 0) {
			this.#bytes = chunk;
		} else {
			this.#bytes = Buffer.concat([this.#bytes.subarray(this.#replyStart), chunk]);
		}
		this.#lineStart -= this.#replyStart;
		this.#searched -= this.#replyStart;
		this.#replyStart = 0;
	}

	/** Bytes of a reply that is not complete yet. */
	get pendingBytes(): number {
		return this.#bytes.length - this.#replyStart;
	}

	/** What follows, as far as it came, begins like a 421. */
	get isFarewellNext(): boolean {
		const code = this.#bytes.toString('latin1', this.#replyStart, this.#replyStart + 3);
		return '421'.startsWith(code);
	}

	/** The code of the next complete reply; 0 when it takes more bytes; -1 when the bytes are no reply (then for good). */
	next(): number {
		if (this.problem !== '') return -1;
		const bytes = this.#bytes;
		for (;;) {
			const lineFeed = bytes.indexOf(LF, this.#searched);
			if (lineFeed === -1) {
				this.#searched = bytes.length;
				if (bytes.length - this.#lineStart > maxLineBytes) return this.#garbled('a reply line is too long');
				return 0;
			}
			const code = this.#line(bytes, lineFeed);
			if (code !== 0) return code;
		}
	}

	/** The reply whose code next() gave last. */
	reply(): Reply {
		const code = this.#foundCode;
		const line = this.#bytes.toString('latin1', this.#foundStart + 4, this.#foundEnd);
		// One line of plain words, as nearly every verdict is.
		if (plainLine.test(line)) return { code, enhancedCode: enhancedCodeOf(line, code), lines: [line] };
		const text = decode(this.#bytes.subarray(this.#foundStart, this.#foundEnd));
		const lines = text.split(/\r*\n/).map((each) => cleanText(each.slice(4)));
		return { code, enhancedCode: enhancedCodeOf(lines[0] ?? '', code), lines };
	}

	/** Takes one line in; gives the reply's code when it was its last line, 0 when more lines follow. */
	#line(bytes: Buffer, lineFeed: number): number {
		const start = this.#lineStart;
		let end = lineFeed;
		// QUIRK: CR CR LF is seen from servers that translate line ends twice; a lone LF from hand-written ones.
		while (end > start && bytes[end - 1] === CR) end -= 1;
		this.#lineCount += 1;
		if (end - start > maxLineBytes) return this.#garbled('a reply line is too long');
		if (this.#lineCount > maxLines) return this.#garbled('a reply has too many lines');
		if (lineFeed - this.#replyStart > maxReplyBytes) return this.#garbled('a reply is too long');

		const code = codeAt(bytes, start, end);
		const separator = end - start === 3 ? SPACE : bytes[start + 3];
		if (code === 0 || (separator !== SPACE && separator !== HYPHEN)) {
			const shown = cleanText(bytes.toString('latin1', start, Math.min(end, start + 80)));
			return this.#garbled(`"${shown}" is no SMTP reply`);
		}
		if (this.#lineCount > 1 && code !== this.#code) {
			return this.#garbled(`a reply mixes the codes ${this.#code} and ${code}`);
		}
		this.#code = code;
		this.#lineStart = lineFeed + 1;
		this.#searched = lineFeed + 1;
		if (separator === HYPHEN) return 0;

		this.#foundStart = this.#replyStart;
		this.#foundEnd = end;
		this.#foundCode = code;
		this.#replyStart = lineFeed + 1;
		this.#lineCount = 0;
		return code;
	}

	#garbled(problem: string): -1 {
		this.problem = problem;
		return -1;
	}
}

/** 200 to 599 from three ASCII digits, or 0. RFC 5321 §4.2: the first is 2 to 5, the second 0 to 5. */
function codeAt(bytes: Buffer, start: number, end: number): number {
	if (end - start < 3) return 0;
	const first = (bytes[start] ?? 0) - DIGIT_ZERO;
	const second = (bytes[start + 1] ?? 0) - DIGIT_ZERO;
	const third = (bytes[start + 2] ?? 0) - DIGIT_ZERO;
	// QUIRK: second digits past 5 are outside the grammar but in use, for example Alibaba's 559 and mail.ru's 571.
	if (first < 2 || first > 5 || second < 0 || second > 9 || third < 0 || third > 9) return 0;
	return first * 100 + second * 10 + third;
}

// Longer ones are cut by cleanText.
const plainLine = /^[ -~]{0,512}$/;
const enhancedCode = /^([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$)/;

/** RFC 2034: the enhanced code stands first in the text; one whose class contradicts the reply code is not believed. */
function enhancedCodeOf(text: string, code: number): string {
	const match = enhancedCode.exec(text.trimStart());
	if (match === null || Number(match[1]) !== Math.floor(code / 100)) return '';
	return match[0];
}

/** UTF-8 where it is valid (RFC 6531 §3.7.4.2 allows it), otherwise each byte as a character. */
function decode(bytes: Buffer): string {
	const text = bytes.toString('utf8');
	return text.includes('\ufffd') ? bytes.toString('latin1') : text;
}
