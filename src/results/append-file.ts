/** A new file that only grows: lines are gathered in memory, written at the end of the event loop's turn, and synced by the thread pool. */
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock, Timer } from '../support/clock.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { describeFileError, errorCode, type FileSystem, syncDirectory } from './file-system.ts';

const lineFeed = 0x0a;
const flushAtLength = 64 * 1024;
/** Longest time that a line may wait for its fdatasync. */
const syncEveryMs = 200;

const createFlags =
	constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND | constants.O_NOFOLLOW;

/**
 * The first write or sync error is sticky: `failure` resolves with it, nothing more is written except one last try in `close()`, and only when the disk
 * was full. After a failed fsync the kernel may have dropped pages that it reports as clean, so then nothing is tried.
 */
export class AppendFile {
	readonly path: string;
	/** Resolves with the first error; never rejects, and stays pending when all is well. */
	readonly failure: Promise<RunError>;
	readonly #files: FileSystem;
	readonly #clock: Clock;
	readonly #descriptor: number;
	#announceFailure: (error: RunError) => void = () => {};
	#error: RunError | null = null;
	#mayTryAgain = false;
	#pending = '';
	/** Bytes in the file. */
	#size = 0;
	/** What a write error left over, from the beginning of its first line; so many bytes of that line are in the file. */
	#rest: Buffer = Buffer.alloc(0);
	#torn = 0;
	#flushIsDue = false;
	#syncTimer: Timer | null = null;
	#syncing: Promise<void> | null = null;
	#unsynced = false;
	#closing: Promise<void> | null = null;

	/** Throws the file system's error (EEXIST when there is such a file or link already); 0600, durable by name when it returns. */
	static create(path: string, options: { readonly files: FileSystem; readonly clock: Clock }): AppendFile {
		const { files } = options;
		const descriptor = files.open(path, createFlags, 0o600);
		try {
			files.fsync(descriptor);
			syncDirectory(files, dirname(path));
		} catch (error) {
			files.close(descriptor);
			files.unlink(path);
			throw error;
		}
		return new AppendFile(path, { ...options, descriptor });
	}

	private constructor(
		path: string,
		options: { readonly files: FileSystem; readonly clock: Clock; readonly descriptor: number },
	) {
		this.path = path;
		this.#files = options.files;
		this.#clock = options.clock;
		this.#descriptor = options.descriptor;
		this.failure = new Promise((resolve) => {
			this.#announceFailure = resolve;
		});
	}

	get error(): RunError | null {
		return this.#error;
	}

	/** Takes a line with its line feed. On the way of each message: it throws nothing and waits for nothing. */
	append(line: string): void {
		this.#pending += line;
		if (this.#error !== null) return;
		if (this.#pending.length >= flushAtLength) {
			this.flush();
		} else if (!this.#flushIsDue) {
			this.#flushIsDue = true;
			setImmediate(this.#flushWhenDue);
		}
	}

	/** Hands everything appended so far to the kernel. */
	flush(): void {
		this.#flushIsDue = false;
		if (this.#pending === '' || this.#error !== null) return;
		this.#writePending();
		if (this.#error === null) this.#scheduleSync();
	}

	/** Flushes, syncs and closes; never rejects: see `error`. A second call does nothing more. */
	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #close(): Promise<void> {
		this.flush();
		this.#syncTimer?.cancel();
		await this.#syncing;
		// Somebody may have made room meanwhile, and these are results of messages that went out.
		if (this.#error !== null && this.#mayTryAgain) this.#writePending();
		if (this.#torn > 0) this.#cutTornLine();
		if (this.#unsynced && (this.#error === null || this.#mayTryAgain)) await this.#sync();
		this.#files.close(this.#descriptor);
	}

	/** After `close`: the lines that are not in the file. */
	get lostLines(): readonly string[] {
		return `${this.#rest.toString('utf8')}${this.#pending}`.split('\n').slice(0, -1);
	}

	readonly #flushWhenDue = (): void => this.flush();

	#writePending(): void {
		const fresh = Buffer.from(this.#pending, 'utf8');
		const bytes = this.#rest.length === 0 ? fresh : Buffer.concat([this.#rest, fresh]);
		this.#pending = '';
		let offset = this.#torn;
		try {
			while (offset < bytes.length) {
				// A short write is completed, never restarted: the file would hold the beginning twice.
				const written = this.#files.write(this.#descriptor, bytes, offset);
				if (written <= 0) throw new Error('the file system wrote nothing and gave no reason');
				offset += written;
				this.#size += written;
				this.#unsynced = true;
			}
		} catch (error) {
			this.#mayTryAgain = diskIsFull(error);
			this.#fail(error);
		}
		const start = offset === 0 ? 0 : bytes.lastIndexOf(lineFeed, offset - 1) + 1;
		this.#rest = bytes.subarray(start);
		this.#torn = offset - start;
	}

	/** Readers take the last line for whole. */
	#cutTornLine(): void {
		try {
			this.#files.ftruncate(this.#descriptor, this.#size - this.#torn);
			this.#unsynced = true;
		} catch {
			// The run ends with the write error that tore the line; this one says nothing more.
		}
	}

	#scheduleSync(): void {
		if (this.#syncTimer !== null || this.#syncing !== null) return;
		this.#syncTimer = this.#clock.after(syncEveryMs, () => {
			this.#syncTimer = null;
			void this.#sync();
		});
	}

	#sync(): Promise<void> {
		this.#unsynced = false;
		this.#syncing = new Promise((resolve) => {
			this.#files.fdatasync(this.#descriptor, (error) => {
				this.#syncing = null;
				if (error !== null) {
					this.#mayTryAgain = false;
					this.#fail(error);
				} else if (this.#unsynced && this.#error === null) {
					this.#scheduleSync();
				}
				resolve();
			});
		});
		return this.#syncing;
	}

	#fail(cause: unknown): void {
		if (this.#error !== null) return;
		this.#error = new RunError(
			exitCodes.cannotWriteLog,
			`${this.path} cannot be written: ${describeFileError(cause)}`,
			{
				cause,
			},
		);
		this.#announceFailure(this.#error);
	}
}

function diskIsFull(error: unknown): boolean {
	const code = errorCode(error);
	return code === 'ENOSPC' || code === 'EDQUOT';
}
