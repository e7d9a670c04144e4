/** What the journal would have said of a row of the log: for results whose records are lost. */
import {
	byStrength,
	journalVersion,
	type LocalRecord,
	type MarkRecord,
	type RunRecord,
	type SettleRecord,
} from './journal-record.ts';
import { type KeyState, keyState, nothingKnown } from './key-state.ts';
import type { LogLine } from './parse-log-line.ts';
import { parseRecord } from './parse-record.ts';

/** nothingKnown for a row of returned mail, or of a status that the journal does not have. */
export function stateOfRow({ source, status }: LogLine): KeyState {
	const known = byStrength.find((word) => word === status);
	return known === undefined || (source !== 'smtp' && source !== 'local') ? nothingKnown : keyState(known, '');
}

/** Milliseconds since 1970; 0 when the row does not say. */
export function timeOfRow(row: LogLine): number {
	const at = Date.parse(textOf(row, 'timestamp'));
	return at >= 0 ? at : 0;
}

/** The number of the mark is for the caller to give. */
export function markOfRow({ key, recipient, row, line, attempt, fields }: LogLine, run: number): MarkRecord {
	const connection = fields.get('connection');
	return {
		type: 'mark',
		run,
		mark: 1,
		key,
		to: recipient === key ? '' : recipient,
		row,
		line,
		attempt,
		connection: typeof connection === 'number' && Number.isSafeInteger(connection) && connection >= 0 ? connection : 0,
	};
}

/** Null: it is about nobody, or about no attempt. A row that was edited into something else loses what nobody can read, never its status. */
export function settleOfRow(row: LogLine, run: number): SettleRecord | null {
	const bare = {
		type: 'settle',
		run,
		mark: 1,
		key: row.key,
		status: row.status,
		code: 0,
		bounce_category: '',
		at: timeOfRow(row),
		enhanced_code: textOf(row, 'enhanced_code'),
		stage: '',
		response: textOf(row, 'smtp_response'),
		bounce_type: '',
		bounce_action: '',
		bounce_rule: textOf(row, 'bounce_rule'),
		error_type: textOf(row, 'error_type'),
		error_message: textOf(row, 'error_message'),
		final: row.fields.get('final') !== false,
	};
	const whole = {
		...bare,
		code: row.fields.get('smtp_code'),
		stage: row.stage,
		bounce_category: textOf(row, 'bounce_category'),
		bounce_type: textOf(row, 'bounce_type'),
		bounce_action: textOf(row, 'bounce_action'),
	};
	return parsedSettle(whole) ?? parsedSettle(bare);
}

export function localOfRow(row: LogLine, run: number): LocalRecord | null {
	const { key, status, recipient, line } = row;
	const parsed = parseRecord(
		JSON.stringify({
			type: 'local',
			run,
			status,
			key,
			to: recipient === key ? '' : recipient,
			row: row.row,
			line,
			at: timeOfRow(row),
			skip_reason: textOf(row, 'skip_reason'),
			error_type: textOf(row, 'error_type'),
			error_message: textOf(row, 'error_message'),
		}),
	);
	return parsed.kind === 'record' && parsed.record.type === 'local' ? parsed.record : null;
}

/** A header for a run of which only rows are left; `campaign`: what all runs of the log share. */
export function headerOfRow(row: LogLine, run: number, campaign: CampaignHeader): RunRecord {
	const { key_rule, campaign_id, tool } = campaign;
	const port = row.fields.get('server_port');
	const tags = row.fields.get('tags');
	const entries = typeof tags === 'object' && tags !== null ? Object.entries(tags) : [];
	return {
		type: 'run',
		v: journalVersion,
		run,
		run_id: row.runId === '' ? `salvaged-${run}` : row.runId,
		campaign_id,
		campaign: textOf(row, 'campaign'),
		tags: Object.fromEntries(entries.map(([name, value]) => [name, String(value)])),
		tool,
		started_at: textOf(row, 'timestamp'),
		pid: 0,
		pid_started: '',
		boot_id: '',
		host: '',
		key_rule,
		message: campaign.message,
		rehearsal: campaign.rehearsal,
		server_address: textOf(row, 'server_address'),
		server_port: typeof port === 'number' && Number.isSafeInteger(port) && port >= 0 ? port : 0,
		connections: 0,
		window: 0,
		resend: '',
		verp: '',
	};
}

/** A header that was made from rows, or copied from such a one: no run that sends has no connections. */
export function isSalvaged({ connections }: RunRecord): boolean {
	return connections === 0;
}

export type CampaignHeader = Pick<RunRecord, 'campaign_id' | 'key_rule' | 'tool' | 'message' | 'rehearsal'>;

function parsedSettle(fields: object): SettleRecord | null {
	const parsed = parseRecord(JSON.stringify(fields));
	return parsed.kind === 'record' && parsed.record.type === 'settle' ? parsed.record : null;
}

function textOf(row: LogLine, name: string): string {
	const value = row.fields.get(name);
	return typeof value === 'string' ? value : '';
}
