/** Counts what came back: by kind, by category, and the reasons that were given most often; in memory that does not grow. */
import type { BounceCategory, BounceType } from '../bounces/refusal.ts';
import type { MailKind, RecipientReport } from '../bounces/returned/returned-mail.ts';
import { NameCounter, type TopCounts } from '../results/top-counts.ts';

const countedNames = 1000;

export interface ReasonCount {
	/** As it was said the first time. */
	readonly sample: string;
	readonly count: number;
}

export interface BouncedCategory {
	readonly category: BounceCategory;
	readonly type: BounceType;
	readonly count: number;
	readonly domains: TopCounts;
	/** The two most frequent; texts that differ in numbers and addresses only are one. */
	readonly reasons: readonly ReasonCount[];
}

export class BouncesTally {
	mails = 0;
	events = 0;
	notRead = 0;
	/** Recipients whose address is dead by what was said of them. */
	toSuppress = 0;
	readonly #kinds = new Map<MailKind, number>();
	readonly #categories = new Map<BounceCategory, CategoryTally>();

	/** A mail or an event of that kind. */
	addKind(kind: MailKind): void {
		this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
	}

	addReport({ refusal, recipient, reply }: RecipientReport): void {
		if (refusal === null) return;
		if (refusal.action === 'suppress') this.toSuppress += 1;
		let tally = this.#categories.get(refusal.category);
		if (tally === undefined) {
			tally = new CategoryTally(refusal.type);
			this.#categories.set(refusal.category, tally);
		}
		tally.add(recipient, reply);
	}

	kindCount(kind: MailKind): number {
		return this.#kinds.get(kind) ?? 0;
	}

	/** Most frequent first. */
	get categories(): readonly BouncedCategory[] {
		return [...this.#categories].map(([category, tally]) => tally.count(category)).sort((a, b) => b.count - a.count);
	}
}

class CategoryTally {
	readonly #type: BounceType;
	readonly #domains = new NameCounter(countedNames);
	readonly #reasons = new Map<string, { readonly sample: string; count: number }>();
	#count = 0;

	constructor(type: BounceType) {
		this.#type = type;
	}

	add(recipient: string, reply: string): void {
		this.#count += 1;
		if (recipient !== '') this.#domains.add(recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase());
		if (reply === '') return;
		const name = reply
			.slice(0, 200)
			.replace(/\S*@\S*/g, '@')
			.replace(/[\da-f]*\d[\da-f]*/gi, '#');
		const reason = this.#reasons.get(name);
		if (reason !== undefined) reason.count += 1;
		else if (this.#reasons.size < countedNames) this.#reasons.set(name, { sample: reply, count: 1 });
	}

	count(category: BounceCategory): BouncedCategory {
		const reasons = [...this.#reasons.values()].sort((a, b) => b.count - a.count).slice(0, 2);
		return { category, type: this.#type, count: this.#count, domains: this.#domains.top(3), reasons };
	}
}
