/** Takes entries out of a suppression list: the file is written anew with all other lines, comments and their order as they were. */
import {
	chmodSync,
	closeSync,
	constants,
	fstatSync,
	fsyncSync,
	openSync,
	readFileSync,
	realpathSync,
	renameSync,
	statSync,
	unlinkSync,
	writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { cleanText } from '../../support/clean-text.ts';
import { exitCodes, RunError } from '../../support/errors.ts';
import { errorCode, nodeFileSystem, syncDirectory } from '../../support/file-system.ts';
import { shellWord } from '../../support/shell-word.ts';
import { unwritable } from './append-suppressions.ts';
import { formatRemoval, parseSuppressionLine } from './parse-suppression-line.ts';
import { PlainEntryScanner } from './plain-entry-scanner.ts';
import { isOther } from './read-suppressions.ts';
import { hashedKey } from './suppression-entry.ts';

const exclusive = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Removes the entries with these normalised keys and gives those that were there. A bounce from before `now` does not bring a removed address back: a
 * comment with its hash remembers it. RunError 73 when the file cannot be written, 75 when another mailshot is rewriting it.
 */
export function removeSuppressions(path: string, keys: ReadonlySet<string>, now: number): ReadonlySet<string> {
	try {
		// Through a link: the file itself is replaced, and the link stays.
		return rewrite(realpathSync(path), keys, now);
	} catch (error) {
		if (error instanceof RunError || errorCode(error) === '') throw error;
		throw unwritable(path, error);
	}
}

function rewrite(path: string, keys: ReadonlySet<string>, now: number): ReadonlySet<string> {
	const removed = new Set<string>();
	const temporary = `${path}.new`;
	// Its name is the lock: of two that rewrite the list the second would undo what the first did.
	const output = openNew(temporary);
	let isReplaced = false;
	try {
		const input = openSync(path, 'r');
		try {
			const before = fstatSync(input);
			const old = readFileSync(input);
			const kept = without(old, keys, removed);
			if (removed.size === 0) return removed;
			writeWhole(output, kept);
			writeWhole(
				output,
				Buffer.from(
					[...removed]
						.filter(isAddress)
						.map((key) => formatRemoval(hashedKey(key), now))
						.join(''),
				),
			);
			chmodSync(temporary, before.mode & 0o7777);
			fsyncSync(output);
			renameSync(temporary, path);
			isReplaced = true;
			syncDirectory(nodeFileSystem, dirname(path));
			takeOver(input, path);
			return removed;
		} finally {
			closeSync(input);
		}
	} finally {
		closeSync(output);
		if (!isReplaced) unlinkSync(temporary);
	}
}

function isAddress(key: string): boolean {
	return key.includes('@') && !key.startsWith('@');
}

function openNew(temporary: string): number {
	try {
		return openSync(temporary, exclusive, 0o600);
	} catch (cause) {
		if (errorCode(cause) !== 'EEXIST') throw cause;
		throw new RunError(exitCodes.logInUse, `another mailshot is rewriting the list: ${cleanText(temporary)} is there`, {
			hint: `If none is (since ${statSync(temporary).mtime.toISOString()}), remove it:\n  rm ${shellWord(temporary)}`,
			cause,
		});
	}
}

function without(old: Buffer, keys: ReadonlySet<string>, removed: Set<string>): Buffer {
	const kept: Buffer[] = [];
	const scanner = new PlainEntryScanner();
	const bom = old.subarray(0, 3).equals(Buffer.from('\ufeff')) ? 3 : 0;
	let runStart = 0;
	for (let start = bom; start < old.length; ) {
		const lineEnd = old.indexOf(10, start);
		const next = lineEnd === -1 ? old.length : lineEnd + 1;
		const end = lineEnd === -1 ? old.length : old[lineEnd - 1] === 13 && lineEnd > start ? lineEnd - 1 : lineEnd;
		const line = old.subarray(start, end);
		const read = isOther(scanner, keys, line) ? null : parseSuppressionLine(line);
		if (read?.kind === 'entry' && keys.has(read.entry.key)) {
			removed.add(read.entry.key);
			kept.push(old.subarray(runStart, start));
			runStart = next;
		}
		start = next;
	}
	kept.push(old.subarray(runStart));
	const whole = Buffer.concat(kept);
	return whole.length > 0 && whole.at(-1) !== 10 ? Buffer.concat([whole, Buffer.from('\n')]) : whole;
}

/** What a run has appended to the old file while the new one was written: behind what was read of it. */
function takeOver(old: number, path: string): void {
	const late = readFileSync(old);
	if (late.length === 0) return;
	const output = openSync(path, constants.O_WRONLY | constants.O_APPEND);
	try {
		writeWhole(output, late);
		fsyncSync(output);
	} finally {
		closeSync(output);
	}
}

function writeWhole(descriptor: number, bytes: Buffer): void {
	for (let offset = 0; offset < bytes.length; ) offset += writeSync(descriptor, bytes, offset);
}
