/** What came back about one recipient, as a row of the log: its source is `dsn` or `arf`, and it never changes who is sent to (design.md §5). */
import type { Refusal } from '../../bounces/refusal.ts';
import { cleanText } from '../../support/clean-text.ts';
import type { LogLine } from '../journal/parse-log-line.ts';
import {
	answerColumns,
	headColumns,
	noTrouble,
	notRefused,
	type RunFacts,
	refusalColumns,
	runColumns,
	serverColumns,
	transferColumns,
	whoColumns,
} from '../log-columns.ts';
import type { SentMessage } from './find-sent.ts';

export interface ReturnedFact {
	readonly source: 'dsn' | 'arf';
	/** bounced: given up. deferred: still being tried. complained: somebody said that it is spam. */
	readonly status: 'bounced' | 'deferred' | 'complained';
	/** Names the mail that says so, for good: reading it once more adds nothing. In the column remote_id. */
	readonly noticeId: string;
	/** `5.1.1`, or ''. */
	readonly enhancedCode: string;
	/** What the server said; '' when nobody knows. */
	readonly reply: string;
	/** Who said it, or ''. */
	readonly server: string;
	readonly refusal: Refusal | null;
}

/** As the log's smtp_response. */
const longestReply = 1024;

/** `at`: milliseconds since 1970, now. One line with its line feed. */
export function returnedRow(
	fact: ReturnedFact,
	sent: SentMessage,
	{ run, at }: { readonly run: RunFacts; readonly at: number },
): string {
	const { source, status, noticeId, enhancedCode, reply, server, refusal } = fact;
	const { recipient: address, key, row, line, messageId } = sent;
	const timestamp = new Date(at).toISOString();
	const answer = {
		code: codeOf(reply),
		// It comes from a stranger's mail, and stands in the row as it is.
		enhancedCode: /^[245]\.\d{1,3}\.\d{1,3}$/.test(enhancedCode) ? enhancedCode : '',
		stage: '',
		response: cleanText(reply, longestReply),
		remoteId: noticeId,
	};
	return (
		headColumns(timestamp, { source, status, final: status !== 'deferred', attempt: 0 }) +
		whoColumns({ address, key, row, line }, messageId) +
		answerColumns(answer) +
		(refusal === null ? notRefused : refusalColumns(refusal)) +
		noTrouble +
		serverColumns(cleanText(server, 255), 0) +
		transferColumns({ connection: 0, sizeBytes: 0, queueMs: 0, renderMs: 0, smtpMs: 0 }) +
		runColumns(run)
	);
}

/** What names a fact: the mail, and whom it is about. */
export function noticeIdentity(noticeId: string, { key }: { readonly key: string }): string {
	return `${noticeId} ${key}`;
}

/** The same of a row; null when it is not of returned mail. */
export function noticeOfRow({ source, key, fields }: LogLine): string | null {
	const noticeId = fields.get('remote_id');
	if ((source !== 'dsn' && source !== 'arf') || typeof noticeId !== 'string' || noticeId === '') return null;
	return noticeIdentity(noticeId, { key });
}

function codeOf(reply: string): number {
	return Number(/^([245]\d\d)(?:[ -]|$)/.exec(reply)?.[1] ?? 0);
}
