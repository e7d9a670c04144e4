/**
 * Reads the records that a journal is full of (mark, release, settle, commit) straight from the octets, when they look exactly as encode-record.ts
 * writes them. About 0.1 us a record, where parse-record.ts takes 2.
 *
 * Only for lines that a commit record's CRC vouches for: of a mark and a settle it reads what decides who is sent to and takes the rest as written.
 * Whatever else it meets (other records, escaped or non-ASCII keys, fields in another order) it leaves to parse-record.ts.
 */
import type { BounceCategory } from '../../bounces/refusal.ts';
import type { Status } from '../result.ts';
import { categories, type KeyState, keyState } from './key-state.ts';

export type ScannedType = 'mark' | 'release' | 'settle' | 'commit';

const lineFeed = 0x0a;
const quote = 0x22;
const backslash = 0x5c;
const closingBrace = 0x7d;
const zero = 0x30;
/** 15 digits are always a safe integer. */
const maxDigits = 15;
const longestCategory = 32;

/** One scanner reads line after line; its fields hold the last one. */
export class RecordScanner {
	/** Of a mark, release or settle. */
	run = 0;
	mark = 0;
	/** Of a mark or settle: where the key stands, ASCII without escapes. */
	keyStart = 0;
	keyEnd = 0;
	/** Of a settle. */
	state: KeyState = 0;
	/** Of a commit. */
	journal = 0;
	log = 0;
	covers = 0;
	crc = 0;
	logCrc = 0;
	/** Where the line's line feed stands. */
	lineEnd = 0;
	#at = 0;

	/** Null: parse-record.ts has to look at it, or the line has no end before `end`. */
	scan(octets: Buffer, start: number, end: number): ScannedType | null {
		this.#at = start;
		// The first letter of the type.
		switch (octets[start + 9]) {
			case 0x6d:
				return this.#scanMark(octets, end);
			case 0x73:
				return this.#scanSettle(octets, end);
			case 0x72:
				return this.#scanRelease(octets, end);
			case 0x63:
				return this.#scanCommit(octets, end);
			default:
				return null;
		}
	}

	#scanMark(octets: Buffer, end: number): 'mark' | null {
		if (!this.#takes(octets, words.mark)) return null;
		this.run = this.#number(octets);
		if (this.run <= 0 || !this.#takes(octets, words.markNumber)) return null;
		this.mark = this.#number(octets);
		if (this.mark <= 0 || !this.#takesKey(octets) || !this.#takes(octets, words.to)) return null;
		return this.#endsAsObject(octets, end) ? 'mark' : null;
	}

	#scanSettle(octets: Buffer, end: number): 'settle' | null {
		if (!this.#takes(octets, words.settle)) return null;
		this.run = this.#number(octets);
		if (this.run <= 0 || !this.#takes(octets, words.markNumber)) return null;
		this.mark = this.#number(octets);
		if (this.mark < 0 || !this.#takesKey(octets) || !this.#takes(octets, words.status)) return null;
		const states = statesByLetter[octets[this.#at] ?? 0];
		if (states === undefined || !this.#takes(octets, states.word)) return null;
		const code = this.#number(octets);
		if (code < 0 || code > 999 || !this.#takes(octets, words.category)) return null;
		if (octets[this.#at] === quote) {
			this.state = states.unrefused;
		} else {
			const close = octets.indexOf(quote, this.#at);
			const isWord = close !== -1 && close - this.#at <= longestCategory;
			const state = isWord ? states.refused.get(octets.toString('latin1', this.#at, close)) : undefined;
			if (state === undefined) return null;
			this.state = state;
			this.#at = close;
		}
		if (!this.#takes(octets, words.at)) return null;
		return this.#endsAsObject(octets, end) ? 'settle' : null;
	}

	#scanRelease(octets: Buffer, end: number): 'release' | null {
		if (!this.#takes(octets, words.release)) return null;
		this.run = this.#number(octets);
		if (this.run <= 0 || !this.#takes(octets, words.markNumber)) return null;
		this.mark = this.#number(octets);
		if (this.mark < 0 || !this.#takes(octets, words.why)) return null;
		return this.#endsAsObject(octets, end) ? 'release' : null;
	}

	#scanCommit(octets: Buffer, end: number): 'commit' | null {
		if (!this.#takes(octets, words.commit)) return null;
		this.journal = this.#number(octets);
		if (this.journal < 0 || !this.#takes(octets, words.log)) return null;
		this.log = this.#number(octets);
		if (this.log < 0 || !this.#takes(octets, words.covers)) return null;
		this.covers = this.#number(octets);
		if (this.covers < 0 || !this.#takes(octets, words.crc)) return null;
		this.crc = this.#number(octets);
		if (this.crc < 0 || this.crc > 0xffff_ffff || !this.#takes(octets, words.logCrc)) return null;
		this.logCrc = this.#number(octets);
		if (this.logCrc < 0 || this.logCrc > 0xffff_ffff || !this.#takes(octets, words.end)) return null;
		this.lineEnd = this.#at - 1;
		return this.#at <= end ? 'commit' : null;
	}

	#takes(octets: Buffer, word: Buffer): boolean {
		const at = this.#at;
		const { length } = word;
		for (let index = 0; index < length; index++) if (octets[at + index] !== word[index]) return false;
		this.#at = at + length;
		return true;
	}

	/** -1 when there is none, or one that JSON has not. */
	#number(octets: Buffer): number {
		const start = this.#at;
		let at = start;
		let value = 0;
		for (;;) {
			const digit = (octets[at] ?? 0) - zero;
			if (digit < 0 || digit > 9) break;
			value = value * 10 + digit;
			at++;
		}
		const digits = at - start;
		if (digits === 0 || digits > maxDigits || (digits > 1 && octets[start] === zero)) return -1;
		this.#at = at;
		return value;
	}

	#takesKey(octets: Buffer): boolean {
		if (!this.#takes(octets, words.key)) return false;
		let at = this.#at;
		this.keyStart = at;
		for (;;) {
			const octet = octets[at] ?? 0;
			if (octet === quote) break;
			if (octet < 0x20 || octet > 0x7e || octet === backslash) return false;
			at++;
		}
		this.keyEnd = at;
		this.#at = at;
		return at > this.keyStart;
	}

	#endsAsObject(octets: Buffer, end: number): boolean {
		const at = octets.indexOf(lineFeed, this.#at);
		this.lineEnd = at;
		return at !== -1 && at < end && octets[at - 1] === closingBrace;
	}
}

const words = {
	mark: Buffer.from('{"type":"mark","run":'),
	settle: Buffer.from('{"type":"settle","run":'),
	release: Buffer.from('{"type":"release","run":'),
	commit: Buffer.from('{"type":"commit","journal":'),
	markNumber: Buffer.from(',"mark":'),
	key: Buffer.from(',"key":"'),
	to: Buffer.from('","to":"'),
	status: Buffer.from('","status":"'),
	category: Buffer.from(',"bounce_category":"'),
	at: Buffer.from('","at":'),
	why: Buffer.from(',"why":"'),
	log: Buffer.from(',"log":'),
	covers: Buffer.from(',"covers":'),
	crc: Buffer.from(',"crc":'),
	logCrc: Buffer.from(',"log_crc":'),
	end: Buffer.from('}\n'),
};

interface StatusStates {
	/** The rest of the status, and what follows it. */
	readonly word: Buffer;
	readonly unrefused: KeyState;
	readonly refused: ReadonlyMap<string, KeyState>;
}

function statesOf(status: Status): StatusStates {
	return {
		word: Buffer.from(`${status}","code":`),
		unrefused: keyState(status, ''),
		refused: new Map(categories.map((category: BounceCategory) => [category, keyState(status, category)])),
	};
}

const statesByLetter: Readonly<Record<number, StatusStates>> = {
	97: statesOf('accepted'),
	98: statesOf('bounced'),
	100: statesOf('deferred'),
	117: statesOf('unknown'),
};
