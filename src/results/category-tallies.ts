/** Refusals by category: how many, the first reply, and the domains that said so most often. */
import type { BounceCategory, BounceType, Refusal } from '../bounces/refusal.ts';
import type { Recipient } from '../recipients/row.ts';
import type { Result } from './result.ts';
import { NameCounter, type TopCounts } from './top-counts.ts';

const countedDomains = 1000;

/** Refusals of one category, bounced and deferred together; a row that was tried again counts as it ended. */
export interface CategoryCount {
	readonly category: BounceCategory;
	readonly type: BounceType;
	readonly count: number;
	readonly bounced: number;
	/** The first reply, or what broke the connection. */
	readonly sample: string;
	readonly domains: TopCounts;
}

type RefusedResult = Extract<Result, { kind: 'bounced' | 'deferred' | 'undelivered' }>;

export class CategoryTallies {
	readonly #tallies = new Map<BounceCategory, CategoryTally>();

	add(refusal: Refusal, { result, sample }: { readonly result: RefusedResult; readonly sample: string }): void {
		let tally = this.#tallies.get(refusal.category);
		if (tally === undefined) {
			tally = new CategoryTally(refusal.type, sample);
			this.#tallies.set(refusal.category, tally);
		}
		tally.add(result);
	}

	/** One that was added as deferred no longer counts. */
	takeBackDeferred(category: BounceCategory, recipient: Recipient): void {
		const tally = this.#tallies.get(category);
		if (tally === undefined) return;
		tally.takeBackDeferred(recipient);
		if (tally.isEmpty) this.#tallies.delete(category);
	}

	/** Most frequent first, each with its three most frequent domains. */
	get counts(): readonly CategoryCount[] {
		const counts = [...this.#tallies].map(([category, tally]) => tally.count(category));
		return counts.sort((a, b) => b.count - a.count);
	}
}

class CategoryTally {
	readonly #type: BounceType;
	readonly #sample: string;
	readonly #domains = new NameCounter(countedDomains);
	#count = 0;
	#bounced = 0;

	constructor(type: BounceType, sample: string) {
		this.#type = type;
		this.#sample = sample;
	}

	get isEmpty(): boolean {
		return this.#count === 0;
	}

	add(result: RefusedResult): void {
		this.#count += 1;
		if (result.kind === 'bounced') this.#bounced += 1;
		this.#domains.add(domainOf(result.message.recipient));
	}

	takeBackDeferred(recipient: Recipient): void {
		this.#count -= 1;
		this.#domains.remove(domainOf(recipient));
	}

	count(category: BounceCategory): CategoryCount {
		const domains = this.#domains.top(3);
		return { category, type: this.#type, count: this.#count, bounced: this.#bounced, sample: this.#sample, domains };
	}
}

function domainOf({ address }: Recipient): string {
	return address.slice(address.lastIndexOf('@') + 1);
}
