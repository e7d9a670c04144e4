/** The few file calls that rooms make which keep something on disk, as an argument: tests fill the disk and break the fsync with it. */
import {
	type BigIntStats,
	closeSync,
	constants,
	fdatasync as fdatasyncInThreadPool,
	fstatSync,
	fsyncSync,
	ftruncateSync,
	lstatSync,
	mkdirSync,
	openSync,
	readdirSync,
	readSync,
	renameSync,
	statfsSync,
	unlinkSync,
	writeSync,
} from 'node:fs';

/** What a file is and where: two names with the same device and inode are one file. */
export interface FileFacts {
	readonly kind: 'file' | 'directory' | 'link' | 'other';
	readonly sizeBytes: number;
	readonly device: bigint;
	readonly inode: bigint;
	/** Names it has; 0 when the last one was removed while it is open. */
	readonly links: number;
}

/** Named after the system calls, and throwing as node:fs does. */
export interface FileSystem {
	open(path: string, flags: number, mode: number): number;
	/** Writes some of the bytes; gives how many. */
	write(descriptor: number, bytes: Uint8Array, offset: number): number;
	/** In the thread pool: the event loop goes on. */
	fdatasync(descriptor: number, done: (error: Error | null) => void): void;
	fsync(descriptor: number): void;
	/** Reads from `position` on; gives how many bytes, 0 at the end. */
	read(descriptor: number, into: Uint8Array, position: number): number;
	fstat(descriptor: number): FileFacts;
	/** Of the name itself, not of what a link points to; null when there is no such name. */
	lstat(path: string): FileFacts | null;
	/** The kernel's magic number of the file system that holds the path. */
	statfs(path: string): number;
	ftruncate(descriptor: number, length: number): void;
	close(descriptor: number): void;
	rename(from: string, to: string): void;
	unlink(path: string): void;
}

/** For rooms that also keep several files in a directory of their own. */
export interface DirectorySystem extends FileSystem {
	/** Names in the directory, in any order. */
	readdir(path: string): readonly string[];
	/** Makes it with what leads to it; one that is there is fine. */
	mkdir(path: string, mode: number): void;
}

export const nodeFileSystem: DirectorySystem = {
	open: (path, flags, mode) => openSync(path, flags, mode),
	write: (descriptor, bytes, offset) => writeSync(descriptor, bytes, offset),
	fdatasync: (descriptor, done) => fdatasyncInThreadPool(descriptor, done),
	fsync: (descriptor) => fsyncSync(descriptor),
	read: (descriptor, into, position) => readSync(descriptor, into, 0, into.length, position),
	fstat: (descriptor) => factsOf(fstatSync(descriptor, { bigint: true })),
	lstat: (path) => {
		const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
		return stats === undefined ? null : factsOf(stats);
	},
	statfs: (path) => statfsSync(path).type,
	ftruncate: (descriptor, length) => ftruncateSync(descriptor, length),
	close: (descriptor) => closeSync(descriptor),
	rename: (from, to) => renameSync(from, to),
	unlink: (path) => unlinkSync(path),
	readdir: (path) => readdirSync(path),
	mkdir: (path, mode) => void mkdirSync(path, { recursive: true, mode }),
};

function factsOf(stats: BigIntStats): FileFacts {
	const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : stats.isSymbolicLink() ? 'link' : 'other';
	return {
		kind,
		sizeBytes: Number(stats.size),
		device: stats.dev,
		inode: stats.ino,
		links: Number(stats.nlink),
	};
}

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

/** No room, or none left of what the user may take. */
export function diskIsFull(error: unknown): boolean {
	const code = errorCode(error);
	return code === 'ENOSPC' || code === 'EDQUOT';
}

/** What a person makes of a file error: `no space left on device (ENOSPC)`. */
export function describeFileError(error: unknown): string {
	const code = errorCode(error);
	const text = error instanceof Error ? error.message : String(error);
	// Node says `ENOSPC: no space left on device, write`.
	const plain = /^[A-Z0-9]+: ([^,]+)/.exec(text)?.[1];
	return plain === undefined || code === '' ? text : `${plain} (${code})`;
}
