/** Gets the text of a settings file, and whether others may read or write it. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { exitCodes, RunError } from '../../support/errors.ts';
import { describeFileError, errorCode } from '../../support/file-system.ts';
import { shellWord } from '../../support/shell-word.ts';

export interface SettingsFile {
	readonly text: string;
	/** Permission bits. */
	readonly mode: number;
}

/** Settings are a screenful; whatever is larger is something else. */
const maxBytes = 64 * 1024;

/**
 * Null when there is no such file. `named` is how it came to be read: `--config prod.yaml`, `mailshot.yaml`. One that nobody named has to be a plain file
 * that strangers cannot have put there: it says which server is shown the password. Throws RunError 78.
 */
export function readSettingsFile(
	path: string,
	{ named, isFoundHere = false }: { readonly named: string; readonly isFoundHere?: boolean },
): SettingsFile | null {
	let descriptor: number;
	try {
		// A pipe that somebody left in the folder would be waited for.
		descriptor = openSync(path, isFoundHere ? constants.O_RDONLY | constants.O_NONBLOCK : constants.O_RDONLY);
	} catch (cause) {
		if (['ENOENT', 'ENOTDIR'].includes(errorCode(cause))) return null;
		throw refused(named, `cannot be read: ${describeFileError(cause)}`, cause);
	}
	try {
		const stats = fstatSync(descriptor);
		if (isFoundHere) refuseStrange(stats, path, named);
		return { text: decode(readBeginning(descriptor), named), mode: stats.mode & 0o777 };
	} catch (cause) {
		if (cause instanceof RunError) throw cause;
		if (errorCode(cause) === 'EISDIR') throw refused(named, 'is a directory, and a file is needed', cause);
		throw refused(named, `cannot be read: ${describeFileError(cause)}`, cause);
	} finally {
		closeSync(descriptor);
	}
}

/** Only its owner may read a file with a password. */
export function assertPrivate(file: SettingsFile, path: string, place: string): void {
	if ((file.mode & 0o077) === 0) return;
	throw new RunError(exitCodes.badConfiguration, `${place} holds a password, and others can read the file`, {
		hint: `Take it away from them, and change the password if others use this machine:\n  chmod 600 ${shellWord(path)}`,
	});
}

/** Whoever may write a file with a command may run it as us. */
export function assertUnwritable(file: SettingsFile, path: string, place: string): void {
	if ((file.mode & 0o002) === 0) return;
	throw new RunError(exitCodes.badConfiguration, `${place} names a program to run, and everybody can change the file`, {
		hint: `chmod o-w ${shellWord(path)}`,
	});
}

/** Whoever owns the folder can put there what he likes: who works in it trusts him. */
function refuseStrange(stats: Stats, path: string, named: string): void {
	const refuse = (what: string, hint: string) => {
		const way = `If you trust it, name it:  mailshot ... --config ${shellWord(path)}`;
		return new RunError(exitCodes.badConfiguration, `${named} ${what}`, { hint: `${hint}${way}` });
	};
	if (stats.isDirectory()) throw refused(named, 'is a directory, and a file is needed');
	if (!stats.isFile()) throw refuse('is a pipe or a device, and a file is needed', '');
	if ((stats.mode & 0o002) !== 0) {
		throw refuse(
			'can be changed by everybody on this machine, and it says where mail and passwords go',
			`chmod o-w ${shellWord(path)}\n`,
		);
	}
	const us = process.getuid?.();
	if (us === undefined || [us, 0, statSync(dirname(path)).uid].includes(stats.uid)) return;
	throw refuse(`belongs to another user (number ${stats.uid}), and it says where mail and passwords go`, '');
}

/** Until its end or one byte too many: a pipe or /dev/zero does not say its size. */
function readBeginning(descriptor: number): Buffer {
	const bytes = Buffer.alloc(maxBytes + 1);
	let length = 0;
	while (length < bytes.length) {
		const count = readSync(descriptor, bytes, length, bytes.length - length, null);
		if (count === 0) break;
		length += count;
	}
	return bytes.subarray(0, length);
}

function decode(bytes: Buffer, named: string): string {
	if (bytes.length > maxBytes) throw refused(named, 'is larger than 64 KB, which no settings are');
	if (bytes.includes(0)) throw refused(named, 'is no text: save it as UTF-8');
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch (cause) {
		throw refused(named, 'is not in UTF-8: save it so', cause);
	}
}

function refused(named: string, what: string, cause?: unknown): RunError {
	return new RunError(exitCodes.badConfiguration, `${named} ${what}`, { cause });
}
