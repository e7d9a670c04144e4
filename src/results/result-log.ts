/** The log of a run: takes each result once, writes it as a line, and counts it. */
import { lstatSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Clock } from '../support/clock.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { shellWord } from '../support/shell-word.ts';
import { AppendFile } from './append-file.ts';
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
		// Not stat: a symbolic link that points nowhere is in the way, too.
		if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw existingLog(path, undefined);
	}

	get path(): string {
		return this.#file.path;
	}

	/** Resolves with the first write or sync error, upon which the run has to stop (exit 73); never rejects. */
	get failure(): Promise<RunError> {
		return this.#file.failure;
	}

	/** The same, for those who look; null when all is well. After `close` its hint says how many results are not in the file. */
	get error(): RunError | null {
		const { error, lostLines } = this.#file;
		if (error === null || !this.#isClosed) return error;
		return new RunError(error.exitCode, error.message, { hint: lossHint(lostLines), cause: error.cause });
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

function lossHint(lostLines: number): string {
	if (lostLines === 0) return 'All results of this run are in it, but they may not survive a power cut.';
	return `${lostLines} ${lostLines === 1 ? 'result is' : 'results are'} not in the file: those messages may have been sent.`;
}

function cannotCreate(path: string, cause: unknown): RunError {
	switch (errorCode(cause)) {
		case 'EEXIST':
			return existingLog(path, cause);
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

function existingLog(path: string, cause: unknown): RunError {
	const hint = [
		'Going on with an existing log is not possible yet, and a new log starts a new campaign:',
		'everybody on the list is written to again, also those who are in the old one.',
		'If that is what you want, move the old log out of the way or choose another name:',
		`  mv ${shellWord(path)} ${shellWord(`${withoutSuffix(path)}.earlier.jsonl`)}`,
		`  mailshot send ... --log ${shellWord(`${withoutSuffix(basename(path))}.2.jsonl`)}`,
	].join('\n');
	return new RunError(exitCodes.cannotWriteLog, `${path} is the log of an earlier run`, { hint, cause });
}

function withoutSuffix(path: string): string {
	return path.replace(/\.jsonl$/, '');
}
