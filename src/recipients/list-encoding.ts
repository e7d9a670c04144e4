/** Which encoding a list is in: a byte order mark, else what the user says, else UTF-8. Never a guess. */
import { isUtf8 } from 'node:buffer';
import { exitCodes, RunError, UsageError } from '../support/errors.ts';
import { nearest } from '../support/nearest.ts';
import { unfinishedOctets } from './text-decoding.ts';

export interface ListEncoding {
	/** `utf-8`, or a name iconv-lite knows. */
	readonly name: string;
	/** Octets of the byte order mark at the beginning. */
	readonly bomBytes: number;
}

// The longer mark first: UTF-32LE begins like UTF-16LE.
const byteOrderMarks = [
	{ mark: [0xff, 0xfe, 0x00, 0x00], name: 'utf-32le' },
	{ mark: [0x00, 0x00, 0xfe, 0xff], name: 'utf-32be' },
	{ mark: [0xef, 0xbb, 0xbf], name: 'utf-8' },
	{ mark: [0xff, 0xfe], name: 'utf-16le' },
	{ mark: [0xfe, 0xff], name: 'utf-16be' },
] as const;

const otherFormats = [
	{
		start: Buffer.from('PK\u0003\u0004'),
		what: 'a ZIP file, as XLSX and ODS files are',
		hint: 'Export the sheet as CSV (UTF-8).',
	},
	{ start: Buffer.from('d0cf11e0', 'hex'), what: 'an old Excel file (XLS)', hint: 'Export the sheet as CSV (UTF-8).' },
	{ start: Buffer.from('%PDF'), what: 'a PDF file', hint: 'Export the table behind it as CSV (UTF-8).' },
	{
		start: Buffer.from('1f8b', 'hex'),
		what: 'a gzip file',
		hint: 'Unpack it first: gunzip -c list.csv.gz | mailshot send - …',
	},
] as const;

/**
 * Decides from the first octets (a few thousand are plenty) and from `--encoding`. A byte order mark wins: nothing else begins like that.
 * RunError 65 when it is no text file, UsageError when the name is unknown.
 */
export async function detectEncoding(
	start: Buffer,
	displayName: string,
	{ asked }: { readonly asked: string | undefined },
): Promise<ListEncoding> {
	const known = asked === undefined ? 'utf-8' : await knownEncoding(asked);
	for (const format of otherFormats) {
		if (!start.subarray(0, format.start.length).equals(format.start)) continue;
		throw new RunError(exitCodes.badInput, `${displayName} is ${format.what}, not a CSV file`, { hint: format.hint });
	}
	for (const { mark, name } of byteOrderMarks) {
		if (mark.every((octet, index) => start[index] === octet)) return { name, bomBytes: mark.length };
	}
	if (asked === undefined) refuseUnmarkedUtf16(start, displayName);
	if (!/^(?:utf-?(?:16|32)|ucs)/.test(known) && isBinary(start.subarray(0, lookedAtOctets))) {
		throw new RunError(exitCodes.badInput, `${displayName} is no text file`, {
			hint: 'A list is a CSV file. Export the table as CSV (UTF-8).',
		});
	}
	return { name: known, bomBytes: 0 };
}

// What people mean by a name: ISO-8859-1 proper has control characters where files that are called so have € and quotes.
const meanings: Readonly<Record<string, string>> = {
	utf8: 'utf-8',
	ascii: 'utf-8',
	usascii: 'utf-8',
	utf16: 'utf-16le',
	ucs2: 'utf-16le',
	latin1: 'windows-1252',
	iso88591: 'windows-1252',
	ansi: 'windows-1252',
};

const suggestions = [
	'utf-8 utf-16le utf-16be latin1 macintosh koi8-r koi8-u shift_jis euc-jp gbk gb18030 big5 euc-kr',
	'windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258',
	'iso-8859-2 iso-8859-5 iso-8859-7 iso-8859-9 iso-8859-15 cp437 cp850 cp852 cp866',
].flatMap((line) => line.split(' '));

async function knownEncoding(asked: string): Promise<string> {
	const plain = asked.toLowerCase().replace(/[^a-z0-9]/g, '');
	const meant = Object.hasOwn(meanings, plain) ? meanings[plain] : undefined;
	if (meant !== undefined) return meant;
	const { default: iconv } = await import('iconv-lite');
	// These are ways of writing octets, which iconv-lite lists among the encodings.
	const isTransport = ['hex', 'base64', 'binary', 'utf7', 'utf7imap'].includes(plain);
	if (!isTransport && plain !== '' && iconv.encodingExists(asked)) return asked.toLowerCase();
	const guess = nearest(asked, suggestions);
	throw new UsageError(`--encoding: there is no encoding "${asked}"`, {
		hint:
			guess === null
				? 'For example: --encoding windows-1252, --encoding utf-16le, --encoding shift_jis'
				: `Did you mean --encoding ${guess}?`,
	});
}

const lookedAtOctets = 4096;

/** Many control characters. A NUL here and there is a broken row; text in any encoding that contains ASCII has none but tabs, line ends and escapes. */
function isBinary(octets: Buffer): boolean {
	let controls = 0;
	for (const octet of octets)
		if (octet < 0x20 && !(octet >= 9 && octet <= 13) && octet !== 0x1a && octet !== 0x1b) controls++;
	// Compressed data has one in ten, and is not UTF-8.
	const share = isUtf8(octets.subarray(0, octets.length - unfinishedOctets(octets))) ? 0.1 : 0.04;
	return controls >= 8 && controls > octets.length * share;
}

function refuseUnmarkedUtf16(start: Buffer, displayName: string): void {
	const counts = [0, 0];
	for (const [index, octet] of start.entries()) {
		if (octet === 0) counts[index & 1] = (counts[index & 1] ?? 0) + 1;
	}
	const [even = 0, odd = 0] = counts;
	// Latin text in UTF-16 is zero in every second octet, always on the same side.
	const half = start.length / 2;
	const guess = odd > half * 0.3 && even === 0 ? 'utf-16le' : even > half * 0.3 && odd === 0 ? 'utf-16be' : '';
	if (guess === '') return;
	throw new RunError(exitCodes.badInput, `${displayName} looks like UTF-16 without a byte order mark`, {
		hint: `Add --encoding ${guess}`,
	});
}
