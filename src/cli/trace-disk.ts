/** The file calls of a trace, as an argument: tests fill the disk with it. */
import { close, constants, fstatSync, openSync, readSync, write } from 'node:fs';

export interface TraceDisk {
	open(path: string, flags: number, mode: number): number;
	facts(descriptor: number): {
		readonly isFile: boolean;
		/** It belongs to the user that runs this process. */
		readonly isOurs: boolean;
		readonly mode: number;
		readonly sizeBytes: number;
	};
	/** Some of its first line. */
	beginning(descriptor: number): string;
	/** In the thread pool; gives how many octets were written. */
	write(descriptor: number, bytes: Buffer, done: (error: Error | null, written: number) => void): void;
	/** Nobody hears of an error. */
	close(descriptor: number): void;
}

/** Reading, to see what is there; not blocking, because a pipe without a reader would. */
export const traceFlags =
	constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export const nodeTraceDisk: TraceDisk = {
	open: (path, flags, mode) => openSync(path, flags, mode),
	facts: (descriptor) => {
		const stats = fstatSync(descriptor);
		return {
			isFile: stats.isFile(),
			isOurs: stats.uid === process.geteuid?.(),
			mode: stats.mode & 0o7777,
			sizeBytes: stats.size,
		};
	},
	beginning: (descriptor) => {
		const bytes = Buffer.alloc(256);
		return bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, bytes.length, 0));
	},
	write: (descriptor, bytes, done) => write(descriptor, bytes, 0, bytes.length, null, done),
	close: (descriptor) => close(descriptor, () => {}),
};
