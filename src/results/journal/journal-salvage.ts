/** Writes a journal anew from what is left of one: only records that do not contradict each other, each behind the header of its run. */
import type { KeyTable } from '../../recipients/key-table.ts';
import {
	encodeCommit,
	encodeLocal,
	encodeMark,
	encodeRelease,
	encodeResolve,
	encodeRun,
	encodeSettle,
} from './encode-record.ts';
import type {
	JournalRecord,
	LocalRecord,
	MarkRecord,
	ResolveRecord,
	RunRecord,
	SettleRecord,
} from './journal-record.ts';
import { type KeyState, keyState, resolvedState, stronger } from './key-state.ts';
import type { RecordedRow } from './read-journal.ts';
import type { SalvagedFile } from './salvaged-file.ts';

export interface JournalSalvageOptions {
	readonly into: SalvagedFile;
	/** States of keys as the new journal has them. */
	readonly keys: KeyTable;
	/** By number: those that survived. */
	readonly headers: ReadonlyMap<number, RunRecord>;
	/** For a run whose header did not. */
	readonly makeHeader: (run: number) => RunRecord;
}

export class JournalSalvage {
	readonly #into: SalvagedFile;
	readonly #keys: KeyTable;
	readonly #headers: ReadonlyMap<number, RunRecord>;
	readonly #makeHeader: (run: number) => RunRecord;
	readonly #runs = new Map<number, { readonly header: RunRecord; last: number }>();
	readonly #runNumbers = new Map<string, number>();
	/** `run mark` -> mark; closed ones of other runs stay, because their own run may speak later. */
	readonly #open = new Map<string, MarkRecord>();
	readonly #resolvedAt = new Map<string, number>();
	/** Their number was taken, so they get a new one at the end: nothing can close them, and their recipients become unknown. */
	readonly #homeless: MarkRecord[] = [];

	constructor({ into, keys, headers, makeHeader }: JournalSalvageOptions) {
		this.#into = into;
		this.#keys = keys;
		this.#headers = headers;
		this.#makeHeader = makeHeader;
	}

	get runs(): number {
		return this.#runs.size;
	}

	/** Takes the next record of the old journal. Gives the row that it has in the log, when it can be known. */
	take(record: JournalRecord): RecordedRow | null {
		switch (record.type) {
			case 'run':
				this.#begin(record.run);
				return null;
			case 'mark':
				this.#takeMark(record);
				return null;
			case 'release':
				if (record.mark <= this.#begin(record.run).last) {
					this.#open.delete(nameOf(record));
					this.#into.append(encodeRelease(record));
				}
				return null;
			case 'settle':
				return this.#takeSettle(record);
			case 'local':
				return this.local(record);
			case 'resolve':
				return this.#takeResolve(record);
			case 'commit':
				// Its lengths are those of the old files.
				return null;
		}
	}

	/** Whether a row of the log says more than the journal does. `at`: milliseconds since 1970. */
	isNews(key: string, state: KeyState, at: number): boolean {
		const resolvedAt = this.#resolvedAt.get(key);
		if (resolvedAt !== undefined && resolvedAt >= at) return false;
		this.#keys.seek(key);
		return (state & 7) > (this.#keys.value & 7);
	}

	/** The number of the run that has this id; one that is not known begins with the header that is given. */
	runOf(runId: string, header: (run: number) => RunRecord): number {
		const known = this.#runNumbers.get(runId);
		if (known !== undefined) return known;
		const number = Math.max(0, ...this.#runs.keys(), ...this.#headers.keys()) + 1;
		this.#begin(number, header(number));
		return number;
	}

	/** Settles a row of the log that the journal lacks: by its mark when that is open, otherwise with a new one; or without, when it is null. */
	settle(record: SettleRecord, mark: MarkRecord | null): void {
		if (mark === null) {
			this.#takeSettle({ ...record, mark: 0 });
			return;
		}
		const open = [...this.#openMarksOf(mark.key)].find(
			({ run, row, attempt }) => run === mark.run && row === mark.row && attempt === mark.attempt,
		);
		const number = open?.mark ?? this.#begin(mark.run).last + 1;
		if (open === undefined) this.#takeMark({ ...mark, mark: number });
		this.#takeSettle({ ...record, mark: number });
	}

	local(record: LocalRecord): RecordedRow | null {
		const { header } = this.#begin(record.run);
		if (record.key !== '') this.#strengthen(record.key, keyState(record.status, ''));
		this.#into.append(encodeLocal(record));
		return { record, mark: null, run: header };
	}

	/** The last record: both files are whole. */
	finish(log: SalvagedFile): void {
		for (const mark of this.#homeless) {
			const run = this.#begin(mark.run);
			this.#takeMark({ ...mark, mark: run.last + 1 });
		}
		this.#into.sync();
		const { length, crc } = this.#into;
		this.#into.append(encodeCommit({ journal: length, log: log.length, covers: length, crc, log_crc: log.crc }));
		this.#into.sync();
	}

	get openMarks(): number {
		return this.#open.size + this.#homeless.length;
	}

	*#openMarksOf(key: string): Generator<MarkRecord> {
		for (const mark of this.#open.values()) if (mark.key === key) yield mark;
	}

	#begin(
		number: number,
		header = this.#headers.get(number) ?? this.#makeHeader(number),
	): { readonly header: RunRecord; last: number } {
		const begun = this.#runs.get(number);
		if (begun !== undefined) return begun;
		const run = { header, last: 0 };
		this.#runs.set(number, run);
		if (!this.#runNumbers.has(header.run_id)) this.#runNumbers.set(header.run_id, number);
		this.#into.append(encodeRun(header));
		return run;
	}

	#takeMark(record: MarkRecord): void {
		const run = this.#begin(record.run);
		if (record.mark <= run.last) {
			this.#homeless.push(record);
			return;
		}
		run.last = record.mark;
		this.#open.set(nameOf(record), record);
		this.#into.append(encodeMark(record));
	}

	/** One whose mark is lost, or is of another recipient, stands for its key alone. */
	#takeSettle(record: SettleRecord): RecordedRow | null {
		const run = this.#begin(record.run);
		const mark = this.#open.get(nameOf(record)) ?? null;
		const isLost = record.mark > run.last || (mark !== null && mark.key !== record.key);
		this.#strengthen(record.key, keyState(record.status, record.bounce_category));
		this.#into.append(encodeSettle(isLost ? { ...record, mark: 0 } : record));
		if (isLost) return null;
		this.#open.delete(nameOf(record));
		return mark === null ? null : { record, mark, run: run.header };
	}

	#takeResolve(record: ResolveRecord): RecordedRow {
		const { key, status, at } = record;
		const { header } = this.#begin(record.run);
		this.#keys.seek(key);
		this.#keys.value = resolvedState(status);
		this.#resolvedAt.set(key, at);
		for (const mark of [...this.#openMarksOf(key)]) this.#open.delete(nameOf(mark));
		this.#into.append(encodeResolve(record));
		return { record, mark: null, run: header };
	}

	#strengthen(key: string, state: KeyState): void {
		this.#keys.seek(key);
		this.#keys.value = stronger(this.#keys.value, state);
	}
}

function nameOf({ run, mark }: { readonly run: number; readonly mark: number }): string {
	return `${run} ${mark}`;
}
