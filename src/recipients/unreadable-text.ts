/** The error for a list that is not in the encoding it is read in: finds the line, and shows how it would read in others. */
import { isUtf8 } from 'node:buffer';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import type { ListEncoding } from './list-encoding.ts';
import { type ListFile, readListFile } from './list-file.ts';
import { createTextDecoding, LineEnds, unfinishedOctets } from './text-decoding.ts';

const lf = 10;
// More of a line is not looked at and not held in memory.
const maxLineOctets = 1024 * 1024;
const shownBefore = 30;
const shownOctets = 70;

/** Reads the file again up to the place; only called when the run stops anyway. */
export async function unreadableText(file: ListFile, encoding: ListEncoding): Promise<RunError> {
	if (encoding.name === 'utf-8') return notUtf8(file);
	const line = await firstBadLine(file, encoding);
	return new RunError(
		exitCodes.badInput,
		`${file.displayName} is not ${encoding.name}: line ${line} has octets that mean nothing there`,
		{
			hint:
				encoding.bomBytes > 0
					? 'Export the list again, as UTF-8.'
					: 'Name the right one with --encoding NAME, or leave it out for UTF-8.',
		},
	);
}

async function notUtf8(file: ListFile): Promise<RunError> {
	const { line, octets } = await firstLineNotUtf8(file);
	const { default: iconv } = await import('iconv-lite');
	const candidates = candidateEncodings(octets);
	const shown = candidates.map((name) => `    ${name.padEnd(14)} ${cleanText(iconv.decode(octets, name))}`);
	return new RunError(
		exitCodes.badInput,
		[`${file.displayName} is not UTF-8. Line ${line} would read`, ...shown].join('\n'),
		{ hint: `Add --encoding ${candidates[0]} (or whichever reads right).` },
	);
}

/** Where most letters are outside ASCII, the script is not Latin. Only what is shown depends on this, never what is sent. */
function candidateEncodings(octets: Buffer): readonly [string, string, string] {
	let high = 0;
	let letters = 0;
	for (const octet of octets) {
		if (octet >= 0x80) high++;
		else if (/[a-z]/i.test(String.fromCharCode(octet))) letters++;
	}
	return high > letters ? ['windows-1251', 'shift_jis', 'gb18030'] : ['windows-1252', 'windows-1250', 'macintosh'];
}

async function firstLineNotUtf8(file: ListFile): Promise<{ readonly line: number; readonly octets: Buffer }> {
	const lineEnds = new LineEnds();
	let line = 1;
	let rest: Buffer = Buffer.alloc(0);
	for await (const chunk of readListFile(file)) {
		rest = Buffer.concat([rest, lineEnds.toLf(chunk)]);
		let start = 0;
		for (let end = rest.indexOf(lf); end !== -1; end = rest.indexOf(lf, start)) {
			const octets = rest.subarray(start, end);
			if (!isUtf8(octets)) return { line, octets: around(octets) };
			line++;
			start = end + 1;
		}
		rest = rest.subarray(start);
		if (rest.length > maxLineOctets) {
			const whole = rest.length - unfinishedOctets(rest);
			if (!isUtf8(rest.subarray(0, whole))) break;
			rest = rest.subarray(whole);
		}
	}
	return { line, octets: around(rest) };
}

/** A window of the line around its first octet outside ASCII. */
function around(octets: Buffer): Buffer {
	const first = Math.max(
		0,
		octets.findIndex((octet) => octet >= 0x80),
	);
	const start = Math.max(0, first - shownBefore);
	return octets.subarray(start, start + shownOctets);
}

async function firstBadLine(file: ListFile, encoding: ListEncoding): Promise<number> {
	// A decoder says no for a whole piece: the piece is found first, then the octet in it.
	const goodOctets = await countGoodOctets(file, encoding);
	const decoding = await createTextDecoding(encoding.name);
	let line = 1;
	let position = 0;
	for await (const chunk of readListFile(file)) {
		const step = position < goodOctets ? chunk.length : 1;
		for (let start = 0; start < chunk.length; start += step) {
			const skip = Math.max(start, Math.min(start + step, encoding.bomBytes - position));
			const text = decoding.write(Buffer.from(chunk.subarray(skip, start + step)));
			if (text === null) return line;
			for (const octet of text) if (octet === lf) line++;
		}
		position += chunk.length;
	}
	return line;
}

async function countGoodOctets(file: ListFile, encoding: ListEncoding): Promise<number> {
	const decoding = await createTextDecoding(encoding.name);
	let count = 0;
	for await (const chunk of readListFile(file)) {
		if (decoding.write(chunk.subarray(count === 0 ? encoding.bomBytes : 0)) === null) break;
		count += chunk.length;
	}
	return count;
}
