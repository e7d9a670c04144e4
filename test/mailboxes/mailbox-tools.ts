/** Reads mailboxes to their end, and writes the kinds that are read. */
import { gzipSync } from 'node:zlib';
import { openMailboxes } from '../../src/mailboxes/open-mailboxes.ts';
import type { FoundContent } from '../../src/mailboxes/read-mails.ts';
import { splitMbox } from '../../src/mailboxes/split-mbox.ts';

export const nobody: AsyncIterable<Buffer> = pieces([]);

export async function* pieces(buffers: readonly Buffer[]): AsyncGenerator<Buffer> {
	yield* buffers;
}

/** Cut into pieces of `size` octets. */
export async function* inPieces(octets: Buffer, size: number): AsyncGenerator<Buffer> {
	for (let at = 0; at < octets.length; at += size) yield Buffer.from(octets.subarray(at, at + size));
}

/** `name: text` of each mail or problem, the names without `folder/`. */
export async function readAll(
	sources: readonly string[],
	options: { readonly folder?: string; readonly stdin?: AsyncIterable<Buffer | string> } = {},
): Promise<string[]> {
	const lines: string[] = [];
	for await (const found of openMailboxes(sources, { stdin: options.stdin ?? nobody, content: 'auto' })) {
		lines.push(`${found.file.replace(`${options.folder}/`, '')}: ${await said(found)}`);
	}
	return lines;
}

async function said(found: FoundContent): Promise<string> {
	if ('problem' in found) return `! ${found.problem}`;
	if ('octets' in found) return found.octets.toString('latin1');
	const read: Buffer[] = [];
	for await (const chunk of found.json) read.push(chunk);
	return `json ${Buffer.concat(read).toString()}`;
}

export async function splitAll(octets: AsyncIterable<Buffer>): Promise<Buffer[]> {
	const mails: Buffer[] = [];
	for await (const mail of splitMbox(octets)) mails.push(mail.octets);
	return mails;
}

/** As mboxrd: From_ line, each `From ` behind any number of `>` quoted once more, an empty line. */
export function mboxrd(mails: readonly Buffer[]): Buffer {
	const written = mails.map((mail) => {
		const text = mail.toString('latin1').replace(/^>*From /gm, '>$&');
		return `From bounce@example.com Sun Nov 22 10:00:00 2026\n${text}${text.endsWith('\n') ? '' : '\n'}\n`;
	});
	return Buffer.from(written.join(''), 'latin1');
}

export const gz = (text: string | Buffer): Buffer => gzipSync(text);
