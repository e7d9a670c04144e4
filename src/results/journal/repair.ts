/** What the run after a crash writes first: the rows that the log lacks, and `unknown` for every mark that nothing closed. */
import type { KeyTable } from '../../recipients/key-table.ts';
import type { Clock } from '../../support/clock.ts';
import type { OpenedCampaign } from '../open-campaign.ts';
import { encodeSettle } from './encode-record.ts';
import type { Journal } from './journal.ts';
import type { MarkRecord, SettleRecord } from './journal-record.ts';
import { keyState, stronger } from './key-state.ts';
import { rebuildRow } from './rebuild-row.ts';

type Existing = Extract<OpenedCampaign, { kind: 'existing' }>;

/** Whoever has an open mark is unknown: nobody knows whether its dot went out. */
export function settleOpenMarks(marks: readonly MarkRecord[], keys: Pick<KeyTable, 'seek' | 'value'>): void {
	for (const { key } of marks) {
		keys.seek(key);
		keys.value = stronger(keys.value, keyState('unknown', ''));
	}
}

/** Appends what is missing; false when nothing is. */
export function repair({ reading, tail }: Existing, journal: Journal, clock: Clock): boolean {
	for (const row of tail.missing) journal.appendRow(rebuildRow(row));
	for (const mark of reading.openMarks) {
		const record = unknownAfterCrash(mark, clock.now());
		const run = reading.headers.get(mark.run) ?? reading.lastRun;
		journal.append(encodeSettle(record));
		journal.appendRow(rebuildRow({ record, mark, run }));
	}
	return tail.missing.length > 0 || reading.openMarks.length > 0;
}

/** What `repair` does, and what was cut off before it: lines for people. */
export function describeRepair({ reading, tail }: Existing): string[] {
	const notices: string[] = [];
	for (const [what, torn] of [
		['journal', reading.torn],
		['log', tail.torn],
	] as const) {
		if (torn !== null) notices.push(`the ${what} ended in ${torn.what} (${counted(torn.bytes, 'octet')}): cut off`);
	}
	if (tail.missing.length > 0) {
		notices.push(`the log lacked ${counted(tail.missing.length, 'row')} that the journal has: completed`);
	}
	if (reading.openMarks.length > 0) {
		notices.push(
			`an earlier run ended before it knew what became of ${counted(reading.openMarks.length, 'message')}: recorded as unknown`,
		);
	}
	return notices;
}

function counted(count: number, what: string): string {
	return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

/** What is recorded of a mark that a crash left open. */
export function unknownAfterCrash(mark: MarkRecord, at: number): SettleRecord {
	return {
		type: 'settle',
		run: mark.run,
		mark: mark.mark,
		key: mark.key,
		status: 'unknown',
		code: 0,
		bounce_category: '',
		at,
		enhanced_code: '',
		stage: 'verdict',
		response: '',
		bounce_type: '',
		bounce_action: '',
		bounce_rule: '',
		error_type: 'crashed',
		error_message: 'the run that sent it ended before it recorded a verdict: the server may have the message',
		final: true,
	};
}
