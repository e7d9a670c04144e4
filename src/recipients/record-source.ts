/**
 * Text -> CSV records with their line, pulled synchronously.
 *
 * csv-parse is run bare: `info`, `on_record` and cast functions would double its cost (reference/performance.md §3.1), so lines are counted here, from
 * the cells. The pull is a plain call because it happens once per message.
 */
import { pipeline } from 'node:stream';
import { type Options, Parser } from 'csv-parse';
import type { PullSource } from '../support/pull-source.ts';
import { type RecordProblemKind, RecordScanner, removalMark } from './record-scanner.ts';

export interface CsvRecord {
	/** Line of the file on which the record begins, from 1. */
	readonly line: number;
	/** As many as the record has; none when there is a problem. Blank lines are no records. */
	readonly cells: readonly string[];
	/** Why the record was taken out, or null. `unclosed_quote` is the last record there is. */
	readonly problem: RecordProblemKind | null;
}

export interface RecordSourceOptions {
	readonly delimiter: string;
	/** Cells that a row is likely to have. */
	readonly width: number;
	/** Line of the file on which the text begins. */
	readonly firstLine: number;
}

// Records, in the parser's own queue: enough to make waiting rare, and what bounds the memory.
const queueLength = 512;
const noCells: readonly string[] = [];

export class RecordSource implements PullSource<CsvRecord> {
	readonly #parser: Parser;
	readonly #scanner: RecordScanner;
	#line: number;
	#failure: unknown = null;
	/** The parser holds all records that will ever come. */
	#finished = false;
	#closed = false;
	#waiter: (() => void) | null = null;

	/** `text`: as readListText gives it, beginning at a record. What it throws comes out of next() after the records before it. */
	constructor(text: AsyncIterable<Buffer>, options: RecordSourceOptions) {
		this.#line = options.firstLine;
		this.#scanner = new RecordScanner(options.delimiter, options.width);
		this.#parser = createParser(options.delimiter);
		this.#parser.on('readable', () => this.#wake());
		// Called back when all is parsed, not when all is read.
		pipeline(this.#scan(text), this.#parser, (error) => {
			if (error != null && !this.#closed) this.#failure ??= error;
			this.#finished = true;
			this.#wake();
		});
	}

	get ended(): boolean {
		if (this.#closed) return true;
		// A failure is still to come out of next().
		return this.#finished && this.#failure === null && this.#parser.readableLength === 0;
	}

	next(): CsvRecord | null {
		if (this.#closed) return null;
		for (;;) {
			const cells: readonly string[] | null = this.#parser.read();
			if (cells === null) {
				if (this.#finished && this.#failure !== null) throw this.#failure;
				return null;
			}
			const line = this.#line;
			if (cells[0] !== removalMark) {
				let lines = 1;
				for (const cell of cells) if (cell.includes('\n')) lines += countLineEnds(cell);
				this.#line = line + lines;
				return { line, cells, problem: null };
			}
			const removal = this.#scanner.takeRemoval();
			this.#line = line + removal.lines;
			if (removal.kind !== 'blank') return { line, cells: noCells, problem: removal.kind };
		}
	}

	whenReadable(listener: () => void): void {
		if (this.#waiter !== null) throw new Error('somebody waits for this source already');
		this.#waiter = listener;
		if (this.#closed || this.#finished || this.#parser.readableLength > 0) queueMicrotask(() => this.#wake());
	}

	/** Reads no more; the file is closed. */
	close(): void {
		this.#closed = true;
		this.#parser.destroy();
		this.#wake();
	}

	/** Never throws: destroying the parser would throw away the records that it holds. */
	async *#scan(text: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
		try {
			for await (const chunk of text) {
				const records = this.#scanner.write(chunk);
				if (records.length > 0) yield records;
			}
			const rest = this.#scanner.end();
			if (rest.length > 0) yield rest;
		} catch (error) {
			this.#failure = error;
		}
	}

	#wake(): void {
		const waiter = this.#waiter;
		this.#waiter = null;
		waiter?.();
	}
}

function createParser(delimiter: string): Parser {
	const csv: Options = {
		delimiter,
		// Found by itself it may be any of three; here line ends are LF by now.
		record_delimiter: '\n',
		columns: false,
		relax_column_count: true,
	};
	// csv-parse hands all its options to the Transform, but its types do not say so.
	const stream = { readableHighWaterMark: queueLength };
	return new Parser({ ...csv, ...stream });
}

function countLineEnds(text: string): number {
	let count = 0;
	for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
	return count;
}
