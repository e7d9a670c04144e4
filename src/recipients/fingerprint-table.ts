/**
 * Fingerprints of 128 bits, numbered from 1 in the order in which they came.
 *
 *      index (2^bits words)                       entries, dense, four words each
 *      home: the highest bits of the first  --->
 *      word; then linear probing. A slot: the
 *      word's other bits, number of the entry
 *
 * Entries never move, so memory grows with them, and a list in the order of its journal walks through them. Only the index, a quarter of the whole,
 * doubles: when it is 80 % full it is thrown away and made anew from the entries (half a second once at 6.7 million, a second at 13.4). A table that held
 * the fingerprints themselves would double as a whole; cut into pages that split, it would too, for the pages fill in step; and afterwards it is half empty.
 */
const wordsPerEntry = 4;
const chunkBits = 14;
const entriesPerChunk = 2 ** chunkBits;
const firstIndexBits = 12;
/** A gigabyte; a slot has to hold some bits of the fingerprint beside the number. */
const largestIndexBits = 28;
const maxFill = 0.8;

export class FingerprintTable {
	/** 0 is an empty slot. */
	#index = new Int32Array(2 ** firstIndexBits);
	#indexBits = firstIndexBits;
	readonly #chunks: Int32Array[] = [];
	#size = 0;

	get size(): number {
		return this.#size;
	}

	get sizeBytes(): number {
		return (
			this.#index.byteLength + this.#chunks.length * entriesPerChunk * wordsPerEntry * Int32Array.BYTES_PER_ELEMENT
		);
	}

	/** Makes room in the index for so many fingerprints at once. Never makes it smaller. */
	reserve(size: number): void {
		let bits = this.#indexBits;
		while (size > 2 ** bits * maxFill && bits < largestIndexBits) bits++;
		if (bits > this.#indexBits) this.#makeIndex(bits);
	}

	/**
	 * Reads the first place where to look for each of `count` fingerprints, so that it is in the processor's cache when they are sought: these reads wait for
	 * memory all together, where each search would wait for its own. What stands there goes to `into`, of no use but to be asked for.
	 */
	touch(prints: Int32Array, count: number, into: Int32Array): void {
		const index = this.#index;
		const shift = 32 - this.#indexBits;
		for (let print = 0; print < count; print++) {
			into[print] = index[(prints[print * wordsPerEntry] ?? 0) >>> shift] ?? 0;
		}
	}

	/** The number of the fingerprint, whose four words stand from `from` on; 0 when it is not there. */
	find(words: Int32Array, from = 0): number {
		return Math.max(this.#find(words, from), 0);
	}

	/** The number of the fingerprint, a new one when it was not there. */
	findOrInsert(words: Int32Array, from = 0): number {
		const found = this.#find(words, from);
		return found > 0 ? found : this.#insert(words, from, ~found);
	}

	/** The number of the fingerprint, or the complement of the slot where it belongs. */
	#find(words: Int32Array, from: number): number {
		const index = this.#index;
		const bits = this.#indexBits;
		const first = words[from] ?? 0;
		const mask = index.length - 1;
		const tag = first << bits;
		for (let slot = first >>> (32 - bits); ; slot = (slot + 1) & mask) {
			const present = index[slot] ?? 0;
			if (present === 0) return ~slot;
			if ((present ^ tag) >>> bits !== 0) continue;
			const entry = present & mask;
			const chunk = this.#chunkOf(entry);
			const at = (entry % entriesPerChunk) * wordsPerEntry;
			if (
				chunk[at] === first &&
				chunk[at + 1] === words[from + 1] &&
				chunk[at + 2] === words[from + 2] &&
				chunk[at + 3] === words[from + 3]
			) {
				return entry;
			}
		}
	}

	#insert(words: Int32Array, from: number, slot: number): number {
		const entry = this.#size + 1;
		if (entry >>> chunkBits === this.#chunks.length) this.#chunks.push(new Int32Array(entriesPerChunk * wordsPerEntry));
		const chunk = this.#chunkOf(entry);
		const at = (entry % entriesPerChunk) * wordsPerEntry;
		for (let word = 0; word < wordsPerEntry; word++) chunk[at + word] = words[from + word] ?? 0;
		this.#index[slot] = ((words[from] ?? 0) << this.#indexBits) | entry;
		this.#size = entry;
		if (entry > this.#index.length * maxFill) this.#makeIndex(this.#indexBits + 1);
		return entry;
	}

	#makeIndex(bits: number): void {
		// Let go of the old one first: everything in it is in the entries, too.
		this.#index = new Int32Array(0);
		const index = new Int32Array(2 ** bits);
		const mask = index.length - 1;
		for (let entry = 1; entry <= this.#size; entry++) {
			const first = this.#chunkOf(entry)[(entry % entriesPerChunk) * wordsPerEntry] ?? 0;
			let slot = first >>> (32 - bits);
			while (index[slot] !== 0) slot = (slot + 1) & mask;
			index[slot] = (first << bits) | entry;
		}
		this.#index = index;
		this.#indexBits = bits;
	}

	#chunkOf(entry: number): Int32Array {
		const chunk = this.#chunks[entry >>> chunkBits];
		if (chunk === undefined) throw new Error(`a FingerprintTable has no entry ${entry}`);
		return chunk;
	}
}
