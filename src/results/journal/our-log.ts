/** Whether a file can be a log at all, by its beginning: a list or a template that was named by mistake is none, and is not to be repaired into one. */
import { constants } from 'node:fs';
import type { FileSystem } from '../../support/file-system.ts';
import { unreadable } from '../way-out.ts';
import { parseLogLine } from './parse-log-line.ts';

const beginningBytes = 64 * 1024;
const torn = '{"v":1,"timestamp":';

/** True when one line of the beginning is a row, or may be what a crash left of one. RunError 73 or 74 when it cannot be read. */
export function isOurLog(logPath: string, files: FileSystem): boolean {
	const octets = beginningOf(logPath, files);
	// As a power cut leaves them; nobody's list has any.
	if (octets.includes(0)) return true;
	const text = octets.toString('latin1');
	if (text.length === 0 || torn.startsWith(text)) return true;
	return text.split('\n').some((line) => line.startsWith(torn) || isRow(line));
}

/** Also one that a tool wrote anew, with its fields in another order. */
function isRow(line: string): boolean {
	const parsed = parseLogLine(Buffer.from(`${line}\n`, 'latin1'));
	return parsed.kind === 'line' && parsed.status !== '' && parsed.fields.has('recipient');
}

function beginningOf(path: string, files: FileSystem): Buffer {
	try {
		const descriptor = files.open(path, constants.O_RDONLY | constants.O_NOFOLLOW, 0);
		try {
			const octets = Buffer.alloc(beginningBytes);
			return octets.subarray(0, files.read(descriptor, octets, 0));
		} finally {
			files.close(descriptor);
		}
	} catch (error) {
		throw unreadable(path, error);
	}
}
