/** Reads what a run leaves on disk, and refuses what does not keep the log's promises (design.md §5). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

export interface LogRow {
	readonly v: number;
	readonly timestamp: string;
	readonly source: string;
	readonly status: 'accepted' | 'bounced' | 'deferred' | 'failed' | 'skipped' | 'unknown';
	readonly final: boolean;
	readonly attempt: number;
	readonly recipient: string;
	readonly recipient_domain: string;
	readonly key: string;
	readonly row: number;
	readonly line: number;
	readonly message_id: string;
	readonly smtp_code: number;
	readonly enhanced_code: string;
	readonly smtp_stage: string;
	readonly smtp_response: string;
	readonly remote_id: string;
	readonly bounce_type: string;
	readonly bounce_category: string;
	readonly bounce_action: string;
	readonly bounce_rule: string;
	readonly skip_reason: string;
	readonly error_type: string;
	readonly error_message: string;
	readonly server_address: string;
	readonly server_port: number;
	readonly connection: number;
	readonly size_bytes: number;
	readonly queue_ms: number;
	readonly render_ms: number;
	readonly smtp_ms: number;
	readonly run_id: string;
	readonly campaign: string;
	readonly tags: Readonly<Record<string, string>>;
}

/** The columns in their order, as design.md §5 lists them. */
export const logColumns =
	'v timestamp source status final attempt recipient recipient_domain key row line message_id smtp_code enhanced_code smtp_stage smtp_response remote_id bounce_type bounce_category bounce_action bounce_rule skip_reason error_type error_message server_address server_port connection size_bytes queue_ms render_ms smtp_ms run_id campaign tags'.split(
		' ',
	);

/** All rows of the log at `path`; throws when a line is torn, a column is missing, out of order or null. */
export function readLog(path: string): LogRow[] {
	const text = readFileSync(path, 'utf8');
	assert.ok(text === '' || text.endsWith('\n'), `${path} ends in a torn line`);
	return text.split('\n').slice(0, -1).map(parseRow);
}

function parseRow(line: string): LogRow {
	const row: LogRow = JSON.parse(line);
	assert.deepEqual(Object.keys(row), logColumns);
	assert.ok(!Object.values(row).includes(null), `a null in ${line}`);
	return row;
}

/** How many final rows have each status. */
export function countStatuses(rows: readonly LogRow[]): Partial<Record<LogRow['status'], number>> {
	const counts: Partial<Record<LogRow['status'], number>> = {};
	for (const row of rows) if (row.final) counts[row.status] = (counts[row.status] ?? 0) + 1;
	return counts;
}

/** The final row of `recipient`; throws unless there is exactly one. */
export function rowOf(rows: readonly LogRow[], recipient: string): LogRow {
	const found = rows.filter((row) => row.final && row.recipient === recipient);
	const [row] = found;
	assert.ok(row !== undefined && found.length === 1, `${found.length} final rows for ${recipient}`);
	return row;
}

/** The part of `<log>.summary.json` that tests look at. */
export interface RunSummary {
	readonly state: 'running' | 'finished' | 'stopped';
	readonly exit_code?: number;
	readonly data: { readonly rows: number };
	readonly counts: Readonly<Record<'to_send' | 'left' | LogRow['status'], number>>;
	readonly bounce_category: Readonly<Record<string, number>>;
}

/** The summary beside the log at `logPath`; throws when it is still `running`, or its counts are not those of `rows` or do not add up to the rows read. */
export function readSummary(logPath: string, rows: readonly LogRow[]): RunSummary {
	const summary: RunSummary = JSON.parse(readFileSync(`${logPath}.summary.json`, 'utf8'));
	const { to_send: _, left, ...byStatus } = summary.counts;
	const counted = Object.entries(byStatus).filter(([, count]) => count > 0);
	assert.deepEqual(Object.fromEntries(counted), countStatuses(rows), 'the summary and the log differ');
	const ended = Object.values(byStatus).reduce((sum, count) => sum + count, 0);
	assert.equal(ended + left, summary.data.rows, 'the counts of the summary do not add up to the rows read');
	assert.notEqual(summary.state, 'running');
	return summary;
}
