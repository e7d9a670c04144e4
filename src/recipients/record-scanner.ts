/**
 * Finds where CSV records end, so that one broken record costs one row and never the rows after it.
 *
 * csv-parse cannot do this: after a wrong quote it goes on inside the quotes and swallows the records that follow, and a cell of 10 MB ends the parse.
 * So what csv-parse gets is flawless: a record that is not is taken out, and a mark of one line stands in its place.
 *
 *      good,"a ""b""",x          ->  as it is
 *      bad,"a "b"",x             ->  NUL,,          and a Removal in the queue
 *      (blank lines)             ->  NUL,,          one for all of them: csv-parse takes 25 us for a record of another length
 *
 * A record whose quotes do not match ends with its first line and reading goes on at the next one. Lines that leave a quote open have an odd number of
 * quotes, so no line is looked at more than twice.
 */
import { OversizedRecord } from './oversized-record.ts';

/** Why a record was taken out. `unclosed_quote` ends the list: nothing after it can be told apart. */
export type RecordProblemKind = 'quoting' | 'too_large' | 'nul' | 'unclosed_quote';

/** What a mark stands for. */
export interface Removal {
	readonly kind: RecordProblemKind | 'blank';
	/** Lines of the file that it took. */
	readonly lines: number;
}

/** A record may have this many octets of UTF-8, its quotes and delimiters counted. */
export const maxRecordOctets = 1024 * 1024;

/** First cell of a mark. A cell of the file never holds it: records with U+0000 are taken out. */
export const removalMark = '\u0000';

const lf = 10;
const quote = 34;
const blankLine = Buffer.from('\n\n');
// A mark has as many cells as a row, which is cheapest; but blank lines must not grow a thousand times in a list of 2,000 columns.
const maxMarkCells = 64;
const empty: Buffer = Buffer.alloc(0);

export class RecordScanner {
	#removals: Removal[] = [];
	#taken = 0;
	readonly #delimiter: number;
	readonly #mark: Buffer;
	/** The beginning of a record that is not complete, always from its first octet. */
	#carry = empty;
	#oversized: OversizedRecord | null = null;
	#stopped = false;

	/** `delimiter`: one ASCII character; `width`: cells that a row is likely to have. */
	constructor(delimiter: string, width: number) {
		this.#delimiter = delimiter.charCodeAt(0);
		this.#mark = Buffer.from(`${removalMark}${delimiter.repeat(Math.min(width, maxMarkCells) - 1)}\n`);
	}

	/** Takes text as readListText gives it and returns the records that are complete. */
	write(text: Buffer): Buffer {
		return this.#take(text, false);
	}

	/** What is left: the last record when no line end follows it. */
	end(): Buffer {
		return this.#take(empty, true);
	}

	/** What the next mark stands for; once for each mark, in their order. */
	takeRemoval(): Removal {
		const removal = this.#removals[this.#taken];
		if (removal === undefined) throw new Error('a record was taken out and nobody knows why');
		this.#taken++;
		// shift() would move a long queue each time.
		if (this.#taken * 2 > this.#removals.length) {
			this.#removals = this.#removals.slice(this.#taken);
			this.#taken = 0;
		}
		return removal;
	}

	#take(text: Buffer, final: boolean): Buffer {
		if (this.#stopped) return empty;
		const octets = this.#carry.length === 0 ? text : Buffer.concat([this.#carry, text]);
		this.#carry = empty;
		const pieces: Buffer[] = [];
		const rest = this.#oversized === null ? octets : this.#skip(this.#oversized, octets, { pieces, final });
		if (this.#oversized === null && !this.#stopped) this.#scan(rest, { pieces, final });
		const [only] = pieces;
		return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
	}

	#scan(octets: Buffer, { pieces, final }: { readonly pieces: Buffer[]; readonly final: boolean }): void {
		const hasNul = octets.includes(0);
		const hasBlank = octets[0] === lf || octets.includes(blankLine);
		if (hasNul || hasBlank || octets.length > maxRecordOctets || octets.includes(quote)) {
			this.#scanOctets(octets, { pieces, hasNul, final });
			return;
		}
		const end = final ? octets.length : octets.lastIndexOf(lf) + 1;
		if (end > 0) pieces.push(octets.subarray(0, end));
		this.#carry = octets.subarray(end);
	}

	#scanOctets(
		octets: Buffer,
		options: { readonly pieces: Buffer[]; readonly hasNul: boolean; readonly final: boolean },
	): void {
		const { pieces, hasNul, final } = options;
		const { length } = octets;
		const delimiter = this.#delimiter;
		let passedTo = 0;
		let recordStart = 0;
		let cellStart = 0;
		let quoting = false;
		let index = 0;

		const takeOut = (kind: Removal['kind'], end: number): void => {
			if (recordStart > passedTo) pieces.push(octets.subarray(passedTo, recordStart));
			this.#report(kind, pieces, { lines: countLines(octets.subarray(recordStart, end)) });
			passedTo = Math.min(end + 1, length);
			recordStart = passedTo;
			cellStart = passedTo;
			index = passedTo;
			quoting = false;
		};
		/** The record from recordStart to `end` is complete: passes it on, or takes it out. */
		const endRecord = (end: number): void => {
			if (end === recordStart) {
				let lastBlank = end;
				while (octets[lastBlank + 1] === lf) lastBlank++;
				takeOut('blank', lastBlank);
			} else if (end - recordStart > maxRecordOctets) takeOut('too_large', end);
			else if (hasNul && octets.subarray(recordStart, end).includes(0)) takeOut('nul', end);
			else {
				index = Math.min(end + 1, length);
				recordStart = index;
				cellStart = index;
			}
		};

		while (index < length) {
			const octet = octets[index];
			if (quoting) {
				if (octet !== quote) {
					index++;
					continue;
				}
				if (index + 1 === length && !final) break;
				const next = octets[index + 1];
				if (next === quote) {
					index += 2;
					continue;
				}
				if (next === delimiter || next === lf || next === undefined) {
					quoting = false;
					index++;
					continue;
				}
			} else if (octet === lf) {
				endRecord(index);
				continue;
			} else if (octet !== quote) {
				index++;
				if (octet === delimiter) cellStart = index;
				continue;
			} else if (index === cellStart) {
				quoting = true;
				index++;
				continue;
			}
			// A quote in the wrong place: the record ends with its first line.
			const lineEnd = octets.indexOf(lf, recordStart);
			if (lineEnd === -1 && !final) break;
			const end = lineEnd === -1 ? length : lineEnd;
			if (index > end && index - recordStart >= maxRecordOctets) {
				takeOut('unclosed_quote', length);
				return;
			}
			takeOut(end - recordStart > maxRecordOctets ? 'too_large' : 'quoting', end);
		}

		if (final && recordStart < length) {
			if (quoting) takeOut('unclosed_quote', length);
			else endRecord(length);
		}
		if (recordStart > passedTo) pieces.push(octets.subarray(passedTo, recordStart));
		const rest = octets.subarray(recordStart);
		if (rest.length <= maxRecordOctets) {
			this.#carry = rest;
			return;
		}
		this.#oversized = new OversizedRecord(delimiter);
		this.#skip(this.#oversized, rest, { pieces, final });
	}

	/** Returns the octets after the record. */
	#skip(
		record: OversizedRecord,
		octets: Buffer,
		{ pieces, final }: { readonly pieces: Buffer[]; readonly final: boolean },
	): Buffer {
		const end = record.take(octets, { final });
		if (end === null) {
			this.#carry = octets.subarray(octets.length - record.pendingOctets);
			return empty;
		}
		this.#oversized = null;
		this.#report(end.kind, pieces, { lines: end.lines });
		return octets.subarray(end.next);
	}

	#report(kind: Removal['kind'], pieces: Buffer[], { lines }: { readonly lines: number }): void {
		this.#removals.push({ kind, lines });
		pieces.push(this.#mark);
		if (kind === 'unclosed_quote') this.#stopped = true;
	}
}

function countLines(record: Buffer): number {
	let lines = 1;
	for (let at = record.indexOf(lf); at !== -1; at = record.indexOf(lf, at + 1)) lines++;
	return lines;
}
