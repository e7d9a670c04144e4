/**
 * The same-text guard of suppressions (reference/bounces.md §1 rule 5): the same words to five recipients in a row are about us, whatever they say, and
 * nobody is suppressed for them.
 *
 * The breaker of delivery/ stops a run for what is not about the recipient by its words. This one believes no words: it costs nothing to keep an address
 * once more, and there is no way back for one that is suppressed by mistake. A list with many dead addresses has such rows by chance, so the others with
 * the same words go free only where they are what the server mostly said.
 */

/** So many different recipients in a row. */
const rowThatTells = 5;
/** Of all that one server said in a run. */
const shareThatTells = 0.3;

export interface HeardBounce {
	/** Tells recipients apart. */
	readonly key: string;
	/** Equal for refusals that were given for one reason. */
	readonly reason: string;
}

/** What is known of one refusal; `isAboutUs` has its say when the run is over. */
export class Evidence {
	readonly #words: Words;
	isInRow = false;

	constructor(words: Words) {
		this.#words = words;
	}

	get isAboutUs(): boolean {
		const { server, hasRow, count } = this.#words;
		return this.isInRow || (hasRow && count >= server.answers * shareThatTells);
	}
}

interface Words {
	readonly server: { readonly answers: number };
	hasRow: boolean;
	count: number;
}

/** What one server said in one run, in the order in which it said it. */
export class SameTextGuard {
	answers = 0;
	readonly #words = new Map<string, Words>();
	#reason = '';
	readonly #recipients = new Set<string>();
	#row: Evidence[] = [];

	/** An acceptance, or a refusal that is surely about the recipient: no row goes on. */
	heardAnother(): void {
		this.answers += 1;
		if (this.#reason !== '') this.#endRow('');
	}

	refused({ key, reason }: HeardBounce): Evidence {
		this.answers += 1;
		if (reason !== this.#reason) this.#endRow(reason);
		const words = this.#wordsOf(reason);
		words.count += 1;
		const evidence = new Evidence(words);
		if (this.#recipients.size < rowThatTells) {
			this.#recipients.add(key);
			this.#row.push(evidence);
		}
		if (this.#recipients.size >= rowThatTells) {
			words.hasRow = true;
			evidence.isInRow = true;
			for (const earlier of this.#row) earlier.isInRow = true;
			this.#row = [];
		}
		return evidence;
	}

	#endRow(reason: string): void {
		this.#reason = reason;
		this.#recipients.clear();
		this.#row = [];
	}

	#wordsOf(reason: string): Words {
		let words = this.#words.get(reason);
		if (words === undefined) {
			words = { server: this, hasRow: false, count: 0 };
			this.#words.set(reason, words);
		}
		return words;
	}
}
