/**
 * The journal and the log that is derived from it, as two files that grow together: what is written to them and in which order, and what a failure means.
 * When it becomes durable is the subject of journal.ts.
 *
 * The order of a flush is the promise: the journal first, then the log, so that a crash between the two leaves the log behind, and the next run
 * completes it.
 */
import { exitCodes, RunError } from '../../support/errors.ts';
import { describeFileError, diskIsFull, type FileSystem } from '../../support/file-system.ts';
import type { GrowingFile } from '../growing-file.ts';
import type { Lost } from '../lost-results.ts';
import type { Ballast } from './ballast.ts';
import { encodeCommit } from './encode-record.ts';
import { changedUnderRun, findTrespass, type Trespass } from './fence.ts';

/** What a failure asks of the connections: to be closed, or to write no final dot any more while verdicts that are due may still come. */
export type Stops = 'drop' | 'halt';

/** How much of both files is known to be on the disk: what the next commit record says. */
export interface Durable {
	readonly journal: number;
	/** CRC-32 of so many octets; the fence that came after the sync proved that they are this run's or were read by it. */
	readonly journalCrc: number;
	readonly log: number;
	readonly logCrc: number;
	readonly covers: number;
}

export interface JournalFilesOptions {
	readonly journal: GrowingFile;
	readonly log: GrowingFile;
	/** The run record: written in front of the first record, so that a run that records nothing leaves no trace. */
	readonly header: string;
	/** By the last commit record. */
	readonly durable: Durable;
	readonly ballast: Ballast;
	readonly files: FileSystem;
}

/**
 * The first failure is for good. A full disk (`halt`) throws the ballast overboard and goes on recording what is in flight. Anything else (`drop`) ends
 * all writing: after a failed fsync the kernel may have dropped pages that it reports as clean, and a line appended to somebody else's journal would
 * break his run.
 */
export class JournalFiles {
	readonly journal: GrowingFile;
	readonly log: GrowingFile;
	/** Resolves with the first failure; never rejects, and stays pending when all is well. */
	readonly failure: Promise<RunError>;
	readonly #header: string;
	readonly #ballast: Ballast;
	readonly #files: FileSystem;
	#announceFailure: (error: RunError) => void = () => {};
	#error: RunError | null = null;
	#stops: Stops | null = null;
	#hasBegun = false;
	#isFinished = false;
	#journalOctets: Trespass['octets'] = 'there';
	#areRowsSafe = false;
	#durable: Durable;
	#commitIsDue = false;

	constructor(options: JournalFilesOptions) {
		this.journal = options.journal;
		this.log = options.log;
		this.#header = options.header;
		this.#durable = options.durable;
		this.#ballast = options.ballast;
		this.#files = options.files;
		this.failure = new Promise((resolve) => {
			this.#announceFailure = resolve;
		});
	}

	get error(): RunError | null {
		return this.#error;
	}

	get stops(): Stops | null {
		return this.#stops;
	}

	/** Something of this run was written. */
	get hasBegun(): boolean {
		return this.#hasBegun;
	}

	/** No line of either is half written, or waits because of an error. */
	get areWhole(): boolean {
		return this.journal.isWhole && this.log.isWhole;
	}

	/** Everything that was appended to the journal is in the kernel's hands. */
	get isJournalWritten(): boolean {
		return this.journal.pendingLength === 0 && this.journal.isWhole;
	}

	get lost(): Lost {
		return {
			records: this.journal.lostLines,
			rows: this.log.lostLines,
			areRowsSafe: this.#areRowsSafe,
			journal: this.#journalOctets,
		};
	}

	/** Hands what was appended to the kernel. Throws nothing. */
	flush(): void {
		if (this.#stops === 'drop' || this.#isFinished) return;
		const hasRecords = this.journal.pendingLength > 0;
		if (!this.#hasBegun) {
			if (!hasRecords && this.log.pendingLength === 0) return;
			if (!this.#begin()) return;
		} else if (hasRecords) {
			this.#prependCommit();
		}
		this.#write();
	}

	/** The last flush: with a commit record that nothing follows, and no torn line when there was no room for the rest of it. */
	finish(): void {
		if (this.#stops === 'drop' || !this.#hasBegun) return;
		this.#prependCommit();
		this.#write();
		this.#isFinished = true;
		try {
			this.journal.cutTornLine();
			this.log.cutTornLine();
		} catch {
			// The run ends with the write error that tore the line; this one says nothing more.
		}
	}

	/** A sync of one of the files succeeded; what it made durable is said at the beginning of the next flush. */
	committed(durable: Partial<Durable>): void {
		this.#durable = { ...this.#durable, ...durable };
		this.#commitIsDue = true;
	}

	/** By name, so also after `close`: nobody put other files in their place or wrote to them. */
	get areUntouched(): boolean {
		return [this.journal, this.log].every(({ path, device, inode, length }) => {
			const found = this.#files.lstat(path);
			return found?.device === device && found.inode === inode && found.sizeBytes === length;
		});
	}

	/** Both files are the ones that this run opened, and as long as it left them; otherwise it has failed. */
	assertFence(): boolean {
		for (const file of [this.journal, this.log]) {
			const trespass = findTrespass(file, this.#files);
			if (trespass === null) continue;
			if (file === this.journal) this.#journalOctets = trespass.octets;
			this.#fail(changedUnderRun(file, trespass.what, { logPath: this.log.path }), 'drop');
			return false;
		}
		return true;
	}

	/** A sync failed, or a close: nothing can be relied on any more. */
	broke(file: GrowingFile, cause: unknown): void {
		this.#fail(unwritable(file, cause), 'drop');
	}

	/**
	 * After the journal was lost under a log that nobody touched: what was under way goes to the log alone, from which `log repair` makes a new journal. Not
	 * when another program writes to the journal: it may be a run, and the log is its log, too.
	 */
	rescueRows(): void {
		if (!this.#hasBegun || this.#journalOctets === 'there' || findTrespass(this.log, this.#files) !== null) return;
		try {
			this.log.write();
			this.#files.fsync(this.log.descriptor);
			this.#areRowsSafe = true;
		} catch {
			// They are named as lost then, and the run ends with what became of the journal.
			this.#cutTornRow();
		}
	}

	/** Closes both files and takes the ballast away. */
	close(): void {
		for (const file of [this.journal, this.log]) {
			try {
				this.#files.close(file.descriptor);
			} catch (error) {
				this.broke(file, error);
			}
		}
		this.#ballast.drop();
	}

	/**
	 * The header alone, between two looks at the fence: what was read when the campaign was opened must still be what is there, and another run that began at
	 * the same instant, under the same number, has to be noticed before a record of ours could be taken for one of his.
	 */
	#begin(): boolean {
		if (!this.assertFence()) return false;
		this.#hasBegun = true;
		try {
			this.journal.writeAhead(this.#header);
		} catch (error) {
			this.#writeFailed(this.journal, error);
		}
		return this.#stops === null && this.assertFence();
	}

	#cutTornRow(): void {
		try {
			this.log.cutTornLine();
		} catch {
			// As for the row.
		}
	}

	/** Never inside a line that a full disk has torn. */
	#prependCommit(): void {
		if (!this.#commitIsDue || !this.journal.isWhole) return;
		this.#commitIsDue = false;
		const { journal, journalCrc, log, covers, logCrc } = this.#durable;
		this.journal.prepend(encodeCommit({ journal, log, covers, crc: journalCrc, log_crc: logCrc }));
	}

	#write(): void {
		let file = this.journal;
		try {
			file.write();
			file = this.log;
			file.write();
		} catch (error) {
			this.#writeFailed(file, error);
		}
	}

	#writeFailed(file: GrowingFile, cause: unknown): void {
		if (!diskIsFull(cause)) return this.broke(file, cause);
		// No room without the ballast either: the next flush tries again, somebody may have made some.
		if (this.#stops === 'halt') return;
		this.#fail(unwritable(file, cause), 'halt');
		this.#ballast.drop();
		this.#write();
	}

	/** The first error stands; what it asks for may get worse. */
	#fail(error: RunError, stops: Stops): void {
		if (this.#stops !== 'drop') this.#stops = stops;
		if (this.#error !== null) return;
		this.#error = error;
		this.#announceFailure(error);
	}
}

function unwritable(file: GrowingFile, cause: unknown): RunError {
	const hint = diskIsFull(cause) ? 'Make room; the same command then goes on with what is left.' : '';
	return new RunError(exitCodes.cannotWriteLog, `${file.path} cannot be written: ${describeFileError(cause)}`, {
		hint,
		cause,
	});
}
