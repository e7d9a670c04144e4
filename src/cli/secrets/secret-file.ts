/** Reads a file that holds a secret, when nobody else can read it. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { exitCodes, RunError } from '../../support/errors.ts';
import { describeFileError, errorCode } from '../../support/file-system.ts';
import { shellWord } from '../../support/shell-word.ts';

/** What is read, and how it is called in messages: `--password-file news.secret`. */
export interface NamedFile {
	readonly path: string;
	readonly called: string;
}

// A secret is short: this is for those who name the wrong file, or /dev/zero.
const maxBytes = 65_536;
const readableByOthers = 0o077;

/** Its text. Throws RunError 66 when it cannot be read, and 78 when others can read it or it belongs to somebody else. */
export async function readSecretFile(file: NamedFile, options: { readonly isGuarded: boolean }): Promise<string> {
	let handle: FileHandle | null = null;
	try {
		// A pipe to which nobody writes would be waited for, deaf to Ctrl-C.
		handle = await open(file.path, constants.O_RDONLY | constants.O_NONBLOCK);
		// Of what was opened: a link is judged by what it leads to, and cannot be turned round in between.
		const stats = await handle.stat();
		if (stats.isDirectory()) throw unusable(file, 'that is a directory');
		if (options.isGuarded) refuseShared(file, stats);
		return await readText(file, handle);
	} catch (cause) {
		if (cause instanceof RunError) throw cause;
		const isMissing = errorCode(cause) === 'ENOENT';
		const problem = isMissing ? 'there is no such file' : `it cannot be read: ${describeFileError(cause)}`;
		throw new RunError(exitCodes.missingInput, `${file.called}: ${problem}`, {
			hint: isMissing ? 'Check the name; it is taken from the folder that you are in.' : '',
			cause,
		});
	} finally {
		await handle?.close();
	}
}

/** The first line, which must say something. */
export async function readSecretLine(file: NamedFile, options: { readonly isGuarded: boolean }): Promise<string> {
	return firstLine(await readSecretFile(file, options), file.called);
}

/** Without the line's end and a byte order mark. Throws RunError 78 when it is empty, or cannot be a password. */
export function firstLine(text: string, called: string): string {
	const line = text.replace(/^\ufeff/, '').split(/\r?\n/, 1)[0] ?? '';
	if (line === '') throw new RunError(exitCodes.badConfiguration, `${called}: its first line is empty`);
	if (line.includes('\0'))
		throw new RunError(exitCodes.badConfiguration, `${called}: its first line holds a zero byte`);
	return line;
}

function refuseShared({ path, called }: NamedFile, { mode, uid }: Stats): void {
	const us = process.getuid?.();
	if (us !== undefined && uid !== us && uid !== 0) {
		throw new RunError(exitCodes.badConfiguration, `${called}: it belongs to another user (number ${uid})`, {
			hint: `Who owns it can read and change it: chown ${us} ${shellWord(path)}`,
		});
	}
	if ((mode & readableByOthers) === 0) return;
	const octal = (mode & 0o777).toString(8).padStart(3, '0');
	throw new RunError(exitCodes.badConfiguration, `${called}: others can read or change it (its mode is ${octal})`, {
		hint: `chmod 600 ${shellWord(path)}   and change the password if others use this machine`,
	});
}

async function readText(file: NamedFile, handle: FileHandle): Promise<string> {
	const bytes = Buffer.alloc(maxBytes + 1);
	let length = 0;
	let pipe: FileHandle | null = null;
	try {
		while (length < bytes.length) {
			try {
				const { bytesRead } = await (pipe ?? handle).read(bytes, length, bytes.length - length, null);
				if (bytesRead === 0) return bytes.toString('utf8', 0, length);
				length += bytesRead;
			} catch (cause) {
				if (pipe !== null || errorCode(cause) !== 'EAGAIN') throw cause;
				// Somebody is going to write (standard input, or what a shell puts in place of <(...)): that is waited for.
				pipe = await open(file.path, 'r');
			}
		}
	} finally {
		await pipe?.close();
	}
	throw unusable(file, 'it is too long to be a secret');
}

function unusable({ called }: NamedFile, problem: string): RunError {
	return new RunError(exitCodes.badConfiguration, `${called}: ${problem}`);
}
