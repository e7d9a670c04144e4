/** What the records of a journal amount to, one after the other: states of keys, open marks, and which rows the log may not have yet. */
import type { KeyTable } from '../../recipients/key-table.ts';
import type { Status } from '../result.ts';
import type {
	CommitRecord,
	JournalRecord,
	LocalRecord,
	ResolveRecord,
	RunRecord,
	SettleRecord,
} from './journal-record.ts';
import { byStrength } from './journal-record.ts';
import { isSettled, type KeyState, keyState, resolvedState, stronger } from './key-state.ts';
import { localIdentity } from './local-identity.ts';
import { MarkBook, type OpenMark } from './mark-book.ts';
import type { RecordScanner, ScannedType } from './scan-record.ts';

export interface ReplayTables {
	/** Value: KeyState. */
	readonly keys: Pick<KeyTable, 'seek' | 'seekAscii' | 'value'>;
	/** localIdentity() of each local record. */
	readonly locals: Pick<KeyTable, 'seek'>;
}

/** A settle, local or resolve record by where its line begins. */
export interface Recorded {
	readonly offset: number;
	/** Where its mark's line begins; -1 when it has none. */
	readonly markOffset: number;
}

export class JournalReplay {
	/** Null: no whole run record yet. */
	firstRun: RunRecord | null = null;
	lastRun: RunRecord | null = null;
	lastCommit: CommitRecord | null = null;
	records = 0;
	readonly #tables: ReplayTables;
	readonly #runs = new Map<number, RunRecord>();
	#highestRun = 0;
	/** Runs whose number a second one took: both had read the same journal, without a lock. */
	readonly #sharedRuns = new Set<number>();
	readonly #marks = new MarkBook();
	readonly #byState = new Float64Array(128);
	/** Key -> where its last resolve record begins. */
	readonly #resolved = new Map<string, number>();
	#offsets: number[] = [];
	#markOffsets: number[] = [];
	/** Those before it are covered, and wait to be thrown away. */
	#firstUncovered = 0;
	/** Rows of the records before this place are known to be in the log. */
	#covered = 0;

	constructor(tables: ReplayTables) {
		this.#tables = tables;
	}

	/** Highest number. */
	get runs(): number {
		return this.#highestRun;
	}

	/** By number. */
	get headers(): ReadonlyMap<number, RunRecord> {
		return this.#runs;
	}

	/** Settle and local records of the whole journal. */
	count(status: Status): number {
		const low = byStrength.indexOf(status) + 1;
		return this.#byState.reduce((sum, count, state) => ((state & 7) === low ? sum + count : sum), 0);
	}

	/** Highest number of a mark of the run so far. */
	lastMark(run: number): number {
		return this.#marks.last(run);
	}

	/** In the order of the file; `isResolved` looks at the key of one of them. */
	get openMarks(): readonly OpenMark[] {
		return this.#marks.openMarks();
	}

	/** What came before a resolve record for its key no longer counts. */
	isResolvedAfter(key: string, offset: number): boolean {
		return (this.#resolved.get(key) ?? -1) > offset;
	}

	/** Records whose rows may be missing in the log, in order. */
	get uncovered(): readonly Recorded[] {
		const { covers } = this.lastCommit ?? { covers: 0 };
		return this.#offsets.flatMap((offset, index) =>
			offset < covers ? [] : [{ offset, markOffset: this.#markOffsets[index] ?? -1 }],
		);
	}

	/** The same as `replay` of what the scanner read last, without an object: it runs for nearly all records of a journal. */
	replayScanned(type: ScannedType, scanned: RecordScanner, octets: Buffer, offset: number): string | null {
		this.records++;
		switch (type) {
			case 'mark':
				return this.#mark(scanned.run, scanned.mark, offset);
			case 'release':
				return this.#release(scanned.run, scanned.mark);
			case 'settle':
				this.#tables.keys.seekAscii(octets, scanned.keyStart, scanned.keyEnd);
				return this.#settle(scanned.run, scanned.mark, scanned.state, offset);
			case 'commit':
				return this.firstRun === null ? noRun : null;
		}
	}

	/** Null, or what is wrong with a record in this place: it contradicts those before it, and nothing of it was taken in. */
	replay(record: JournalRecord, offset: number): string | null {
		this.records++;
		switch (record.type) {
			case 'run':
				return this.#run(record);
			case 'mark':
				return this.#mark(record.run, record.mark, offset);
			case 'release':
				return this.#release(record.run, record.mark);
			case 'settle':
				this.#tables.keys.seek(record.key);
				return this.#settle(record.run, record.mark, stateOf(record), offset);
			case 'local':
				return this.#local(record, offset);
			case 'resolve':
				return this.#resolve(record, offset);
			case 'commit':
				return this.firstRun === null ? noRun : null;
		}
	}

	/** A commit record that was found to be right. */
	commit(record: CommitRecord): void {
		this.lastCommit = record;
		if (record.covers <= this.#covered) return;
		this.#covered = record.covers;
		while (this.#firstUncovered < this.#offsets.length && (this.#offsets[this.#firstUncovered] ?? 0) < this.#covered) {
			this.#firstUncovered++;
		}
		// Thrown away when they are most of it: a log that lags far behind is looked at once, not at every commit.
		if (this.#firstUncovered * 2 < this.#offsets.length) return;
		this.#offsets = this.#offsets.slice(this.#firstUncovered);
		this.#markOffsets = this.#markOffsets.slice(this.#firstUncovered);
		this.#firstUncovered = 0;
	}

	#run(record: RunRecord): string | null {
		if (this.firstRun !== null && record.campaign_id !== this.firstRun.campaign_id) {
			return 'a run of another campaign';
		}
		this.#marks.runBegins();
		// Its fence cannot hold: whoever took the number first is the run.
		if (this.#runs.has(record.run)) this.#sharedRuns.add(record.run);
		else this.#runs.set(record.run, record);
		this.#highestRun = Math.max(this.#highestRun, record.run);
		this.firstRun ??= record;
		this.lastRun = record;
		return null;
	}

	#mark(run: number, mark: number, offset: number): string | null {
		if (!this.#runs.has(run)) return this.#unknownRun(run);
		if (mark > this.#marks.last(run)) this.#marks.open(run, mark, offset);
		else if (!this.#sharedRuns.has(run)) return `mark ${mark} of run ${run} comes after mark ${this.#marks.last(run)}`;
		return null;
	}

	#release(run: number, mark: number): string | null {
		const problem = this.#cannotClose(run, mark);
		// Under a number that two runs took, nobody can tell whose attempt never had its dot: the mark stays open.
		if (problem === null && mark > 0 && !this.#sharedRuns.has(run)) this.#marks.close(run, mark);
		return problem;
	}

	/** The cursor of the table is on the key. */
	#settle(run: number, mark: number, state: KeyState, offset: number): string | null {
		const problem = this.#cannotClose(run, mark);
		if (problem !== null) return problem;
		const { keys } = this.#tables;
		keys.value = stronger(keys.value, state);
		this.#recorded(state, offset, this.#closes(run, mark, state) ? this.#marks.close(run, mark) : -1);
		return null;
	}

	/** As for a release: only a verdict that leaves nothing to be sent can be believed under a number that two runs took. */
	#closes(run: number, mark: number, state: KeyState): boolean {
		return mark > 0 && (!this.#sharedRuns.has(run) || isSettled(state));
	}

	#local(record: LocalRecord, offset: number): string | null {
		const { run, key, to, line } = record;
		if (!this.#runs.has(run)) return this.#unknownRun(run);
		const state = keyState(record.status, '');
		const { keys, locals } = this.#tables;
		if (key !== '') {
			keys.seek(key);
			keys.value = stronger(keys.value, state);
		}
		locals.seek(localIdentity(record.skip_reason || record.error_type, key || to, line));
		this.#recorded(state, offset, -1);
		return null;
	}

	#resolve({ run, key, status }: ResolveRecord, offset: number): string | null {
		if (!this.#runs.has(run)) return this.#unknownRun(run);
		const { keys } = this.#tables;
		keys.seek(key);
		keys.value = resolvedState(status);
		this.#resolved.set(key, offset);
		this.#hasRow(offset, -1);
		return null;
	}

	#recorded(state: KeyState, offset: number, markOffset: number): void {
		this.#byState[state] = (this.#byState[state] ?? 0) + 1;
		this.#hasRow(offset, markOffset);
	}

	#hasRow(offset: number, markOffset: number): void {
		if (offset < this.#covered) return;
		this.#offsets.push(offset);
		this.#markOffsets.push(markOffset);
	}

	#cannotClose(run: number, mark: number): string | null {
		if (!this.#runs.has(run)) return this.#unknownRun(run);
		return mark > this.#marks.last(run) ? `it closes mark ${mark} of run ${run}, which was never made` : null;
	}

	#unknownRun(run: number): string {
		return this.firstRun === null ? noRun : `a record of run ${run}, which never began`;
	}
}

const noRun = 'it does not begin with the header of a run';

function stateOf({ status, bounce_category: category }: SettleRecord): KeyState {
	return keyState(status, category);
}
