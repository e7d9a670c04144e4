/** Whether the log's durable part is still what the journal's last commit record vouches for (design.md §5, Repair): an edit is refused, not sent on. */
import { constants } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { exitCodes, RunError } from '../../support/errors.ts';
import type { FileSystem } from '../../support/file-system.ts';
import { shellWord } from '../../support/shell-word.ts';
import type { CommitRecord } from './journal-record.ts';

const chunkBytes = 4 * 1024 * 1024;

/**
 * Reads the durable part once, about 1 GB a second: a log of ten million rows has 8 GB. RunError 74 when its CRC-32 is another one; throws what reading
 * throws, and the reason of the signal.
 */
export async function assertDurableLog(
	logPath: string,
	commit: CommitRecord | null,
	{ files, signal }: { readonly files: FileSystem; readonly signal?: AbortSignal | undefined },
): Promise<void> {
	const { log: durable, log_crc: expected } = commit ?? { log: 0, log_crc: 0 };
	const descriptor = files.open(logPath, constants.O_RDONLY | constants.O_NOFOLLOW, 0);
	try {
		const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, durable));
		let crc = 0;
		for (let offset = 0; offset < durable; ) {
			const count = files.read(descriptor, buffer.subarray(0, Math.min(buffer.length, durable - offset)), offset);
			if (count === 0) break;
			crc = crc32(buffer.subarray(0, count), crc);
			offset += count;
			await nextTurn();
			signal?.throwIfAborted();
		}
		if (crc !== expected) throw edited(logPath, durable);
	} finally {
		files.close(descriptor);
	}
}

function edited(logPath: string, durable: number): RunError {
	const log = shellWord(logPath);
	return new RunError(
		exitCodes.logChanged,
		`the first ${durable} octets of ${logPath} are not those that its journal vouches for: it was edited`,
		{
			hint: [
				'Nothing is sent and nothing is changed. Put the right file back, or see what is whole and save it:',
				`  mailshot log verify ${log}`,
				`  mailshot log repair ${log}`,
			].join('\n'),
		},
	);
}
