/** The log's row of a record, as near to the original as the journal knows: times and sizes are 0. */
import { createHmac } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { assertNever } from '../../support/assert-never.ts';
import {
	answerColumns,
	headColumns,
	malformedColumns,
	noAnswer,
	notRefused,
	notTransferred,
	refusalColumns,
	runColumns,
	serverColumns,
	transferColumns,
	troubleColumns,
	whoColumns,
} from '../log-columns.ts';
import { remoteId } from '../remote-id.ts';
import type { LocalRecord, MarkRecord, ResolveRecord, RunRecord, SettleRecord } from './journal-record.ts';
import type { RecordedRow } from './read-journal.ts';

/** One line with its line feed; same columns, same order as LogRows. */
export function rebuildRow({ record, mark, run }: RecordedRow): string {
	const row = columnsOf({ record, mark, run });
	const tags = new Map(Object.entries(run.tags));
	return row + runColumns({ runId: run.run_id, campaign: run.campaign, tags });
}

function columnsOf({ record, mark, run }: RecordedRow): string {
	switch (record.type) {
		case 'settle':
			return settledColumns(record, mark, run);
		case 'local':
			return localColumns(record);
		case 'resolve':
			return resolvedColumns(record, messageIdOf(record.key, run));
		default:
			return assertNever(record);
	}
}

/** As a local row: no server said this. */
export function resolvedColumns(record: Omit<ResolveRecord, 'type' | 'run'>, messageId: string): string {
	const { key, to, status, row, line, at } = record;
	const trouble =
		status === 'accepted'
			? { errorType: '', errorMessage: '' }
			: { errorType: 'resolved.not_sent', errorMessage: 'somebody looked, and the server does not have the message' };
	return (
		headColumns(timestampOf(at), { source: 'local', status: statusOfResolve(record), final: true, attempt: 0 }) +
		whoColumns({ address: addressOf(key, to), key, row, line }, messageId) +
		noAnswer +
		notRefused +
		troubleColumns('', trouble) +
		notTransferred
	);
}

/** Of the row; the key has the same. */
export function statusOfResolve({ status }: Pick<ResolveRecord, 'status'>): 'accepted' | 'deferred' {
	return status === 'accepted' ? 'accepted' : 'deferred';
}

/** Without its mark, a settle record does not say to which row of the list it belongs. */
function settledColumns(record: SettleRecord, mark: MarkRecord | null, run: RunRecord): string {
	const { key, status, final, code, stage, response } = record;
	const { bounce_type: type, bounce_category: category, bounce_action: action, bounce_rule: rule } = record;
	const id = status === 'accepted' ? remoteId(response) : '';
	const isRefused = type !== '' && category !== '' && action !== '';
	return (
		headColumns(timestampOf(record.at), { source: 'smtp', status, final, attempt: mark?.attempt ?? 0 }) +
		whoColumns(
			{ address: addressOf(key, mark?.to ?? ''), key, row: mark?.row ?? 0, line: mark?.line ?? 0 },
			messageIdOf(key, run),
		) +
		answerColumns({ code, enhancedCode: record.enhanced_code, stage, response, remoteId: id }) +
		(isRefused ? refusalColumns({ type, category, action, rule }) : notRefused) +
		troubleColumns('', { errorType: record.error_type, errorMessage: record.error_message }) +
		serverColumns(run.server_address, run.server_port) +
		transferColumns({ connection: mark?.connection ?? 0, sizeBytes: 0, queueMs: 0, renderMs: 0, smtpMs: 0 })
	);
}

function localColumns(record: LocalRecord): string {
	const { status, key, to, row, line, error_type: errorType, error_message: errorMessage } = record;
	return (
		headColumns(timestampOf(record.at), { source: 'local', status, final: true, attempt: 0 }) +
		(key === ''
			? malformedColumns({ cell: to, row, line })
			: whoColumns({ address: addressOf(key, to), key, row, line }, '')) +
		noAnswer +
		notRefused +
		troubleColumns(record.skip_reason, { errorType, errorMessage }) +
		notTransferred
	);
}

function addressOf(key: string, to: string): string {
	return to === '' ? key : to;
}

function timestampOf(at: number): string {
	return new Date(at).toISOString();
}

/**
 * As message/message-id.ts makes it: it is what people search their server's log for. '' when From is not the same for everybody, or has no address
 * that can be read off it.
 */
export function messageIdOf(key: string, run: RunRecord): string {
	const from = run.message['From'] ?? '';
	const written = from.includes('{{') ? undefined : /@([^\s@<>()",;]+)>?\s*$/u.exec(from)?.[1];
	const domain = written === undefined ? '' : domainToASCII(written);
	if (domain === '') return '';
	const digest = createHmac('sha256', Buffer.from(run.campaign_id, 'hex')).update(key, 'utf8').digest('hex');
	return `<${digest.slice(0, 32)}@${domain}>`;
}
