/**
 * The keys seen so far, with a value each, as fingerprints in typed arrays: ten million take 237 MB where a Set of strings takes 2.7 GB
 * (reference/performance.md §3.8).
 *
 * A false "already there" would leave a person out. All 128 bits of a keyed fingerprint are kept and compared: with ten million keys the chance of a
 * single false one anywhere is below 1e-24, also when somebody chose the keys, as long as they do not know the seed.
 */
import { Fingerprint } from './fingerprint.ts';
import { FingerprintTable } from './fingerprint-table.ts';

const chunkBits = 14;
const keysPerChunk = 2 ** chunkBits;

/** What visit() adds to the value of a key that was visited before in the same pass. */
export const visitedBefore = 128;

export class KeyTable {
	readonly #print: Fingerprint;
	readonly #table = new FingerprintTable();
	/** An octet a key, by its number in the table: the value, and whether it was visited. */
	readonly #states: Uint8Array[] = [];
	/** The number of a key; 0 before there is one. */
	#cursor = 0;

	/** `seed`: at least 16 random bytes. */
	constructor(seed: Uint8Array) {
		this.#print = new Fingerprint(seed);
	}

	/** Keys that were sought or visited so far. */
	get size(): number {
		return this.#table.size;
	}

	/** Octets of the tables, for memory reports. */
	get sizeBytes(): number {
		return this.#table.sizeBytes + this.#states.length * keysPerChunk;
	}

	/** Puts the cursor on the key, which is taken in with value 0 when it is new. 0.1 to 0.4 us, of which most is waiting for memory. */
	seek(key: string): void {
		this.#print.take(key);
		this.#putCursor();
	}

	/**
	 * seek() of a key given as ASCII octets, from `start` to before `end`, without a string being made. They are taken as they are: escapes must be
	 * undone before. Octets that are no ASCII are a bug of the caller and an Error.
	 */
	seekAscii(octets: Uint8Array, start: number, end: number): void {
		this.#print.takeAscii(octets, start, end);
		this.#putCursor();
	}

	/** 0 to 127, of the key under the cursor. */
	get value(): number {
		return this.#stateAtCursor() & ~visitedBefore;
	}

	set value(value: number) {
		if ((value & 0x7f) !== value) throw new Error(`the value of a key is 0 to 127 and not ${value}`);
		this.#setStateAtCursor((this.#stateAtCursor() & visitedBefore) | value);
	}

	/** Puts the cursor on the key and marks it as visited. Gives its value, plus `visitedBefore` when it was visited before in this pass. */
	visit(key: string): number {
		this.seek(key);
		const state = this.#stateAtCursor();
		this.#setStateAtCursor(state | visitedBefore);
		return state;
	}

	/** A new pass begins: no key was visited in it. Keys, values and the memory stay. */
	forgetVisits(): void {
		for (const states of this.#states) {
			const fours = new Uint32Array(states.buffer);
			for (let at = 0; at < fours.length; at++) fours[at] = (fours[at] ?? 0) & 0x7f7f7f7f;
		}
	}

	/** Takes nothing in, and the cursor stays where it is. */
	has(key: string): boolean {
		this.#print.take(key);
		return this.#table.find(this.#print.words) > 0;
	}

	#putCursor(): void {
		this.#cursor = this.#table.findOrInsert(this.#print.words);
		if (this.#cursor >>> chunkBits === this.#states.length) this.#states.push(new Uint8Array(keysPerChunk));
	}

	#stateAtCursor(): number {
		if (this.#cursor === 0) throw new Error('the cursor of a KeyTable is on no key yet');
		return this.#states[this.#cursor >>> chunkBits]?.[this.#cursor % keysPerChunk] ?? 0;
	}

	#setStateAtCursor(state: number): void {
		const states = this.#states[this.#cursor >>> chunkBits];
		if (states === undefined) throw new Error(`a KeyTable has no state of key ${this.#cursor}`);
		states[this.#cursor % keysPerChunk] = state;
	}
}
