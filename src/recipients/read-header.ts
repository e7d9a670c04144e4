/** The beginning of a list: blank lines, Excel's `sep=` line, the header, and where the rows begin. */
import { parse } from 'csv-parse/sync';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { Columns } from './columns.ts';
import { sniffDelimiter } from './delimiter.ts';
import { headerBelowNotes } from './header-below-notes.ts';
import { parseAddress, trimCell } from './parse-address.ts';
import { type Beginning, readBeginning } from './read-beginning.ts';

export interface Header {
	readonly columns: Columns;
	/** Cells of the header line, the empty ones behind the last column counted. */
	readonly width: number;
	readonly delimiter: string;
	/** Line on which the header begins, from 1. */
	readonly line: number;
	/** Line on which the first row would begin. */
	readonly firstRowLine: number;
	/** Octets of text (as readListText gives it) before the first row. */
	readonly octets: number;
}

export interface HeaderOptions {
	/** From the flag, or undefined. */
	readonly delimiter: string | undefined;
	/** Without one a line further down is taken, if that has one. */
	readonly hasAddressColumn: (columns: Columns) => boolean;
}

/** Reads just as much of `text` as it needs. RunError 65 when the list has no header that can be used. */
export async function readHeader(
	text: AsyncIterable<Buffer>,
	displayName: string,
	{ delimiter, hasAddressColumn }: HeaderOptions,
): Promise<Header> {
	const delimiterOf = (record: string, separator: string): string =>
		delimiter ?? (separator !== '' ? separator : sniffDelimiter(record));
	const cellsOf = (record: string, separator: string): readonly string[] | null =>
		parseCells(record, delimiterOf(record, separator)).cells;
	const first = await readBeginning(text, displayName, {
		isHeader: ({ octets, start, end, separator }) =>
			hasAddressColumn(new Columns((cellsOf(octets.toString('utf8', start, end), separator) ?? []).map(trimCell))),
	});
	const beginning = first.isHeader ? first : belowNotes(first, { cellsOf, hasAddressColumn });
	const { line, start, end, separator } = beginning;
	const record = beginning.octets.toString('utf8', start, end);
	const used = delimiterOf(record, separator);
	const place = `line ${line} of ${displayName}`;
	const cells = splitHeader(record, used, { place });
	const names = withoutEmptyTail(cells.map(trimCell));
	checkNames(names, place);
	return {
		columns: new Columns(names),
		width: cells.length,
		delimiter: used,
		line,
		firstRowLine: line + countLineEnds(record) + 1,
		octets: Math.min(end + 1, beginning.octets.length),
	};
}

function belowNotes(
	first: Beginning,
	{
		cellsOf,
		hasAddressColumn,
	}: {
		readonly cellsOf: (record: string, separator: string) => readonly string[] | null;
		readonly hasAddressColumn: HeaderOptions['hasAddressColumn'];
	},
): Beginning {
	const { octets, start, end, separator, line } = first;
	const split = (record: string) => cellsOf(record, separator);
	const found = headerBelowNotes(octets, { start, end, split, hasAddressColumn });
	return found === null ? first : { octets, start: found.start, end: found.end, line: line + found.offset, separator };
}

function splitHeader(record: string, delimiter: string, { place }: { readonly place: string }): readonly string[] {
	const { cells, cause } = parseCells(record, delimiter);
	if (cells !== null) return cells;
	throw new RunError(exitCodes.badInput, `${place}: the quotes in the header do not match`, {
		cause,
		hint: 'A quote inside a cell is written twice: ""',
	});
}

function parseCells(
	record: string,
	delimiter: string,
): { readonly cells: readonly string[] | null; readonly cause: unknown } {
	try {
		const [cells = []]: string[][] = parse(record, { delimiter, record_delimiter: '\n' });
		return { cells, cause: null };
	} catch (cause) {
		return { cells: null, cause };
	}
}

/** Excel writes empty cells behind the last column. */
function withoutEmptyTail(names: readonly string[]): readonly string[] {
	const last = names.findLastIndex((name) => name !== '');
	return names.slice(0, last + 1);
}

function checkNames(names: readonly string[], place: string): void {
	const address = names.find((name) => parseAddress(name).kind === 'address');
	if (address !== undefined) {
		throw new RunError(
			exitCodes.badInput,
			`${place}: there is no header line, "${cleanText(address, 80)}" is an address`,
			{
				hint: 'Put a line with the names of the columns above it, for example: email,first_name',
			},
		);
	}
	const empty = names.indexOf('');
	if (empty !== -1) {
		throw new RunError(exitCodes.badInput, `${place}: column ${empty + 1} has no name`, {
			hint: 'Give it a name, or take the column out.',
		});
	}
	if (names.some((name) => name.includes('\u0000'))) {
		throw new RunError(exitCodes.badInput, `${place}: the header has NUL characters in it`, {
			hint: 'Export the list again as CSV (UTF-8).',
		});
	}
	const clash = Columns.clash(names);
	if (clash === null) return;
	const [first, second] = clash.map((index) => `"${cleanText(names[index] ?? '', 80)}" (column ${index + 1})`);
	throw new RunError(exitCodes.badInput, `${place}: ${first} and ${second} are the same column`, {
		hint: 'Rename one of them. Upper and lower case, spaces, - and _ make no difference.',
	});
}

function countLineEnds(text: string): number {
	return text.split('\n').length - 1;
}
