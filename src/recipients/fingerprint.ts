/** A keyed 128-bit fingerprint of a text: HalfSipHash-1-3 under two independent keys side by side, in 32-bit arithmetic. About 0.1 us for an address. */

const firstRoom = 64;

/**
 * Takes the fingerprint of one text after the other; the same text has the same one, whether it comes as a string or as octets. Different strings of
 * UTF-16 units are different texts: normalise first.
 */
export class Fingerprint {
	/** The fingerprint of the text that was taken last. */
	readonly words = new Int32Array(4);
	readonly #key: Int32Array;
	/** The text as the words that are hashed. */
	#input = new Int32Array(firstRoom);
	/** The octets that were seen last, and as four at a time. */
	#octets: Uint8Array = new Uint8Array(0);
	#view: DataView = new DataView(new ArrayBuffer(0));

	/** `seed`: at least 16 random bytes, of which the first 16 are used. */
	constructor(seed: Uint8Array) {
		if (seed.length < 16) throw new Error('a fingerprint needs 16 bytes of seed');
		const view = new DataView(seed.buffer, seed.byteOffset, seed.byteLength);
		this.#key = Int32Array.of(view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12));
	}

	// No two texts make the same words: the last one holds the length and, in its highest bit, how many units a word has.

	take(text: string): void {
		const { length } = text;
		const last = length >> 2;
		const input = this.#roomFor(last + 1);
		let units = 0;
		let position = 0;
		for (let word = 0; word < last; word++, position += 4) {
			const a = text.charCodeAt(position);
			const b = text.charCodeAt(position + 1);
			const c = text.charCodeAt(position + 2);
			const d = text.charCodeAt(position + 3);
			units |= a | b | c | d;
			input[word] = a | (b << 8) | (c << 16) | (d << 24);
		}
		let rest = (length & 0x7f) << 24;
		for (let shift = 0; position < length; shift += 8, position++) {
			const unit = text.charCodeAt(position);
			units |= unit;
			rest |= unit << shift;
		}
		if (units > 0x7f) {
			this.#takeWide(text);
			return;
		}
		input[last] = rest;
		this.#hash(last + 1);
	}

	/**
	 * The same of a text given as ASCII octets, from `start` to before `end`. Octets of anything else are a bug of the caller and an Error: their
	 * fingerprint would be that of no string.
	 */
	takeAscii(octets: Uint8Array, start: number, end: number): void {
		if (start < 0 || end < start || end > octets.length) throw new Error('octets to be fingerprinted are missing');
		if (octets !== this.#octets) {
			this.#octets = octets;
			this.#view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
		}
		const view = this.#view;
		const length = end - start;
		const last = length >> 2;
		const input = this.#roomFor(last + 1);
		let units = 0;
		let position = start;
		for (let word = 0; word < last; word++, position += 4) {
			const four = view.getInt32(position, true);
			units |= four;
			input[word] = four;
		}
		let rest = (length & 0x7f) << 24;
		for (let shift = 0; position < end; shift += 8, position++) {
			const unit = octets[position] ?? 0;
			units |= unit;
			rest |= unit << shift;
		}
		if ((units & 0x80808080) !== 0) throw new Error('octets to be fingerprinted are not ASCII');
		input[last] = rest;
		this.#hash(last + 1);
	}

	/** Two UTF-16 units a word. */
	#takeWide(text: string): void {
		const { length } = text;
		const last = length >> 1;
		const input = this.#roomFor(last + 1);
		for (let word = 0; word < last; word++) {
			input[word] = text.charCodeAt(2 * word) | (text.charCodeAt(2 * word + 1) << 16);
		}
		const odd = (length & 1) === 1 ? text.charCodeAt(length - 1) : 0;
		input[last] = odd | ((length & 0x7fff) << 16) | 0x80000000;
		this.#hash(last + 1);
	}

	// Both halves in one loop: neither waits for the other, and a processor does two things at a time. Without branches and helpers, since this runs for
	// each row of a list and each settle record of a journal: a third of the time of one half after the other.
	#hash(length: number): void {
		const input = this.#input;
		const { words } = this;
		// As elements of a typed array they are known to be integers, and so is everything made of them.
		const key0 = this.#key[0] ?? 0;
		const key1 = this.#key[1] ?? 0;
		const key2 = this.#key[2] ?? 0;
		const key3 = this.#key[3] ?? 0;
		let v0 = key0;
		let v1 = key1 ^ 0xee;
		let v2 = 0x6c796765 ^ key0;
		let v3 = 0x74656462 ^ key1;
		let w0 = key2;
		let w1 = key3 ^ 0xee;
		let w2 = 0x6c796765 ^ key2;
		let w3 = 0x74656462 ^ key3;
		for (let round = 0; round < length; round++) {
			const word = input[round] ?? 0;
			v3 ^= word;
			w3 ^= word;
			v0 = (v0 + v1) | 0;
			v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
			v0 = (v0 << 16) | (v0 >>> 16);
			v2 = (v2 + v3) | 0;
			v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
			v0 = (v0 + v3) | 0;
			v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
			v2 = (v2 + v1) | 0;
			v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
			v2 = (v2 << 16) | (v2 >>> 16);
			w0 = (w0 + w1) | 0;
			w1 = ((w1 << 5) | (w1 >>> 27)) ^ w0;
			w0 = (w0 << 16) | (w0 >>> 16);
			w2 = (w2 + w3) | 0;
			w3 = ((w3 << 8) | (w3 >>> 24)) ^ w2;
			w0 = (w0 + w3) | 0;
			w3 = ((w3 << 7) | (w3 >>> 25)) ^ w0;
			w2 = (w2 + w1) | 0;
			w1 = ((w1 << 13) | (w1 >>> 19)) ^ w2;
			w2 = (w2 << 16) | (w2 >>> 16);
			v0 ^= word;
			w0 ^= word;
		}
		v2 ^= 0xee;
		w2 ^= 0xee;
		for (let half = 0; half < 2; half++) {
			for (let round = 0; round < 3; round++) {
				v0 = (v0 + v1) | 0;
				v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
				v0 = (v0 << 16) | (v0 >>> 16);
				v2 = (v2 + v3) | 0;
				v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
				v0 = (v0 + v3) | 0;
				v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
				v2 = (v2 + v1) | 0;
				v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
				v2 = (v2 << 16) | (v2 >>> 16);
				w0 = (w0 + w1) | 0;
				w1 = ((w1 << 5) | (w1 >>> 27)) ^ w0;
				w0 = (w0 << 16) | (w0 >>> 16);
				w2 = (w2 + w3) | 0;
				w3 = ((w3 << 8) | (w3 >>> 24)) ^ w2;
				w0 = (w0 + w3) | 0;
				w3 = ((w3 << 7) | (w3 >>> 25)) ^ w0;
				w2 = (w2 + w1) | 0;
				w1 = ((w1 << 13) | (w1 >>> 19)) ^ w2;
				w2 = (w2 << 16) | (w2 >>> 16);
			}
			words[half] = v1 ^ v3;
			words[half + 2] = w1 ^ w3;
			v1 ^= 0xdd;
			w1 ^= 0xdd;
		}
	}

	#roomFor(words: number): Int32Array {
		if (words > this.#input.length) this.#input = new Int32Array(2 * words);
		return this.#input;
	}
}
