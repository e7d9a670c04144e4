/** `<log>.lock`: tells people, other machines, and systems without abstract sockets who holds a log. */
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { cleanText } from '../../support/clean-text.ts';
import { exitCodes, RunError } from '../../support/errors.ts';
import { describeFileError, errorCode, type FileFacts, type FileSystem } from '../../support/file-system.ts';
import { shellWord } from '../../support/shell-word.ts';
import { isNameFree, wayOut, wayOutOf } from '../way-out.ts';
import { encodeHolder, isTornHolder, type LockHolder, parseHolder } from './lock-holder.ts';

const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const longestLockFile = 4096;

export type FoundLockFile =
	| { readonly kind: 'absent' }
	| { readonly kind: 'holder'; readonly holder: LockHolder }
	/** Its writer died in the middle, or is in the middle. */
	| { readonly kind: 'torn' };

/** A lock file that this process made; stays open, so that no other file can get its inode. */
export class LockFile {
	readonly #path: string;
	readonly #files: FileSystem;
	readonly #descriptor: number;

	/** Null when the name is taken; RunError 73 when it cannot be made. */
	static create(path: string, holder: LockHolder, { files }: { readonly files: FileSystem }): LockFile | null {
		try {
			const descriptor = files.open(path, createFlags, 0o600);
			const lockFile = new LockFile(path, { files, descriptor });
			try {
				writeWhole(Buffer.from(encodeHolder(holder)), { files, descriptor });
			} catch (error) {
				lockFile.remove();
				throw error;
			}
			return lockFile;
		} catch (error) {
			if (errorCode(error) === 'EEXIST') return null;
			throw cannotLock(path, error, { files });
		}
	}

	private constructor(path: string, parts: { readonly files: FileSystem; readonly descriptor: number }) {
		this.#path = path;
		this.#files = parts.files;
		this.#descriptor = parts.descriptor;
	}

	/** Only when it is still the one that was made. */
	remove(): void {
		try {
			const ours = this.#files.fstat(this.#descriptor);
			if (isSameFile(ours, this.#files.lstat(this.#path))) this.#files.unlink(this.#path);
		} catch {
			// A lock file that stays names a process that has ended, and the next run takes it over.
		}
		this.#files.close(this.#descriptor);
	}
}

/** Follows no link and waits for no pipe; RunError 73 for what is no lock file of mailshot. */
export function readLockFile(path: string, { files }: { readonly files: FileSystem }): FoundLockFile {
	try {
		const named = files.lstat(path);
		if (named === null) return { kind: 'absent' };
		if (named.kind !== 'file') throw notOurs(path, describeKind(named.kind), { files });
		const descriptor = files.open(path, readFlags, 0);
		try {
			const facts = files.fstat(descriptor);
			if (facts.kind !== 'file') throw notOurs(path, describeKind(facts.kind), { files });
			const text = readText(descriptor, files);
			const holder = parseHolder(text);
			if (holder !== null) return { kind: 'holder', holder };
			if (facts.sizeBytes <= longestLockFile && isTornHolder(text)) return { kind: 'torn' };
			throw notOurs(path, 'holds something else', { files });
		} finally {
			files.close(descriptor);
		}
	} catch (error) {
		if (error instanceof RunError) throw error;
		// Removed between two calls: its run has just ended.
		if (errorCode(error) === 'ENOENT') return { kind: 'absent' };
		throw cannotLock(path, error, { files });
	}
}

/**
 * Takes the lock file away when `isStale` still says so. Of several that try at once one looks and removes at a time, so that none removes what another
 * has just made; `busy`: somebody else is at it.
 */
export function removeStale(
	path: string,
	isStale: (found: FoundLockFile) => boolean,
	{ files, holder }: { readonly files: FileSystem; readonly holder: LockHolder },
): 'done' | 'busy' {
	const guard = LockFile.create(`${path}.takeover`, holder, { files });
	if (guard === null) return 'busy';
	try {
		if (isStale(readLockFile(path, { files }))) unlinkIfThere(path, files);
		return 'done';
	} finally {
		guard.remove();
	}
}

/** What a process that died within `removeStale` left. */
export function removeGuard(path: string, { files }: { readonly files: FileSystem }): void {
	unlinkIfThere(`${path}.takeover`, files);
}

function unlinkIfThere(path: string, files: FileSystem): void {
	try {
		files.unlink(path);
	} catch (error) {
		if (errorCode(error) !== 'ENOENT') throw cannotLock(path, error, { files });
	}
}

function isSameFile(one: FileFacts, other: FileFacts | null): boolean {
	return other !== null && one.device === other.device && one.inode === other.inode;
}

function readText(descriptor: number, files: FileSystem): string {
	const bytes = new Uint8Array(longestLockFile);
	let length = 0;
	for (;;) {
		const count = files.read(descriptor, bytes.subarray(length), length);
		if (count === 0) break;
		length += count;
	}
	return Buffer.from(bytes.subarray(0, length)).toString('utf8');
}

function writeWhole(bytes: Uint8Array, to: { readonly files: FileSystem; readonly descriptor: number }): void {
	for (let offset = 0; offset < bytes.length; ) {
		const written = to.files.write(to.descriptor, bytes, offset);
		if (written <= 0) throw new Error('the file system wrote nothing and gave no reason');
		offset += written;
	}
}

function describeKind(kind: FileFacts['kind']): string {
	switch (kind) {
		case 'directory':
			return 'is a directory';
		case 'link':
			return 'is a symbolic link';
		default:
			return 'is a device, a pipe or a socket';
	}
}

function notOurs(path: string, what: string, { files }: { readonly files: FileSystem }): RunError {
	const logPath = logPathOf(path);
	return new RunError(
		exitCodes.cannotWriteLog,
		`${cleanText(path)} ${what}, and mailshot needs that name for the lock of its log`,
		{
			hint: wayOut(logPath, {
				isNew: isNameFree(logPath, files),
				remedy: 'Move it out of the way',
				command: `mv ${shellWord(path)} ${shellWord(`${path}.moved`)}`,
			}),
		},
	);
}

/** Of a lock file, or of what guards it. */
function logPathOf(path: string): string {
	return path.replace(/\.lock(?:\.takeover)?$/, '');
}

/** RunError 73: where, in the system's words, and what helps. */
export function cannotLock(path: string, cause: unknown, { files }: { readonly files: FileSystem }): RunError {
	if (errorCode(cause) === 'ENOENT' || errorCode(cause) === 'ENOTDIR') return noFolder(dirname(path), cause);
	return new RunError(
		exitCodes.cannotWriteLog,
		`the lock file ${cleanText(path)} cannot be written: ${describeFileError(cause)}`,
		{ hint: wayOutOf(cause, logPathOf(path), { isNew: isNameFree(logPathOf(path), files) }), cause },
	);
}

/** RunError 73. */
export function noFolder(folder: string, cause?: unknown): RunError {
	return new RunError(exitCodes.cannotWriteLog, `the folder of the log, ${cleanText(folder)}, does not exist`, {
		hint: `Make it, or choose another place:\n  mkdir -p ${shellWord(folder)}`,
		cause,
	});
}
