/**
 * A recipient list: its beginning is read and judged here, its rows are read as often as they are asked for.
 *
 *      file --> octets --> UTF-8, LF --> whole records --> cells --> rows
 *      list-file   text-decoding    record-scanner   record-source   row-source
 */

import { knownAddressColumn, namedColumn, noAddressColumn } from './address-column.ts';
import type { Columns } from './columns.ts';
import { delimiterName, readDelimiter } from './delimiter.ts';
import { detectEncoding, type ListEncoding } from './list-encoding.ts';
import { findListFile, type ListFile, readListFile } from './list-file.ts';
import { readListText } from './list-text.ts';
import { type Header, readHeader } from './read-header.ts';
import { RecordSource } from './record-source.ts';
import { CsvRowSource, type RowSource } from './row-source.ts';

export interface ListOptions {
	readonly path: string;
	/** How messages call the list: `list.csv`, `standard input`. */
	readonly displayName: string;
	/** One character, or a word: tab, comma, semicolon, pipe, space. */
	readonly delimiter?: string;
	/** Any name iconv-lite knows; a byte order mark in the file wins. */
	readonly encoding?: string;
	readonly emailColumn?: string;
	/** The column that identifies a recipient, instead of the address. */
	readonly keyColumn?: string;
}

export interface RecipientList {
	readonly displayName: string;
	readonly columns: Columns;
	/** `utf-8`, `windows-1252` … */
	readonly encoding: string;
	/** The character. */
	readonly delimiter: string;
	/** For people: `,` or `tab`. */
	readonly delimiterName: string;
	/** Line of the header, from 1. */
	readonly headerLine: number;
	readonly emailColumn: number;
	/** -1: the address is the key. */
	readonly keyColumn: number;
	/** Octets of the file. */
	readonly sizeBytes: number;
	/** Starts a new pass over the file. Constant memory. */
	rows(): RowSource;
}

/** Reads the beginning of a list. UsageError for a flag that cannot be obeyed, RunError 66 when there is no file to read, 65 when it is no list. */
export async function openList(options: ListOptions): Promise<RecipientList> {
	const { path, displayName } = options;
	const delimiter = options.delimiter === undefined ? undefined : readDelimiter(options.delimiter);
	const file = await findListFile(path, displayName);
	const encoding = await detectEncoding(await firstOctets(file), displayName, { asked: options.encoding });
	const header = await readHeader(readListText(file, encoding), displayName, {
		delimiter,
		hasAddressColumn: (names) =>
			options.emailColumn === undefined ? knownAddressColumn(names) !== -1 : names.find(options.emailColumn) !== -1,
	});
	const { columns } = header;
	const keyColumn =
		options.keyColumn === undefined ? -1 : namedColumn(columns, options.keyColumn, { flag: '--key', displayName });
	const emailColumn =
		options.emailColumn === undefined
			? knownAddressColumn(columns)
			: namedColumn(columns, options.emailColumn, { flag: '--email-column', displayName });
	const records = () => readRecords(file, encoding, header);
	if (emailColumn === -1) {
		throw noAddressColumn(columns, displayName, { rows: await firstRows(records()) });
	}
	return {
		displayName,
		columns,
		encoding: encoding.name,
		delimiter: header.delimiter,
		delimiterName: delimiterName(header.delimiter),
		headerLine: header.line,
		emailColumn,
		keyColumn,
		sizeBytes: file.sizeBytes,
		rows: () =>
			new CsvRowSource(records(), {
				displayName,
				width: columns.names.length,
				headerCells: header.width,
				emailColumn,
				keyColumn,
			}),
	};
}

async function firstOctets(file: ListFile): Promise<Buffer> {
	for await (const chunk of readListFile(file)) return chunk;
	return Buffer.alloc(0);
}

function readRecords(file: ListFile, encoding: ListEncoding, header: Header): RecordSource {
	return new RecordSource(skipOctets(readListText(file, encoding), header.octets), {
		delimiter: header.delimiter,
		width: header.width,
		firstLine: header.firstRowLine,
	});
}

async function* skipOctets(text: AsyncIterable<Buffer>, octets: number): AsyncGenerator<Buffer> {
	let left = octets;
	for await (const chunk of text) {
		const rest = chunk.subarray(Math.min(left, chunk.length));
		left -= chunk.length - rest.length;
		if (rest.length > 0) yield rest;
	}
}

const rowsForSuggestion = 100;

async function firstRows(records: RecordSource): Promise<readonly (readonly string[])[]> {
	const rows: (readonly string[])[] = [];
	try {
		while (rows.length < rowsForSuggestion) {
			const record = records.next();
			if (record !== null) {
				if (record.cells.some((cell) => cell !== '')) rows.push(record.cells);
			} else if (records.ended) {
				break;
			} else {
				await new Promise<void>((resolve) => records.whenReadable(resolve));
			}
		}
	} finally {
		records.close();
	}
	return rows;
}
