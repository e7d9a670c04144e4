/** The secret that this machine keeps in a file: made on first use, the same for all runs, readable by its owner alone. */
import {
	closeSync,
	constants,
	fstatSync,
	fsyncSync,
	linkSync,
	mkdirSync,
	openSync,
	readSync,
	type Stats,
	statSync,
	unlinkSync,
	writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { exitCodes, RunError } from '../../support/errors.ts';
import { describeFileError, errorCode, nodeFileSystem, syncDirectory } from '../../support/file-system.ts';
import { shellWord } from '../../support/shell-word.ts';
import { setSecret } from './parse-secret.ts';

const maxBytes = 4096;

/** Its first line; null when there is no such file. Throws RunError 78 when it cannot be read, or others can read or change it. */
export function readKeptSecret(path: string): string | null {
	let descriptor: number;
	try {
		// A pipe in its place would be waited for.
		descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
	} catch (cause) {
		if (['ENOENT', 'ENOTDIR'].includes(errorCode(cause))) return null;
		throw unusable(path, `cannot be read: ${describeFileError(cause)}`, { hint: setSecret, cause });
	}
	try {
		refuseShared(path, fstatSync(descriptor));
		const bytes = Buffer.alloc(maxBytes);
		const length = readSync(descriptor, bytes, 0, maxBytes, 0);
		return bytes.toString('utf8', 0, length).split(/\r?\n/, 1)[0] ?? '';
	} catch (cause) {
		if (cause instanceof RunError) throw cause;
		throw unusable(path, `cannot be read: ${describeFileError(cause)}`, { hint: setSecret, cause });
	} finally {
		closeSync(descriptor);
	}
}

/**
 * Makes the file with 32 random octets, unless somebody else was quicker: of two runs that begin at once both get the same secret from readKeptSecret.
 * Throws RunError 78 when it cannot be made.
 */
export function makeKeptSecret(path: string, randomBytes: (count: number) => Buffer): void {
	const directory = dirname(path);
	const unfinished = `${path}.${randomBytes(8).toString('hex')}`;
	try {
		mkdirSync(directory, { recursive: true, mode: 0o700 });
		try {
			writeNew(unfinished, `base64:${randomBytes(32).toString('base64')}\n`);
			// The name appears with all that belongs to it, or not at all; rename would put a second secret over the first.
			linkSync(unfinished, path);
		} catch (error) {
			if (errorCode(error) !== 'EEXIST') throw error;
		} finally {
			remove(unfinished);
		}
		syncDirectory(nodeFileSystem, directory);
	} catch (cause) {
		throw unusable(path, `cannot be made: ${describeFileError(cause)}`, { hint: setSecret, cause });
	}
}

function writeNew(path: string, text: string): void {
	const descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
	try {
		writeSync(descriptor, text);
		fsyncSync(descriptor);
	} finally {
		closeSync(descriptor);
	}
}

function remove(path: string): void {
	try {
		unlinkSync(path);
	} catch (error) {
		if (errorCode(error) !== 'ENOENT') throw error;
	}
}

function refuseShared(path: string, stats: Stats): void {
	const { mode, uid } = stats;
	if (!stats.isFile()) throw unusable(path, 'is no file', { hint: setSecret });
	const us = process.getuid?.();
	if (us !== undefined && uid !== us && uid !== 0) {
		throw unusable(path, `belongs to another user (number ${uid})`, { hint: setSecret });
	}
	if ((mode & 0o077) !== 0) {
		const octal = (mode & 0o777).toString(8).padStart(3, '0');
		throw unusable(path, `can be read or changed by others (its mode is ${octal})`, {
			hint: `chmod 600 ${shellWord(path)}   and make a new one if others use this machine`,
		});
	}
	const directory = dirname(path);
	if ((statSync(directory).mode & 0o022) === 0) return;
	throw unusable(path, 'lies in a folder in which others can put another one in its place', {
		hint: `chmod 700 ${shellWord(directory)}`,
	});
}

function unusable(path: string, problem: string, more: { readonly hint: string; readonly cause?: unknown }): RunError {
	return new RunError(exitCodes.badConfiguration, `the campaign secret ${path} ${problem}`, more);
}
