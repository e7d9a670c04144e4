/** Reads a file line by line as octets, in constant memory however long a line is. */
import { constants } from 'node:fs';
import type { FileSystem } from '../../support/file-system.ts';

const blockBytes = 256 * 1024;
const lf = 10;
const cr = 13;

/** From `start` to before `end`, without LF or CRLF; valid during the call only. `line` counts from 1. */
export type OnLine = (octets: Buffer, range: { start: number; end: number; line: number }) => void;

/**
 * Throws what the file system throws. Of a line longer than `maxOctets` the listener gets the first `maxOctets` + 1 octets, and the rest is passed over.
 * A byte order mark of UTF-8 at the beginning is no part of the first line.
 */
export function readOctetLines(
	path: string,
	onLine: OnLine,
	{ files, maxOctets }: { readonly files: FileSystem; readonly maxOctets: number },
): void {
	const descriptor = files.open(path, constants.O_RDONLY, 0);
	try {
		readLines(descriptor, onLine, { files, maxOctets });
	} finally {
		files.close(descriptor);
	}
}

function readLines(
	descriptor: number,
	onLine: OnLine,
	{ files, maxOctets }: { readonly files: FileSystem; readonly maxOctets: number },
): void {
	const buffer = Buffer.allocUnsafeSlow(blockBytes + maxOctets + 2);
	// One object for all lines: there are millions.
	const range = { start: 0, end: 0, line: 0 };
	let kept = 0;
	let position = 0;
	let isSkipping = false;
	const say = (start: number, end: number) => {
		range.start = start;
		range.end = end > start && buffer[end - 1] === cr ? end - 1 : end;
		range.line += 1;
		onLine(buffer, range);
	};
	for (;;) {
		const count = files.read(descriptor, buffer.subarray(kept, kept + blockBytes), position);
		if (count === 0) break;
		let start = position === 0 && startsWithMark(buffer, count) ? 3 : 0;
		position += count;
		const filled = kept + count;
		for (let end = buffer.indexOf(lf, kept); end !== -1 && end < filled; end = buffer.indexOf(lf, start)) {
			if (!isSkipping) say(start, end);
			isSkipping = false;
			start = end + 1;
			if (start >= filled) break;
		}
		kept = filled - start;
		if (!isSkipping && kept > maxOctets) {
			say(start, start + maxOctets + 1);
			isSkipping = true;
		}
		if (isSkipping) kept = 0;
		buffer.copyWithin(0, start, start + kept);
	}
	if (kept > 0) say(0, kept);
}

function startsWithMark(octets: Buffer, count: number): boolean {
	return count >= 3 && octets[0] === 0xef && octets[1] === 0xbb && octets[2] === 0xbf;
}
