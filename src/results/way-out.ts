/** What helps when a log cannot be used where it is. A new place is for a new campaign only: with a new log, an existing one would write to everybody again. */
import { dirname } from 'node:path';
import { exitCodes, RunError } from '../support/errors.ts';
import { describeFileError, errorCode, type FileSystem } from '../support/file-system.ts';
import { shellWord } from '../support/shell-word.ts';
import { journalPath } from './journal/journal-record.ts';

/** Nothing stands under the names of log and journal. Throws nothing: what cannot be looked at is taken to exist. */
export function isNameFree(logPath: string, files: FileSystem): boolean {
	try {
		return files.lstat(logPath) === null && files.lstat(journalPath(logPath)) === null;
	} catch {
		return false;
	}
}

/** `remedy`: a sentence without its full stop; `command`: that carries it out, or ''. */
export function wayOut(
	logPath: string,
	options: { readonly isNew: boolean; readonly remedy: string; readonly command?: string },
): string {
	const { isNew, remedy, command = '' } = options;
	const lines = command === '' ? '' : `\n  ${command}`;
	if (isNew) return `${remedy}, or choose another place for the log with --log FILE.${lines}`;
	return `${remedy}; then the same command goes on.${lines}\n${moveBoth(logPath)}`;
}

/** For a file error upon writing: what it takes, by its code. A log in a folder that nobody may write to cannot be moved either. */
export function wayOutOf(cause: unknown, logPath: string, { isNew }: { readonly isNew: boolean }): string {
	const code = errorCode(cause);
	const place = isNew ? ', or choose another place for the log with --log FILE.' : '; then the same command goes on.';
	if (code === 'EACCES' || code === 'EPERM') {
		const paths = (isNew ? [dirname(logPath)] : [dirname(logPath), logPath, journalPath(logPath)]).map(shellWord);
		return `Let this user write there (chmod, chown)${place}\n  ls -ld ${paths.join(' ')}`;
	}
	if (code === 'EROFS') return `Mount it for writing${place}`;
	if (code === 'ENOSPC' || code === 'EDQUOT') return wayOut(logPath, { isNew, remedy: 'Make room' });
	return wayOut(logPath, { isNew, remedy: 'Put right what the system says' });
}

/** RunError 73 when this user may not read the file, 74 for all else: then nobody knows what is in it. */
export function unreadable(path: string, cause: unknown): RunError {
	const isClosed = errorCode(cause) === 'EACCES' || errorCode(cause) === 'EPERM';
	const hint = isClosed
		? `Let this user read it (chmod, chown); then the same command goes on.\n  ls -l ${shellWord(path)}`
		: '';
	return new RunError(
		isClosed ? exitCodes.cannotWriteLog : exitCodes.logChanged,
		`${path} cannot be read: ${describeFileError(cause)}`,
		{ hint, cause },
	);
}

/** Apart they are worth nothing, and a copy would be a second campaign. */
export function moveBoth(logPath: string): string {
	const paths = [logPath, journalPath(logPath)].map(shellWord).join(' ');
	return `Or move log and journal together, and name the log by its new place:\n  mv ${paths} /elsewhere/`;
}
