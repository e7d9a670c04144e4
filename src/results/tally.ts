/** The numbers of a run: what the summary and the progress show, in memory that does not grow with the list. */
import type { BounceCategory } from '../bounces/refusal.ts';
import type { Recipient } from '../recipients/row.ts';
import { assertNever } from '../support/assert-never.ts';
import type { Clock } from '../support/clock.ts';
import { type CategoryCount, CategoryTallies } from './category-tallies.ts';
import { Histogram } from './histogram.ts';
import { type KeyState, statusOfState } from './journal/key-state.ts';
import { replyLine } from './reply-line.ts';
import { type Result, refusalOf, type SkipReason, type Status, statuses, statusOf } from './result.ts';
import { nobody } from './selection.ts';
import { WaitingRows } from './waiting-rows.ts';

const namedRecipients = 10;

export interface FailureCount {
	readonly errorType: string;
	readonly count: number;
	readonly sample: string;
}

/** A recipient that a person has to look at. */
export interface NamedRow {
	readonly recipient: string;
	readonly line: number;
	readonly reason: string;
}

export class Tally {
	readonly smtpMs = new Histogram();
	readonly renderMs = new Histogram();
	readonly #counts: Record<Status, number> = {
		accepted: 0,
		bounced: 0,
		deferred: 0,
		failed: 0,
		skipped: 0,
		unknown: 0,
	};
	#malformed = 0;
	readonly #replaced: Record<Status, number> = { ...nobody };
	readonly #waiting = new WaitingRows();
	#triedAgain = 0;
	readonly #skipReasons = new Map<SkipReason, number>();
	readonly #failures = new Map<string, { count: number; readonly sample: string }>();
	readonly #categories = new CategoryTallies();
	readonly #unknown: NamedRow[] = [];
	readonly #failed: NamedRow[] = [];

	add(result: Result): void {
		this.#counts[statusOf(result)] += 1;
		switch (result.kind) {
			case 'accepted':
				this.#time(result);
				return;
			case 'bounced':
			case 'deferred':
				this.#time(result);
				this.#categories.add(result.refusal, { result, sample: replyLine(result.reply) });
				if (result.kind === 'deferred') this.#waiting.add(result.sequel, result.attempt.at);
				return;
			case 'undelivered': {
				this.#waiting.add(result.sequel, result.attempt.at);
				const refusal = refusalOf(result);
				if (refusal !== null) this.#categories.add(refusal, { result, sample: result.why.message });
				return;
			}
			case 'unknown':
				remember(this.#unknown, { ...named(result.message.recipient), reason: result.why.message });
				return;
			case 'failed':
				this.#countFailure(result.errorType, { ...named(result.message.recipient), reason: result.errorMessage });
				return;
			case 'unrenderable':
				this.#countFailure(result.failure.errorType, { ...named(result.recipient), reason: result.failure.message });
				return;
			case 'malformed': {
				const { cell, line, reason, message } = result.row;
				this.#malformed += 1;
				this.#countFailure(reason, { recipient: cell, line, reason: message });
				return;
			}
			case 'skipped':
				this.#skipReasons.set(result.reason, (this.#skipReasons.get(result.reason) ?? 0) + 1);
				return;
			default:
				assertNever(result);
		}
	}

	/**
	 * The row has another attempt, whose result is about to be added in place of the one before it, which was deferred: a row is counted once.
	 * `category`: of the refusal before.
	 */
	takeBackDeferred(recipient: Recipient, category: BounceCategory | ''): void {
		this.#triedAgain += 1;
		this.#counts.deferred -= 1;
		this.#waiting.remove();
		if (category !== '') this.#categories.takeBackDeferred(category, recipient);
	}

	/** A row that earlier runs settled: it is no result of this run, but who is unknown has to be named. */
	passOver(recipient: Recipient, state: KeyState): void {
		if (statusOfState(state) !== 'unknown') return;
		remember(this.#unknown, { ...named(recipient), reason: 'unknown since an earlier run' });
	}

	/** A result of this run stands in place of one that an earlier run had settled. */
	replace(state: KeyState): void {
		const status = statusOfState(state);
		if (status !== null) this.#replaced[status] += 1;
	}

	/** Settled rows that were sent to again and have a result, by how they had ended. */
	get replaced(): Readonly<Record<Status, number>> {
		return this.#replaced;
	}

	/** Rows that are deferred so far, and will be tried again before the run ends. */
	get waiting(): number {
		return this.#waiting.count;
	}

	/** Milliseconds until the next of them is due; 0: they are due; null: nobody waits. */
	nextTryInMs(clock: Pick<Clock, 'now' | 'monotonicMs'>): number | null {
		return this.#waiting.nextInMs(clock);
	}

	/** Results that stand in place of an earlier one of the same row. */
	get triedAgain(): number {
		return this.#triedAgain;
	}

	/** Rows by the result they have so far. */
	count(status: Status): number {
		return this.#counts[status];
	}

	/** Rows that have a result so far, be it that they wait. */
	get total(): number {
		return statuses.reduce((sum, status) => sum + this.#counts[status], 0);
	}

	/** Messages that were handed to a server or tried to be: without skipped and failed. */
	get attempted(): number {
		return this.total - this.#counts.skipped - this.#counts.failed;
	}

	/** Recipients with whom the run is through: without duplicates and malformed rows, as the survey counts those to send, and without who waits. */
	get recipientsDone(): number {
		return this.total - this.#counts.skipped - this.#malformed - this.waiting;
	}

	get skipReasons(): ReadonlyMap<SkipReason, number> {
		return this.#skipReasons;
	}

	/** Most frequent first. */
	get failures(): readonly FailureCount[] {
		const counts = [...this.#failures].map(([errorType, { count, sample }]) => ({ errorType, count, sample }));
		return counts.sort((a, b) => b.count - a.count);
	}

	/** Most frequent first, each with its three most frequent domains. */
	get categories(): readonly CategoryCount[] {
		return this.#categories.counts;
	}

	/** The first ten. */
	get unknownRecipients(): readonly NamedRow[] {
		return this.#unknown;
	}

	/** The first ten. */
	get failedRows(): readonly NamedRow[] {
		return this.#failed;
	}

	/** Throws a bug when results, rows of earlier runs and rows that were left do not add up to the rows of the list: the promise of design.md §1. */
	assertAddsUp(rows: { readonly read: number; readonly earlier: number; readonly left: number }): void {
		const { read, earlier, left } = rows;
		if (this.total + earlier + left === read) return;
		const counts = statuses.map((status) => `${status} ${this.#counts[status]}`).join(', ');
		throw new Error(
			`the numbers do not add up: ${counts}, earlier ${earlier}, left ${left}, but ${read} rows were read`,
		);
	}

	#time(result: { readonly attempt: { readonly smtpMs: number }; readonly message: { readonly renderMs: number } }) {
		this.smtpMs.add(result.attempt.smtpMs);
		this.renderMs.add(result.message.renderMs);
	}

	#countFailure(errorType: string, row: NamedRow): void {
		const failure = this.#failures.get(errorType);
		if (failure === undefined) this.#failures.set(errorType, { count: 1, sample: row.reason });
		else failure.count += 1;
		remember(this.#failed, row);
	}
}

function named(recipient: Recipient): { readonly recipient: string; readonly line: number } {
	return { recipient: recipient.address, line: recipient.line };
}

function remember(rows: NamedRow[], row: NamedRow): void {
	if (rows.length < namedRecipients) rows.push(row);
}
