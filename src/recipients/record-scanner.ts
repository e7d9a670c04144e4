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
	/** Of the record that was looked at last: the octets ended inside quotes. */
	#isQuoteOpen = false;

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
		{ pieces, hasNul, final }: { readonly pieces: Buffer[]; readonly hasNul: boolean; readonly final: boolean },
	): void {
		const { length } = octets;
		let passedTo = 0;
		let recordStart = 0;
		while (recordStart < length) {
			const stop = this.#stopOf(octets, recordStart, { final });
			let end = stop;
			let kind: Removal['kind'] | null;
			if (stop < length && octets[stop] === quote) {
				// A quote in the wrong place: the record ends with its first line.
				const lineEnd = octets.indexOf(lf, recordStart);
				if (lineEnd === -1 && !final) break;
				end = lineEnd === -1 ? length : lineEnd;
				if (stop > end && stop - recordStart >= maxRecordOctets) kind = 'unclosed_quote';
				else kind = end - recordStart > maxRecordOctets ? 'too_large' : 'quoting';
			} else {
				if (stop === length && !final) break;
				if (stop === length && this.#isQuoteOpen) kind = 'unclosed_quote';
				else if (end === recordStart) kind = 'blank';
				else if (end - recordStart > maxRecordOctets) kind = 'too_large';
				else kind = hasNul && octets.subarray(recordStart, end).includes(0) ? 'nul' : null;
			}
			if (kind === 'blank') while (octets[end + 1] === lf) end++;
			if (kind === 'unclosed_quote') end = length;
			const next = Math.min(end + 1, length);
			if (kind !== null) {
				if (recordStart > passedTo) pieces.push(octets.subarray(passedTo, recordStart));
				this.#report(kind, pieces, { lines: countLines(octets.subarray(recordStart, end)) });
				passedTo = next;
			}
			if (kind === 'unclosed_quote') return;
			recordStart = next;
		}

		if (recordStart > passedTo) pieces.push(octets.subarray(passedTo, recordStart));
		const rest = octets.subarray(recordStart);
		if (rest.length <= maxRecordOctets) {
			this.#carry = rest;
			return;
		}
		this.#oversized = new OversizedRecord(this.#delimiter);
		this.#skip(this.#oversized, rest, { pieces, final });
	}

	/**
	 * Where the record that begins at `start` stops: its line end, a quote in the wrong place, or behind the octets when they end first. Looks at each octet
	 * of a list with quotes, so it is a loop over plain numbers: with the cases of its caller inside, V8 could not keep it compiled.
	 */
	#stopOf(octets: Buffer, start: number, { final }: { readonly final: boolean }): number {
		this.#isQuoteOpen = false;
		const delimiter = this.#delimiter;
		const { length } = octets;
		let cellStart = start;
		let index = start;
		while (index < length) {
			const octet = octets[index];
			if (octet === lf) return index;
			if (octet !== quote) {
				index++;
				if (octet === delimiter) cellStart = index;
				continue;
			}
			if (index !== cellStart) return index;
			// Now to the quote that closes the cell.
			for (index++; index < length; index++) {
				if (octets[index] !== quote) continue;
				if (octets[index + 1] !== quote) break;
				index++;
			}
			this.#isQuoteOpen = index >= length;
			if (this.#isQuoteOpen) return length;
			const next = octets[index + 1];
			if (next === undefined && !final) return length;
			if (next !== delimiter && next !== lf && next !== undefined) return index;
			index++;
		}
		return length;
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
