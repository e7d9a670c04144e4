/** The directory of `--save`: one .eml file per accepted message, which appears under its name only when it is complete. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, RunError } from '../support/errors.ts';

const savedName = /^(\d{6,9})-.*\.eml$/;
const maxNameLength = 120;

export class MailDirectory {
	readonly #directory: string;
	#lastNumber: number;

	/** Makes the directory (0700) when it is missing; numbers go on after the files that are there. Throws RunError 73. */
	static async open(directory: string): Promise<MailDirectory> {
		try {
			await mkdir(directory, { recursive: true, mode: 0o700 });
			const numbers = (await readdir(directory)).map((name) => Number(savedName.exec(name)?.[1] ?? 0));
			return new MailDirectory(
				directory,
				numbers.reduce((a, b) => Math.max(a, b), 0),
			);
		} catch (error) {
			const why = error instanceof Error ? error.message : String(error);
			throw new RunError(exitCodes.cannotWriteLog, `cannot save messages in ${directory}: ${why}`, {
				hint: '--save DIR   with a directory that you may write to',
				cause: error,
			});
		}
	}

	private constructor(directory: string, lastNumber: number) {
		this.#directory = directory;
		this.#lastNumber = lastNumber;
	}

	/** `id`: letters, digits and dashes, different for each message that is under way. */
	receive(id: string): IncomingFile {
		return new IncomingFile(join(this.#directory, `.incoming-${id}`));
	}

	/** Gives a closed file its number and its name; an existing file is never written over. Rejects with the system's error. */
	async keep(incoming: IncomingFile, recipient: string): Promise<{ readonly number: number; readonly path: string }> {
		for (;;) {
			this.#lastNumber += 1;
			const number = this.#lastNumber;
			const path = join(this.#directory, fileNameFor(number, recipient));
			try {
				// rename alone would replace a file that another sandbox put there; O_EXCL reserves the name.
				await (await open(path, 'wx', 0o600)).close();
			} catch (error) {
				if (error instanceof Error && 'code' in error && error.code === 'EEXIST') continue;
				throw error;
			}
			try {
				await rename(incoming.path, path);
			} catch (error) {
				await remove(path);
				throw error;
			}
			return { number, path };
		}
	}
}

/** `000001-zoe@example.com.eml`: sorts by number, and holds nothing that a file system or a shell takes for more than a name. */
export function fileNameFor(number: number, recipient: string): string {
	const cleaned = recipient.replace(/[^A-Za-z0-9.@+=_-]/g, '_').replace(/\.{2,}/g, '_');
	return `${String(number).padStart(6, '0')}-${cleaned.slice(0, maxNameLength)}.eml`;
}

/** A message on its way to the disk. An error of the disk is kept until `close()`, so that the message can be read to its end. */
export class IncomingFile {
	readonly path: string;
	readonly #stream: WriteStream;
	readonly #closed: Promise<void>;
	#error: Error | null = null;

	constructor(path: string) {
		this.path = path;
		this.#stream = createWriteStream(path, { flags: 'wx', mode: 0o600 });
		this.#closed = new Promise((resolve) => {
			this.#stream.on('close', resolve);
		});
		this.#stream.on('error', (error) => {
			this.#error = error;
		});
	}

	/** False: wait with the next chunk until `whenWritable` calls. */
	write(chunk: Buffer): boolean {
		return this.#error !== null || this.#stream.write(chunk);
	}

	/** Calls once, when there is room again or the file is lost. */
	whenWritable(listener: () => void): void {
		const once = () => {
			this.#stream.off('drain', once);
			this.#stream.off('close', once);
			listener();
		};
		this.#stream.on('drain', once);
		this.#stream.on('close', once);
	}

	/** Resolves when everything is written and the file is closed; rejects with what the disk said. */
	async close(): Promise<void> {
		this.#stream.end();
		await this.#closed;
		if (this.#error !== null) throw this.#error;
	}

	/** Closes and removes it. */
	async discard(): Promise<void> {
		this.#stream.destroy();
		await this.#closed;
		await remove(this.path);
	}
}

async function remove(path: string): Promise<void> {
	await unlink(path).catch(() => {
		// It was never made (the disk refused it) or is gone already, or the disk is lost: the reply tells the client either way.
	});
}
