/**
 * Reads the records that a journal is full of (mark, release, settle, commit) straight from the octets, when they look exactly as encode-record.ts
 * writes them. About 0.05 us a record, where parse-record.ts takes 2.
 *
 * Only for lines that a commit record's CRC vouches for: of a mark and a settle it reads what decides who is sent to and takes the rest as written.
 * Whatever else it meets (other records, escaped or non-ASCII keys, fields in another order) it leaves to parse-record.ts.
 */
import type { BounceCategory } from '../../bounces/refusal.ts';
import type { Status } from '../result.ts';
import { categories, type KeyState, keyState } from './key-state.ts';
import { LineHead, OctetWord } from './octet-word.ts';

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
	/** Where the line's line feed stands, whatever the line is; below 0 or not before `end` when it is not there yet. */
	lineEnd = 0;
	#at = 0;
	readonly #heads = { mark: new LineHead('mark'), settle: new LineHead('settle'), release: new LineHead('release') };
	#octets: Buffer = Buffer.alloc(0);
	/** The same, four at a time. */
	#view: DataView = new DataView(new ArrayBuffer(0));

	/** Null: parse-record.ts has to look at it, or the line has no end before `end`. */
	scan(octets: Buffer, start: number, end: number): ScannedType | null {
		if (octets !== this.#octets) this.#readFrom(octets);
		this.#at = start;
		this.lineEnd = octets.indexOf(lineFeed, start);
		if (this.lineEnd < 0 || this.lineEnd >= end || octets[this.lineEnd - 1] !== closingBrace) return null;
		// The first letter of the type.
		switch (octets[start + 9]) {
			case 0x6d:
				return this.#scanMark() ? 'mark' : null;
			case 0x73:
				return this.#scanSettle() ? 'settle' : null;
			case 0x72:
				return this.#scanRelease() ? 'release' : null;
			case 0x63:
				return this.#scanCommit() ? 'commit' : null;
			default:
				return null;
		}
	}

	#readFrom(octets: Buffer): void {
		this.#octets = octets;
		this.#view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
	}

	#scanMark(): boolean {
		return this.#takesMarkNumber(this.#heads.mark) && this.mark > 0 && this.#takesKey() && this.#takes(words.to);
	}

	#scanSettle(): boolean {
		if (!this.#takesMarkNumber(this.#heads.settle) || !this.#takesKey()) return false;
		if (this.#takes(words.simplyAccepted)) {
			this.state = simplyAccepted;
			return true;
		}
		if (!this.#takes(words.status)) return false;
		const states = statesByLetter[this.#octets[this.#at] ?? 0];
		if (states === undefined || !this.#takes(states.word)) return false;
		const code = this.#number();
		if (code < 0 || code > 999 || !this.#takes(words.category)) return false;
		if (this.#octets[this.#at] === quote) this.state = states.unrefused;
		else if (!this.#takesCategory(states.refused)) return false;
		return this.#takes(words.at);
	}

	#scanRelease(): boolean {
		return this.#takesMarkNumber(this.#heads.release) && this.#takes(words.why);
	}

	/** Run and number of the mark; the run is nearly always that of the line before. */
	#takesMarkNumber(head: LineHead): boolean {
		if (!this.#takes(head.ofRun)) {
			if (!this.#takes(head.beginning)) return false;
			const run = this.#number();
			if (run <= 0 || !this.#takes(words.markNumber)) return false;
			head.expect(run);
		}
		this.run = head.run;
		this.mark = this.#number();
		return this.mark >= 0;
	}

	#scanCommit(): boolean {
		if (!this.#takes(words.commit)) return false;
		this.journal = this.#number();
		if (this.journal < 0 || !this.#takes(words.log)) return false;
		this.log = this.#number();
		if (this.log < 0 || !this.#takes(words.covers)) return false;
		this.covers = this.#number();
		if (this.covers < 0 || !this.#takes(words.crc)) return false;
		this.crc = this.#number();
		if (this.crc < 0 || this.crc > 0xffff_ffff || !this.#takes(words.logCrc)) return false;
		this.logCrc = this.#number();
		return this.logCrc >= 0 && this.logCrc <= 0xffff_ffff && this.#at === this.lineEnd - 1;
	}

	#takes(word: OctetWord): boolean {
		const at = this.#at;
		const { length, fours } = word;
		if (at + length > this.lineEnd) return false;
		const view = this.#view;
		const last = fours.length - 1;
		for (let index = 0; index < last; index++) {
			if (view.getInt32(at + 4 * index, true) !== fours[index]) return false;
		}
		if (view.getInt32(at + length - 4, true) !== fours[last]) return false;
		this.#at = at + length;
		return true;
	}

	/** -1 when there is none, or one that JSON has not. */
	#number(): number {
		const octets = this.#octets;
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

	#takesKey(): boolean {
		if (!this.#takes(words.key)) return false;
		const octets = this.#octets;
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

	#takesCategory(states: ReadonlyMap<string, KeyState>): boolean {
		const octets = this.#octets;
		const close = octets.indexOf(quote, this.#at);
		if (close === -1 || close - this.#at > longestCategory) return false;
		const state = states.get(octets.toString('latin1', this.#at, close));
		if (state === undefined) return false;
		this.state = state;
		this.#at = close;
		return true;
	}
}

const words = {
	simplyAccepted: new OctetWord('","status":"accepted","code":250,"bounce_category":"","at":'),
	commit: new OctetWord('{"type":"commit","journal":'),
	markNumber: new OctetWord(',"mark":'),
	key: new OctetWord(',"key":"'),
	to: new OctetWord('","to":"'),
	status: new OctetWord('","status":"'),
	category: new OctetWord(',"bounce_category":"'),
	at: new OctetWord('","at":'),
	why: new OctetWord(',"why":"'),
	log: new OctetWord(',"log":'),
	covers: new OctetWord(',"covers":'),
	crc: new OctetWord(',"crc":'),
	logCrc: new OctetWord(',"log_crc":'),
};

interface StatusStates {
	/** The rest of the status, and what follows it. */
	readonly word: OctetWord;
	readonly unrefused: KeyState;
	readonly refused: ReadonlyMap<string, KeyState>;
}

function statesOf(status: Status): StatusStates {
	return {
		word: new OctetWord(`${status}","code":`),
		unrefused: keyState(status, ''),
		refused: new Map(categories.map((category: BounceCategory) => [category, keyState(status, category)])),
	};
}

const simplyAccepted = keyState('accepted', '');

const statesByLetter: Readonly<Record<number, StatusStates>> = {
	97: statesOf('accepted'),
	98: statesOf('bounced'),
	100: statesOf('deferred'),
	117: statesOf('unknown'),
};
