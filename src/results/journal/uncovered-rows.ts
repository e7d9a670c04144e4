/** Where the records stand whose rows the log may lack, first in, first out: millions come by, and a few thousand are held at a time. */

const firstRoom = 4096;

/** A settle, local or resolve record by where its line begins. */
export interface Recorded {
	readonly offset: number;
	/** Where its mark's line begins; -1 when it has none. */
	readonly markOffset: number;
}

export class UncoveredRows {
	#offsets = new Float64Array(firstRoom);
	#markOffsets = new Float64Array(firstRoom);
	/** Those in between are held. */
	#first = 0;
	#end = 0;
	/** Rows of the records before this place are known to be in the log. */
	#covered = 0;

	/** In the order of the file. */
	add(offset: number, markOffset: number): void {
		if (offset < this.#covered) return;
		if (this.#end === this.#offsets.length) this.#makeRoom();
		this.#offsets[this.#end] = offset;
		this.#markOffsets[this.#end] = markOffset;
		this.#end++;
	}

	/** The rows of all records that begin before `covers` are in the log. */
	cover(covers: number): void {
		this.#covered = Math.max(this.#covered, covers);
		while (this.#first < this.#end && (this.#offsets[this.#first] ?? 0) < this.#covered) this.#first++;
	}

	list(): readonly Recorded[] {
		return Array.from(this.#offsets.subarray(this.#first, this.#end), (offset, index) => ({
			offset,
			markOffset: this.#markOffsets[this.#first + index] ?? -1,
		}));
	}

	/** In place when at least half of it is free. */
	#makeRoom(): void {
		const held = this.#end - this.#first;
		const isEnough = held * 2 <= this.#offsets.length;
		this.#offsets = moved(this.#offsets, this.#first, isEnough);
		this.#markOffsets = moved(this.#markOffsets, this.#first, isEnough);
		this.#first = 0;
		this.#end = held;
	}
}

function moved(values: Float64Array<ArrayBuffer>, first: number, isInPlace: boolean): Float64Array<ArrayBuffer> {
	if (isInPlace) return values.copyWithin(0, first);
	const larger = new Float64Array(2 * values.length);
	larger.set(values.subarray(first));
	return larger;
}
