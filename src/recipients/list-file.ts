/** The file of a list: opened for each pass, read in pieces, and noticed when it is not the same file any more. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { exitCodes, RunError } from '../support/errors.ts';

const chunkBytes = 64 * 1024;

export interface ListFile {
	readonly path: string;
	/** How messages call it: `list.csv`, `standard input`. */
	readonly displayName: string;
	readonly sizeBytes: number;
	/** Device, inode, size and time of change as one word. */
	readonly identity: string;
}

/** Looks the file up. RunError 66 when it is missing, no regular file or not readable. */
export async function findListFile(path: string, displayName: string): Promise<ListFile> {
	try {
		const stats = await stat(path, { bigint: true });
		if (stats.isDirectory()) {
			throw new RunError(exitCodes.missingInput, `${displayName} is a directory, not a CSV file`);
		}
		if (!stats.isFile()) {
			throw new RunError(exitCodes.missingInput, `${displayName} is not a regular file; a list is read twice`, {
				hint: 'Name - as the list and pipe it in: the input is kept in a file while the run lasts.',
			});
		}
		return { path, displayName, sizeBytes: Number(stats.size), identity: identityOf(stats) };
	} catch (error) {
		throw error instanceof RunError ? error : unreadable(displayName, error);
	}
}

/** The bytes from the beginning, each piece a buffer of its own. RunError 66 when it cannot be read, 65 when it is not the file that was found. */
export async function* readListFile(file: ListFile): AsyncGenerator<Buffer> {
	const handle = await openHandle(file);
	try {
		await checkUnchanged(file, handle);
		for (;;) {
			const chunk = Buffer.allocUnsafeSlow(chunkBytes);
			const { bytesRead } = await readChunk(file, handle, chunk);
			if (bytesRead === 0) break;
			yield chunk.subarray(0, bytesRead);
		}
		await checkUnchanged(file, handle);
	} finally {
		await handle.close();
	}
}

async function openHandle(file: ListFile): Promise<FileHandle> {
	try {
		return await open(file.path, 'r');
	} catch (error) {
		throw unreadable(file.displayName, error);
	}
}

async function readChunk(file: ListFile, handle: FileHandle, chunk: Buffer): Promise<{ readonly bytesRead: number }> {
	try {
		return await handle.read(chunk, 0, chunk.length, null);
	} catch (error) {
		throw unreadable(file.displayName, error);
	}
}

async function checkUnchanged(file: ListFile, handle: FileHandle): Promise<void> {
	if (identityOf(await handle.stat({ bigint: true })) === file.identity) return;
	throw new RunError(exitCodes.badInput, `${file.displayName} changed while it was being read`, {
		hint: 'Run the same command again when nothing writes to the file any more.',
	});
}

function identityOf(stats: {
	readonly dev: bigint;
	readonly ino: bigint;
	readonly size: bigint;
	readonly mtimeNs: bigint;
}): string {
	return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
}

function unreadable(displayName: string, cause: unknown): RunError {
	const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
	const known: Readonly<Record<string, string>> = {
		ENOENT: `${displayName} does not exist`,
		ENOTDIR: `${displayName} does not exist: a part of its path is no directory`,
		EACCES: `${displayName} cannot be read: permission denied`,
		EPERM: `${displayName} cannot be read: permission denied`,
	};
	return new RunError(exitCodes.missingInput, known[code] ?? `${displayName} cannot be read (${code})`, { cause });
}
