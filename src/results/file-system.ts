/** The few file calls that results/ makes, as an argument: tests fill the disk and break the fsync with it. */
import {
	closeSync,
	constants,
	fdatasync as fdatasyncInThreadPool,
	fsyncSync,
	ftruncateSync,
	openSync,
	renameSync,
	unlinkSync,
	writeSync,
} from 'node:fs';

/** Named after the system calls, and throwing as node:fs does. */
export interface FileSystem {
	open(path: string, flags: number, mode: number): number;
	/** Writes some of the bytes; gives how many. */
	write(descriptor: number, bytes: Uint8Array, offset: number): number;
	/** In the thread pool: the event loop goes on. */
	fdatasync(descriptor: number, done: (error: Error | null) => void): void;
	fsync(descriptor: number): void;
	ftruncate(descriptor: number, length: number): void;
	close(descriptor: number): void;
	rename(from: string, to: string): void;
	unlink(path: string): void;
}

export const nodeFileSystem: FileSystem = {
	open: (path, flags, mode) => openSync(path, flags, mode),
	write: (descriptor, bytes, offset) => writeSync(descriptor, bytes, offset),
	fdatasync: (descriptor, done) => fdatasyncInThreadPool(descriptor, done),
	fsync: (descriptor) => fsyncSync(descriptor),
	ftruncate: (descriptor, length) => ftruncateSync(descriptor, length),
	close: (descriptor) => closeSync(descriptor),
	rename: (from, to) => renameSync(from, to),
	unlink: (path) => unlinkSync(path),
};

/** Makes the names in a directory durable: a new file is not safe before the entry that names it is. */
export function syncDirectory(files: FileSystem, path: string): void {
	const descriptor = files.open(path, constants.O_RDONLY | constants.O_DIRECTORY, 0);
	try {
		files.fsync(descriptor);
	} catch (error) {
		// Some network file systems cannot sync a directory and say so with EINVAL; they need not.
		if (errorCode(error) !== 'EINVAL') throw error;
	} finally {
		files.close(descriptor);
	}
}

/** `ENOSPC` and the like; '' when the error carries none. */
export function errorCode(error: unknown): string {
	return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What a person makes of a file error: `no space left on device (ENOSPC)`. */
export function describeFileError(error: unknown): string {
	const code = errorCode(error);
	const text = error instanceof Error ? error.message : String(error);
	// Node says `ENOSPC: no space left on device, write`.
	const plain = /^[A-Z0-9]+: ([^,]+)/.exec(text)?.[1];
	return plain === undefined || code === '' ? text : `${plain} (${code})`;
}
