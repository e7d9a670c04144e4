/**
 * A list as a source of items, read once more for rows that are to be given again later, as often as there are any: a round over the list instead of a
 * place in memory for each of them.
 *
 *     round 0: every row  -->  again(), again() ...  -->  pause until they are due  -->  round 1: who is called  -->  ...
 *
 * Who is called is in the key table, where nobody is visited when a round begins.
 */
import type { Clock, Timer } from '../support/clock.ts';
import type { PullSource } from '../support/pull-source.ts';
import type { KeyTable } from './key-table.ts';
import type { Recipient, Row } from './row.ts';
import type { RowSource } from './row-source.ts';

export interface RoundsOptions<T> {
	readonly list: { rows(): RowSource };
	readonly keys: Pick<KeyTable, 'forgetVisits'>;
	readonly clock: Pick<Clock, 'monotonicMs' | 'after'>;
	/** What a row of round 0 becomes; null: no item. */
	readonly first: (row: Row) => T | null;
	/** Asked of every recipient in later rounds; true once for each call of `again` in the round before. */
	readonly isCalled: (recipient: Recipient) => boolean;
	/** What a recipient becomes who is called; null: no item. */
	readonly again: (recipient: Recipient) => T | null;
}

export class Rounds<T> implements PullSource<T> {
	readonly #options: RoundsOptions<T>;
	#rows: RowSource;
	#round = 0;
	/** Nothing more of this round is wanted. */
	#isCut = false;
	/** Recipients who are called in this round and were not met yet. */
	#called = 0;
	/** For the next round. */
	#waiting = 0;
	#nextAtMs = Number.NEGATIVE_INFINITY;
	#timer: Timer | null = null;

	constructor(options: RoundsOptions<T>) {
		this.#options = options;
		this.#rows = options.list.rows();
	}

	/** 0: the list is read for the first time. */
	get round(): number {
		return this.#round;
	}

	/** Nothing comes any more, as long as nobody calls again(). */
	get ended(): boolean {
		return this.#isOver && this.#waiting === 0;
	}

	/** Null also while the next round is waited for. Throws what the list throws. */
	next(): T | null {
		for (;;) {
			for (let row = this.#nextRow(); row !== null; row = this.#nextRow()) {
				const item = this.#round === 0 ? this.#options.first(row) : this.#call(row);
				if (item !== null) return item;
			}
			if (!this.#isOver || this.#waiting === 0 || this.#options.clock.monotonicMs() < this.#nextAtMs) return null;
			this.#begin();
		}
	}

	whenReadable(listener: () => void): void {
		const { clock } = this.#options;
		if (!this.#isOver) this.#rows.whenReadable(listener);
		else if (this.#waiting === 0) queueMicrotask(listener);
		else this.#timer = clock.after(Math.max(0, this.#nextAtMs - clock.monotonicMs()), listener);
	}

	/** One recipient more is called in the next round, which does not begin before then (monotonic). */
	again(atMs: number): void {
		this.#waiting += 1;
		this.#nextAtMs = Math.max(this.#nextAtMs, atMs);
	}

	/** The rest of the list is not wanted in this round. */
	endRound(): void {
		// The file stays open until the next round: closing it wakes whoever waits for it, in the middle of this.
		this.#isCut = true;
	}

	/** Reads no more, closes the file, and ends the waiting: nobody is woken any more. */
	close(): void {
		this.#timer?.cancel();
		this.#waiting = 0;
		this.#isCut = true;
		this.#rows.close();
	}

	get #isOver(): boolean {
		return this.#isCut || this.#rows.ended;
	}

	#nextRow(): Row | null {
		return this.#isCut ? null : this.#rows.next();
	}

	#call(row: Row): T | null {
		const { isCalled, again } = this.#options;
		if (row.kind === 'malformed' || !isCalled(row)) return null;
		this.#called -= 1;
		// Behind the last of them the list need not be read to its end.
		if (this.#called === 0) this.endRound();
		return again(row);
	}

	#begin(): void {
		const last = this.#rows;
		this.#round += 1;
		this.#called = this.#waiting;
		this.#waiting = 0;
		this.#isCut = false;
		this.#options.keys.forgetVisits();
		this.#rows = this.#options.list.rows();
		last.close();
	}
}
