/**
 * Octets in any encoding -> octets of valid UTF-8 with LF line ends, piece by piece.
 *
 * Line ends become LF here because csv-parse counts a CRLF inside quotes as two lines (reference/ecosystem.md §1.5 trap 5). TextDecoder is never
 * used: on this Node it reads windows-1252 wrongly (trap 1). Plain UTF-8 is checked and passed on, not decoded.
 */
import { isUtf8 } from 'node:buffer';
import type { DecoderStream } from 'iconv-lite';

export interface TextDecoding {
	/** Takes the buffer over (it may be changed). null: these octets are no text in this encoding. */
	write(octets: Buffer): Buffer | null;
	/** What was held back; null when the text stops in the middle of a character. */
	end(): Buffer | null;
}

/** `name` as detectEncoding gives it; the byte order mark is already cut off. */
export async function createTextDecoding(name: string): Promise<TextDecoding> {
	if (name === 'utf-8') return new Utf8Decoding();
	const { default: iconv } = await import('iconv-lite');
	return new IconvDecoding(iconv.getDecoder(name, { stripBOM: false }), {
		byLine: !/^(?:utf|ucs)/.test(name),
		unitOctets: /^(?:utf|ucs)[-_]?(?:16|2)/.test(name) ? 2 : /^(?:utf|ucs)[-_]?(?:32|4)/.test(name) ? 4 : 1,
	});
}

const empty: Buffer = Buffer.alloc(0);

class Utf8Decoding implements TextDecoding {
	readonly #lineEnds = new LineEnds();
	#tail = empty;

	write(octets: Buffer): Buffer | null {
		const joined = this.#tail.length === 0 ? octets : Buffer.concat([this.#tail, octets]);
		const whole = joined.subarray(0, joined.length - unfinishedOctets(joined));
		this.#tail = joined.subarray(whole.length);
		return isUtf8(whole) ? this.#lineEnds.toLf(whole) : null;
	}

	end(): Buffer | null {
		return this.#tail.length === 0 ? empty : null;
	}
}

/** How many octets at the end begin a UTF-8 sequence that is not complete yet: 0 to 3. */
export function unfinishedOctets(octets: Buffer): number {
	for (let back = 1; back <= 3 && back <= octets.length; back++) {
		const octet = octets[octets.length - back] ?? 0;
		if (octet < 0x80) return 0;
		if (octet >= 0xc0) return back < (octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : 2) ? back : 0;
	}
	return 0;
}

const lf = 10;
const cr = 13;
// A line longer than a row may be is not waited for.
const maxHeldOctets = 1024 * 1024;

/**
 * Hands whole lines to iconv-lite, except for UTF-16 and UTF-32, where the octet of a line end may be part of any character.
 *
 * QUIRK: iconv-lite 0.7 loses the last character of a buffer when the one before cut GB18030 or Big5-HKSCS inside a character that becomes two UTF-16
 * units (its output is sized for one unit an octet). No octet of a character in these encodings is a line end.
 */
class IconvDecoding implements TextDecoding {
	readonly #lineEnds = new LineEnds();
	readonly #decoder: DecoderStream;
	readonly #byLine: boolean;
	readonly #unitOctets: 1 | 2 | 4;
	// iconv-lite says nothing of half a unit at the end.
	#octetsInUnit = 0;
	#held = empty;
	// A UTF-16BE or UTF-32 text is cut anywhere, also between the two halves of an emoji.
	#highSurrogate = '';

	constructor(
		decoder: DecoderStream,
		{ byLine, unitOctets }: { readonly byLine: boolean; readonly unitOctets: 1 | 2 | 4 },
	) {
		this.#decoder = decoder;
		this.#byLine = byLine;
		this.#unitOctets = unitOctets;
	}

	write(octets: Buffer): Buffer | null {
		this.#octetsInUnit = (this.#octetsInUnit + octets.length) % this.#unitOctets;
		if (!this.#byLine) return this.#encode(this.#decoder.write(octets));
		const joined = this.#held.length === 0 ? octets : Buffer.concat([this.#held, octets]);
		const lineEnd = Math.max(joined.lastIndexOf(lf), joined.lastIndexOf(cr)) + 1;
		const cut = lineEnd === 0 && joined.length > maxHeldOctets ? joined.length : lineEnd;
		this.#held = joined.subarray(cut);
		return cut === 0 ? empty : this.#encode(this.#decoder.write(joined.subarray(0, cut)));
	}

	end(): Buffer | null {
		const last = this.#encode(this.#decoder.write(this.#held) + (this.#decoder.end() ?? ''));
		return this.#highSurrogate === '' && this.#octetsInUnit === 0 ? last : null;
	}

	#encode(decoded: string): Buffer | null {
		let text = this.#highSurrogate + decoded;
		this.#highSurrogate = /[\ud800-\udbff]$/.exec(text)?.[0] ?? '';
		if (this.#highSurrogate !== '') text = text.slice(0, -1);
		// U+FFFD is what iconv-lite writes for octets that mean nothing.
		if (text.includes('\ufffd') || /\p{Surrogate}/u.test(text)) return null;
		return this.#lineEnds.toLf(Buffer.from(text, 'utf8'));
	}
}

/** CRLF and lone CR become LF, also when a CRLF is cut in two. Works in place, on any encoding that contains ASCII. */
export class LineEnds {
	#afterCr = false;

	toLf(octets: Buffer): Buffer {
		if (octets.length === 0) return octets;
		const from = this.#afterCr && octets[0] === lf ? 1 : 0;
		this.#afterCr = false;
		let to = octets.indexOf(cr, from);
		if (to === -1) return from === 0 ? octets : octets.subarray(from);
		for (let index = to; index < octets.length; index++) {
			const octet = octets[index] ?? 0;
			octets[to++] = octet === cr ? lf : octet;
			if (octet !== cr) continue;
			if (index + 1 === octets.length) this.#afterCr = true;
			else if (octets[index + 1] === lf) index++;
		}
		return octets.subarray(from, to);
	}
}
