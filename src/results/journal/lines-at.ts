/** Lines of a file by where they begin, mostly ascending: one read serves those that stand near each other. */
import type { FileSystem } from '../../support/file-system.ts';

const lineFeed = 0x0a;
const windowBytes = 64 * 1024;

export class LinesAt {
	readonly #descriptor: number;
	readonly #files: FileSystem;
	#window = Buffer.alloc(0);
	#offset = 0;

	constructor(descriptor: number, files: FileSystem) {
		this.#descriptor = descriptor;
		this.#files = files;
	}

	/** Without its line feed; shorter only when the file ends there. The octets are good until the next call. */
	line(offset: number): Buffer {
		for (let size = windowBytes; ; size *= 2) {
			const start = offset - this.#offset;
			const end = start < 0 ? -1 : this.#window.indexOf(lineFeed, start);
			if (start >= 0 && start < this.#window.length && end !== -1) return this.#window.subarray(start, end);
			const window = Buffer.allocUnsafe(size);
			const length = this.#files.read(this.#descriptor, window, offset);
			this.#window = window.subarray(0, length);
			this.#offset = offset;
			if (length < size && this.#window.indexOf(lineFeed) === -1) return this.#window;
		}
	}
}
