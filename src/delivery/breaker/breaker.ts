/**
 * Says who is to blame when a server refuses: the recipient or us. Refusals that would settle a row although they may be about us are kept back until
 * the next answer tells; a row of equal ones stops the server, and leaves them unsettled.
 *
 *     refused --suspicionOf--> about the recipient ------------------------> record, with what was kept back
 *                     |
 *                     +-----> may be about us --5 equal in a row, 30 of 100--> stop_server or rest_server
 *                                    |
 *                                    +--would settle the row--> keep_back, otherwise record (it stays deferred)
 */
import type { Refusal } from '../../bounces/refusal.ts';
import { type Reply, replyText } from '../../smtp/reply.ts';
import { cleanText } from '../../support/clean-text.ts';
import { RecentRefusals } from './recent-refusals.ts';
import { type HeardRefusal, longestRow, type Suspicion, suspicionOf } from './suspicion.ts';

export type BreakerVerdict<T> =
	/** Record this one, and those that are cleared, as they were judged. */
	| { readonly kind: 'record'; readonly cleared: readonly T[] }
	/** The breaker holds it until it is cleared, handed back or flushed. */
	| { readonly kind: 'keep_back'; readonly cleared: readonly T[] }
	/** Nothing more over this server in this run. */
	| Blamed<T, 'stop_server'>
	/** The server is to be left alone for a while. */
	| Blamed<T, 'rest_server'>;

interface Blamed<T, Kind> {
	readonly kind: Kind;
	/** This item last; all of them are to be left unsettled. */
	readonly heldBack: readonly T[];
	/** For people, to be read after the server's name: `refused 5 recipients in a row ...`. */
	readonly why: string;
	/** The server's own words, cleaned. */
	readonly said: string;
}

const none: readonly never[] = [];
const maxKeptBack = longestRow - 1;
/** reference/reliability.md §3 fault 46: so many of the last hundred, although others came through in between. */
const shareThatStops = 30;
const longestQuote = 240;

/** One for each server. What comes in after a stop or a rest and was said for the same reason gets the same verdict, until something else is heard. */
export class Breaker<T> {
	readonly #recent = new RecentRefusals();
	/** What the row of equal refusals says, and to whom: at most five. */
	#reason = '';
	readonly #refused = new Set<string>();
	#keptBack: T[] = [];
	/** Messages that were accepted or refused. */
	#answers = 0;

	/** The server took a message, so it has nothing against us. Gives what was kept back: record it as it was judged. Once per message. */
	accepted(): readonly T[] {
		this.#answers += 1;
		this.#recent.add('', '');
		return this.#endRow();
	}

	/** A refusal of MAIL or later. `item` comes back exactly once: it is recorded now, or in a later `cleared`, `heldBack` or flush(). */
	refused(item: T, heard: HeardRefusal): BreakerVerdict<T> {
		this.#answers += 1;
		const suspicion = suspicionOf(heard);
		if (suspicion === null) {
			this.#recent.add('', '');
			return { kind: 'record', cleared: this.#endRow() };
		}
		const { reason, passes } = suspicion;
		this.#recent.add(passes ? '' : reason, heard.key);
		const cleared = reason === this.#reason ? none : this.#endRow();
		this.#reason = reason;
		if (this.#refused.size < longestRow) this.#refused.add(heard.key);
		const evidence = this.#evidence(suspicion, heard.refusal);
		if (evidence !== '') {
			const heldBack = [...cleared, ...this.#keptBack, item];
			this.#keptBack = [];
			const said = quote(heard.reply);
			return { kind: passes ? 'rest_server' : 'stop_server', heldBack, why: evidence, said };
		}
		if (!wouldSettle(heard.refusal) || this.#keptBack.length >= maxKeptBack) return { kind: 'record', cleared };
		this.#keptBack.push(item);
		return { kind: 'keep_back', cleared };
	}

	/** The run ends: gives everything that is kept back. Too few to tell, so it is recorded as it was judged. */
	flush(): readonly T[] {
		return this.#endRow();
	}

	#endRow(): readonly T[] {
		if (this.#reason === '') return none;
		this.#reason = '';
		this.#refused.clear();
		if (this.#keptBack.length === 0) return none;
		const cleared = this.#keptBack;
		this.#keptBack = [];
		return cleared;
	}

	/** What makes it certain, for people; '' when it is not. */
	#evidence({ reason, certainAfter, passes }: Suspicion, refusal: Refusal): string {
		const inARow = this.#refused.size;
		if (inARow >= certainAfter) {
			if (certainAfter === 1)
				return `refuses ${accused(refusal)}, whoever the recipient is (said of recipient ${this.#answers})`;
			if (passes) return `put off ${inARow} recipients in a row with the same words`;
			return `refused ${inARow} recipients in a row with the same words, so it is about you and not about them`;
		}
		const share = passes ? 0 : this.#recent.recipientsRefused(reason);
		if (share < shareThatStops) return '';
		return `refused ${share} of the last ${this.#recent.size} recipients with the same words, so it is about you and not about them`;
	}
}

function wouldSettle({ action }: Refusal): boolean {
	return action === 'drop' || action === 'suppress';
}

function accused({ category }: Refusal): string {
	return category === 'sender_auth' ? 'your sender address or its domain' : 'your account or sender address';
}

function quote(reply: Reply): string {
	return cleanText(replyText({ ...reply, lines: reply.lines.slice(0, 8) }), longestQuote);
}
