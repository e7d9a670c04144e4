/** A list as text: its file read from the beginning, decoded piece by piece; stops the run where it is not text in its encoding. */
import type { ListEncoding } from './list-encoding.ts';
import { type ListFile, readListFile } from './list-file.ts';
import { createTextDecoding } from './text-decoding.ts';
import { unreadableText } from './unreadable-text.ts';

/** UTF-8 with LF line ends, without byte order mark. RunError 65 with the line when octets mean nothing in the encoding. */
export async function* readListText(file: ListFile, encoding: ListEncoding): AsyncGenerator<Buffer> {
	const decoding = await createTextDecoding(encoding.name);
	let skipBytes = encoding.bomBytes;
	for await (const chunk of readListFile(file)) {
		const octets = chunk.subarray(Math.min(skipBytes, chunk.length));
		skipBytes -= chunk.length - octets.length;
		const text = decoding.write(octets);
		if (text === null) throw await unreadableText(file, encoding);
		if (text.length > 0) yield text;
	}
	const rest = decoding.end();
	if (rest === null) throw await unreadableText(file, encoding);
	if (rest.length > 0) yield rest;
}
