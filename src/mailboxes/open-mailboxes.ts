/** Where returned mail lies: Maildirs, folders of message files, mboxes, single mails and standard input, as one stream of mails. */
import { type FindOptions, findFiles } from './find-files.ts';
import { type FoundContent, type ReadOptions, readMails } from './read-mails.ts';

/**
 * Every mail of the sources (paths, or `-`), in order and one at a time, in constant memory. What a file is, its content tells: gz, JSON, an mbox (first
 * line `From `), or one mail. Nothing that lies there ends it: what cannot be read is a problem in its place.
 * RunError 66 when a source does not exist, before anything is read.
 */
export async function* openMailboxes(
	sources: readonly string[],
	{ stdin, content }: FindOptions & Pick<ReadOptions, 'content'>,
): AsyncGenerator<FoundContent> {
	for await (const found of findFiles(sources, { stdin })) {
		if ('problem' in found) yield found;
		else yield* readMails(found.open(), { file: found.file, isNamed: found.isNamed, content });
	}
}
