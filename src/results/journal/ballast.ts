/** Room that is set aside while there is some: when the disk is full, the ballast goes overboard, and the results of what is in flight can be written. */
import { constants } from 'node:fs';
import { exitCodes, RunError } from '../../support/errors.ts';
import { describeFileError, diskIsFull, errorCode, type FileSystem } from '../../support/file-system.ts';
import { wayOutOf } from '../way-out.ts';

/** Some thousand results. */
const leastBytes = 1024 * 1024;

/** For a release of each mark that may be ahead, a record and a row for each message that may be under way, and some to spare. */
export function ballastBytes({
	connections,
	window,
}: {
	readonly connections: number;
	readonly window: number;
}): number {
	return Math.max(leastBytes, 256 * 1024 + connections * (4096 + 128 * window));
}

const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export function ballastPath(logPath: string): string {
	return `${logPath}.ballast`;
}

export class Ballast {
	readonly #path: string;
	readonly #files: FileSystem;
	#isAboard = true;

	/** Takes the place of one that a crash left. RunError 73 when there is no room for it: then there is none for results either. */
	static make(logPath: string, files: FileSystem, { sizeBytes = leastBytes, isNew = true } = {}): Ballast {
		const path = ballastPath(logPath);
		try {
			const descriptor = openNew(path, files);
			try {
				fill(descriptor, files, sizeBytes);
			} catch (error) {
				new Ballast(path, files).drop();
				throw error;
			} finally {
				files.close(descriptor);
			}
			return new Ballast(path, files);
		} catch (cause) {
			const why = diskIsFull(cause) ? 'the disk is nearly full' : 'room for the last results cannot be set aside';
			throw new RunError(exitCodes.cannotWriteLog, `${path}: ${why}: ${describeFileError(cause)}`, {
				hint: `Nothing was sent. ${wayOutOf(cause, logPath, { isNew })}`,
				cause,
			});
		}
	}

	private constructor(path: string, files: FileSystem) {
		this.#path = path;
		this.#files = files;
	}

	/** Gives the room back; throws nothing, and does nothing the second time. */
	drop(): void {
		if (!this.#isAboard) return;
		this.#isAboard = false;
		try {
			this.#files.unlink(this.#path);
		} catch {
			// It is gone, or the next run takes it away; what this run has to say is about its log.
		}
	}
}

/** In place of one that a crash left, or that another run is just making: it is nobody's but the disk's. */
function openNew(path: string, files: FileSystem): number {
	for (let triesLeft = 3; ; triesLeft -= 1) {
		if (files.lstat(path)?.kind === 'file') files.unlink(path);
		try {
			return files.open(path, flags, 0o600);
		} catch (error) {
			if (errorCode(error) !== 'EEXIST' || triesLeft === 0) throw error;
		}
	}
}

function fill(descriptor: number, files: FileSystem, sizeBytes: number): void {
	const bytes = noise(sizeBytes);
	for (let offset = 0; offset < bytes.length; ) {
		const written = files.write(descriptor, bytes, offset);
		if (written <= 0) throw new Error('the file system wrote nothing and gave no reason');
		offset += written;
	}
	files.fsync(descriptor);
}

/** Marsaglia's xorshift: a file system that compresses must find nothing to save. */
function noise(sizeBytes: number): Buffer {
	const words = new Uint32Array(Math.ceil(sizeBytes / 4));
	let word = 0x9e3779b9;
	for (let index = 0; index < words.length; index += 1) {
		word ^= word << 13;
		word ^= word >>> 17;
		word ^= word << 5;
		words[index] = word;
	}
	return Buffer.from(words.buffer);
}
