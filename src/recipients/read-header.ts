/** The beginning of a list: blank lines, Excel's `sep=` line, the header, and where the rows begin. */
import { parse } from 'csv-parse/sync';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { Columns } from './columns.ts';
import { isDelimiter, readSeparatorLine, sniffDelimiter } from './delimiter.ts';
import { parseAddress, trimCell } from './parse-address.ts';
import { maxRecordOctets } from './record-scanner.ts';

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

const lf = 10;
const quote = 34;

/** Reads just as much of `text` as it needs. RunError 65 when the list has no header that can be used. `delimiter`: from the flag, or undefined. */
export async function readHeader(
	text: AsyncIterable<Buffer>,
	displayName: string,
	{ delimiter }: { readonly delimiter: string | undefined },
): Promise<Header> {
	const beginning = await readBeginning(text, displayName);
	const { line, start, end, separator } = beginning;
	const record = beginning.octets.toString('utf8', start, end);
	const used = delimiter ?? (separator !== '' ? separator : sniffDelimiter(record));
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

interface Beginning {
	readonly octets: Buffer;
	/** Of the header, without its line end. */
	readonly start: number;
	readonly end: number;
	readonly line: number;
	/** From a `sep=` line, or ''. */
	readonly separator: string;
}

async function readBeginning(text: AsyncIterable<Buffer>, displayName: string): Promise<Beginning> {
	let octets: Buffer = Buffer.alloc(0);
	for await (const chunk of text) {
		octets = Buffer.concat([octets, chunk]);
		const found = findHeader(octets, displayName, { final: false });
		if (found !== null) return found;
		if (octets.length > maxRecordOctets) {
			throw new RunError(exitCodes.badInput, `${displayName} has no header line in its first megabyte`, {
				hint: 'Is it a CSV file? A quote that is opened in the header and never closed looks like this, too.',
			});
		}
	}
	const found = findHeader(octets, displayName, { final: true });
	if (found !== null) return found;
	throw new RunError(exitCodes.badInput, `${displayName} is empty`, {
		hint: 'Its first line must name the columns, for example: email,first_name',
	});
}

function findHeader(octets: Buffer, displayName: string, { final }: { readonly final: boolean }): Beginning | null {
	let separator = '';
	let line = 1;
	for (let start = 0; start < octets.length; line++) {
		const lineEnd = octets.indexOf(lf, start);
		if (lineEnd === -1 && !final) return null;
		const end = lineEnd === -1 ? octets.length : lineEnd;
		const content = octets.toString('utf8', start, end);
		const separatorHere = separator === '' ? readSeparatorLine(content) : '';
		if (separatorHere !== '') {
			if (!isDelimiter(separatorHere)) {
				throw new RunError(
					exitCodes.badInput,
					`line ${line} of ${displayName}: "${separatorHere}" cannot stand between cells`,
					{
						hint: 'Take the line out and name the character with --delimiter.',
					},
				);
			}
			separator = separatorHere;
		} else if (!isBlank(content)) {
			const headerEnd = endOfRecord(octets, start);
			if (headerEnd === -1 && !final) return null;
			if (headerEnd === -1 && hasOpenQuote(octets.subarray(start))) {
				throw new RunError(
					exitCodes.badInput,
					`line ${line} of ${displayName}: a quote is opened in the header and never closed`,
				);
			}
			return { octets, start, end: headerEnd === -1 ? octets.length : headerEnd, line, separator };
		}
		start = end + 1;
	}
	return null;
}

/** Only spaces, quotes and what may stand between cells: Excel writes such lines for empty rows. */
function isBlank(line: string): boolean {
	return /^[\s,;|"\ufeff]*$/.test(line);
}

/** The first line end outside quotes, or -1. */
function endOfRecord(octets: Buffer, start: number): number {
	let quoting = false;
	for (let index = start; index < octets.length; index++) {
		if (octets[index] === quote) quoting = !quoting;
		else if (octets[index] === lf && !quoting) return index;
	}
	return -1;
}

function hasOpenQuote(octets: Buffer): boolean {
	let quotes = 0;
	for (const octet of octets) if (octet === quote) quotes++;
	return quotes % 2 === 1;
}

function splitHeader(record: string, delimiter: string, { place }: { readonly place: string }): string[] {
	try {
		const [cells = []]: string[][] = parse(record, { delimiter, record_delimiter: '\n' });
		return cells;
	} catch (cause) {
		throw new RunError(exitCodes.badInput, `${place}: the quotes in the header do not match`, {
			cause,
			hint: 'A quote inside a cell is written twice: ""',
		});
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
