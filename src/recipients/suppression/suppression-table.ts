/** The keys of suppression lists with the number of their reason, as fingerprints: 22 octets each instead of 100 for a Set of strings (key-table.ts has the reasons). */
import { Fingerprint } from '../fingerprint.ts';
import { FingerprintTable } from '../fingerprint-table.ts';

const chunkBits = 14;
const keysPerChunk = 2 ** chunkBits;
/** An octet is kept of each; 0 is none. */
export const maxReasons = 255;

export class SuppressionTable {
	readonly #print: Fingerprint;
	readonly #table = new FingerprintTable();
	readonly #reasons: Uint8Array[] = [];

	/** `seed`: at least 16 random bytes. */
	constructor(seed: Uint8Array) {
		this.#print = new Fingerprint(seed);
	}

	get size(): number {
		return this.#table.size;
	}

	reserve(keys: number): void {
		this.#table.reserve(keys);
	}

	/** The reason that came first stays. `reason`: 1 to 255. */
	add(key: string, reason: number): void {
		this.#print.take(key);
		this.#put(reason);
	}

	/** The same of a key that is given as ASCII octets from 0 to before `length`. */
	addAscii(octets: Uint8Array, length: number, reason: number): void {
		this.#print.takeAscii(octets, 0, length);
		this.#put(reason);
	}

	/** 0: it is not there. 0.2 us. */
	find(key: string): number {
		this.#print.take(key);
		const entry = this.#table.find(this.#print.words);
		return entry === 0 ? 0 : (this.#reasons[entry >>> chunkBits]?.[entry % keysPerChunk] ?? 0);
	}

	#put(reason: number): void {
		const before = this.#table.size;
		const entry = this.#table.findOrInsert(this.#print.words);
		if (this.#table.size === before) return;
		if (entry >>> chunkBits === this.#reasons.length) this.#reasons.push(new Uint8Array(keysPerChunk));
		const chunk = this.#reasons[entry >>> chunkBits];
		if (chunk === undefined) throw new Error(`a SuppressionTable has no reason of key ${entry}`);
		chunk[entry % keysPerChunk] = reason;
	}
}
