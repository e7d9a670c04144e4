/**
 * Makes two new files of what is left of a damaged log and its journal, beside the old ones.
 *
 *     1. old log      -> new log: every line that can be read
 *     2. old journal  -> looked through: headers that are left, what keys are
 *     3. old journal  -> new journal: every record that can be read;  rows that the log lacks -> new log
 *     4. old log      -> new journal: results that the journal lacks
 *     5. a commit record that vouches for both
 */
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import type { KeyTable } from '../../recipients/key-table.ts';
import { exitCodes, RunError, UsageError } from '../../support/errors.ts';
import { type FileSystem, syncDirectory } from '../../support/file-system.ts';
import { shellWord } from '../../support/shell-word.ts';
import { type JournalRecord, journalPath, type RunRecord } from './journal-record.ts';
import { JournalSalvage } from './journal-salvage.ts';
import { linesInPieces } from './line-splitter.ts';
import { factsOf, rowIdentity } from './log-tail.ts';
import { type LogLine, parseLogLine } from './parse-log-line.ts';
import { parseRecord } from './parse-record.ts';
import { rebuildRow } from './rebuild-row.ts';
import {
	type CampaignHeader,
	headerOfRow,
	isSalvaged,
	localOfRow,
	markOfRow,
	settleOfRow,
	stateOfRow,
	timeOfRow,
} from './record-from-row.ts';
import { SalvagedFile } from './salvaged-file.ts';

export interface SalvageOptions {
	readonly files: FileSystem;
	readonly makeTable: () => KeyTable;
	/** 16 octets: the id of a campaign whose own did not survive. */
	readonly randomBytes: (count: number) => Uint8Array;
	/** `mailshot 0.1.0` */
	readonly tool: string;
	/** As in RunRecord; needed when no header survived and the keys are not the addresses. */
	readonly keyRule?: string | undefined;
	readonly signal?: AbortSignal | undefined;
}

export interface Salvage {
	readonly records: number;
	readonly lostLines: number;
	readonly lostOctets: number;
	readonly rows: number;
	readonly lostRows: number;
	/** Written to the log from the journal. */
	readonly rebuiltRows: number;
	/** Written to the journal from the log. */
	readonly recoveredResults: number;
	readonly openMarks: number;
	/** Null: a header survived. */
	readonly newCampaignId: string | null;
	/** How many messages can have been under way at once; 0 when no header says so. */
	readonly underWay: number;
}

/** Both new files are durable when it resolves; the old ones are untouched. RunError 74 when nothing can be saved, UsageError when it needs `keyRule`. */
export async function salvageLog(logPath: string, options: SalvageOptions): Promise<Salvage> {
	const { files } = options;
	const into: SalvagedFile[] = [];
	try {
		const [log, journal] = [new SalvagedFile(logPath, files), new SalvagedFile(journalPath(logPath), files)];
		into.push(log, journal);
		const salvage = await writeBoth(logPath, { log, journal }, options);
		syncDirectory(files, dirname(logPath));
		return salvage;
	} catch (error) {
		for (const file of into) file.remove();
		throw error;
	} finally {
		for (const file of into) file.close();
	}
}

/** Low three bits: how often the row is in the log; the rest: in the journal. */
const inJournal = 8;

async function writeBoth(
	logPath: string,
	into: { readonly log: SalvagedFile; readonly journal: SalvagedFile },
	options: SalvageOptions,
): Promise<Salvage> {
	const rows = options.makeTable();
	const seen = new SurvivingFacts();
	const counts = { records: 0, lostLines: 0, lostOctets: 0, rows: 0, lostRows: 0, rebuiltRows: 0, recoveredResults: 0 };
	await eachLine(logPath, options, (octets) => {
		const row = readRow(octets);
		if (row === null) {
			counts.lostRows += 1;
			return;
		}
		counts.rows += 1;
		seen.row(row);
		into.log.append(octets);
		rows.seek(rowIdentity(row));
		if ((rows.value & (inJournal - 1)) < inJournal - 1) rows.value += 1;
	});
	await eachLine(journalPath(logPath), options, (octets) => {
		const record = readRecord(octets);
		if (record !== null) seen.record(record);
	});
	const campaign = seen.campaign(logPath, options);
	const makeHeader = (run: number) => seen.header(run, campaign);
	const salvage = new JournalSalvage({
		into: into.journal,
		keys: options.makeTable(),
		headers: seen.headers,
		makeHeader,
	});
	await eachLine(journalPath(logPath), options, (octets) => {
		const record = readRecord(octets);
		if (record === null) {
			counts.lostLines += 1;
			counts.lostOctets += octets.length;
			return;
		}
		counts.records += 1;
		const row = salvage.take(record);
		if (row === null) return;
		rows.seek(rowIdentity(factsOf(row)));
		if (rows.value < 128 - inJournal) rows.value += inJournal;
		if (rows.value >> 3 <= (rows.value & (inJournal - 1))) return;
		into.log.append(rebuildRow(row));
		counts.rebuiltRows += 1;
	});
	await eachLine(logPath, options, (octets) => {
		const row = readRow(octets);
		if (row === null) return;
		rows.seek(rowIdentity(row));
		if (rows.value >= inJournal) rows.value -= inJournal;
		else if (recover(row, salvage, campaign)) counts.recoveredResults += 1;
	});
	if (salvage.runs === 0) throw nothingLeft(logPath);
	into.log.sync();
	salvage.finish(into.log);
	const newCampaignId = seen.headers.size === 0 ? campaign.campaign_id : null;
	return { ...counts, openMarks: salvage.openMarks, newCampaignId, underWay: seen.underWay };
}

/** True: the journal has it now. */
function recover(row: LogLine, salvage: JournalSalvage, campaign: CampaignHeader): boolean {
	const state = stateOfRow(row);
	const run = () => salvage.runOf(row.runId, (number) => headerOfRow(row, number, campaign));
	if (row.status === 'skipped' || row.status === 'failed') {
		const record = row.source === 'local' && row.runId !== '' ? localOfRow(row, run()) : null;
		if (record !== null) salvage.local(record);
		return record !== null;
	}
	if (row.key === '' || !salvage.isNews(row.key, state, timeOfRow(row))) return false;
	const record = settleOfRow(row, run());
	// A row that does not say of which run it is cannot be found again: it stands for its key alone.
	if (record !== null) salvage.settle(record, row.runId === '' ? null : markOfRow(row, record.run));
	return record !== null;
}

/** What the parts that survived say of the whole. */
class SurvivingFacts {
	readonly headers = new Map<number, RunRecord>();
	underWay = 0;
	/** The first row of each run, by its id; and the runs that records speak of. */
	readonly #rows = new Map<string, LogLine>();
	readonly #runs = new Set<number>();
	#areKeysAddresses = true;

	row(row: LogLine): void {
		if (row.runId !== '' && !this.#rows.has(row.runId)) this.#rows.set(row.runId, row);
		if (row.key !== '' && row.key !== row.recipient.toLowerCase()) this.#areKeysAddresses = false;
	}

	record(record: JournalRecord): void {
		if ('run' in record) this.#runs.add(record.run);
		if (record.type === 'run') {
			if (!this.headers.has(record.run)) this.headers.set(record.run, record);
			this.underWay = Math.max(this.underWay, record.window * record.connections);
		} else if (record.type === 'mark' && record.to !== '' && record.to.toLowerCase() !== record.key) {
			this.#areKeysAddresses = false;
		}
	}

	campaign(logPath: string, options: SalvageOptions): CampaignHeader {
		const header = this.#agreeOnCampaign(options.keyRule);
		if (header !== undefined) return header;
		const keyRule = options.keyRule ?? (this.#areKeysAddresses ? 'address' : null);
		if (keyRule === null) throw needsKeyRule(logPath);
		const id = Buffer.from(options.randomBytes(16)).toString('hex');
		return { campaign_id: id, key_rule: keyRule, tool: options.tool, message: {}, rehearsal: false };
	}

	/**
	 * For a run whose header is lost. Its id is told by the log, when that has as many runs without a header as there are: both are in the order of time.
	 * Otherwise the run gets an id of its own, and its rows are written to the log once more.
	 */
	header(run: number, campaign: CampaignHeader): RunRecord {
		const survivors = [...this.headers.values()];
		const ids = new Set(survivors.map(({ run_id }) => run_id));
		const lost = [...this.#runs].filter((number) => !this.headers.has(number)).sort((a, b) => a - b);
		const rows = [...this.#rows.values()].filter(({ runId }) => !ids.has(runId));
		const row = rows.length === lost.length ? rows[lost.indexOf(run)] : undefined;
		if (row !== undefined) return headerOfRow(row, run, campaign);
		const like = survivors[0] ?? headerOfRow(emptyRow, run, campaign);
		return { ...like, run, run_id: `salvaged-${run}` };
	}

	/**
	 * Two campaigns in one journal would be refused: the id that most headers have is that of all. What a person says of the key counts as long as no run that
	 * sent said something else.
	 */
	#agreeOnCampaign(keyRule: string | undefined): RunRecord | undefined {
		const votes = new Map<string, number>();
		for (const { campaign_id: id } of this.headers.values()) votes.set(id, (votes.get(id) ?? 0) + 1);
		const [winner] = [...votes].sort(([, a], [, b]) => b - a);
		if (winner === undefined) return undefined;
		const isGuessed = [...this.headers.values()].every(isSalvaged);
		for (const [run, header] of this.headers) {
			const key_rule = isGuessed && keyRule !== undefined ? keyRule : header.key_rule;
			this.headers.set(run, { ...header, campaign_id: winner[0], key_rule });
		}
		return this.headers.values().next().value;
	}
}

const emptyRow: LogLine = {
	kind: 'line',
	source: '',
	status: '',
	runId: '',
	key: '',
	recipient: '',
	row: 0,
	line: 0,
	attempt: 0,
	stage: '',
	fields: new Map(),
};

/** Nothing when there is no such file. */
async function eachLine(
	path: string,
	{ files, signal }: SalvageOptions,
	take: (octets: Buffer) => void,
): Promise<void> {
	if (files.lstat(path) === null) return;
	const descriptor = files.open(path, constants.O_RDONLY | constants.O_NOFOLLOW, 0);
	try {
		const { sizeBytes } = files.fstat(descriptor);
		for await (const lines of linesInPieces(descriptor, { files, to: sizeBytes, signal })) {
			for (const { octets } of lines) take(octets);
		}
	} finally {
		files.close(descriptor);
	}
}

function readRow(octets: Buffer): LogLine | null {
	const line = parseLogLine(octets);
	return line.kind === 'line' ? line : null;
}

function readRecord(octets: Buffer): JournalRecord | null {
	if (octets.at(-1) !== 0x0a) return null;
	const parsed = parseRecord(octets.subarray(0, -1));
	return parsed.kind === 'record' ? parsed.record : null;
}

function needsKeyRule(logPath: string): UsageError {
	return new UsageError(
		`what identifies a recipient in ${logPath} cannot be told: no header of a run is left, and its keys are not the addresses`,
		{
			hint: `Say which column it was:\n  mailshot log repair ${shellWord(logPath)} --key COLUMN`,
		},
	);
}

function nothingLeft(logPath: string): RunError {
	return new RunError(exitCodes.logChanged, `nothing in ${logPath} or its journal can be read any more`, {
		hint: 'Put a backup of both back. Without one nobody knows who was written to: a new log would begin with everybody.',
	});
}
