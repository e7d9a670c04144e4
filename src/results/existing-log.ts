/** What is said when something stands where a new log is to be made. */
import { lstatSync, type Stats } from 'node:fs';
import { basename } from 'node:path';
import { exitCodes, RunError } from '../support/errors.ts';
import { shellWord } from '../support/shell-word.ts';

/** RunError 73: what it is, and the way out that fits it. */
export function existingLog(
	path: string,
	options: { readonly found: Stats | undefined; readonly cause?: unknown },
): RunError {
	const { found, cause } = options;
	const elsewhere = `Choose another place for the log:\n  mailshot send ... --log ${shellWord('results.jsonl')}`;
	const refuse = (what: string, hint: string) =>
		new RunError(exitCodes.cannotWriteLog, `${path} ${what}`, { hint, cause });
	if (found === undefined) return refuse('was there a moment ago: another program uses that name', elsewhere);
	if (found.isDirectory()) return refuse('is a directory: a log is a new file', elsewhere);
	if (found.isSymbolicLink())
		return refuse('is a symbolic link: a log is a new file, and links are not followed', elsewhere);
	if (!found.isFile()) return refuse(`is ${deviceWord(found)}: a log is a new file`, elsewhere);
	if (found.size === 0) return refuse('is an empty file: remove it', `  rm ${shellWord(path)}`);
	return refuse('is the log of an earlier run', earlierRunHint(path));
}

/** Undefined when nothing is there; throws the file system's error when that cannot be seen. */
export function findExisting(path: string): Stats | undefined {
	// Not stat: a symbolic link that points nowhere is in the way, too.
	return lstatSync(path, { throwIfNoEntry: false });
}

function deviceWord(found: Stats): string {
	if (found.isFIFO()) return 'a named pipe';
	return found.isSocket() ? 'a socket' : 'a device';
}

function earlierRunHint(path: string): string {
	return [
		'Going on with an existing log is not possible yet, and a new log starts a new campaign:',
		'everybody on the list is written to again, also those who are in the old one.',
		'If that is what you want, move the old log out of the way or choose another name:',
		`  mv ${shellWord(path)} ${shellWord(`${withoutSuffix(path)}.earlier.jsonl`)}`,
		`  mailshot send ... --log ${shellWord(`${withoutSuffix(basename(path))}.2.jsonl`)}`,
	].join('\n');
}

function withoutSuffix(path: string): string {
	return path.replace(/\.jsonl$/, '');
}
