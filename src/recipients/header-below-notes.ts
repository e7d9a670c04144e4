/** Finds the header that stands below notes, as in LinkedIn's exports (reference/ecosystem.md §3.5): the first line with an address column. */
import { Columns } from './columns.ts';
import { parseAddress, trimCell } from './parse-address.ts';

export interface CandidateLine {
	/** How many lines below the first one. */
	readonly offset: number;
	/** In the octets, without the line end. */
	readonly start: number;
	readonly end: number;
}

export interface NotesOptions {
	/** The first record that is not blank, without its line end. */
	readonly start: number;
	readonly end: number;
	/** Cells of a line, or null when its quotes do not match. */
	readonly split: (line: string) => readonly string[] | null;
	readonly hasAddressColumn: (columns: Columns) => boolean;
}

const lf = 10;
/** Lines below the first one that are looked at. */
export const maxNoteLines = 20;

/** Null when there is no such line. Where the lines above could be a header and rows, there is none: no row may be lost as a note. */
export function headerBelowNotes(octets: Buffer, options: NotesOptions): CandidateLine | null {
	const { split, hasAddressColumn } = options;
	const cellsAt = (from: number, to: number) => (split(octets.toString('utf8', from, to)) ?? []).map(trimCell);
	const first = cellsAt(options.start, options.end);
	if (first.some(isAddress)) return null;
	let offset = octets.toString('utf8', options.start, options.end).split('\n').length;
	for (let start = options.end + 1; offset <= maxNoteLines && start < octets.length; offset++) {
		const lineEnd = octets.indexOf(lf, start);
		const end = lineEnd === -1 ? octets.length : lineEnd;
		const cells = cellsAt(start, end);
		if (cells.some(isAddress)) return null;
		if (hasAddressColumn(new Columns(cells))) {
			const isRow = first.length > 1 && cells.length === first.length;
			return isRow ? null : { offset, start, end };
		}
		start = end + 1;
	}
	return null;
}

function isAddress(cell: string): boolean {
	return parseAddress(cell).kind === 'address';
}
