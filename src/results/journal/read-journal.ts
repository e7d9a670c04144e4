/** Reads a journal whole, once, in constant memory: who is settled, which marks are open, what the log may lack (design.md §5). */
import { constants } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { exitCodes, RunError } from '../../support/errors.ts';
import type { FileSystem } from '../../support/file-system.ts';
import type { Status } from '../result.ts';
import { unreadable } from '../way-out.ts';
import { damagedJournal, type JournalDamage } from './journal-damage.ts';
import { JournalReader } from './journal-reader.ts';
import type {
	CommitRecord,
	JournalRecord,
	LocalRecord,
	MarkRecord,
	ResolveRecord,
	RunRecord,
	SettleRecord,
} from './journal-record.ts';
import { JournalReplay, type ReplayTables } from './journal-replay.ts';
import { LinesAt } from './lines-at.ts';
import { parseRecord } from './parse-record.ts';
import type { RecordScanner } from './scan-record.ts';

/** After so many octets it is known how many keys there are in a megabyte. */
const sampleBytes = 8 * 1024 * 1024;

export interface JournalReading {
	readonly path: string;
	/** Octets that are good; the next run cuts off what is behind them. */
	readonly lengthBytes: number;
	readonly torn: Torn | null;
	/** CRC-32 of the good octets. */
	readonly crc: number;
	/** Null: no whole run record yet, so nothing was promised. */
	readonly firstRun: RunRecord | null;
	readonly lastRun: RunRecord | null;
	/** Highest run number. */
	readonly runs: number;
	/** By number. */
	readonly headers: ReadonlyMap<number, RunRecord>;
	readonly records: number;
	/** How many settle and local records say so. */
	readonly results: Readonly<Record<Status, number>>;
	readonly lastCommit: CommitRecord | null;
	/** Marks that nothing closed: whether they were sent is unknown. */
	readonly openMarks: readonly MarkRecord[];
	/** Settle, local and resolve records from lastCommit.covers on, in order: the log may lack their rows. */
	readonly uncovered: readonly RecordedRow[];
}

/** What a crash left at the end of a file. */
export interface Torn {
	readonly bytes: number;
	readonly what: string;
}

/** A record that has a row in the log. */
export interface RecordedRow {
	readonly record: SettleRecord | LocalRecord | ResolveRecord;
	/** Null for a local or resolve record, and for a settle record that has none. */
	readonly mark: MarkRecord | null;
	readonly run: RunRecord;
}

export interface ReadJournalOptions extends ReplayTables {
	readonly files: FileSystem;
	/** Looked at between pieces of a megabyte; its reason is thrown. */
	readonly signal?: AbortSignal | undefined;
	/** Records read so far; after each piece. */
	readonly onProgress?: ((records: number) => void) | undefined;
	/** Octets without a commit record that are held in memory at most; for tests. */
	readonly heldBytes?: number;
	/** The fast way to read a record; for tests. */
	readonly scanner?: RecordScanner;
}

/**
 * Fills `keys` (value: KeyState) and `locals`. Changes nothing. RunError 74 when the journal is damaged before its durable length, comes from a newer
 * mailshot, or cannot be read: then the tables hold part of it. 73 when this user may not read it.
 */
export async function readJournal(path: string, options: ReadJournalOptions): Promise<JournalReading> {
	const found = await inspectJournal(path, options);
	if (found.kind === 'read') return found.reading;
	throw damagedJournal(path, found.damage, { logPath: path.replace(/\.journal$/, '') });
}

export type JournalInspection =
	| { readonly kind: 'read'; readonly reading: JournalReading }
	| { readonly kind: 'damaged'; readonly damage: JournalDamage };

/** The same for those who want to say more about the damage; RunError 73 and 74 only when the file cannot be read. */
export async function inspectJournal(path: string, options: ReadJournalOptions): Promise<JournalInspection> {
	const { files } = options;
	const descriptor = reading(path, () => files.open(path, constants.O_RDONLY | constants.O_NOFOLLOW, 0));
	try {
		const replay = new JournalReplay(options);
		const reader = new JournalReader(replay, options);
		await readThrough(reader, replay, { ...options, path, descriptor });
		if (reader.damage !== null) return { kind: 'damaged', damage: reader.damage };
		return reading(path, () => conclude(reader, replay, { path, lines: () => new LinesAt(descriptor, files) }));
	} finally {
		files.close(descriptor);
	}
}

async function readThrough(
	reader: JournalReader,
	replay: JournalReplay,
	options: ReadJournalOptions & { readonly path: string; readonly descriptor: number },
): Promise<void> {
	const { files, path, descriptor, signal, onProgress } = options;
	// What is appended meanwhile is somebody else's, and the fence's business.
	const { sizeBytes } = reading(path, () => files.fstat(descriptor));
	let hasRoom = false;
	while (reader.length < sizeBytes && reader.damage === null) {
		signal?.throwIfAborted();
		const left = sizeBytes - reader.length;
		const count = reading(path, () => files.read(descriptor, reader.room().subarray(0, left), reader.length));
		if (count === 0) {
			throw new RunError(exitCodes.logChanged, `${path} became shorter while it was read: another program uses it`);
		}
		reader.take(count);
		if (reader.length >= sampleBytes && !hasRoom && reader.damage === null) {
			// Otherwise the table doubles under way and sorts all keys in anew.
			options.keys.reserve(Math.ceil((options.keys.size / reader.length) * sizeBytes));
			hasRoom = true;
		}
		onProgress?.(replay.records);
		await nextTurn();
	}
	if (reader.damage === null) reader.finish();
}

function conclude(
	reader: JournalReader,
	replay: JournalReplay,
	{ path, lines }: { readonly path: string; readonly lines: () => LinesAt },
): JournalInspection {
	const { torn, goodLength } = reader;
	const [records, marks] = [lines(), lines()];
	const readMark = (offset: number) => readRecord(marks, offset, 'mark');
	const openMarks = replay.openMarks.flatMap(({ offset }) => {
		const mark = readMark(offset);
		return replay.isResolvedAfter(mark.key, offset) ? [] : [mark];
	});
	const uncovered: RecordedRow[] = [];
	for (const { offset, markOffset } of replay.uncovered) {
		const record = readRecord(records, offset, 'settle', 'local', 'resolve');
		const mark = markOffset === -1 ? null : readMark(markOffset);
		if (mark !== null && 'mark' in record && mark.key !== record.key) {
			const what = `it closes mark ${mark.mark} of run ${mark.run}, which is of another recipient`;
			return { kind: 'damaged', damage: { kind: 'damaged', offset, end: offset, line: 0, what } };
		}
		const run = replay.headers.get(record.run);
		if (run === undefined) throw new Error(`a record of run ${record.run} was taken in without its header`);
		uncovered.push({ record, mark, run });
	}
	const { firstRun, lastRun, lastCommit, runs } = replay;
	return {
		kind: 'read',
		reading: {
			path,
			lengthBytes: goodLength,
			torn: torn === null ? null : { bytes: reader.length - goodLength, what: torn.what },
			crc: reader.crc,
			firstRun,
			lastRun,
			runs,
			headers: replay.headers,
			records: replay.records,
			results: {
				accepted: replay.count('accepted'),
				bounced: replay.count('bounced'),
				deferred: replay.count('deferred'),
				failed: replay.count('failed'),
				skipped: replay.count('skipped'),
				unknown: replay.count('unknown'),
			},
			lastCommit,
			openMarks,
			uncovered,
		},
	};
}

/** A second look at a line that was good a moment ago. */
function readRecord<T extends JournalRecord['type']>(
	lines: LinesAt,
	offset: number,
	...types: readonly T[]
): Extract<JournalRecord, { type: T }> {
	const parsed = parseRecord(lines.line(offset));
	if (parsed.kind === 'record' && isOneOf(parsed.record, types)) return parsed.record;
	throw new RunError(
		exitCodes.logChanged,
		`the journal changed at octet ${offset} while it was read: another program uses it`,
	);
}

function isOneOf<T extends JournalRecord['type']>(
	record: JournalRecord,
	types: readonly T[],
): record is Extract<JournalRecord, { type: T }> {
	return types.some((type) => type === record.type);
}

function reading<T>(path: string, read: () => T): T {
	try {
		return read();
	} catch (error) {
		if (error instanceof RunError) throw error;
		throw unreadable(path, error);
	}
}
