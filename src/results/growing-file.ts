/** A file that only grows: lines are gathered in memory and handed to the kernel together; its length and CRC-32 are known without reading it. */
import { constants } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { FileSystem } from '../support/file-system.ts';

const lineFeed = 0x0a;
/** Holds what is gathered in a turn as UTF-8, so that nothing is allocated for it. */
const scratchBytes = 256 * 1024;

export const appendFlags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW;

export class GrowingFile {
	readonly path: string;
	readonly descriptor: number;
	readonly device: bigint;
	readonly inode: bigint;
	readonly #files: FileSystem;
	readonly #scratch = Buffer.allocUnsafe(scratchBytes);
	#pending = '';
	#length: number;
	#crc: number;
	/** What a write error left over, from the beginning of its first line; so many bytes of that line are in the file. */
	#rest: Buffer = Buffer.alloc(0);
	#torn = 0;

	/** `descriptor`: open for appending. `length` and `crc`: of what is in the file. Throws what fstat throws. */
	constructor(
		path: string,
		state: { readonly descriptor: number; readonly length: number; readonly crc: number; readonly files: FileSystem },
	) {
		const { device, inode } = state.files.fstat(state.descriptor);
		this.path = path;
		this.descriptor = state.descriptor;
		this.device = device;
		this.inode = inode;
		this.#files = state.files;
		this.#length = state.length;
		this.#crc = state.crc;
	}

	/** Octets in the file, when nobody else wrote to it. */
	get length(): number {
		return this.#length;
	}

	/** CRC-32 of these octets. */
	get crc(): number {
		return this.#crc;
	}

	/** UTF-16 units that wait for `write`. */
	get pendingLength(): number {
		return this.#pending.length;
	}

	/** No line was left half written, or waits because of an error. */
	get isWhole(): boolean {
		return this.#rest.length === 0;
	}

	/** Takes whole lines, each with its line feed. */
	append(lines: string): void {
		this.#pending += lines;
	}

	/** As append, in front of what waits. */
	prepend(lines: string): void {
		this.#pending = lines + this.#pending;
	}

	/** Hands these lines to the kernel, and leaves what waits behind them. Throws as `write` does; what could not be written then stands in front. */
	writeAhead(lines: string): void {
		const waiting = this.#pending;
		this.#pending = lines;
		try {
			this.write();
		} finally {
			this.#pending += waiting;
		}
	}

	/** Hands everything appended so far to the kernel. Throws the file system's error; the next call goes on where this one stopped. */
	write(): void {
		const bytes = this.#takePending();
		let offset = this.#torn;
		try {
			while (offset < bytes.length) {
				// A short write is completed, never restarted: the file would hold the beginning twice.
				const written = this.#files.write(this.descriptor, bytes, offset);
				if (written <= 0) throw new Error('the file system wrote nothing and gave no reason');
				this.#crc = crc32(bytes.subarray(offset, offset + written), this.#crc);
				this.#length += written;
				offset += written;
			}
			if (this.#rest.length > 0) this.#rest = Buffer.alloc(0);
			this.#torn = 0;
		} catch (error) {
			const start = offset === 0 ? 0 : bytes.lastIndexOf(lineFeed, offset - 1) + 1;
			// Copied: the scratch is used again.
			this.#rest = Buffer.from(bytes.subarray(start));
			this.#torn = offset - start;
			throw error;
		}
	}

	/** At the end, when there was no room for the rest of a line: readers take the last line for whole. Nothing may be written after it. */
	cutTornLine(): void {
		if (this.#torn === 0) return;
		this.#files.ftruncate(this.descriptor, this.#length - this.#torn);
		this.#length -= this.#torn;
		this.#torn = 0;
	}

	/** Lines that are not in the file, or not whole. */
	get lostLines(): readonly string[] {
		return `${this.#rest.toString('utf8')}${this.#pending}`.split('\n').slice(0, -1);
	}

	#takePending(): Buffer {
		const pending = this.#pending;
		this.#pending = '';
		// A UTF-16 unit becomes at most three octets.
		if (this.#rest.length === 0 && pending.length * 3 <= scratchBytes) {
			return this.#scratch.subarray(0, this.#scratch.write(pending, 'utf8'));
		}
		return Buffer.concat([this.#rest, Buffer.from(pending, 'utf8')]);
	}
}
