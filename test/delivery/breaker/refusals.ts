/** Lets a server of a test say things to many recipients, and keeps account of what the breaker does with each. */
import { classify } from '../../../src/bounces/classify.ts';
import type { Refusal } from '../../../src/bounces/refusal.ts';
import { replyFromText } from '../../../src/bounces/reply-from-text.ts';
import { Breaker, type BreakerVerdict } from '../../../src/delivery/breaker/breaker.ts';
import type { Stage } from '../../../src/smtp/outcome.ts';

export interface Row {
	readonly key: string;
	readonly refusal: Refusal | null;
}

/** `{}` in a reply is the recipient's address. */
export class RefusingServer {
	readonly breaker = new Breaker<Row>();
	readonly recorded: Row[] = [];
	readonly heldBack: Row[] = [];
	/** What the breaker holds, as far as it told. */
	readonly keptBack = new Set<Row>();
	readonly #provider: string;

	constructor({ provider = '' } = {}) {
		this.#provider = provider;
	}

	accept(): void {
		this.#clear(this.breaker.accepted());
	}

	/** Refuses `key` at `stage` in the words of `text`. */
	refuse(key: string, text: string, stage: Stage = 'rcpt'): BreakerVerdict<Row> {
		const reply = replyFromText(text.replaceAll('{}', key));
		const refusal = classify({ reply, stage, via: 'relay', provider: this.#provider });
		const row = { key, refusal };
		const verdict = this.breaker.refused(row, { key, stage, reply, refusal });
		if (verdict.kind === 'record' || verdict.kind === 'keep_back') {
			this.#clear(verdict.cleared);
			if (verdict.kind === 'record') this.recorded.push(row);
			else this.keptBack.add(row);
		} else {
			for (const each of verdict.heldBack) this.keptBack.delete(each);
			this.heldBack.push(...verdict.heldBack);
		}
		return verdict;
	}

	/** The same to so many different recipients; ends with the first stop or rest. Gives the last verdict and how many were refused. */
	refuseAll(
		count: number,
		text: string,
		stage: Stage = 'rcpt',
	): { verdict: string; after: number; why: string; said: string } {
		for (let each = 1; each <= count; each += 1) {
			const verdict = this.refuse(recipient(each), text, stage);
			if (verdict.kind === 'stop_server' || verdict.kind === 'rest_server') {
				return { verdict: verdict.kind, after: each, why: verdict.why, said: verdict.said };
			}
		}
		return { verdict: 'none', after: count, why: '', said: '' };
	}

	end(): void {
		this.#clear(this.breaker.flush());
	}

	/** Rows whose address was, or would be, written off. */
	get writtenOff(): Row[] {
		return this.recorded.filter(({ refusal }) => refusal?.type === 'hard' || refusal?.action === 'suppress');
	}

	#clear(rows: readonly Row[]): void {
		for (const row of rows) this.keptBack.delete(row);
		this.recorded.push(...rows);
	}
}

export function recipient(number: number): string {
	return `person${number}.${(number * 7919) % 1000}@host${number % 23}.example`;
}
