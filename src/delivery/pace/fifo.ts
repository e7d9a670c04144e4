/** First in, first out; taking one costs the same however many are in it. */

// Rarely enough that moving what is left costs nothing worth mentioning.
const clearAfter = 1_000;

export class Fifo<T> {
	readonly #items: T[] = [];
	/** Of `#items`, counted from its beginning. */
	#gone = 0;

	get first(): T | undefined {
		return this.#items[this.#gone];
	}

	push(item: T): void {
		this.#items.push(item);
	}

	/** Takes out the first, if there is one. */
	shift(): void {
		if (this.#gone < this.#items.length) this.#gone += 1;
		if (this.#gone < clearAfter && this.#gone < this.#items.length) return;
		this.#items.splice(0, this.#gone);
		this.#gone = 0;
	}
}
