/** What a run that could not write to the end says about its results: which of them are nowhere, so that a person can look them up. */
import { cleanText } from '../support/clean-text.ts';

/** Enough to look them up by hand. */
const namedLosses = 10;

/** After `close` of the files. */
export interface Lost {
	/** Lines that are not in the journal, or not whole. */
	readonly records: readonly string[];
	/** Lines that are not in the log, in the same order. A row that only the log lacks is not lost. */
	readonly rows: readonly string[];
}

/** '' when every result was recorded. */
export function lossHint(lost: Lost): string {
	const results = lost.records.filter((line) => /^\{"type":"(?:settle|local)"/.test(line)).length;
	if (results === 0) return '';
	const rows = lost.rows.slice(-results);
	const count = results === 1 ? '1 result is' : `${results} results are`;
	const more = rows.length - namedLosses;
	return [
		`${count} not recorded: those messages may have been sent.`,
		...rows.slice(0, namedLosses).map((line) => `  ${describeLoss(line)}`),
		...(more > 0 ? [`  and ${more} more`] : []),
	].join('\n');
}

/** When a write failed, and every result was recorded all the same. */
export function survivalHint(lost: Lost): string {
	const where = lost.rows.length === 0 ? 'the log' : 'the journal, from which the next run completes the log';
	return `All results of this run are in ${where}, but they may not survive a power cut.`;
}

function describeLoss(line: string): string {
	const row: { readonly recipient: string; readonly line: number; readonly status: string } = JSON.parse(line);
	return `${cleanText(row.recipient)} (line ${row.line}, ${row.status})`;
}
