/** What lies in a folder, sorted by name, links followed. */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface FolderEntry {
	readonly name: string;
	readonly path: string;
	/** lost: a link to nothing. other: a pipe, a socket, a device. */
	readonly kind: 'file' | 'folder' | 'lost' | 'other';
}

export interface ListedFolder {
	/** Device and inode. */
	readonly identity: string;
	readonly entries: readonly FolderEntry[];
	/** It holds `cur` and `new`. */
	readonly isMaildir: boolean;
}

/** Throws as node:fs does. */
export async function listFolder(path: string): Promise<ListedFolder> {
	const { dev, ino } = await stat(path, { bigint: true });
	const found = await readdir(path, { withFileTypes: true });
	found.sort((a, b) => (a.name < b.name ? -1 : 1));
	const entries: FolderEntry[] = [];
	for (const entry of found) {
		const entryPath = join(path, entry.name);
		entries.push({ name: entry.name, path: entryPath, kind: await kindOf(entry, entryPath) });
	}
	const hasFolder = (wanted: string) => entries.some(({ name, kind }) => name === wanted && kind === 'folder');
	return { identity: `${dev}:${ino}`, entries, isMaildir: hasFolder('cur') && hasFolder('new') };
}

async function kindOf(entry: Dirent, path: string): Promise<FolderEntry['kind']> {
	if (entry.isFile()) return 'file';
	if (entry.isDirectory()) return 'folder';
	// Also where the file system does not say: the kinds of all others are known.
	const isKnown = entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice();
	if (isKnown) return 'other';
	try {
		const stats = await stat(path);
		return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
	} catch {
		// A link to nothing, in a circle, or out of reach: nobody can read it.
		return 'lost';
	}
}
