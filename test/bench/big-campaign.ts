/** Campaigns for the sections that ask how cost grows: as a user types them, and afterwards every row is accounted for. */
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mailshotProgram } from '../helpers/run-mailshot.ts';
import { type Cost, measure } from './measure.ts';
import { duplicatesAmong, isDuplicate, withRowFeed } from './row-feed.ts';
import type { Server } from './servers.ts';
import type { Workload } from './workload.ts';

export interface Setting {
	readonly workload: Workload;
	readonly server: Server;
	readonly connections: number;
}

/** Every campaign here has its log under this name in its directory. */
export const logName = 'results.jsonl';

/** `generate | mailshot send -`, in `cwd`; goes on with the campaign that is there. */
export function sendFromPipe(setting: Setting, cwd: string, { rows }: { readonly rows: number }): Promise<Cost> {
	const command = [mailshotProgram, ...sendArgs(setting, '-')];
	// exec: bash becomes mailshot, so that time and memory are mailshot's; the rows are made by no child of it.
	const use = (pipe: string) => measure('bash', ['-c', 'exec "$@" < "$0"', pipe, ...command], { cwd });
	return withRowFeed(cwd, rows, { use });
}

/** `mailshot send LIST`, in `cwd`; goes on with the campaign that is there. */
export function sendFromFile(setting: Setting, cwd: string, { list }: { readonly list: string }): Promise<Cost> {
	return measure(mailshotProgram, sendArgs(setting, list), { cwd });
}

function sendArgs({ workload, server, connections }: Setting, list: string): string[] {
	const where = ['--smtp', `smtp://127.0.0.1:${server.port}`, '--concurrency', `${connections}`];
	return ['send', list, '--template', workload.htmlTemplate, '--log', logName, ...where, '--yes', '--quiet'];
}

export interface Counts {
	readonly accepted: number;
	readonly skipped: number;
	readonly left: number;
	/** Of the rows: what this run had to send. */
	readonly to_send: number;
}

/** As the summary of the last run has them. */
export function readCounts(cwd: string): Counts {
	const summary: { readonly counts: Counts } = JSON.parse(readFileSync(join(cwd, `${logName}.summary.json`), 'utf8'));
	return summary.counts;
}

/** Throws unless each of `rows` rows from the pipe has one line, the duplicates are skipped and all the others accepted; the summary says the same. */
export function assertEachRowOnce(cwd: string, rows: number): void {
	const duplicates = duplicatesAmong(rows);
	const path = join(cwd, logName);
	const { lines, accepted, duplicateRows } = countLog(path);
	const counts = readCounts(cwd);
	const found = { lines, accepted, skipped: duplicateRows.size, inSummary: [counts.accepted, counts.skipped] };
	const due = { lines: rows, accepted: rows - duplicates, skipped: duplicates };
	const expected = { ...due, inSummary: [due.accepted, due.skipped] };
	if (JSON.stringify(found) !== JSON.stringify(expected)) {
		throw new Error(`${path}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
	}
	for (const row of duplicateRows) {
		if (!isDuplicate(row)) throw new Error(`${path}: row ${row} was skipped as a duplicate and is none`);
	}
}

export interface LogCounts {
	readonly lines: number;
	readonly accepted: number;
	/** Numbers of the rows that were skipped as duplicates. */
	readonly duplicateRows: ReadonlySet<number>;
}

/** Reads a log of any size. */
export function countLog(path: string): LogCounts {
	const duplicateRows = new Set<number>();
	let lines = 0;
	let accepted = 0;
	for (const block of wholeLines(path)) {
		lines += occurrences(block, '\n', () => {});
		accepted += occurrences(block, '"status":"accepted"', () => {});
		occurrences(block, '"skip_reason":"duplicate"', (at) => {
			const line = block.toString('utf8', block.lastIndexOf('\n', at) + 1, block.indexOf('\n', at));
			const { row }: { readonly row: number } = JSON.parse(line);
			duplicateRows.add(row);
		});
	}
	return { lines, accepted, duplicateRows };
}

function occurrences(block: Buffer, text: string, each: (at: number) => void): number {
	const wanted = Buffer.from(text);
	let count = 0;
	for (let at = block.indexOf(wanted); at !== -1; at = block.indexOf(wanted, at + wanted.length)) {
		count++;
		each(at);
	}
	return count;
}

/** Blocks of some megabytes that end with a line. */
function* wholeLines(path: string): Generator<Buffer> {
	const file = openSync(path, 'r');
	try {
		const buffer = Buffer.allocUnsafe(4 * 1024 * 1024);
		let kept = 0;
		for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer, { offset: kept })) {
			const filled = kept + count;
			const end = buffer.lastIndexOf('\n', filled - 1) + 1;
			yield buffer.subarray(0, end);
			buffer.copyWithin(0, end, filled);
			kept = filled - end;
		}
	} finally {
		closeSync(file);
	}
}

/** A directory of its own under that of the benchmark, gone afterwards. */
export async function inDirectory<T>(parent: string, run: (cwd: string) => Promise<T>): Promise<T> {
	const cwd = mkdtempSync(join(parent, 'campaign-'));
	try {
		return await run(cwd);
	} finally {
		rmSync(cwd, { recursive: true });
	}
}
