/** The mails of one Maildir: those of `new` and `cur`, never of `tmp`, where they are still being written. */
import { join } from 'node:path';
import { describeFileError } from '../support/file-system.ts';
import type { FoundFile } from './find-files.ts';
import { type FolderEntry, listFolder } from './list-folder.ts';
import { readFileOctets } from './read-octets.ts';

/** By name, which begins with the time of arrival. Somebody may be reading the Maildir: a mail that moves meanwhile is found again, and once. */
export async function* maildirMessages(maildir: string): AsyncGenerator<FoundFile> {
	const messages = new Map<string, FolderEntry>();
	// In the order in which mails move.
	for (const folder of ['new', 'cur']) {
		try {
			const { entries } = await listFolder(join(maildir, folder));
			for (const entry of entries) {
				const isMessage = entry.kind === 'file' && !entry.name.startsWith('.');
				if (isMessage && !messages.has(uniqueName(entry.name))) messages.set(uniqueName(entry.name), entry);
			}
		} catch (error) {
			yield { file: join(maildir, folder), problem: `cannot be listed: ${describeFileError(error)}` };
		}
	}
	const sorted = [...messages].sort(([a], [b]) => (a < b ? -1 : 1));
	for (const [unique, { path }] of sorted) {
		yield {
			file: path,
			isNamed: false,
			open: () => readFileOctets(path, () => pathInCur(maildir, { unique, path })),
		};
	}
}

/** Without the flags, which come and go. */
function uniqueName(name: string): string {
	const colon = name.indexOf(':');
	return colon === -1 ? name : name.slice(0, colon);
}

async function pathInCur(
	maildir: string,
	{ unique, path }: { readonly unique: string; readonly path: string },
): Promise<string> {
	const { entries } = await listFolder(join(maildir, 'cur'));
	return entries.find(({ name }) => uniqueName(name) === unique)?.path ?? path;
}
