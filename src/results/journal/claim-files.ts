/** Opens the two files of a campaign for writing, and makes sure that they are what was read when the campaign was opened. */
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { exitCodes, RunError } from '../../support/errors.ts';
import { describeFileError, errorCode, type FileSystem, syncDirectory } from '../../support/file-system.ts';
import { shellWord } from '../../support/shell-word.ts';
import { appendFlags, GrowingFile } from '../growing-file.ts';
import type { OpenedCampaign } from '../open-campaign.ts';
import { wayOutOf } from '../way-out.ts';
import { findTrespass } from './fence.ts';
import { journalPath } from './journal-record.ts';
import { holdsNoRecord } from './leftover-journal.ts';

type Existing = Extract<OpenedCampaign, { kind: 'existing' }>;

export interface ClaimedFiles {
	readonly journal: GrowingFile;
	readonly log: GrowingFile;
}

/** The valid part of a file, as it was read. */
interface ReadFile {
	readonly lengthBytes: number;
	readonly crc: number;
	readonly torn: { readonly bytes: number } | null;
}

const createFlags = appendFlags | constants.O_CREAT | constants.O_EXCL;
const takeOverFlags = constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW;

/** Descriptors to close and names to take away when it comes to nothing. */
interface Claim {
	readonly files: FileSystem;
	readonly open: number[];
	readonly made: string[];
}

/** Makes both, 0600 and durable by name, or takes over what a crash left of an attempt to make them. RunError 73 or 74. */
export function makeFiles(logPath: string, files: FileSystem): ClaimedFiles {
	return claiming(logPath, { files, isNew: true }, (claim) => {
		const log = makeFile(logPath, claim);
		const journal = makeFile(journalPath(logPath), claim);
		syncDirectory(files, dirname(logPath));
		return { journal, log };
	});
}

/** Opens both for appending, without the torn lines at their ends. RunError 73, or 74 when one is not what was read any more. */
export function reopenFiles(logPath: string, { reading, tail }: Existing, files: FileSystem): ClaimedFiles {
	return claiming(logPath, { files, isNew: false }, (claim) => {
		const journal = reopenFile(journalPath(logPath), reading, claim);
		const log = reopenFile(logPath, tail, claim);
		cutTorn(journal, reading.torn, files);
		cutTorn(log, tail.torn, files);
		return { journal, log };
	});
}

export function removeFiles(paths: readonly string[], files: FileSystem): void {
	for (const path of paths) {
		try {
			files.unlink(path);
		} catch {
			// What made the campaign impossible says more, and the next run takes an empty file over.
		}
	}
}

function claiming(
	logPath: string,
	{ files, isNew }: { readonly files: FileSystem; readonly isNew: boolean },
	act: (claim: Claim) => ClaimedFiles,
): ClaimedFiles {
	const claim: Claim = { files, open: [], made: [] };
	try {
		return act(claim);
	} catch (error) {
		for (const descriptor of claim.open) files.close(descriptor);
		removeFiles(claim.made, files);
		throw cannotOpen(logPath, error, { isNew });
	}
}

function makeFile(path: string, { files, open, made }: Claim): GrowingFile {
	const isThere = files.lstat(path) !== null;
	const descriptor = files.open(path, isThere ? takeOverFlags : createFlags, 0o600);
	open.push(descriptor);
	if (isThere) takeOver(path, descriptor, files);
	else made.push(path);
	files.fsync(descriptor);
	return new GrowingFile(path, { descriptor, length: 0, crc: 0, files });
}

/** Empty, or a journal without one whole record, so that nothing was promised. Another run may have begun in it meanwhile. */
function takeOver(path: string, descriptor: number, files: FileSystem): void {
	const { sizeBytes } = files.fstat(descriptor);
	if (sizeBytes === 0) return;
	if (!holdsNoRecord(descriptor, files)) throw changedSinceRead(path);
	files.ftruncate(descriptor, 0);
}

function reopenFile(path: string, { lengthBytes, crc, torn }: ReadFile, { files, open }: Claim): GrowingFile {
	const descriptor = files.open(path, appendFlags, 0);
	open.push(descriptor);
	const file = new GrowingFile(path, { descriptor, length: lengthBytes, crc, files });
	const { device, inode } = file;
	const asRead = { path, descriptor, device, inode, length: lengthBytes + (torn?.bytes ?? 0) };
	const trespass = findTrespass(asRead, files);
	if (trespass !== null) throw changedSinceRead(path, trespass.what);
	return file;
}

/** The one change that the fence cannot make safe: who wrote between the look above and the cut has lost it. The lock, which is held, forbids that. */
function cutTorn(file: GrowingFile, torn: ReadFile['torn'], files: FileSystem): void {
	if (torn === null) return;
	files.ftruncate(file.descriptor, file.length);
	files.fsync(file.descriptor);
}

function changedSinceRead(path: string, what = 'was written to'): RunError {
	return new RunError(exitCodes.logChanged, `${path} is not as it was when it was read a moment ago: it ${what}`, {
		hint: 'Nothing was sent. Run the same command again; if this comes back, another program uses the file.',
	});
}

function cannotOpen(logPath: string, cause: unknown, { isNew }: { readonly isNew: boolean }): RunError {
	if (cause instanceof RunError) return cause;
	switch (errorCode(cause)) {
		case 'EEXIST':
			return changedSinceRead(logPath, 'was made by another program');
		case 'ENOENT':
			return new RunError(exitCodes.cannotWriteLog, `the folder of the log, ${dirname(logPath)}, does not exist`, {
				hint: `${isNew ? 'Make it, or choose another place' : 'Put it back; then the same command goes on'}:\n  mkdir -p ${shellWord(dirname(logPath))}`,
				cause,
			});
		default:
			return new RunError(
				exitCodes.cannotWriteLog,
				`the log ${logPath} cannot be written: ${describeFileError(cause)}`,
				{
					hint: wayOutOf(cause, logPath, { isNew }),
					cause,
				},
			);
	}
}
