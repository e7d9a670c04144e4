/** The end of the log, behind what the last commit record vouches for: which rows are there, and which the journal has and the log has not. */
import { constants } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { KeyTable } from '../../recipients/key-table.ts';
import { cleanText } from '../../support/clean-text.ts';
import { exitCodes, RunError } from '../../support/errors.ts';
import type { FileSystem } from '../../support/file-system.ts';
import { shellWord } from '../../support/shell-word.ts';
import { statuses } from '../result.ts';
import { unreadable } from '../way-out.ts';
import { type FileLine, LineSplitter } from './line-splitter.ts';
import { type LogLine, parseLogLine } from './parse-log-line.ts';
import type { JournalReading, RecordedRow, Torn } from './read-journal.ts';
import { statusOfResolve } from './rebuild-row.ts';

export interface LogTail {
	/** Octets that are good; the next run cuts off what is behind them. */
	readonly lengthBytes: number;
	readonly torn: Torn | null;
	/** CRC-32 of the good octets, on the word of the last commit record for what it vouches for: only `log verify` reads that again. */
	readonly crc: number;
	/** In the journal, not in the log. */
	readonly missing: readonly RecordedRow[];
}

export interface ReadLogTailOptions {
	readonly files: FileSystem;
	/** As the journal filled it. */
	readonly keys: Pick<KeyTable, 'has'>;
}

const lineFeed = 0x0a;
const chunkBytes = 1024 * 1024;

/** Changes nothing. RunError 74 when the log is missing, shorter than its durable length, or knows of sending that the journal does not. */
export function readLogTail(logPath: string, reading: JournalReading, options: ReadLogTailOptions): LogTail {
	try {
		return readTail(logPath, reading, options);
	} catch (error) {
		if (error instanceof RunError) throw error;
		throw unreadable(logPath, error);
	}
}

function readTail(logPath: string, reading: JournalReading, { files, keys }: ReadLogTailOptions): LogTail {
	const { log: durable, log_crc: durableCrc } = reading.lastCommit ?? { log: 0, log_crc: 0 };
	const rows = new RowCounts();
	const marked = new Set(reading.openMarks.map(({ key }) => key));
	const descriptor = files.open(logPath, constants.O_RDONLY | constants.O_NOFOLLOW, 0);
	try {
		const { sizeBytes } = files.fstat(descriptor);
		assertDurablePart(logPath, { descriptor, files, durable, sizeBytes });
		let crc = durableCrc;
		let torn: { readonly offset: number; readonly what: string } | null = null;
		for (const { octets, offset } of linesOf(descriptor, { files, from: durable, to: sizeBytes })) {
			const line = parseLogLine(octets);
			if (line.kind === 'bad') {
				torn ??= { offset, what: line.what };
				continue;
			}
			// Also behind the torn place: it is no less said there.
			if (isVerdict(line) && !marked.has(line.key) && !keys.has(line.key)) throw unknownSending(logPath, line);
			if (torn !== null) continue;
			rows.add(line);
			crc = crc32(octets, crc);
		}
		return {
			lengthBytes: torn?.offset ?? sizeBytes,
			torn: torn === null ? null : { bytes: sizeBytes - torn.offset, what: torn.what },
			crc,
			missing: rows.missing(reading.uncovered),
		};
	} finally {
		files.close(descriptor);
	}
}

function* linesOf(
	descriptor: number,
	range: { readonly files: FileSystem; readonly from: number; readonly to: number },
): Generator<FileLine> {
	const splitter = new LineSplitter(range.from);
	for (let offset = range.from; offset < range.to; ) {
		const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, range.to - offset));
		const count = range.files.read(descriptor, chunk, offset);
		if (count === 0) break;
		offset += count;
		yield* splitter.push(chunk.subarray(0, count));
	}
	yield* splitter.rest();
}

/** How often a row is in the tail: by run, key, row, attempt and status, and by run, key and status alone for records that have no mark. */
class RowCounts {
	readonly #exact = new Map<string, number>();
	readonly #loose = new Map<string, number>();

	add(line: LogLine): void {
		const { runId, key, status } = line;
		const exact = rowIdentity(line);
		const loose = looseIdentity({ runId, key, status });
		this.#exact.set(exact, (this.#exact.get(exact) ?? 0) + 1);
		this.#loose.set(loose, (this.#loose.get(loose) ?? 0) + 1);
	}

	missing(recorded: readonly RecordedRow[]): RecordedRow[] {
		const isThere = new Set<RecordedRow>();
		for (const row of recorded) {
			if (knowsItsRow(row) && take(this.#exact, rowIdentity(factsOf(row)))) {
				take(this.#loose, looseIdentity(factsOf(row)));
				isThere.add(row);
			}
		}
		for (const row of recorded) {
			if (!knowsItsRow(row) && take(this.#loose, looseIdentity(factsOf(row)))) isThere.add(row);
		}
		return recorded.filter((row) => !isThere.has(row));
	}
}

function take(counts: Map<string, number>, identity: string): boolean {
	const count = counts.get(identity) ?? 0;
	if (count > 0) counts.set(identity, count - 1);
	return count > 0;
}

function knowsItsRow({ record, mark }: RecordedRow): boolean {
	return record.type !== 'settle' || mark !== null;
}

type RowFacts = Pick<LogLine, 'runId' | 'key' | 'row' | 'attempt' | 'status'>;

/** What makes a row of the log and a record of the journal the same. A row that came to nothing here has no attempt, whatever the log counts. */
export function rowIdentity({ runId, key, row, attempt, status }: RowFacts): string {
	const isLocal = status === 'failed' || status === 'skipped';
	return `${runId}\0${status}\0${row}\0${isLocal ? 0 : attempt}\0${key}`;
}

function looseIdentity({ runId, key, status }: Pick<LogLine, 'runId' | 'key' | 'status'>): string {
	return `${runId}\0${status}\0${key}`;
}

/** Of the row that belongs to a record. */
export function factsOf({ record, mark, run }: RecordedRow): RowFacts {
	const { key } = record;
	const status = record.type === 'resolve' ? statusOfResolve(record) : record.status;
	const place = record.type === 'settle' ? mark : record;
	return { runId: run.run_id, key, status, row: place?.row ?? 0, attempt: mark?.attempt ?? 0 };
}

/** A mark is durable before its dot, so the journal knows of everybody whose dot went out. */
export function isVerdict({ source, stage, status, key }: LogLine): boolean {
	return source === 'smtp' && stage === 'verdict' && key !== '' && statuses.some((word) => word === status);
}

function assertDurablePart(
	logPath: string,
	log: {
		readonly descriptor: number;
		readonly files: FileSystem;
		readonly durable: number;
		readonly sizeBytes: number;
	},
): void {
	const { descriptor, files, durable, sizeBytes } = log;
	if (sizeBytes < durable) {
		const what = `has ${sizeBytes} octets, and its journal says that ${durable} were durable: it was truncated or edited`;
		throw damagedLog(logPath, what);
	}
	const before = Buffer.of(lineFeed);
	if (durable > 0) files.read(descriptor, before, durable - 1);
	if (before[0] !== lineFeed)
		throw damagedLog(
			logPath,
			`has no line end at octet ${durable}, where its journal says one was durable: it was edited`,
		);
}

function unknownSending(logPath: string, { key, status, runId }: LogLine): RunError {
	const who = cleanText(key, 320);
	return damagedLog(
		logPath,
		`says that run ${cleanText(runId, 40)} sent to ${who} (${cleanText(status, 20)}), and its journal knows nothing of it: the journal was cut, or is an older copy`,
	);
}

function damagedLog(logPath: string, what: string): RunError {
	return new RunError(exitCodes.logChanged, `${logPath} ${what}`, {
		hint: [
			'Nothing is sent and nothing is changed. Put the right file back, or see what is whole and save it:',
			`  mailshot log verify ${shellWord(logPath)}`,
			`  mailshot log repair ${shellWord(logPath)}`,
		].join('\n'),
	});
}
