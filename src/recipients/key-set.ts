/**
 * The keys seen so far, as fingerprints in typed arrays: ten million take 200 MB where a Set of strings takes 2.7 GB (reference/performance.md §3.8).
 *
 * A false "already there" would leave a person out. 96 bits are kept of each key, hashed with a random seed: for ten million keys the chance of a
 * single one anywhere is below 1e-15.
 *
 *      directory (2^depth)          pages of 4,096 slots, never thrown away
 *      third word's low bits  --->  home slot from the first word, linear probing
 *
 * A page that is 70 % full is split in two (extendible hashing). One big table that doubles would need three times its memory while it does,
 * and leave holes in the heap afterwards.
 */
import { fingerprint, fingerprintKey } from './fingerprint.ts';

const slotBits = 12;
const slotsPerPage = 2 ** slotBits;
const wordsPerSlot = 3;
const maxKeysPerPage = Math.floor(slotsPerPage * 0.7);

export class KeySet {
	readonly #key: Uint32Array;
	readonly #print = new Uint32Array(4);
	readonly #scratch = new Uint32Array(slotsPerPage * wordsPerSlot);
	#directory: Page[] = [new Page(0)];
	#size = 0;

	/** `seed`: at least 16 random bytes. */
	constructor(seed: Uint8Array) {
		this.#key = fingerprintKey(seed);
	}

	get size(): number {
		return this.#size;
	}

	/** Octets of the tables, for memory reports. */
	get sizeBytes(): number {
		return new Set(this.#directory).size * slotsPerPage * wordsPerSlot * Uint32Array.BYTES_PER_ELEMENT;
	}

	/** Takes the key in; false when it was there already. About 0.5 us. */
	add(key: string): boolean {
		const print = this.#print;
		fingerprint(key, this.#key, { into: print });
		// A first word of 0 means an empty slot.
		const first = print[0] || 1;
		const second = print[1] ?? 0;
		const third = print[2] ?? 0;
		let page = this.#pageOf(third);
		if (page.has(first, second, third)) return false;
		while (page.size >= maxKeysPerPage) {
			this.#split(page, third);
			page = this.#pageOf(third);
		}
		page.put(first, second, third);
		this.#size++;
		return true;
	}

	/** Forgets all keys and keeps the memory, so that a second pass over the same list needs no more of it. */
	clear(): void {
		for (const page of new Set(this.#directory)) page.clear();
		this.#size = 0;
	}

	#pageOf(third: number): Page {
		const page = this.#directory[third & (this.#directory.length - 1)];
		if (page === undefined) throw new Error('the directory of a KeySet has a hole');
		return page;
	}

	/** Keys whose next bit is 1 move to a new page. */
	#split(page: Page, third: number): void {
		const bit = 2 ** page.depth;
		if (bit === this.#directory.length) this.#directory = [...this.#directory, ...this.#directory];
		page.depth++;
		const sibling = new Page(page.depth);
		for (let index = (third & (bit - 1)) | bit; index < this.#directory.length; index += 2 * bit) {
			this.#directory[index] = sibling;
		}
		const slots = this.#scratch;
		slots.set(page.slots);
		page.clear();
		for (let slot = 0; slot < slots.length; slot += wordsPerSlot) {
			const first = slots[slot] ?? 0;
			if (first === 0) continue;
			const last = slots[slot + 2] ?? 0;
			((last & bit) === 0 ? page : sibling).put(first, slots[slot + 1] ?? 0, last);
		}
	}
}

class Page {
	readonly slots = new Uint32Array(slotsPerPage * wordsPerSlot);
	/** How many low bits of the third word all keys of this page share. */
	depth: number;
	size = 0;

	constructor(depth: number) {
		this.depth = depth;
	}

	has(first: number, second: number, third: number): boolean {
		return this.slots[this.#find(first, second, third)] !== 0;
	}

	put(first: number, second: number, third: number): void {
		const slot = this.#find(first, second, third);
		this.slots[slot] = first;
		this.slots[slot + 1] = second;
		this.slots[slot + 2] = third;
		this.size++;
	}

	clear(): void {
		this.slots.fill(0);
		this.size = 0;
	}

	/** Offset of the slot that holds the fingerprint, or of the empty one where it belongs. */
	#find(first: number, second: number, third: number): number {
		const { slots } = this;
		let slot = (first >>> (32 - slotBits)) * wordsPerSlot;
		for (;;) {
			const present = slots[slot];
			if (present === 0) return slot;
			if (present === first && slots[slot + 1] === second && slots[slot + 2] === third) return slot;
			slot += wordsPerSlot;
			if (slot === slots.length) slot = 0;
		}
	}
}
