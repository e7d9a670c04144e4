/**
 * The attempts of one connection that are marked and not settled: never more than the window at any instant, since that is what a crash can make
 * unknown (design.md §4 Window).
 *
 *     mark() --> ahead --start()--> conversation --+-- result  --> settled()
 *                  |                               |
 *                  +--- unmarkLast() ---> release  +-- no dot  --> release()
 */
import type { BreakCause } from '../smtp/outcome.ts';
import type { AttemptMarks, Mark } from './attempt-marks.ts';
import { attemptNumber, type Parcel, unmarked } from './parcel-queue.ts';

/** Why an attempt ended without its dot, for the journal. */
export type ReleaseReason =
	| BreakCause
	/** The server takes no more messages over this connection. */
	| 'session_limit'
	| 'login_needed'
	/** The server asked us to slow down. */
	| 'not_so_fast'
	/** Refused, perhaps because of us: what becomes of others decides. */
	| 'kept_back'
	/** Refused because of us. */
	| 'about_us'
	/** Refused by a server that is not used any more. */
	| 'server_out'
	/** Ahead when the run stopped. */
	| 'stopped'
	/** Ahead when its connection ended. */
	| 'unused'
	/** Ahead when another connection had nothing left to do. */
	| 'taken_over';

export class Window {
	readonly #marks: AttemptMarks;
	readonly #size: number;
	readonly #connection: number;
	/** Marked, in that order, and not yet taken by the conversation. */
	readonly #ahead: Parcel[] = [];
	#open = 0;

	constructor(marks: AttemptMarks, { size, connection }: { readonly size: number; readonly connection: number }) {
		this.#marks = marks;
		this.#size = size;
		this.#connection = connection;
	}

	get hasRoom(): boolean {
		return this.#open < this.#size;
	}

	get ahead(): number {
		return this.#ahead.length;
	}

	/** Marks the parcel for the attempt that it is about to have over this connection. */
	mark(parcel: Parcel): void {
		this.#open += 1;
		parcel.mark = this.#marks.mark(parcel.message, { number: attemptNumber(parcel), connection: this.#connection });
		this.#ahead.push(parcel);
	}

	/** The parcel that was marked first, for the conversation; null when none is ahead. A commit is asked for when no mark left here is durable. */
	start(): Parcel | null {
		// Marks become durable in the order made: when the first is not, none behind it is.
		if (this.#ahead[0]?.mark.isDurable === false) this.#marks.hurry();
		return this.#ahead.shift() ?? null;
	}

	/** Takes back the parcel that was marked last and not started; null when none is ahead. */
	unmarkLast(why: ReleaseReason): Parcel | null {
		const parcel = this.#ahead.pop();
		if (parcel === undefined) return null;
		this.release(parcel, why);
		return parcel;
	}

	/** The parcel's dot certainly never went out. */
	release(parcel: Parcel, why: ReleaseReason): void {
		const mark = this.#close(parcel);
		this.#marks.release(mark, why);
	}

	/** The parcel's result was recorded, which closed its mark. */
	settled(parcel: Parcel): void {
		this.#close(parcel);
	}

	#close(parcel: Parcel): Mark {
		const { mark } = parcel;
		if (mark === unmarked) throw new Error('an attempt was ended that was never marked');
		parcel.mark = unmarked;
		this.#open -= 1;
		return mark;
	}
}
