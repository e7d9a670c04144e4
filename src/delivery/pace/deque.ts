/** In at both ends, out at the front; each costs the same however many are in it. */

// Rarely enough that moving what is left costs nothing worth mentioning.
const clearAfter = 1_000;

export class Deque<T> {
	/** Turned round: its last is the first of all. */
	readonly #front: T[] = [];
	readonly #back: T[] = [];
	/** Of `#back`, counted from its beginning. */
	#gone = 0;

	get first(): T | undefined {
		return this.#front.at(-1) ?? this.#back[this.#gone];
	}

	push(item: T): void {
		this.#back.push(item);
	}

	unshift(item: T): void {
		this.#front.push(item);
	}

	/** Takes out the first, if there is one. */
	shift(): void {
		if (this.#front.length > 0) {
			this.#front.pop();
			return;
		}
		if (this.#gone < this.#back.length) this.#gone += 1;
		if (this.#gone < clearAfter && this.#gone < this.#back.length) return;
		this.#back.splice(0, this.#gone);
		this.#gone = 0;
	}
}
