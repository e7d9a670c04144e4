/** Whether a journal beside an empty log is what a crash or a power cut left of one that was only just made: octets, and no whole record among them. */
import type { FileSystem } from '../../support/file-system.ts';
import { parseRecord } from './parse-record.ts';

/** More than the header and what the first writes hold behind it. */
const mostBytes = 1024 * 1024;

/** False for anything longer. Throws the file system's error. */
export function holdsNoRecord(descriptor: number, files: FileSystem): boolean {
	const octets = Buffer.alloc(mostBytes);
	const length = files.read(descriptor, octets, 0);
	if (length === mostBytes) return false;
	const lines = octets.subarray(0, length).toString('latin1').split('\n');
	// What stands behind the last line feed is no whole line, whatever it says.
	return lines.slice(0, -1).every((line) => parseRecord(fromRecordOn(line)).kind === 'garbage');
}

/** Rubbish may stand in front of a record on its line. */
function fromRecordOn(line: string): string {
	return line.slice(Math.max(0, line.lastIndexOf('{"type":')));
}
