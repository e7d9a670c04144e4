/** A template file's bytes to text. */
import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';

// Mail clients cut what is far smaller (Gmail at 102 KB); a file of this size is not a template.
const maxTemplateBytes = 8 * 1024 * 1024;

/** The file's text with LF line ends, without byte order mark. Throws RunError: 66 when it is missing or a directory, 65 when it is no UTF-8, empty, or far too large. */
export async function readTemplateText(path: string): Promise<string> {
	const bytes = await readBytes(path);
	try {
		// Drops the byte order mark.
		const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r\n?/g, '\n');
		if (text.includes('\0')) throw new RunError(exitCodes.badInput, `${cleanText(path)}: has a NUL character in it`);
		if (text.trim() === '') throw new RunError(exitCodes.badInput, `${cleanText(path)}: is empty`);
		return text;
	} catch (cause) {
		if (cause instanceof RunError) throw cause;
		const message = `${cleanText(path)}:${firstBadLine(bytes)}: is not UTF-8`;
		throw new RunError(exitCodes.badInput, message, { cause, hint: 'save the template as UTF-8' });
	}
}

async function readBytes(path: string): Promise<Buffer> {
	try {
		const file = await open(path, 'r');
		try {
			const status = await file.stat();
			if (status.isDirectory()) throw new RunError(exitCodes.missingInput, `${cleanText(path)}: is a directory`);
			if (status.size > maxTemplateBytes)
				throw new RunError(exitCodes.badInput, `${cleanText(path)}: is larger than 8 MiB`);
			return await file.readFile();
		} finally {
			await file.close();
		}
	} catch (cause) {
		if (cause instanceof RunError) throw cause;
		const code = cause instanceof Error && 'code' in cause ? cause.code : '';
		const why = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${String(code)})`;
		throw new RunError(exitCodes.missingInput, `${cleanText(path)}: ${why}`, { cause });
	}
}

function firstBadLine(bytes: Buffer): number {
	let line = 1;
	let start = 0;
	for (;;) {
		const newline = bytes.indexOf(0x0a, start);
		if (newline === -1 || !isUtf8(bytes.subarray(start, newline))) return line;
		start = newline + 1;
		line++;
	}
}
