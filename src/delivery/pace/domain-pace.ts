/** How many messages go to one domain in how much time, over whichever server (`--domain-rate`). */
import type { Rate } from './rate.ts';
import { RateLimit } from './rate-limit.ts';

export class DomainPace {
	readonly #limits = new Map<string, RateLimit>();

	/** Keys: domains as in addresses, lower-case A-labels. */
	constructor(rates: ReadonlyMap<string, Rate>) {
		for (const [domain, rate] of rates) this.#limits.set(domain, new RateLimit(rate));
	}

	isLimited(domain: string): boolean {
		return this.#limits.has(domain);
	}

	/** Monotonic: when the domain may have its next message; not later than `nowMs` when it may now. */
	readyAtMs(domain: string, nowMs: number): number {
		return this.#limits.get(domain)?.readyAtMs(nowMs) ?? nowMs;
	}

	/** A message to the domain goes out now. Only when readyAtMs says that it may. */
	spend(domain: string, nowMs: number): void {
		const limit = this.#limits.get(domain);
		if (limit === undefined) return;
		if (limit.readyAtMs(nowMs) > nowMs) throw new Error(`a message went to ${domain} before its time`);
		limit.spend(nowMs);
	}
}
