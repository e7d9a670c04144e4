/** What `mailshot log verify` finds: both files of a log read whole, each octet checked against what the journal vouches for. Changes nothing. */
import { constants } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { KeyTable } from '../../recipients/key-table.ts';
import type { FileSystem } from '../../support/file-system.ts';
import { type Status, statuses } from '../result.ts';
import { unreadable } from '../way-out.ts';
import { describeDamage, type JournalDamage } from './journal-damage.ts';
import { journalPath } from './journal-record.ts';
import { linesInPieces } from './line-splitter.ts';
import { factsOf, isVerdict, rowIdentity } from './log-tail.ts';
import { parseLogLine } from './parse-log-line.ts';
import { parseRecord } from './parse-record.ts';
import { inspectJournal, type JournalReading } from './read-journal.ts';
import { RecordedRows } from './recorded-rows.ts';
import { repairPlanPath } from './repair-plan.ts';

export interface VerifyOptions {
	readonly files: FileSystem;
	/** results/ makes no tables of its own. */
	readonly makeTable: () => KeyTable;
	readonly signal?: AbortSignal | undefined;
	/** Records of the journal read so far. */
	readonly onProgress?: ((records: number) => void) | undefined;
}

export interface Finding {
	/** notice: the next run puts it right by itself. damage: `log repair` is needed. */
	readonly kind: 'fine' | 'notice' | 'damage';
	/** One line for people; names the file. */
	readonly text: string;
}

export interface Verification {
	readonly logPath: string;
	/** none: there is no such log. newer: a newer mailshot has to look at it. */
	readonly conclusion: 'fine' | 'torn' | 'damaged' | 'newer' | 'none';
	/** In the order in which they were found. */
	readonly findings: readonly Finding[];
	/** Null when it is missing or damaged. */
	readonly reading: JournalReading | null;
	/** Null when it is missing. */
	readonly log: LogFacts | null;
	/** Rows that the journal has and the log has not. */
	readonly missingRows: number;
}

export interface LogFacts {
	readonly bytes: number;
	readonly rows: Readonly<Record<Status, number>>;
	/** Lines that are no JSON object, and where the first of them begins. */
	readonly badLines: number;
	readonly firstBad: number;
	/** Rows about messages that were sent, of whose recipients the journal has never heard. */
	readonly unheard: number;
	/** CRC-32 of what the last commit record says is durable; null when the log is shorter. */
	readonly durableCrc: number | null;
}

/** RunError 73 and 74 only when a file cannot be read. */
export async function verifyLog(logPath: string, options: VerifyOptions): Promise<Verification> {
	const { files } = options;
	const path = journalPath(logPath);
	const findings: Finding[] = [];
	const find = (kind: Finding['kind'], text: string) => findings.push({ kind, text });
	const isThere = (name: string) => looking(name, () => files.lstat(name)) !== null;
	if (isThere(repairPlanPath(logPath))) find('damage', `a repair of ${logPath} was interrupted`);
	if (!isThere(path) && !isThere(logPath)) {
		return {
			logPath,
			conclusion: findings.length > 0 ? 'damaged' : 'none',
			findings,
			reading: null,
			log: null,
			missingRows: 0,
		};
	}
	const keys = options.makeTable();
	let reading: JournalReading | null = null;
	let damage: JournalDamage | null = null;
	if (isThere(path)) {
		const inspected = await inspectJournal(path, {
			...options,
			keys,
			locals: options.makeTable(),
		});
		if (inspected.kind === 'read') reading = inspected.reading;
		else damage = inspected.damage;
	}
	if (damage !== null) find('damage', `${path} ${describeDamage(damage)}`);
	else if (reading === null) find('damage', `${path} is missing`);
	else findings.push(...journalFindings(reading));

	const marked = new Set(reading?.openMarks.map(({ key }) => key));
	const isKnown = (key: string) => reading === null || marked.has(key) || keys.has(key);
	const rows = options.makeTable();
	const log = isThere(logPath)
		? await readLog(logPath, rows, { ...options, isKnown, durable: reading?.lastCommit?.log ?? 0 })
		: null;
	if (log === null) find('damage', `${logPath} is missing`);
	else findings.push(...logFindings(logPath, log, reading));
	const missingRows = reading === null || log === null ? 0 : await countMissing(reading, rows, options);
	if (reading !== null && missingRows > 0)
		findings.push(missingFinding(logPath, missingRows, reading.uncovered.length));
	return { logPath, conclusion: conclude(findings, damage), findings, reading, log, missingRows };
}

function conclude(findings: readonly Finding[], damage: JournalDamage | null): Verification['conclusion'] {
	if (damage?.kind === 'newer') return 'newer';
	if (findings.some(({ kind }) => kind === 'damage')) return 'damaged';
	return findings.some(({ kind }) => kind === 'notice') ? 'torn' : 'fine';
}

function journalFindings(reading: JournalReading): Finding[] {
	const { path, records, lengthBytes, lastCommit, results, torn, openMarks, runs } = reading;
	const vouched = lastCommit === null ? 'no commit record yet' : `every commit record is right`;
	const findings: Finding[] = [
		{
			kind: 'fine',
			text: `${path}: ${counted(records, 'record')} of ${counted(runs, 'run')} in ${counted(lengthBytes, 'octet')}, ${vouched}`,
		},
		{ kind: 'fine', text: `${path}: ${describeCounts(results, ['record of results', 'records of results'])}` },
	];
	if (torn !== null)
		findings.push({ kind: 'notice', text: `${path} ends in ${torn.what} (${counted(torn.bytes, 'octet')})` });
	if (openMarks.length > 0) {
		const text = `${path}: nothing says what became of ${counted(openMarks.length, 'message')}, so the next run records ${openMarks.length === 1 ? 'it' : 'them'} as unknown`;
		findings.push({ kind: 'notice', text });
	}
	return findings;
}

function logFindings(logPath: string, log: LogFacts, reading: JournalReading | null): Finding[] {
	const findings: Finding[] = [{ kind: 'fine', text: `${logPath}: ${describeCounts(log.rows, ['row', 'rows'])}` }];
	const { log: durable = 0, log_crc: crc = 0 } = reading?.lastCommit ?? {};
	if (log.durableCrc === null) {
		findings.push({
			kind: 'damage',
			text: `${logPath} has ${counted(log.bytes, 'octet')}, and ${durable} were durable: it was truncated`,
		});
	} else if (log.durableCrc !== crc) {
		findings.push({
			kind: 'damage',
			text: `${logPath}: its first ${counted(durable, 'octet')} are not those that the journal vouches for: it was edited`,
		});
	}
	if (log.unheard > 0) {
		const text = `${logPath}: ${counted(log.unheard, 'row')} about sending that the journal knows nothing of: it was cut, or is an older copy`;
		findings.push({ kind: 'damage', text });
	}
	if (log.badLines > 0) {
		const isTail = reading !== null && log.firstBad >= durable;
		const text = `${logPath}: ${counted(log.badLines, 'line')} that cannot be read, from octet ${log.firstBad} on`;
		findings.push({ kind: isTail ? 'notice' : 'damage', text });
	}
	return findings;
}

/** Rows that the next run would look for are no damage; others were in the log once. */
function missingFinding(logPath: string, missing: number, uncovered: number): Finding {
	const text = `${logPath} lacks ${counted(missing, 'row')} that its journal has`;
	return { kind: missing <= uncovered ? 'notice' : 'damage', text };
}

async function readLog(
	logPath: string,
	rows: KeyTable,
	options: VerifyOptions & { readonly durable: number; readonly isKnown: (key: string) => boolean },
): Promise<LogFacts> {
	const { files, signal, durable, isKnown } = options;
	const counts = { accepted: 0, bounced: 0, deferred: 0, failed: 0, skipped: 0, unknown: 0 };
	const descriptor = looking(logPath, () => files.open(logPath, constants.O_RDONLY | constants.O_NOFOLLOW, 0));
	try {
		const { sizeBytes } = looking(logPath, () => files.fstat(descriptor));
		let [crc, badLines, firstBad, unheard] = [0, 0, -1, 0];
		for await (const lines of linesInPieces(descriptor, { files, to: sizeBytes, signal })) {
			for (const { octets, offset } of lines) {
				if (offset < durable) crc = crc32(octets.subarray(0, durable - offset), crc);
				const line = parseLogLine(octets);
				if (line.kind === 'bad') {
					badLines += 1;
					if (firstBad === -1) firstBad = offset;
					continue;
				}
				if (isVerdict(line) && !isKnown(line.key)) unheard += 1;
				rows.seek(rowIdentity(line));
				rows.value = Math.min(127, rows.value + 1);
				const status = statuses.find((word) => word === line.status);
				if (status !== undefined) counts[status] += 1;
			}
		}
		return {
			bytes: sizeBytes,
			rows: counts,
			badLines,
			firstBad,
			unheard,
			durableCrc: sizeBytes < durable ? null : crc,
		};
	} finally {
		files.close(descriptor);
	}
}

/** `rows`: how often each row is in the log. Records that do not know their row are taken for there. */
async function countMissing(
	reading: JournalReading,
	rows: KeyTable,
	{ files, signal }: VerifyOptions,
): Promise<number> {
	const recorded = new RecordedRows();
	let missing = 0;
	const descriptor = looking(reading.path, () =>
		files.open(reading.path, constants.O_RDONLY | constants.O_NOFOLLOW, 0),
	);
	try {
		for await (const lines of linesInPieces(descriptor, { files, to: reading.lengthBytes, signal })) {
			for (const { octets } of lines) {
				const parsed = parseRecord(octets.subarray(0, -1));
				const row = parsed.kind === 'record' ? recorded.take(parsed.record) : null;
				if (row === null || (row.record.type === 'settle' && row.mark === null)) continue;
				rows.seek(rowIdentity(factsOf(row)));
				if (rows.value > 0) rows.value -= 1;
				else missing += 1;
			}
		}
	} finally {
		files.close(descriptor);
	}
	return missing;
}

/** Not of people: one who was tried again has several. */
function describeCounts(
	counts: Readonly<Record<Status, number>>,
	[one, many]: readonly [one: string, many: string],
): string {
	const words = statuses.filter((status) => counts[status] > 0).map((status) => `${counts[status]} ${status}`);
	if (words.length === 0) return `no ${many}`;
	const total = statuses.reduce((sum, status) => sum + counts[status], 0);
	return `${total} ${total === 1 ? one : many}: ${words.join(', ')}`;
}

function counted(count: number, what: string): string {
	return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

function looking<T>(path: string, look: () => T): T {
	try {
		return look();
	} catch (error) {
		throw unreadable(path, error);
	}
}
