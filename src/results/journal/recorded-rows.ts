/** Puts records of a journal together with their marks and runs, in constant memory: which row of the log each of them has. */
import type { JournalRecord, MarkRecord, RunRecord } from './journal-record.ts';
import type { RecordedRow } from './read-journal.ts';

export class RecordedRows {
	readonly #runs = new Map<number, RunRecord>();
	readonly #marks = new Map<string, MarkRecord>();
	#lastRun = 0;

	/** The row of a settle, local or resolve record; null for another record, or when its run is not known. */
	take(record: JournalRecord): RecordedRow | null {
		switch (record.type) {
			case 'run':
				if (!this.#runs.has(record.run)) this.#runs.set(record.run, record);
				this.#lastRun = record.run;
				return null;
			case 'mark':
				this.#marks.set(`${record.run} ${record.mark}`, record);
				return null;
			case 'release':
				this.#close(record.run, record.mark);
				return null;
			case 'settle':
			case 'local':
			case 'resolve': {
				const run = this.#runs.get(record.run);
				const mark = record.type === 'settle' ? this.#close(record.run, record.mark) : null;
				return run === undefined ? null : { record, mark, run };
			}
			case 'commit':
				return null;
		}
	}

	mark(run: number, mark: number): MarkRecord | null {
		return this.#marks.get(`${run} ${mark}`) ?? null;
	}

	#close(run: number, mark: number): MarkRecord | null {
		const name = `${run} ${mark}`;
		const record = this.#marks.get(name) ?? null;
		// One that another run closed: its own run may still say what became of it.
		if (run === this.#lastRun) this.#marks.delete(name);
		return record;
	}
}
