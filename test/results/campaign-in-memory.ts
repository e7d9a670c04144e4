import { CampaignLog } from '../../src/results/campaign-log.ts';
import { journalPath } from '../../src/results/journal/journal-record.ts';
import { openCampaign } from '../../src/results/open-campaign.ts';
import { attempt, makeAccepted, makeRecipient, TestClock } from './make-result.ts';
import type { MemoryFileSystem } from './memory-file-system.ts';
import { logPath, openTables, runRecord } from './simulate-campaign.ts';

export const journal = journalPath(logPath);

export async function begin(disk: MemoryFileSystem) {
	const tables = openTables();
	const opened = await openCampaign(logPath, { files: disk, ...tables });
	const clock = new TestClock();
	const log = await CampaignLog.begin({ logPath, opened, ...tables, run: runRecord, clock, files: disk });
	return { opened, log, clock, keys: tables.keys };
}

export function linesOf(disk: MemoryFileSystem, path: string): Record<string, unknown>[] {
	return disk
		.text(path)
		.split('\n')
		.slice(0, -1)
		.map((line) => JSON.parse(line));
}

export function typesOf(disk: MemoryFileSystem): string {
	return linesOf(disk, journal)
		.map(({ type }) => type)
		.join(' ');
}

/** Makes the mark and its result, as a connection does. */
export function send(log: CampaignLog, row: number): void {
	const recipient = makeRecipient({ address: `r${row}@old.example`, row, line: row + 1 });
	const { message } = makeAccepted({ recipient });
	const mark = log.mark(message, { number: 1, connection: 3 });
	log.record(makeAccepted({ recipient, attempt: { ...attempt, mark: mark.id } }));
}
