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
import { type Recorded, UncoveredRows } from './uncovered-rows.ts';

export interface ReplayTables {
	/** Value: KeyState. */
	readonly keys: Pick<KeyTable, 'seek' | 'queueAscii' | 'queueLength' | 'changeQueued' | 'value' | 'reserve' | 'size'>;
	/** localIdentity() of each local record. */
	readonly locals: Pick<KeyTable, 'seek'>;
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
	/** Of the keys that wait for the table together, in its queue. */
	readonly #queuedStates: Uint8Array;
	readonly #byState = new Float64Array(128);
	/** Key -> where its last resolve record begins. */
	readonly #resolved = new Map<string, number>();
	readonly #rows = new UncoveredRows();

	constructor(tables: ReplayTables) {
		this.#tables = tables;
		this.#queuedStates = new Uint8Array(tables.keys.queueLength);
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
		return this.#rows.list().filter(({ offset }) => offset >= covers);
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
				return this.#settleScanned(scanned, octets, offset);
			case 'commit':
				return this.#commit(scanned, offset);
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
				return this.#settle(record, offset);
			case 'local':
				return this.#local(record, offset);
			case 'resolve':
				return this.#resolve(record, offset);
			case 'commit':
				return this.#commit(record, offset);
		}
	}

	/** All records were replayed: what waits goes into the table. */
	finish(): void {
		this.#tables.keys.changeQueued(this.#raised);
	}

	/** A commit record that was found to be right. */
	commit(record: CommitRecord): void {
		this.lastCommit = record;
		this.#rows.cover(record.covers);
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

	#settleScanned(scanned: RecordScanner, octets: Buffer, offset: number): string | null {
		const { run, mark, state } = scanned;
		const problem = this.#cannotClose(run, mark);
		if (problem !== null) return problem;
		const queued = this.#tables.keys.queueAscii(octets, scanned.keyStart, scanned.keyEnd);
		this.#queuedStates[queued - 1] = state;
		if (queued === this.#queuedStates.length) this.#tables.keys.changeQueued(this.#raised);
		this.#recorded(state, offset, this.#closes(run, mark, state) ? this.#marks.close(run, mark) : -1);
		return null;
	}

	readonly #raised = (value: number, index: number): KeyState => stronger(value, this.#queuedStates[index] ?? 0);

	#settle(record: SettleRecord, offset: number): string | null {
		const { run, mark, key } = record;
		const problem = this.#cannotClose(run, mark);
		if (problem !== null) return problem;
		const state = stateOf(record);
		this.#seek(key);
		this.#tables.keys.value = stronger(this.#tables.keys.value, state);
		this.#recorded(state, offset, this.#closes(run, mark, state) ? this.#marks.close(run, mark) : -1);
		return null;
	}

	/** Behind those that wait: they came before it. */
	#seek(key: string): void {
		this.#tables.keys.changeQueued(this.#raised);
		this.#tables.keys.seek(key);
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
			this.#seek(key);
			keys.value = stronger(keys.value, state);
		}
		locals.seek(localIdentity(record.skip_reason || record.error_type, key || to, line));
		this.#recorded(state, offset, -1);
		return null;
	}

	#resolve({ run, key, status }: ResolveRecord, offset: number): string | null {
		if (!this.#runs.has(run)) return this.#unknownRun(run);
		this.#seek(key);
		this.#tables.keys.value = resolvedState(status);
		this.#resolved.set(key, offset);
		this.#rows.add(offset, -1);
		return null;
	}

	#recorded(state: KeyState, offset: number, markOffset: number): void {
		this.#byState[state] = (this.#byState[state] ?? 0) + 1;
		this.#rows.add(offset, markOffset);
	}

	#cannotClose(run: number, mark: number): string | null {
		if (!this.#runs.has(run)) return this.#unknownRun(run);
		return mark > this.#marks.last(run) ? `it closes mark ${mark} of run ${run}, which was never made` : null;
	}

	#commit(promised: Promised, offset: number): string | null {
		if (promisesTooMuch(promised, offset)) return tooMuchPromised;
		return this.firstRun === null ? noRun : null;
	}

	#unknownRun(run: number): string {
		return this.firstRun === null ? noRun : `a record of run ${run}, which never began`;
	}
}

type Promised = Pick<CommitRecord, 'journal' | 'covers'>;

/** Whether a commit record at `offset` speaks of what comes behind it. */
export function promisesTooMuch({ journal, covers }: Promised, offset: number): boolean {
	return journal > offset || covers > offset;
}

export const tooMuchPromised = 'a commit record promises more octets than lie before it';

const noRun = 'it does not begin with the header of a run';

function stateOf({ status, bounce_category: category }: SettleRecord): KeyState {
	return keyState(status, category);
}
