/**
 * The journal as a run writes it: appends, the group commit, and the marks that become durable with it (design.md §5).
 *
 *     append, appendRow ──> end of the turn: one write a file ──> fdatasync in the thread pool ──> fence ──> the marks are durable
 *
 * On the way of each message an append is a concatenation; one write and one sync serve all connections. A sync begins at the end of the turn when a
 * connection hurries or many marks wait, otherwise a moment later, while the server thinks; one is under way at a time.
 */
import type { Mark } from '../../delivery/attempt-marks.ts';
import type { Clock, Timer } from '../../support/clock.ts';
import type { FileSystem } from '../../support/file-system.ts';
import type { JournalFiles } from './journal-files.ts';

const flushAtLength = 64 * 1024;
/** A mark that nobody waits for becomes durable so long after it was made. */
const lingerMs = 2;
/** Longest time that a settle record or a row may wait for its fdatasync. */
const syncEveryMs = 200;

export interface JournalOptions {
	/** So many marks wait for nothing more. */
	readonly marksPerCommit: number;
	readonly clock: Clock;
	readonly files: FileSystem;
}

class JournalMark implements Mark {
	readonly id: number;
	isDurable = false;

	constructor(id: number) {
		this.id = id;
	}
}

/** Failures are kept by the files (JournalFiles.error); after one no mark becomes durable any more. */
export class Journal {
	readonly #pair: JournalFiles;
	readonly #marksPerCommit: number;
	readonly #clock: Clock;
	readonly #files: FileSystem;
	#onDurable: (() => void) | null = null;
	#turnEnds = false;
	#marks = 0;
	/** Made since the sync under way began. */
	#waiting: JournalMark[] = [];
	/** Durable when the sync under way succeeds. */
	#syncing: JournalMark[] = [];
	#isHurried = false;
	#journalSync: Promise<void> | null = null;
	#logSync: Promise<void> | null = null;
	/** Records, or rows, that no sync has begun to make durable. Commit records need none. */
	#hasNewRecords = false;
	#hasNewRows = false;
	#linger: Timer | null = null;
	#sweep: Timer | null = null;
	#closing: Promise<void> | null = null;

	constructor(pair: JournalFiles, options: JournalOptions) {
		this.#pair = pair;
		this.#marksPerCommit = options.marksPerCommit;
		this.#clock = options.clock;
		this.#files = options.files;
	}

	/** A record with its line feed. On the way of each message: throws nothing and waits for nothing. */
	append(record: string): void {
		const { journal } = this.#pair;
		journal.append(record);
		this.#hasNewRecords = true;
		if (journal.pendingLength >= flushAtLength) this.#pair.flush();
		this.#endTurn();
	}

	/** A row of the log with its line feed, after its record. */
	appendRow(row: string): void {
		const { log } = this.#pair;
		log.append(row);
		this.#hasNewRows = true;
		if (log.pendingLength >= flushAtLength) this.#pair.flush();
		this.#endTurn();
	}

	/** The next mark, whose record the caller appends in the same tick. After a failure its id is 0: it has no record, and never becomes durable. */
	newMark(): Mark {
		if (this.#pair.error !== null) return new JournalMark(0);
		this.#marks += 1;
		const mark = new JournalMark(this.#marks);
		this.#waiting.push(mark);
		return mark;
	}

	/** As in AttemptMarks. */
	hurry(): void {
		// Those that are being synced cannot be hurried.
		if (this.#waiting.length === 0) return;
		this.#isHurried = true;
		this.#endTurn();
	}

	/** As in AttemptMarks. */
	onDurable(listener: (() => void) | null): void {
		this.#onDurable = listener;
	}

	/** Makes what was appended so far durable; never rejects. */
	async settle(): Promise<void> {
		this.#pair.flush();
		while (this.#journalSync !== null || this.#logSync !== null) await (this.#journalSync ?? this.#logSync);
		if (this.#pair.hasBegun) await Promise.all([this.#syncJournal(), this.#syncLog()]);
	}

	/** Makes everything durable, with a last commit record that says so, and closes the files; never rejects. */
	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #close(): Promise<void> {
		this.#linger?.cancel();
		this.#sweep?.cancel();
		await this.settle();
		this.#pair.finish();
		if (this.#pair.hasBegun) await this.#syncJournal();
		this.#pair.rescueRows();
		this.#pair.close();
	}

	#endTurn(): void {
		if (this.#turnEnds) return;
		this.#turnEnds = true;
		setImmediate(this.#turnEnded);
	}

	readonly #turnEnded = (): void => {
		this.#turnEnds = false;
		if (this.#closing !== null) return;
		this.#pair.flush();
		if (this.#pair.stops === 'drop') return;
		if (this.#hasNewRecords || this.#hasNewRows) this.#sweep ??= this.#clock.after(syncEveryMs, this.#sweepNow);
		if (this.#waiting.length === 0 || this.#journalSync !== null) return;
		if (this.#isHurried || this.#waiting.length >= this.#marksPerCommit) void this.#syncJournal();
		else this.#linger ??= this.#clock.after(lingerMs, this.#lingered);
	};

	readonly #lingered = (): void => {
		this.#linger = null;
		if (this.#waiting.length > 0 && this.#journalSync === null) void this.#syncJournal();
	};

	readonly #sweepNow = (): void => {
		this.#sweep = null;
		if (this.#hasNewRecords && this.#journalSync === null) void this.#syncJournal();
		if (this.#hasNewRows && this.#logSync === null) void this.#syncLog();
		this.#endTurn();
	};

	#syncJournal(): Promise<void> {
		const { journal } = this.#pair;
		this.#pair.flush();
		if (this.#pair.stops === 'drop') return Promise.resolve();
		this.#hasNewRecords = false;
		this.#isHurried = false;
		const { length, crc } = journal;
		const marks = this.#waiting;
		this.#waiting = this.#syncing;
		this.#syncing = marks;
		this.#journalSync = new Promise((resolve) => {
			this.#files.fdatasync(journal.descriptor, (error) => {
				this.#journalSync = null;
				if (error !== null) this.#pair.broke(journal, error);
				else if (this.#pair.stops !== 'drop' && this.#pair.assertFence()) this.#committed(length, crc);
				marks.length = 0;
				resolve();
			});
		});
		return this.#journalSync;
	}

	#committed(length: number, crc: number): void {
		this.#pair.committed({ journal: length, journalCrc: crc });
		const marks = this.#syncing;
		if (this.#pair.error === null && marks.length > 0) {
			for (const mark of marks) mark.isDurable = true;
			this.#onDurable?.();
		}
		// Marks and records made meanwhile: the end of this turn decides how soon they follow.
		if (this.#waiting.length > 0) this.#endTurn();
	}

	#syncLog(): Promise<void> {
		const { journal, log } = this.#pair;
		this.#pair.flush();
		if (this.#pair.stops === 'drop') return Promise.resolve();
		this.#hasNewRows = false;
		const durable = this.#pair.areWhole ? { log: log.length, logCrc: log.crc, covers: journal.length } : {};
		this.#logSync = new Promise((resolve) => {
			this.#files.fdatasync(log.descriptor, (error) => {
				this.#logSync = null;
				if (error === null) this.#pair.committed(durable);
				else this.#pair.broke(log, error);
				resolve();
			});
		});
		return this.#logSync;
	}
}
