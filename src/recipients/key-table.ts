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

/** So many keys wait for memory together: more of them than a processor has reads under way. */
const queueLength = 64;

/** What visit() adds to the value of a key that was visited before in the same pass. */
export const visitedBefore = 128;

export class KeyTable {
	readonly #print: Fingerprint;
	readonly #table = new FingerprintTable();
	/** An octet a key, by its number in the table: the value, and whether it was visited. */
	readonly #states: Uint8Array[] = [];
	/** The number of a key; 0 before there is one. */
	#cursor = 0;
	/** Fingerprints that wait for changeQueued. */
	readonly #queue = new Int32Array(4 * queueLength);
	#queued = 0;
	readonly #touched = new Int32Array(queueLength);

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

	/** Keys that queueAscii() notes at most. */
	get queueLength(): number {
		return queueLength;
	}

	/** Puts the cursor on the key, which is taken in with value 0 when it is new. 0.1 to 0.4 us, of which most is waiting for memory. */
	seek(key: string): void {
		this.#print.take(key);
		this.#putCursor(this.#print.words);
	}

	/** Makes room for so many keys at once, when it is known that they come: a table that grows to it sorts all of them in anew each time. */
	reserve(keys: number): void {
		this.#table.reserve(keys);
	}

	/**
	 * Notes a key for changeQueued(), given as ASCII octets from `start` to before `end`, without a string being made. They are taken as they are: escapes must
	 * be undone before. Gives how many are noted: at `queueLength` it is time. Octets that are no ASCII are a bug of the caller and an Error.
	 */
	queueAscii(octets: Uint8Array, start: number, end: number): number {
		if (this.#queued === queueLength) throw new Error(`a KeyTable notes ${queueLength} keys and no more`);
		const print = this.#print;
		print.takeAscii(octets, start, end);
		const { words } = print;
		const at = 4 * this.#queued;
		for (let word = 0; word < 4; word++) this.#queue[at + word] = words[word] ?? 0;
		return ++this.#queued;
	}

	/**
	 * Takes the noted keys in, in their order, and gives each a new value: what `change` makes of the one it has. None is noted any more then, and the
	 * cursor is on the last. For each key half of the time of seek(): they wait for memory together.
	 */
	changeQueued(change: (value: number, index: number) => number): void {
		const queue = this.#queue;
		const count = this.#queued;
		this.#queued = 0;
		this.#table.touch(queue, count, this.#touched);
		for (let index = 0; index < count; index++) {
			this.#putCursor(queue, 4 * index);
			const state = this.#stateAtCursor();
			this.#setStateAtCursor((state & visitedBefore) | valid(change(state & ~visitedBefore, index)));
		}
	}

	/** 0 to 127, of the key under the cursor. */
	get value(): number {
		return this.#stateAtCursor() & ~visitedBefore;
	}

	set value(value: number) {
		this.#setStateAtCursor((this.#stateAtCursor() & visitedBefore) | valid(value));
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

	#putCursor(words: Int32Array, from = 0): void {
		this.#cursor = this.#table.findOrInsert(words, from);
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

function valid(value: number): number {
	if ((value & 0x7f) !== value) throw new Error(`the value of a key is 0 to 127 and not ${value}`);
	return value;
}
