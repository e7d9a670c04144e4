/** Cuts a file that comes in pieces into lines, with the place of each; reads files that way in constant memory. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FileSystem } from '../../support/file-system.ts';

const lineFeed = 0x0a;
const chunkBytes = 1024 * 1024;
/** No line of ours is so long; one that is comes in parts, none of which is JSON. */
const maxLineBytes = 16 * chunkBytes;

export interface FileLine {
	/** With its line feed, when it has one. Good until the next piece. */
	readonly octets: Buffer;
	readonly offset: number;
}

export class LineSplitter {
	#offset: number;
	#held: Buffer = Buffer.alloc(0);

	/** `offset`: of the first piece in the file. */
	constructor(offset: number) {
		this.#offset = offset;
	}

	/** The lines that are whole with this piece. */
	*push(piece: Buffer): Generator<FileLine> {
		const octets = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece]);
		let start = 0;
		for (let end = octets.indexOf(lineFeed); end !== -1; end = octets.indexOf(lineFeed, start)) {
			yield { octets: octets.subarray(start, end + 1), offset: this.#offset + start };
			start = end + 1;
		}
		this.#offset += start;
		this.#held = octets.subarray(start);
		if (this.#held.length > maxLineBytes) yield* this.rest();
	}

	/** What has no line feed. */
	*rest(): Generator<FileLine> {
		if (this.#held.length === 0) return;
		yield { octets: this.#held, offset: this.#offset };
		this.#offset += this.#held.length;
		this.#held = Buffer.alloc(0);
	}
}

/** All lines of `range`, a piece of the file at a time: the event loop turns in between, and `signal` is looked at. */
export async function* linesInPieces(
	descriptor: number,
	range: { readonly files: FileSystem; readonly to: number; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<Iterable<FileLine>> {
	const { files, to, signal } = range;
	const splitter = new LineSplitter(0);
	for (let offset = 0; offset < to; ) {
		signal?.throwIfAborted();
		// A new one each time: what is held of the last one is still looked at.
		const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, to - offset));
		const count = files.read(descriptor, chunk, offset);
		if (count === 0) break;
		offset += count;
		yield splitter.push(chunk.subarray(0, count));
		await nextTurn();
	}
	yield splitter.rest();
}
