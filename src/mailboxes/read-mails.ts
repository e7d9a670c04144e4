/** The mails of one file: one mail, or all of an mbox. */
import { beginOctets } from './begin-octets.ts';
import { type CollectedMail, HeldOctets, longestMailBytes, mostHeldBytes } from './held-octets.ts';
import { readProblem } from './read-problem.ts';
import { beginsMbox, splitMbox } from './split-mbox.ts';

export type FoundMail =
	/** `file` is `path#12` for the twelfth mail of an mbox. Of a mail of more than 16 MB the octets are the first 16 MB. */
	{ readonly file: string; readonly octets: Buffer } | { readonly file: string; readonly problem: string };

/** What a relay wrote of its own: to be read before the next is asked for, and throwing what `readProblem` puts in words. */
export type FoundContent = FoundMail | { readonly file: string; readonly json: AsyncIterable<Buffer> };

export interface ReadOptions {
	readonly file: string;
	/** An empty file that was named is a mailbox without mail, another one is a mail that was lost. */
	readonly isNamed: boolean;
	/** What it is; `auto` looks at how it begins. */
	readonly content: 'auto' | 'mail' | 'json';
}

const megabyte = 1024 * 1024;
const tooLong = `is longer than ${longestMailBytes / megabyte} MB: only its first ${mostHeldBytes / megabyte} MB were read`;
const headBytes = 512;
const lf = 10;
const jsonBegins = /^(?:\u00ef\u00bb\u00bf)?\s*[{[]/;

/** What people keep mails in that is not read, by its first octets. */
const archives: readonly (readonly [name: string, magic: Buffer])[] = [
	['zip', Buffer.from('PK\x03\x04', 'latin1')],
	['bzip2', Buffer.from('BZh', 'latin1')],
	['xz', Buffer.from('\xfd7zXZ', 'latin1')],
	['zstd', Buffer.from('\x28\xb5\x2f\xfd', 'latin1')],
	['7z', Buffer.from("7z\xbc\xaf'\x1c", 'latin1')],
];

/** What cannot be read, or not to its end, is a problem behind what could be read. */
export async function* readMails(source: AsyncIterable<Buffer>, options: ReadOptions): AsyncGenerator<FoundContent> {
	const { file, isNamed, content } = options;
	try {
		const { head, octets } = await beginOctets(source, headBytes);
		try {
			const archive = archives.find(([, magic]) => head.subarray(0, magic.length).equals(magic));
			if (head.length === 0) {
				if (!isNamed) yield { file, problem: 'is empty' };
			} else if (archive !== undefined) {
				yield { file, problem: `is packed with ${archive[0]}: unpack it first` };
			} else if (content === 'json' || (content === 'auto' && jsonBegins.test(head.toString('latin1')))) {
				yield { file, json: octets };
			} else if (beginsMbox(head)) {
				yield* mailsOfMbox(file, head.includes(lf) ? octets : withLineFeeds(octets));
			} else {
				yield* found(file, await wholeMail(octets));
			}
		} finally {
			await octets.return?.();
		}
	} catch (error) {
		yield { file, problem: readProblem(error) };
	}
}

async function* mailsOfMbox(file: string, octets: AsyncIterable<Buffer>): AsyncGenerator<FoundMail> {
	let number = 0;
	for await (const mail of splitMbox(octets)) {
		number += 1;
		yield* found(`${file}#${number}`, mail);
	}
	if (number === 0) yield { file, problem: 'begins like an mbox, and holds no mail' };
}

/** QUIRK: mboxes of old Macs end their lines with CR alone. */
async function* withLineFeeds(octets: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	for await (const chunk of octets) yield Buffer.from(chunk.toString('latin1').replaceAll('\r', '\n'), 'latin1');
}

function* found(file: string, { octets, sizeBytes }: CollectedMail): Generator<FoundMail> {
	if (sizeBytes === 0) yield { file, problem: 'is empty' };
	else yield { file, octets };
	if (sizeBytes > longestMailBytes) yield { file, problem: tooLong };
}

async function wholeMail(octets: AsyncIterable<Buffer>): Promise<CollectedMail> {
	const mail = new HeldOctets();
	for await (const chunk of octets) {
		mail.add(chunk);
		if (mail.sizeBytes > longestMailBytes) break;
	}
	return mail.take();
}
