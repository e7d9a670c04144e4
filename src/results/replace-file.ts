/** Writes a file so that a reader, and a crash at any moment, finds either the old or the new one whole. */
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { type FileSystem, syncDirectory } from '../support/file-system.ts';

const temporaryFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/** 0600, durable when it returns; throws the file system's error, then the old file still stands and no other is left. */
export function replaceFile(path: string, text: string, options: { readonly files: FileSystem }): void {
	const { files } = options;
	const temporary = `${path}.tmp`;
	const descriptor = files.open(temporary, temporaryFlags, 0o600);
	try {
		writeAll(text, descriptor, files);
		files.rename(temporary, path);
	} catch (error) {
		removeQuietly(temporary, files);
		throw error;
	}
	syncDirectory(files, dirname(path));
}

function writeAll(text: string, descriptor: number, files: FileSystem): void {
	try {
		const bytes = Buffer.from(text, 'utf8');
		for (let offset = 0; offset < bytes.length; ) {
			const written = files.write(descriptor, bytes, offset);
			if (written <= 0) throw new Error('the file system wrote nothing and gave no reason');
			offset += written;
		}
		files.fsync(descriptor);
	} finally {
		files.close(descriptor);
	}
}

function removeQuietly(path: string, files: FileSystem): void {
	try {
		files.unlink(path);
	} catch {
		// What made the write fail says more than this.
	}
}
