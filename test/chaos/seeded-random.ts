/** Randomness that a seed brings back: a stream of numbers, and fates that depend on what they are about and not on when they are asked for. */

export class SeededRandom {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0;
	}

	/** 0 to 1, without 1. */
	next(): number {
		this.#state = (this.#state + 0x9e3779b9) >>> 0;
		return mix(this.#state) / 2 ** 32;
	}

	/** A whole number from `min` to `max`, both included. */
	whole(min: number, max: number): number {
		return min + Math.floor(this.next() * (max - min + 1));
	}

	pick<Item>(items: readonly Item[]): Item {
		const item = items[this.whole(0, items.length - 1)];
		if (item === undefined) throw new Error('nothing to pick from');
		return item;
	}

	bytes(length: number): Buffer {
		const bytes = Buffer.alloc(length);
		for (let at = 0; at < length; at++) bytes[at] = this.whole(0, 255);
		return bytes;
	}

	shuffled<Item>(items: readonly Item[]): Item[] {
		return items
			.map((item) => ({ item, place: this.next() }))
			.sort((one, other) => one.place - other.place)
			.map(({ item }) => item);
	}
}

/** 0 to 1 for this seed and subject, the same whenever it is asked for. */
export function fate(seed: number, subject: string): number {
	let hash = (seed ^ 0x811c9dc5) >>> 0;
	for (let at = 0; at < subject.length; at++) hash = Math.imul(hash ^ subject.charCodeAt(at), 0x01000193) >>> 0;
	return mix(hash) / 2 ** 32;
}

/** Spreads what differs in one bit over all 32 (the finaliser of MurmurHash3). */
function mix(value: number): number {
	let mixed = value;
	mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
	mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
	return (mixed ^ (mixed >>> 16)) >>> 0;
}
