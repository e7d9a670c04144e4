/** A file that a repair writes anew beside the damaged one: its length and CRC-32 are known, and it is durable when it is closed. */
import { constants } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { FileSystem } from '../../support/file-system.ts';
import { salvagedPath } from './repair-plan.ts';

const flushAtBytes = 256 * 1024;
const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

export class SalvagedFile {
	readonly #files: FileSystem;
	readonly #path: string;
	readonly #descriptor: number;
	#pending: Buffer[] = [];
	#pendingBytes = 0;
	#length = 0;
	#crc = 0;

	/** `path`: of the file whose place it is to take. Throws the file system's error. */
	constructor(path: string, files: FileSystem) {
		this.#files = files;
		this.#path = salvagedPath(path);
		this.#descriptor = files.open(this.#path, flags, 0o600);
	}

	get length(): number {
		return this.#length;
	}

	get crc(): number {
		return this.#crc;
	}

	/** Whole lines. */
	append(lines: string | Buffer): void {
		// A copy: the octets may be those of a buffer that is used again.
		const octets = Buffer.from(lines);
		this.#pending.push(octets);
		this.#pendingBytes += octets.length;
		this.#length += octets.length;
		this.#crc = crc32(octets, this.#crc);
		if (this.#pendingBytes >= flushAtBytes) this.#flush();
	}

	/** Writes the rest and makes it durable. */
	sync(): void {
		this.#flush();
		this.#files.fsync(this.#descriptor);
	}

	/** When the repair came to nothing; throws nothing. */
	remove(): void {
		try {
			this.#files.unlink(this.#path);
		} catch {
			// What made the repair fail says more, and the next one writes over it.
		}
	}

	close(): void {
		this.#files.close(this.#descriptor);
	}

	#flush(): void {
		const octets = Buffer.concat(this.#pending);
		this.#pending = [];
		this.#pendingBytes = 0;
		for (let offset = 0; offset < octets.length; ) {
			const written = this.#files.write(this.#descriptor, octets, offset);
			if (written <= 0) throw new Error('the file system wrote nothing and gave no reason');
			offset += written;
		}
	}
}
