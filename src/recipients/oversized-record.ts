/**
 * Looks for the end of a record that is too large to be held, octet by octet, keeping nothing of it.
 *
 * A record over the limit, over several lines, and then a quote that fits nowhere: the quote before was opened by mistake and swallowed all this.
 */
const lf = 10;
const quote = 34;

export interface OversizedEnd {
	readonly kind: 'too_large' | 'unclosed_quote';
	readonly lines: number;
	/** Where the next record begins in the octets that were given. */
	readonly next: number;
}

export class OversizedRecord {
	readonly #delimiter: number;
	#previous: number;
	#quoting = false;
	/** A quote stood in the wrong place: the record ends with this line. */
	#broken = false;
	#lines = 1;
	#pending = 0;

	/** `delimiter`: its octet. */
	constructor(delimiter: number) {
		this.#delimiter = delimiter;
		this.#previous = delimiter;
	}

	/** How many octets at the end must be given again together with those that follow: 0, or 1 for a quote that may be half of two. */
	get pendingOctets(): number {
		return this.#pending;
	}

	/** Goes on looking; null when the end is not in these octets. `final`: nothing follows them. */
	take(octets: Buffer, { final }: { readonly final: boolean }): OversizedEnd | null {
		this.#pending = 0;
		for (let index = 0; index < octets.length; index++) {
			const octet = octets[index] ?? 0;
			if (this.#quoting && octet === quote) {
				if (index + 1 === octets.length && !final) {
					this.#pending = 1;
					return null;
				}
				const next = octets[index + 1];
				if (next === quote) {
					index++;
				} else {
					const fits = next === this.#delimiter || next === lf || next === undefined;
					if (!fits && this.#lines > 1) return this.#end('unclosed_quote', octets.length);
					this.#quoting = false;
					this.#broken = !fits;
				}
			} else if (this.#quoting) {
				if (octet === lf) this.#lines++;
			} else if (octet === lf) {
				return this.#end('too_large', index + 1);
			} else if (octet === quote && !this.#broken) {
				this.#quoting = this.#previous === this.#delimiter;
				if (!this.#quoting && this.#lines > 1) return this.#end('unclosed_quote', octets.length);
				this.#broken = !this.#quoting;
			}
			this.#previous = octet;
		}
		return final ? this.#end(this.#quoting ? 'unclosed_quote' : 'too_large', octets.length) : null;
	}

	#end(kind: OversizedEnd['kind'], next: number): OversizedEnd {
		return { kind, lines: this.#lines, next };
	}
}
