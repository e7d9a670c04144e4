/** How often which name occurred, in bounded memory: a hostile list has a million domains. */

export interface TopCounts {
	/** Most frequent first, then by name. */
	readonly top: readonly { readonly name: string; readonly count: number }[];
	/** Occurrences of names that are not among them. */
	readonly others: number;
}

/** Names that come after the first `maxNames` different ones are counted together: exact for every list whose domains are so few. */
export class NameCounter {
	readonly #maxNames: number;
	readonly #counts = new Map<string, number>();
	#unnamed = 0;

	constructor(maxNames: number) {
		this.#maxNames = maxNames;
	}

	add(name: string): void {
		const count = this.#counts.get(name);
		if (count !== undefined) this.#counts.set(name, count + 1);
		else if (this.#counts.size < this.#maxNames) this.#counts.set(name, 1);
		else this.#unnamed += 1;
	}

	/** One that was added is taken back. */
	remove(name: string): void {
		const count = this.#counts.get(name);
		if (count === undefined) this.#unnamed -= 1;
		else if (count > 1) this.#counts.set(name, count - 1);
		else this.#counts.delete(name);
	}

	top(length: number): TopCounts {
		const sorted = [...this.#counts].sort(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1));
		const others = sorted.slice(length).reduce((sum, [, count]) => sum + count, this.#unnamed);
		return { top: sorted.slice(0, length).map(([name, count]) => ({ name, count })), others };
	}
}
