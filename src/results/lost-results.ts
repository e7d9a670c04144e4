/** What a run that could not write to the end says about its results: what is nowhere, so that a person can look it up, and what to say afterwards. */
import { cleanText } from '../support/clean-text.ts';
import { shellWord } from '../support/shell-word.ts';
import type { Trespass } from './journal/fence.ts';
import type { SettleRecord } from './journal/journal-record.ts';
import { parseRecord } from './journal/parse-record.ts';

/** Enough to look them up by hand. */
const namedLosses = 10;

/** After `close` of the files. */
export interface Lost {
	/** Lines that are not in the journal, or not whole. */
	readonly records: readonly string[];
	/** Lines that are not in the log, in the same order. A row that only the log lacks is not lost. */
	readonly rows: readonly string[];
	/** The journal was lost, and the log has all rows. */
	readonly areRowsSafe: boolean;
	readonly journal: Trespass['octets'];
}

/** '' when every result was recorded of which the server may have the message. */
export function lossHint(lost: Lost): string {
	if (lost.areRowsSafe) return '';
	const results = lost.records.filter((line) => /^\{"type":"(?:settle|local)"/.test(line));
	const rows = lost.rows.slice(-results.length);
	const maySent = results.flatMap((line, index) => {
		const record = settleOf(line);
		return record !== null && mayHaveArrived(record) ? [describeLoss(record, rows[index])] : [];
	});
	if (maySent.length === 0) return '';
	const count = maySent.length === 1 ? '1 result is' : `${maySent.length} results are`;
	const more = maySent.length - namedLosses;
	return [
		`${count} not recorded: those messages may have been sent.`,
		...maySent.slice(0, namedLosses).map((line) => `  ${line}`),
		...(more > 0 ? [`  and ${more} more`] : []),
	].join('\n');
}

/** When a write failed, and every result was recorded all the same. */
export function survivalHint(lost: Lost): string {
	const where = lost.rows.length === 0 ? 'the log' : 'the journal, from which the next run completes the log';
	return `All results of this run are in ${where}, but they may not survive a power cut.`;
}

/** What became of what was under way when the fence fell. */
export function stoppedHint({ areRowsSafe }: Lost): string {
	return areRowsSafe
		? 'Sending has stopped. What was under way is recorded in the log; nothing more is written to its journal.'
		: 'Sending has stopped, and nothing more is written to the log or its journal.';
}

/**
 * Of messages that certainly never arrived, and whose mark in the journal nothing closes: the next run has to count them as unknown, and only a person can
 * say better then. '' when there are none. `released`: marks whose release may be among what was lost.
 */
export function notSentHint(
	lost: Lost,
	released: readonly { readonly mark: number; readonly key: string }[],
	{ logPath }: { readonly logPath: string },
): string {
	if (lost.journal === 'gone') return '';
	const keys = notSent(lost, released);
	if (keys.length === 0) return '';
	const [were, them] = keys.length === 1 ? ['1 message was', 'it'] : [`${keys.length} messages were`, 'them'];
	const when = lost.journal === 'away' ? 'when the journal is back, the next run counts' : 'the next run counts';
	const more = keys.length - namedLosses;
	return [
		`${were} certainly not sent, and the journal does not say so: ${when} ${them} as unknown. Say it then:`,
		`  mailshot log resolve ${[shellWord(logPath), '--not-sent', ...keys.slice(0, namedLosses).map(shellWord)].join(' ')}`,
		...(more > 0
			? [`and ${more} more, which are among those that are unknown:`, `  mailshot log unknown ${shellWord(logPath)}`]
			: []),
	].join('\n');
}

function notSent(lost: Lost, released: readonly { readonly mark: number; readonly key: string }[]): readonly string[] {
	const [unmarked, closed] = [new Set<number>(), new Set<number>()];
	const refused: SettleRecord[] = [];
	for (const line of lost.records) {
		const parsed = parseRecord(Buffer.from(line));
		if (parsed.kind !== 'record') continue;
		const { record } = parsed;
		if (record.type === 'mark') unmarked.add(record.mark);
		else if (record.type === 'release') closed.add(record.mark);
		else if (record.type === 'settle' && record.mark > 0 && !mayHaveArrived(record)) refused.push(record);
	}
	const isOpen = ({ mark }: { readonly mark: number }) => !unmarked.has(mark);
	const found = [...released.filter(({ mark }) => closed.has(mark)), ...refused].filter(isOpen);
	return [...new Set(found.map(({ key }) => key))].filter((key) => key !== '' && key === cleanText(key, 2048));
}

/** The server said no to the others, or never saw their dot. */
function mayHaveArrived({ status }: SettleRecord): boolean {
	return status === 'accepted' || status === 'unknown';
}

function settleOf(line: string): SettleRecord | null {
	const parsed = parseRecord(Buffer.from(line));
	return parsed.kind === 'record' && parsed.record.type === 'settle' ? parsed.record : null;
}

function describeLoss(record: SettleRecord, row: string | undefined): string {
	if (row === undefined) return `${cleanText(record.key)} (${record.status})`;
	const { recipient, line }: { readonly recipient: string; readonly line: number } = JSON.parse(row);
	return `${cleanText(recipient)} (line ${line}, ${record.status})`;
}
