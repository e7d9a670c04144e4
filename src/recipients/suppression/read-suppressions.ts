/** Goes through the lines of one suppression list, each with its place: for looking at it and for changing it. Slower than SuppressionList, which only knows who. */
import { RunError } from '../../support/errors.ts';
import { errorCode, type FileSystem, nodeFileSystem } from '../../support/file-system.ts';
import { maxLineOctets, parseSuppressionLine } from './parse-suppression-line.ts';
import { PlainEntryScanner } from './plain-entry-scanner.ts';
import { type OnLine, readOctetLines } from './read-octet-lines.ts';
import type { SuppressionEntry } from './suppression-entry.ts';
import { unreadableList } from './suppression-list.ts';
import { SuppressionProblems } from './suppression-problems.ts';

export interface PlacedEntry extends SuppressionEntry {
	readonly file: string;
	/** From 1. */
	readonly line: number;
}

/** Throws what the file system throws. Lines that are no entries are passed over: SuppressionList.read() has complained about them. */
export function forEachSuppression(
	path: string,
	onEntry: (entry: PlacedEntry) => void,
	{ files = nodeFileSystem }: { readonly files?: FileSystem } = {},
): void {
	readOctetLines(
		path,
		(octets, { start, end, line }) => {
			const read = parseSuppressionLine(octets.subarray(start, end));
			if (read.kind === 'entry') onEntry({ ...read.entry, file: path, line });
		},
		{ files, maxOctets: maxLineOctets },
	);
}

/**
 * Entries for which one of the keys stands, in the order of files and lines; looks at every line on the way. RunError 66 for a file that is not there or
 * cannot be read, 65 for lines that are no entries.
 */
export function findSuppressions(
	paths: readonly string[],
	keys: ReadonlySet<string>,
	{ files = nodeFileSystem }: { readonly files?: FileSystem } = {},
): readonly PlacedEntry[] {
	const found: PlacedEntry[] = [];
	const problems = new SuppressionProblems();
	const scanner = new PlainEntryScanner();
	for (const file of paths) {
		const onLine: OnLine = (octets, { start, end, line }) => {
			const text = octets.subarray(start, end);
			if (line === 1) problems.assertReadable(file, text);
			if (isOther(scanner, keys, text)) return;
			const read = parseSuppressionLine(text);
			if (read.kind === 'problem') problems.add(file, line, read.problem);
			if (read.kind === 'entry' && keys.has(read.entry.key)) found.push({ ...read.entry, file, line });
		};
		try {
			readOctetLines(file, onLine, { files, maxOctets: maxLineOctets });
		} catch (error) {
			throw error instanceof RunError || errorCode(error) === '' ? error : unreadableList(file, error);
		}
	}
	problems.throwIfAny();
	return found;
}

/** The line is an entry of somebody else, as far as can be seen at a glance. */
export function isOther(scanner: PlainEntryScanner, keys: ReadonlySet<string>, line: Buffer): boolean {
	if (!scanner.scan(line, 0, line.length)) return false;
	return !keys.has(Buffer.from(scanner.key.buffer, 0, scanner.keyLength).toString('latin1'));
}
