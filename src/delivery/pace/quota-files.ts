/**
 * The files of a quota ledger: one for each account and day (UTC), to which every process appends lines and in which it reads those of the others.
 *
 *     <directory>/<hash of the account>.<day>.quota
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { join } from 'node:path';
import { exitCodes, RunError } from '../../support/errors.ts';
import { type DirectorySystem, describeFileError, errorCode, syncDirectory } from '../../support/file-system.ts';
import { shellWord } from '../../support/shell-word.ts';
import { longestClaimLine } from './quota-claim.ts';

interface ReadUpTo {
	readonly inode: bigint;
	readonly offset: number;
}

const appendFlags =
	constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const fileName = /^[0-9a-f]{32}\.(\d{4}-\d\d-\d\d)\.quota$/;
const chunkBytes = 64 * 1024;
const dayMs = 86_400_000;

/** The UTC day that a time of the wall clock belongs to, `2026-11-22`. */
export function dayOf(wallMs: number): string {
	return new Date(wallMs).toISOString().slice(0, 10);
}

export class QuotaFiles {
	readonly #directory: string;
	readonly #hash: string;
	readonly #files: DirectorySystem;
	/** By name. */
	readonly #readUpTo = new Map<string, ReadUpTo>();

	constructor(directory: string, { account, files }: { readonly account: string; readonly files: DirectorySystem }) {
		this.#directory = directory;
		this.#hash = createHash('sha256').update(account).digest('hex').slice(0, 32);
		this.#files = files;
	}

	/** Gives each whole line that was not read yet, of `firstDay` and later; those of `lastOfAll` behind the others. RunError 73 when that cannot be done. */
	read(
		{ firstDay, lastOfAll }: { readonly firstDay: string; readonly lastOfAll: string },
		onLine: (line: string, endOfDayMs: number) => void,
	): void {
		const days = this.#names()
			.filter((name) => name.startsWith(`${this.#hash}.`))
			.map((name) => fileName.exec(name)?.[1] ?? '')
			.filter((day) => day >= firstDay && day !== lastOfAll)
			.sort();
		for (const day of [...days, lastOfAll]) {
			const endOfDayMs = Date.parse(day) + dayMs;
			// A name may look like a day and be none.
			if (!Number.isNaN(endOfDayMs)) this.#readFile(this.#nameOf(day), (line) => onLine(line, endOfDayMs));
		}
	}

	/** On disk when it returns. RunError 73 when it cannot be written; some of it may be in the file then. */
	append(day: string, lines: string): void {
		const path = join(this.#directory, this.#nameOf(day));
		try {
			const descriptor = this.#openForAppending(path);
			try {
				const { kind, sizeBytes } = this.#files.fstat(descriptor);
				if (kind !== 'file') throw new Error('is no file');
				this.#write(descriptor, Buffer.from(lines, 'latin1'));
				this.#files.fsync(descriptor);
				if (sizeBytes === 0) syncDirectory(this.#files, this.#directory);
			} finally {
				this.#files.close(descriptor);
			}
		} catch (error) {
			throw this.#trouble(path, error);
		}
	}

	/** Also those of accounts that are not used any more. */
	deleteBefore(day: string): void {
		for (const name of this.#names()) {
			const fileDay = fileName.exec(name)?.[1];
			if (fileDay === undefined || fileDay >= day) continue;
			try {
				this.#files.unlink(join(this.#directory, name));
			} catch {
				// Somebody else was faster, or it stays: nothing is counted from it any more.
			}
		}
	}

	#nameOf(day: string): string {
		return `${this.#hash}.${day}.quota`;
	}

	#names(): readonly string[] {
		try {
			return this.#files.readdir(this.#directory);
		} catch (error) {
			if (errorCode(error) === 'ENOENT') return [];
			throw this.#trouble(this.#directory, error);
		}
	}

	#openForAppending(path: string): number {
		try {
			return this.#files.open(path, appendFlags, 0o600);
		} catch (error) {
			if (errorCode(error) !== 'ENOENT') throw error;
			this.#files.mkdir(this.#directory, 0o700);
			return this.#files.open(path, appendFlags, 0o600);
		}
	}

	#write(descriptor: number, bytes: Uint8Array): void {
		for (let offset = 0; offset < bytes.length; ) {
			const written = this.#files.write(descriptor, bytes, offset);
			if (written <= 0) throw new Error('the file system wrote nothing and gave no reason');
			offset += written;
		}
	}

	#readFile(name: string, onLine: (line: string) => void): void {
		const path = join(this.#directory, name);
		try {
			const descriptor = this.#files.open(path, readFlags, 0);
			try {
				this.#readOn(descriptor, { name, onLine });
			} finally {
				this.#files.close(descriptor);
			}
		} catch (error) {
			// Not begun yet, or deleted just now because it is too old.
			if (errorCode(error) === 'ENOENT') return;
			throw this.#trouble(path, error);
		}
	}

	#readOn(
		descriptor: number,
		{ name, onLine }: { readonly name: string; readonly onLine: (line: string) => void },
	): void {
		const { kind, inode, sizeBytes } = this.#files.fstat(descriptor);
		if (kind !== 'file') throw new Error('is no file');
		const before = this.#readUpTo.get(name);
		// Another file in its place, or a shorter one, is read anew: a claim that is known already is not counted twice.
		let offset = before?.inode === inode && before.offset <= sizeBytes ? before.offset : 0;
		const chunk = Buffer.alloc(Math.min(chunkBytes, sizeBytes - offset));
		let rest = '';
		// No further than it was long just now: others append all the time, and the end would never come.
		for (let position = offset; position < sizeBytes; ) {
			const count = this.#files.read(descriptor, chunk.subarray(0, sizeBytes - position), position);
			if (count === 0) break;
			position += count;
			const lines = `${rest}${chunk.toString('latin1', 0, count)}`.split('\n');
			rest = lines.pop() ?? '';
			offset = position - rest.length;
			for (const line of lines) if (line !== '') onLine(line);
			// Nothing of ours; its end will be no claim either.
			if (rest.length > longestClaimLine) rest = '';
		}
		this.#readUpTo.set(name, { inode, offset });
	}

	#trouble(path: string, cause: unknown): RunError {
		return new RunError(
			exitCodes.cannotWriteLog,
			`what was sent of the quota cannot be kept in ${path}: ${describeFileError(cause)}`,
			{ hint: this.#wayOut(path, cause), cause },
		);
	}

	#wayOut(path: string, cause: unknown): string {
		const code = errorCode(cause);
		if (code === 'ENOSPC' || code === 'EDQUOT') return 'Make room; then the same command goes on.';
		if (code === 'EROFS') return 'Mount it for writing; then the same command goes on.';
		const look = `\n  ls -ld ${shellWord(this.#directory)} ${shellWord(path)}`;
		if (code === 'EACCES' || code === 'EPERM') {
			return `Let this user read and write there (chmod, chown); then the same command goes on.${look}`;
		}
		return `Put right what the system says; then the same command goes on.${look}`;
	}
}
