/** Finds the files that mail lies in: those that were named, those of folders and all below them, those of Maildirs. */
import { stat } from 'node:fs/promises';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { describeFileError, errorCode } from '../support/file-system.ts';
import { type ListedFolder, listFolder } from './list-folder.ts';
import { maildirMessages } from './maildir-messages.ts';
import { readFileOctets, readStreamOctets } from './read-octets.ts';

export interface MailFile {
	/** As people find it: a path, or `-`. */
	readonly file: string;
	/** Named by whoever asked, not found in a folder: when it is empty, it is a mailbox without mail. */
	readonly isNamed: boolean;
	/** Its content from the beginning, gz unpacked. Throws as node:fs and node:zlib do. */
	readonly open: () => AsyncIterable<Buffer>;
}

export type FoundFile = MailFile | { readonly file: string; readonly problem: string };

export interface FindOptions {
	/** What `-` stands for. */
	readonly stdin: AsyncIterable<Buffer | string>;
}

/**
 * In the order of the sources, sorted by name in each folder. Hidden files, and folders that are hidden without being a Maildir (Maildir++), are
 * passed over, so is what is no regular file. Each folder is visited once, however many links lead to it.
 * RunError 66 when a source does not exist, before anything is read; a folder that cannot be listed is a problem, and the next one is visited.
 */
export async function* findFiles(sources: readonly string[], { stdin }: FindOptions): AsyncGenerator<FoundFile> {
	const areFolders: boolean[] = [];
	for (const source of sources) areFolders.push(source !== '-' && (await isFolder(source)));
	const visited = new Set<string>();
	for (const [index, source] of sources.entries()) {
		if (source === '-') yield { file: '-', isNamed: true, open: () => readStreamOctets(stdin) };
		else if (areFolders[index] === true) yield* visit(source, { visited, takesFiles: true });
		else yield { file: source, isNamed: true, open: () => readFileOctets(source) };
	}
}

async function isFolder(source: string): Promise<boolean> {
	try {
		return (await stat(source)).isDirectory();
	} catch (error) {
		const code = errorCode(error);
		const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
		const name = source === '' ? 'a source without a name' : cleanText(source);
		const message = isMissing ? `${name} does not exist` : `${name} cannot be read: ${describeFileError(error)}`;
		throw new RunError(exitCodes.missingInput, message, {
			hint: 'Name a Maildir, a folder of mails, an mbox, an .eml file (also .gz),\nor - for standard input:\n  mailshot bounces ~/Maildir',
			cause: error,
		});
	}
}

interface Visit {
	/** Device and inode of each folder that was visited. */
	readonly visited: Set<string>;
	/** False inside a Maildir: what lies beside its folders is its server's, and no mail. */
	readonly takesFiles: boolean;
}

async function* visit(folder: string, { visited, takesFiles }: Visit): AsyncGenerator<FoundFile> {
	let listed: ListedFolder;
	try {
		listed = await listFolder(folder);
	} catch (error) {
		yield { file: folder, problem: `cannot be listed: ${describeFileError(error)}` };
		return;
	}
	if (visited.has(listed.identity)) return;
	visited.add(listed.identity);
	if (listed.isMaildir) yield* maildirMessages(folder);
	for (const { name, path, kind } of listed.entries) {
		if (kind === 'folder') {
			if (listed.isMaildir && (name === 'cur' || name === 'new' || name === 'tmp')) continue;
			if (name.startsWith('.') && !(await isMaildir(path))) continue;
			yield* visit(path, { visited, takesFiles: takesFiles && !listed.isMaildir });
		} else if (takesFiles && !listed.isMaildir && !name.startsWith('.')) {
			if (kind === 'file') yield { file: path, isNamed: false, open: () => readFileOctets(path) };
			if (kind === 'lost') yield { file: path, problem: 'is a link to nothing' };
		}
	}
}

async function isMaildir(folder: string): Promise<boolean> {
	try {
		return (await listFolder(folder)).isMaildir;
	} catch {
		// Hidden, and not to be listed: nobody meant it.
		return false;
	}
}
