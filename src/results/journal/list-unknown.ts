/** Who is unknown by the journal, with all it knows of them. Reads the file again: a run needs their number only, and most journals have few. */
import { constants } from 'node:fs';
import type { KeyTable } from '../../recipients/key-table.ts';
import type { FileSystem } from '../../support/file-system.ts';
import type { MarkRecord, SettleRecord } from './journal-record.ts';
import { statusOfState } from './key-state.ts';
import { LinesAt } from './lines-at.ts';
import { parseRecord } from './parse-record.ts';
import type { JournalReading, RecordedRow } from './read-journal.ts';
import { messageIdOf } from './rebuild-row.ts';
import { unknownAfterCrash } from './repair.ts';

export interface UnknownRecipient extends RecordedRow {
	readonly record: SettleRecord;
	/** As in the log; '' when it cannot be known. */
	readonly messageId: string;
	/** A crash left its mark open; the next run, or `log resolve`, settles it. */
	readonly isOpen: boolean;
}

export interface ListUnknownOptions {
	readonly files: FileSystem;
	/** As the journal filled it. */
	readonly keys: Pick<KeyTable, 'seek' | 'value'>;
	/** Milliseconds since 1970: when open marks are taken to have become unknown. */
	readonly now: number;
	/** Another run holds the log: what it has open is under way. */
	readonly isInUse?: boolean;
}

/** The envelope address. */
export function addressOf({ record, mark }: UnknownRecipient): string {
	return mark === null || mark.to === '' ? record.key : mark.to;
}

/** By key, in the order of the journal. */
export function listUnknown(
	reading: JournalReading,
	options: ListUnknownOptions,
): ReadonlyMap<string, UnknownRecipient> {
	const { files, keys } = options;
	const { lastRun } = reading;
	if (lastRun === null) return new Map();
	const descriptor = files.open(reading.path, constants.O_RDONLY | constants.O_NOFOLLOW, 0);
	try {
		const journal = new UnknownReader(new LinesAt(descriptor, files), reading.lengthBytes);
		const found = new Map<string, UnknownRecipient>();
		const settles = journal.settles((key) => {
			keys.seek(key);
			return statusOfState(keys.value) === 'unknown';
		});
		const marks = journal.marksOf(settles);
		for (const record of settles) {
			const run = reading.headers.get(record.run) ?? lastRun;
			add(found, {
				record,
				mark: marks.get(markName(record)) ?? null,
				run,
				messageId: messageIdOf(record.key, run),
				isOpen: false,
			});
		}
		for (const mark of reading.openMarks) {
			if (options.isInUse === true && mark.run === reading.runs) continue;
			keys.seek(mark.key);
			// Somebody who was accepted once stays accepted, whatever becomes of a second message.
			if (statusOfState(keys.value) === 'accepted') continue;
			const run = reading.headers.get(mark.run) ?? lastRun;
			const record = unknownAfterCrash(mark, options.now);
			add(found, { record, mark, run, messageId: messageIdOf(mark.key, run), isOpen: true });
		}
		return found;
	} finally {
		files.close(descriptor);
	}
}

/** The last one of a key counts, in its place. */
function add(found: Map<string, UnknownRecipient>, unknown: UnknownRecipient): void {
	found.delete(unknown.record.key);
	found.set(unknown.record.key, unknown);
}

const unknownWord = Buffer.from('"status":"unknown"');

class UnknownReader {
	readonly #lines: LinesAt;
	readonly #length: number;

	constructor(lines: LinesAt, length: number) {
		this.#lines = lines;
		this.#length = length;
	}

	/** The last settle record of each key that is wanted and says unknown. */
	settles(isWanted: (key: string) => boolean): readonly SettleRecord[] {
		const settles = new Map<string, SettleRecord>();
		this.#each((line) => {
			if (!startsWith(line, settleWord) || !line.includes(unknownWord)) return;
			const parsed = parseRecord(line);
			if (parsed.kind !== 'record' || parsed.record.type !== 'settle') return;
			const { record } = parsed;
			if (record.status !== 'unknown' || !isWanted(record.key)) return;
			settles.delete(record.key);
			settles.set(record.key, record);
		});
		return [...settles.values()];
	}

	marksOf(settles: readonly SettleRecord[]): ReadonlyMap<string, MarkRecord> {
		const wanted = new Set(settles.map(markName));
		const numbers = new Set(settles.map(({ run, mark }) => `${run} ${mark}`));
		const marks = new Map<string, MarkRecord>();
		if (wanted.size === 0) return marks;
		this.#each((line) => {
			if (!startsWith(line, markWord)) return;
			// Run and mark stand in front: most lines are not wanted, and not parsed.
			const [, run, mark] = markHead.exec(line.toString('latin1', 0, markHeadLength)) ?? [];
			if (run !== undefined && !numbers.has(`${run} ${mark}`)) return;
			const parsed = parseRecord(line);
			if (parsed.kind !== 'record' || parsed.record.type !== 'mark') return;
			const name = markName(parsed.record);
			if (wanted.has(name)) marks.set(name, parsed.record);
		});
		return marks;
	}

	#each(take: (line: Buffer) => void): void {
		for (let offset = 0; offset < this.#length; ) {
			const line = this.#lines.line(offset);
			take(line);
			offset += line.length + 1;
		}
	}
}

const markWord = Buffer.from('{"type":"mark",');
const settleWord = Buffer.from('{"type":"settle",');
const markHead = /^\{"type":"mark","run":(\d+),"mark":(\d+),/;
const markHeadLength = 64;

function startsWith(line: Buffer, word: Buffer): boolean {
	return line.length >= word.length && word.compare(line, 0, word.length) === 0;
}

/** With the key: two runs without a lock may have taken the same number. */
function markName({ run, mark, key }: { readonly run: number; readonly mark: number; readonly key: string }): string {
	return `${run} ${mark} ${key}`;
}
