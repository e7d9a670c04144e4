/** Records -> rows: each is somebody to write to, or says why it is nobody. The hot path's source of work. */
import { assertNever } from '../support/assert-never.ts';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import type { PullSource } from '../support/pull-source.ts';
import { parseAddress, trimCell } from './parse-address.ts';
import { columnKey, recipientKey } from './recipient-key.ts';
import type { RecordProblemKind } from './record-scanner.ts';
import type { CsvRecord, RecordSource } from './record-source.ts';
import type { Malformed, MalformedReason, Row } from './row.ts';

/** One pass over a list. next() throws RunError 65 for what ends the list: an unclosed quote, octets that are no text, a file that changed. */
export interface RowSource extends PullSource<Row> {
	/** Reads no more and closes the file. Safe at any time, also twice. */
	close(): void;
}

export interface RowSourceOptions {
	readonly displayName: string;
	/** Columns of the list. */
	readonly width: number;
	/** Cells in the header line, the empty ones behind the last column counted. */
	readonly headerCells: number;
	readonly emailColumn: number;
	/** -1: the address is the key. */
	readonly keyColumn: number;
}

const maxCellShown = 320;

export class CsvRowSource implements RowSource {
	readonly #records: RecordSource;
	readonly #options: RowSourceOptions;
	#row = 0;
	#failure: RunError | null = null;

	constructor(records: RecordSource, options: RowSourceOptions) {
		this.#records = records;
		this.#options = options;
	}

	get ended(): boolean {
		return this.#failure === null && this.#records.ended;
	}

	next(): Row | null {
		if (this.#failure !== null) throw this.#failure;
		for (let record = this.#records.next(); record !== null; record = this.#records.next()) {
			const row = this.#rowOf(record);
			if (row !== null) return row;
		}
		return null;
	}

	whenReadable(listener: () => void): void {
		this.#records.whenReadable(listener);
	}

	close(): void {
		this.#records.close();
	}

	/** null: the record is blank, and no row. */
	#rowOf(record: CsvRecord): Row | null {
		const { width, headerCells, emailColumn } = this.#options;
		const { line, cells, problem } = record;
		if (problem !== null) return this.#brokenRow(problem, line);
		if (cells.length === width) return this.#fittingRow(cells, line);
		if (isBlank(cells)) return null;
		// Commas behind the last cell are harmless, a word there is not.
		if (cells.length > width && isBlank(cells.slice(width))) return this.#fittingRow(cells.slice(0, width), line);
		const reason = cells.length < width ? 'csv.too_few_cells' : 'csv.too_many_cells';
		const nameless = cells.findIndex((cell, index) => index >= width && cell.trim() !== '');
		if (nameless !== -1 && nameless < headerCells) {
			const cell = cells[emailColumn] ?? '';
			const problem = `cell ${nameless + 1} is filled, and column ${nameless + 1} has no name in the header`;
			return this.#malformed('csv.too_many_cells', line, { cell, problem });
		}
		const found = cells.length === 1 ? '1 cell' : `${cells.length} cells`;
		return this.#malformed(reason, line, {
			cell: cells[emailColumn] ?? '',
			problem: `${found} where the header has ${width}`,
		});
	}

	#fittingRow(cells: readonly string[], line: number): Row | null {
		const { emailColumn, keyColumn } = this.#options;
		const cell = cells[emailColumn] ?? '';
		const parsed = parseAddress(cell);
		if (parsed.kind === 'invalid') {
			if (trimCell(cell) !== '') {
				const problem = `"${cleanText(cell, 80)}" ${parsed.problem}`;
				return this.#malformed('address.invalid', line, { cell, problem });
			}
			if (isBlank(cells)) return null;
			return this.#malformed('address.empty', line, { cell: '', problem: 'the address is empty' });
		}
		const { address } = parsed;
		const key = keyColumn === -1 ? recipientKey(address) : columnKey(cells[keyColumn] ?? '');
		if (key === '') return this.#malformed('key.empty', line, { cell, problem: 'the cell that --key names is empty' });
		this.#row++;
		return { kind: 'recipient', key, row: this.#row, line, address, fields: cells };
	}

	#brokenRow(problem: RecordProblemKind, line: number): Malformed {
		switch (problem) {
			case 'quoting':
				return this.#malformed('csv.quoting', line, {
					cell: '',
					problem: 'the quotes do not match (inside a cell, a quote is written twice: "")',
				});
			case 'too_large':
				return this.#malformed('csv.row_too_large', line, { cell: '', problem: 'the row is larger than 1 MiB' });
			case 'nul':
				return this.#malformed('csv.nul', line, { cell: '', problem: 'there is a NUL character in the row' });
			case 'unclosed_quote':
				this.#failure = new RunError(
					exitCodes.badInput,
					`line ${line} of ${this.#options.displayName}: a quote is opened in this row and never closed`,
					{
						hint: `Look from line ${line} on for a cell that begins with " and does not end with one. A quote inside a cell is written twice: ""`,
					},
				);
				throw this.#failure;
			default:
				return assertNever(problem);
		}
	}

	#malformed(
		reason: MalformedReason,
		line: number,
		{ cell, problem }: { readonly cell: string; readonly problem: string },
	): Malformed {
		this.#row++;
		return {
			kind: 'malformed',
			row: this.#row,
			line,
			cell: cleanText(cell, maxCellShown),
			reason,
			message: `line ${line} of ${this.#options.displayName}: ${problem}`,
		};
	}
}

function isBlank(cells: readonly string[]): boolean {
	return cells.every((cell) => cell === '' || cell.trim() === '');
}
