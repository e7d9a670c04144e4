/**
 * Adds entries to a suppression list that people and other runs may be writing to as well: in one write at the end of the file, durable when it returns.
 *
 * There is no lock. Lines of two runs that append at once stand one behind the other (O_APPEND); whoever rewrites the file (remove-suppressions.ts) takes
 * over what came in meanwhile, and who wrote to the old file sees that it is not the one of that name any more and writes once more.
 */
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { cleanText } from '../../support/clean-text.ts';
import { exitCodes, RunError } from '../../support/errors.ts';
import {
	describeFileError,
	errorCode,
	type FileSystem,
	nodeFileSystem,
	syncDirectory,
} from '../../support/file-system.ts';
import { parseAddress } from '../parse-address.ts';
import { formatSuppression, hashedKey, type SuppressionEntry } from './suppression-entry.ts';
import { SuppressionList } from './suppression-list.ts';

export interface AppendOptions {
	/** At least 16 random bytes. */
	readonly seed: Uint8Array;
	readonly files?: FileSystem;
	/** Of all lists of a run: who is covered by another one need not stand in this one. Absent: only the file itself. */
	readonly isCovered?: (entry: SuppressionEntry) => boolean;
}

const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;
const lf = 10;
const header = '# mailshot suppression list: address|@domain|sha256:<hex>,reason,date,source\n';
/** Somebody would have to rewrite the list each time in between. */
const maxTries = 10;

/**
 * Gives the entries that were written: those that the list does not cover yet, each once. RunError 73 when the file cannot be written, 65 when the list has
 * lines that are no entries. A new file is 0600; an existing one keeps its mode.
 */
export function appendSuppressions(
	path: string,
	entries: readonly SuppressionEntry[],
	options: AppendOptions,
): readonly SuppressionEntry[] {
	if (entries.length === 0) return [];
	const files = options.files ?? nodeFileSystem;
	for (let tries = 0; tries < maxTries; tries++) {
		const list = SuppressionList.read([path], { seed: options.seed, firstMayBeNew: true, files });
		const fresh = freshEntries(entries, list, options);
		if (fresh.length === 0) return [];
		if (writeEntries(path, fresh, files)) return fresh;
	}
	throw new RunError(exitCodes.cannotWriteLog, `${cleanText(path)} is replaced by somebody all the time`, {
		hint: 'Run the same command again when nothing else rewrites the list.',
	});
}

function freshEntries(
	entries: readonly SuppressionEntry[],
	list: SuppressionList,
	{ isCovered }: AppendOptions,
): readonly SuppressionEntry[] {
	const seen = new Set<string>();
	return entries.filter((entry) => {
		if (seen.has(entry.key) || coversKey(list, entry.key) || isCovered?.(entry) === true) return false;
		seen.add(entry.key);
		return true;
	});
}

function coversKey(list: SuppressionList, key: string): boolean {
	if (list.has(key)) return true;
	if (key.startsWith('@') || key.startsWith('sha256:')) return false;
	const parsed = parseAddress(key);
	return parsed.kind === 'address' && (list.covers(parsed.address) || list.has(hashedKey(key)));
}

/** False: the file was replaced under that name meanwhile, and the new one may not have the entries. */
function writeEntries(path: string, entries: readonly SuppressionEntry[], files: FileSystem): boolean {
	try {
		const descriptor = files.open(path, flags, 0o600);
		try {
			const size = files.fstat(descriptor).sizeBytes;
			const start = size === 0 ? header : endsLine(descriptor, size, files) ? '' : '\n';
			writeAll(descriptor, Buffer.from(start + entries.map(formatSuppression).join('')), files);
			files.fsync(descriptor);
			if (size === 0) syncDirectory(files, dirname(path));
			return isStillThere(path, descriptor, files);
		} finally {
			files.close(descriptor);
		}
	} catch (cause) {
		if (errorCode(cause) === '') throw cause;
		throw unwritable(path, cause);
	}
}

/** A person may have saved it without a line end behind the last entry. */
function endsLine(descriptor: number, size: number, files: FileSystem): boolean {
	const last = Buffer.alloc(1);
	return files.read(descriptor, last, size - 1) === 1 && last[0] === lf;
}

function writeAll(descriptor: number, bytes: Buffer, files: FileSystem): void {
	let written = 0;
	try {
		while (written < bytes.length) {
			const count = files.write(descriptor, bytes, written);
			if (count <= 0) throw new Error('the file system wrote nothing and gave no reason');
			written += count;
		}
	} catch (error) {
		takeBack(descriptor, written, files);
		throw error;
	}
}

/** A full disk must not leave half a line: the list could not be read any more. */
function takeBack(descriptor: number, written: number, files: FileSystem): void {
	if (written === 0) return;
	try {
		files.ftruncate(descriptor, files.fstat(descriptor).sizeBytes - written);
	} catch {
		// Why the writing failed says more; the half line is an error with its place for the next reader.
	}
}

function isStillThere(path: string, descriptor: number, files: FileSystem): boolean {
	const ours = files.fstat(descriptor);
	const other = files.open(path, constants.O_RDONLY, 0);
	try {
		const theirs = files.fstat(other);
		return ours.device === theirs.device && ours.inode === theirs.inode;
	} finally {
		files.close(other);
	}
}

export function unwritable(path: string, cause: unknown): RunError {
	return new RunError(
		exitCodes.cannotWriteLog,
		`the suppression list ${cleanText(path)} cannot be written: ${describeFileError(cause)}`,
		{
			cause,
		},
	);
}
