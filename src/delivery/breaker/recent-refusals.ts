/** The reasons that were given in the last hundred answers of one server. */

const length = 100;

export class RecentRefusals {
	/** '' for an answer that was no suspicious refusal. */
	readonly #reasons: string[] = new Array<string>(length).fill('');
	readonly #keys: string[] = new Array<string>(length).fill('');
	#next = 0;
	#count = 0;

	/** Answers that are remembered, at most 100. */
	get size(): number {
		return this.#count;
	}

	/** Once per message: no allocation. */
	add(reason: string, key: string): void {
		this.#reasons[this.#next] = reason;
		this.#keys[this.#next] = key;
		this.#next = (this.#next + 1) % length;
		if (this.#count < length) this.#count += 1;
	}

	/** How many different recipients were refused for this reason. */
	recipientsRefused(reason: string): number {
		const keys = new Set<string>();
		for (let index = 0; index < this.#count; index += 1) {
			if (this.#reasons[index] === reason) keys.add(this.#keys[index] ?? '');
		}
		return keys.size;
	}
}
