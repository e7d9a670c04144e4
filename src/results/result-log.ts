/** The log of a run: takes each result once, writes it as a line, and counts it. */
import { dirname } from 'node:path';
import { cleanText } from '../support/clean-text.ts';
import type { Clock } from '../support/clock.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { shellWord } from '../support/shell-word.ts';
import { AppendFile } from './append-file.ts';
import { existingLog, findExisting } from './existing-log.ts';
import { describeFileError, errorCode, type FileSystem, nodeFileSystem } from './file-system.ts';
import { LogRows, type RunFacts } from './log-row.ts';
import type { Result } from './result.ts';
import { Tally } from './tally.ts';

export interface ResultLogOptions {
	readonly run: RunFacts;
	readonly clock: Clock;
	readonly files?: FileSystem;
}

export class ResultLog {
	readonly tally = new Tally();
	readonly #file: AppendFile;
	readonly #files: FileSystem;
	readonly #rows: LogRows;
	#isClosed = false;

	/** Makes the file (0600, never through a symbolic link, never one that exists) durably; RunError 73 when that cannot be. */
	static create(path: string, options: ResultLogOptions): ResultLog {
		const files = options.files ?? nodeFileSystem;
		try {
			const file = AppendFile.create(path, { files, clock: options.clock });
			return new ResultLog(file, { ...options, files });
		} catch (error) {
			throw cannotCreate(path, error);
		}
	}

	private constructor(file: AppendFile, options: ResultLogOptions & { readonly files: FileSystem }) {
		this.#file = file;
		this.#files = options.files;
		this.#rows = new LogRows(options.run, options.clock);
	}

	/** The refusal of `create` for a file that is there already, at a time when nothing depends on it yet. RunError 73. */
	static assertAbsent(path: string): void {
		const found = lookAt(path);
		if (found !== undefined) throw existingLog(path, { found });
	}

	/** Makes room for the log of a rehearsal: removes the one of an earlier rehearsal. RunError 73 when what is there is no file, or stays. */
	static removeEarlier(path: string): void {
		const found = lookAt(path);
		if (found === undefined) return;
		if (!found.isFile()) throw existingLog(path, { found });
		try {
			nodeFileSystem.unlink(path);
		} catch (error) {
			throw cannotCreate(path, error);
		}
	}

	get path(): string {
		return this.#file.path;
	}

	/** Resolves with the first write or sync error, upon which the run has to stop (exit 73); never rejects. */
	get failure(): Promise<RunError> {
		return this.#file.failure;
	}

	/** The same, for those who look; null when all is well. After `close` its hint says which results are not in the file. */
	get error(): RunError | null {
		const { error } = this.#file;
		if (error === null || !this.#isClosed) return error;
		return new RunError(error.exitCode, error.message, { hint: lossHint(this.#file.lostLines), cause: error.cause });
	}

	/** Counts the result and puts its line in the queue: synchronous, throws nothing, is in the kernel's hands at the end of this turn of the event loop. */
	record(result: Result): void {
		this.tally.add(result);
		this.#file.append(this.#rows.line(result));
	}

	flush(): void {
		this.#file.flush();
	}

	/** Writes and syncs what is left, and closes the file. Never rejects: `error` has what went wrong, now or before. May be called twice. */
	async close(): Promise<void> {
		await this.#file.close();
		this.#isClosed = true;
	}

	/** After `close`, when nothing was recorded that is worth keeping: the same command then finds its log name free. */
	remove(): void {
		this.#files.unlink(this.path);
	}
}

function lookAt(path: string): ReturnType<typeof findExisting> {
	try {
		return findExisting(path);
	} catch (error) {
		throw cannotCreate(path, error);
	}
}

/** Enough to look them up by hand. */
const namedLosses = 10;

function lossHint(lines: readonly string[]): string {
	if (lines.length === 0) return 'All results of this run are in it, but they may not survive a power cut.';
	const count = lines.length === 1 ? '1 result is' : `${lines.length} results are`;
	const more = lines.length - namedLosses;
	return [
		`${count} not in the file: those messages may have been sent.`,
		...lines.slice(0, namedLosses).map((line) => `  ${describeLoss(line)}`),
		...(more > 0 ? [`  and ${more} more`] : []),
	].join('\n');
}

function describeLoss(line: string): string {
	const row: { readonly recipient: string; readonly line: number; readonly status: string } = JSON.parse(line);
	return `${cleanText(row.recipient)} (line ${row.line}, ${row.status})`;
}

function cannotCreate(path: string, cause: unknown): RunError {
	switch (errorCode(cause)) {
		case 'EEXIST':
			return existingLog(path, { found: lookAt(path), cause });
		case 'ENOENT':
			return new RunError(exitCodes.cannotWriteLog, `the folder of the log, ${dirname(path)}, does not exist`, {
				hint: `Make it, or choose another place:\n  mkdir -p ${shellWord(dirname(path))}`,
				cause,
			});
		default:
			return new RunError(exitCodes.cannotWriteLog, `the log ${path} cannot be written: ${describeFileError(cause)}`, {
				hint: 'Choose another place for it with --log FILE.',
				cause,
			});
	}
}
