/** Puts right what a crash left, as the next run would: torn ends cut off, missing rows appended, and a commit record that vouches for all of it. */
import { constants } from 'node:fs';
import type { FileSystem } from '../../support/file-system.ts';
import { appendFlags, GrowingFile } from '../growing-file.ts';
import type { OpenedCampaign } from '../open-campaign.ts';
import { encodeCommit } from './encode-record.ts';
import { rebuildRow } from './rebuild-row.ts';

/** The log first: as long as the journal has no commit record for the rows, the next reader looks for them again. Throws the file system's error. */
export function completeLog(
	logPath: string,
	{ reading, tail }: Extract<OpenedCampaign, { kind: 'existing' }>,
	files: FileSystem,
): void {
	const log = reopen(logPath, tail, files);
	for (const row of tail.missing) log.append(rebuildRow(row));
	log.write();
	sync(log, files);
	const journal = reopen(reading.path, reading, files);
	files.fsync(journal.descriptor);
	const { length, crc } = journal;
	journal.append(encodeCommit({ journal: length, log: log.length, covers: length, crc, log_crc: log.crc }));
	journal.write();
	sync(journal, files);
}

function reopen(
	path: string,
	good: { readonly lengthBytes: number; readonly crc: number; readonly torn: object | null },
	files: FileSystem,
): GrowingFile {
	const descriptor = files.open(path, appendFlags | constants.O_NOFOLLOW, 0);
	if (good.torn !== null) files.ftruncate(descriptor, good.lengthBytes);
	return new GrowingFile(path, { descriptor, length: good.lengthBytes, crc: good.crc, files });
}

function sync(file: GrowingFile, files: FileSystem): void {
	files.fsync(file.descriptor);
	files.close(file.descriptor);
}
