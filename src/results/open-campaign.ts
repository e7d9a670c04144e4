/** Whether a log name is free, or has a campaign that a command can go on with: the journal and the end of the log, read and compared (design.md §5). */
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import type { KeyTable } from '../recipients/key-table.ts';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { describeFileError, type FileFacts, type FileSystem, nodeFileSystem } from '../support/file-system.ts';
import { shellWord } from '../support/shell-word.ts';
import { assertDurableLog } from './journal/durable-log.ts';
import { journalPath, type RunRecord } from './journal/journal-record.ts';
import type { ReplayTables } from './journal/journal-replay.ts';
import { holdsNoRecord } from './journal/leftover-journal.ts';
import { type LogTail, readLogTail } from './journal/log-tail.ts';
import { isOurLog } from './journal/our-log.ts';
import { type JournalReading, readJournal } from './journal/read-journal.ts';
import { repairPlanPath } from './journal/repair-plan.ts';

export type OpenedCampaign =
	| {
			readonly kind: 'new';
			/** A crash left files behind that hold nothing yet: they are to be taken over. */
			readonly leftovers: boolean;
	  }
	| { readonly kind: 'existing'; readonly reading: BegunJournal; readonly tail: LogTail };

/** Of a journal with at least one run. */
export type BegunJournal = JournalReading & { readonly firstRun: RunRecord; readonly lastRun: RunRecord };

export interface OpenCampaignOptions {
	readonly files?: FileSystem;
	/** Filled: value is KeyState. */
	readonly keys: ReplayTables['keys'] & Pick<KeyTable, 'has'>;
	/** Filled with localIdentity() of each local record. */
	readonly locals: Pick<KeyTable, 'seek'>;
	readonly signal?: AbortSignal | undefined;
	/** Records of the journal read so far. */
	readonly onProgress?: ((records: number) => void) | undefined;
}

/**
 * Reads only. RunError 74 for one file without the other, damage, or a newer version (the hint has the way out), 73 when one of the names is no regular
 * file, no log of mailshot, or cannot be looked at or read.
 */
export async function openCampaign(logPath: string, options: OpenCampaignOptions): Promise<OpenedCampaign> {
	const files = options.files ?? nodeFileSystem;
	const path = journalPath(logPath);
	const { log, journal } = assertLogNames(logPath, files);
	if (lookAt(repairPlanPath(logPath), files) !== null) throw halfRepaired(logPath);
	const isLogEmpty = log === null || log.sizeBytes === 0;
	if (journal === null || journal.sizeBytes === 0) {
		if (isLogEmpty) return { kind: 'new', leftovers: log !== null || journal !== null };
		throw isOurLog(logPath, files) ? journalMissing(logPath) : notOurs(logPath);
	}
	// The log is made first: an empty one beside it says that a journal of rubbish is ours.
	if (log !== null && isLogEmpty && isRubbish(path, files)) return { kind: 'new', leftovers: true };
	const reading = await readJournal(path, { ...options, files });
	if (!hasBegun(reading)) {
		if (isLogEmpty) return { kind: 'new', leftovers: true };
		throw alone(logPath, logPath, { has: 'whose journal has nothing in it,', other: path });
	}
	if (log === null) throw alone(logPath, path, { has: 'without', other: logPath });
	const tail = readLogTail(logPath, reading, { files, keys: options.keys });
	await assertDurableLog(logPath, reading.lastCommit, { files, signal: options.signal });
	return { kind: 'existing', reading, tail };
}

/** At a time when nothing depends on it yet: RunError 73 when a name is taken by what is no regular file. */
export function assertLogNames(
	logPath: string,
	files: FileSystem,
): { readonly log: FileFacts | null; readonly journal: FileFacts | null } {
	return { log: lookAtFile(logPath, logPath, files), journal: lookAtFile(journalPath(logPath), logPath, files) };
}

function isRubbish(path: string, files: FileSystem): boolean {
	const descriptor = files.open(path, constants.O_RDONLY | constants.O_NOFOLLOW, 0);
	try {
		return holdsNoRecord(descriptor, files);
	} finally {
		files.close(descriptor);
	}
}

function hasBegun(reading: JournalReading): reading is BegunJournal {
	return reading.firstRun !== null && reading.lastRun !== null;
}

function lookAtFile(path: string, logPath: string, files: FileSystem): FileFacts | null {
	const found = lookAt(path, files);
	if (found === null || found.kind === 'file') return found;
	const what = {
		directory: 'is a directory: a log is a file',
		link: 'is a symbolic link: a log is a file, and links are not followed',
		other: 'is a pipe, a socket or a device: a log is a file',
	}[found.kind];
	throw new RunError(exitCodes.cannotWriteLog, `${path} ${what}`, {
		hint: isTakenAlone(path, logPath, files)
			? anotherName
			: 'Put the file itself in its place, log and journal beside each other; then the same command goes on.',
	});
}

function lookAt(path: string, files: FileSystem): FileFacts | null {
	try {
		return files.lstat(path);
	} catch (error) {
		throw new RunError(exitCodes.cannotWriteLog, `${path} cannot be looked at: ${describeFileError(error)}`, {
			hint: `Let this user look there; then the same command goes on.\n  ls -ld ${shellWord(dirname(path))}`,
			cause: error,
		});
	}
}

const anotherName = 'Name the log of the campaign; a new campaign takes a name that no file has yet.';

/** The name stands for something else altogether: there is no campaign that could have been moved or linked. */
function isTakenAlone(path: string, logPath: string, files: FileSystem): boolean {
	const other = path === logPath ? journalPath(logPath) : logPath;
	return lookAt(path, files)?.kind !== 'link' && lookAt(other, files) === null;
}

/** RunError 73: naming it was a mistake, and no repair makes a log of it. */
export function notOurs(logPath: string): RunError {
	return new RunError(exitCodes.cannotWriteLog, `${cleanText(logPath)} is not a log of mailshot`, {
		hint: anotherName,
	});
}

/** RunError 74: what the log alone says is for a repair to judge. */
export function journalMissing(logPath: string): RunError {
	return alone(logPath, logPath, { has: 'without', other: journalPath(logPath) });
}

function alone(logPath: string, path: string, found: { readonly has: string; readonly other: string }): RunError {
	return new RunError(
		exitCodes.logChanged,
		`there is ${path} ${found.has} ${found.other}: neither can be trusted alone`,
		{
			hint: [
				'Put the other file back. If it is gone, make what can be made of this one:',
				`  mailshot log repair ${shellWord(logPath)}`,
			].join('\n'),
		},
	);
}

function halfRepaired(logPath: string): RunError {
	return new RunError(exitCodes.logChanged, `a repair of ${logPath} was interrupted`, {
		hint: `Let it finish:\n  mailshot log repair ${shellWord(logPath)}`,
	});
}
