/** How many recipients each domain has, in bounded memory: a list of companies has as many domains as rows. */
import { type KeyTable, visitedBefore } from './key-table.ts';

export interface DomainCount {
	readonly domain: string;
	readonly count: number;
}

const maxKept = 50_000;

export class DomainCounts {
	readonly #counts = new Map<string, number>();
	readonly #seen: KeyTable;
	#size = 0;

	/** `seen`: where the domains met are visited; it may hold recipient keys, too. */
	constructor(seen: KeyTable) {
		this.#seen = seen;
	}

	/** Different domains so far. */
	get size(): number {
		return this.#size;
	}

	add(domain: string): void {
		const count = this.#counts.get(domain);
		if (count !== undefined) {
			this.#counts.set(domain, count + 1);
			return;
		}
		// No recipient key begins with NUL: rows with one are malformed.
		if (this.#seen.visit(`\u0000${domain}`) < visitedBefore) this.#size++;
		if (this.#counts.size >= maxKept) this.#forgetRare();
		this.#counts.set(domain, 1);
	}

	/** The `limit` domains with most recipients, most first. Past 50,000 different ones, the counts of domains that were rare for long may be too low. */
	top(limit: number): readonly DomainCount[] {
		return [...this.#counts]
			.map(([domain, count]) => ({ domain, count }))
			.sort((a, b) => b.count - a.count || (a.domain < b.domain ? -1 : 1))
			.slice(0, limit);
	}

	#forgetRare(): void {
		for (let floor = 1; this.#counts.size > maxKept / 2; floor++) {
			for (const [domain, count] of this.#counts) if (count <= floor) this.#counts.delete(domain);
		}
	}
}
