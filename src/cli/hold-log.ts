/** The log that a run writes to: its lock held, its journal read. What a run does with it is in run-campaign.ts. */
import { unlinkSync } from 'node:fs';
import { KeyTable } from '../recipients/key-table.ts';
import { ballastPath } from '../results/journal/ballast.ts';
import { journalPath } from '../results/journal/journal-record.ts';
import { LogLock } from '../results/journal/log-lock.ts';
import { assertLocalFileSystem } from '../results/journal/network-file-system.ts';
import { type ProcessIdentity, readProcessIdentity } from '../results/journal/process-identity.ts';
import { settleOpenMarks } from '../results/journal/repair.ts';
import { assertLogNames, type OpenedCampaign, openCampaign } from '../results/open-campaign.ts';
import { summaryPath } from '../results/summary.ts';
import { wayOutOf } from '../results/way-out.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { describeFileError, nodeFileSystem } from '../support/file-system.ts';
import type { Surroundings } from './surroundings.ts';

export interface HeldLog {
	readonly path: string;
	readonly opened: OpenedCampaign;
	/** What the journal knows of each key; nobody visited. */
	readonly keys: KeyTable;
	/** Rows that came to nothing in earlier runs and are in the log already. */
	readonly locals: KeyTable;
	/** 16 octets: of the log that exists, or new ones. */
	readonly campaignId: Buffer;
	readonly identity: ProcessIdentity;
	/** Lets go of the lock. */
	release(): void;
}

export interface LogUse {
	/** `rehearsal`: what stands at the path is the log of an earlier one, and is removed. `look`: nothing is locked or changed. */
	readonly purpose: 'send' | 'rehearsal' | 'look';
	readonly allowsNetworkFiles: boolean;
}

/** RunError: 73 where no log can be, 74 for one that is damaged, 75 when another run holds it; rejects with the reason of the signal. */
export async function holdLog(
	path: string,
	use: LogUse,
	context: Pick<Surroundings, 'clock' | 'randomBytes'> & {
		readonly signal: AbortSignal;
		readonly onRecords: (records: number) => void;
	},
): Promise<HeldLog> {
	const { clock, randomBytes, signal, onRecords } = context;
	const { purpose } = use;
	if (purpose === 'send' && !use.allowsNetworkFiles) assertLocalFileSystem(path, nodeFileSystem);
	assertLogNames(path, nodeFileSystem);
	const identity = readProcessIdentity();
	const lock = purpose === 'look' ? null : await LogLock.acquire(path, { identity, clock });
	const release = () => lock?.release();
	try {
		if (purpose === 'rehearsal') removeLog(path);
		const keys = new KeyTable(randomBytes(16));
		const locals = new KeyTable(randomBytes(16));
		const opened = await openCampaign(path, { keys, locals, signal, onProgress: onRecords });
		// Who was under way when a run died is unknown, and has to be counted so before anybody is asked.
		if (opened.kind === 'existing') settleOpenMarks(opened.reading.openMarks, keys);
		const campaignId =
			opened.kind === 'existing' ? Buffer.from(opened.reading.firstRun.campaign_id, 'hex') : randomBytes(16);
		return { path, opened, keys, locals, campaignId, identity, release };
	} catch (error) {
		release();
		throw error;
	}
}

/** The files of an earlier rehearsal, or of a run that recorded nothing. RunError 73 when what is there is no file, or stays. */
function removeLog(path: string): void {
	// The journal first: a log without one is nobody's, a journal without its log would be refused.
	for (const file of [journalPath(path), path, ballastPath(path), summaryPath(path)]) {
		if (nodeFileSystem.lstat(file) === null) continue;
		try {
			unlinkSync(file);
		} catch (cause) {
			throw new RunError(exitCodes.cannotWriteLog, `${file} cannot be removed: ${describeFileError(cause)}`, {
				hint: wayOutOf(cause, path, { isNew: false }),
				cause,
			});
		}
	}
}
