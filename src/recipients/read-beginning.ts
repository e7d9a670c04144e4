/** The first octets of a list up to its first record that is not blank, past blank lines and Excel's `sep=` line. */
import { exitCodes, RunError } from '../support/errors.ts';
import { isDelimiter, readSeparatorLine } from './delimiter.ts';
import { maxNoteLines } from './header-below-notes.ts';
import { maxRecordOctets } from './record-scanner.ts';

export interface Beginning {
	readonly octets: Buffer;
	/** Of the header, without its line end. */
	readonly start: number;
	readonly end: number;
	readonly line: number;
	/** From a `sep=` line, or ''. */
	readonly separator: string;
}

const lf = 10;
const quote = 34;

/** Reads on while what it found is no header (`isHeader`) and notes may still stand above one. RunError 65 when there is nothing or no end to it. */
export async function readBeginning(
	text: AsyncIterable<Buffer>,
	displayName: string,
	{ isHeader }: { readonly isHeader: (beginning: Beginning) => boolean },
): Promise<Beginning & { readonly isHeader: boolean }> {
	let octets: Buffer = Buffer.alloc(0);
	for await (const chunk of text) {
		octets = Buffer.concat([octets, chunk]);
		const found = findHeader(octets, displayName, { final: false });
		if (found !== null && isHeader(found)) return { ...found, isHeader: true };
		if (found !== null && hasLinesBelow(octets, found)) return { ...found, isHeader: false };
		if (found === null && octets.length > maxRecordOctets) {
			throw new RunError(exitCodes.badInput, `${displayName} has no header line in its first megabyte`, {
				hint: 'Is it a CSV file? A quote that is opened in the header and never closed looks like this, too.',
			});
		}
	}
	const found = findHeader(octets, displayName, { final: true });
	if (found !== null) return { ...found, isHeader: isHeader(found) };
	throw new RunError(exitCodes.badInput, `${displayName} is empty`, {
		hint: 'Its first line must name the columns, for example: email,first_name',
	});
}

/** As many as may be notes, or more text than notes have. */
function hasLinesBelow(octets: Buffer, { start }: Beginning): boolean {
	let lines = 0;
	for (let at = octets.indexOf(lf, start); at !== -1 && lines <= maxNoteLines; at = octets.indexOf(lf, at + 1)) lines++;
	return lines > maxNoteLines || octets.length - start > maxRecordOctets;
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
