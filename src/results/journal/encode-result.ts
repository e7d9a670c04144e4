/** What the journal keeps of a result: a settle record for what an attempt came to, a local record for a row that never reached a server. */
import type { Refusal } from '../../bounces/refusal.ts';
import { assertNever } from '../../support/assert-never.ts';
import { cleanText } from '../../support/clean-text.ts';
import { replyLine } from '../reply-line.ts';
import { isWaiting, type Reply, type Result, refusalOf, type Stage } from '../result.ts';
import { encodeLocal, encodeSettle } from './encode-record.ts';
import type { SettleRecord } from './journal-record.ts';

type Attempted = Extract<Result, { kind: 'accepted' | 'bounced' | 'deferred' | 'undelivered' | 'unknown' }>;
type Local = Exclude<Result, Attempted>;

/** As in the log. */
const maxMessageLength = 1024;

/** `at`: milliseconds since 1970, for what was no attempt. One line with its line feed. */
export function encodeResult(result: Result, { run, at }: { readonly run: number; readonly at: number }): string {
	switch (result.kind) {
		case 'accepted':
			return settle(result, { run, status: 'accepted', stage: 'verdict', reply: result.reply, refusal: null });
		case 'bounced':
		case 'deferred':
			return settle(result, {
				run,
				status: result.kind,
				stage: result.stage,
				reply: result.reply,
				refusal: result.refusal,
			});
		case 'undelivered':
			return settle(result, {
				run,
				status: 'deferred',
				stage: result.stage,
				reply: result.why.reply,
				refusal: refusalOf(result),
			});
		case 'unknown':
			return settle(result, { run, status: 'unknown', stage: 'verdict', reply: result.why.reply, refusal: null });
		case 'failed':
		case 'skipped':
		case 'malformed':
		case 'unrenderable':
			return local(result, { run, at });
		default:
			return assertNever(result);
	}
}

/** What makes a local result the same one as in an earlier run (local-identity.ts); null for an attempt. */
export function localFacts(
	result: Result,
): { readonly reason: string; readonly who: string; readonly line: number } | null {
	switch (result.kind) {
		case 'failed': {
			const { key, line } = result.message.recipient;
			return { reason: result.errorType, who: key, line };
		}
		case 'skipped':
			return { reason: result.reason, who: result.recipient.key, line: result.recipient.line };
		case 'malformed':
			return { reason: result.row.reason, who: result.row.cell, line: result.row.line };
		case 'unrenderable':
			return { reason: result.failure.errorType, who: result.recipient.key, line: result.recipient.line };
		default:
			return null;
	}
}

function settle(
	result: Attempted,
	facts: {
		readonly run: number;
		readonly status: SettleRecord['status'];
		readonly stage: Stage;
		readonly reply: Reply | null;
		readonly refusal: Refusal | null;
	},
): string {
	const { run, status, stage, reply, refusal } = facts;
	const { attempt, message } = result;
	const isBroken = result.kind === 'undelivered' || result.kind === 'unknown';
	return encodeSettle({
		run,
		mark: attempt.mark,
		key: message.recipient.key,
		status,
		code: reply?.code ?? 0,
		bounce_category: refusal?.category ?? '',
		at: attempt.at,
		enhanced_code: reply?.enhancedCode ?? '',
		stage,
		response: reply === null ? '' : replyLine(reply),
		bounce_type: refusal?.type ?? '',
		bounce_action: refusal?.action ?? '',
		bounce_rule: refusal?.rule ?? '',
		error_type: isBroken ? result.why.cause : refusal === null ? '' : String(reply?.code ?? 0),
		error_message: isBroken ? cleanText(result.why.message, maxMessageLength) : '',
		final: !isWaiting(result),
	});
}

function local(result: Local, { run, at }: { readonly run: number; readonly at: number }): string {
	if (result.kind === 'malformed') {
		const { cell, row, line, reason, message } = result.row;
		return encodeLocal({
			run,
			status: 'failed',
			key: '',
			to: cell,
			row,
			line,
			at,
			skip_reason: '',
			error_type: reason,
			error_message: cleanText(message, maxMessageLength),
		});
	}
	const { key, address, row, line } = result.kind === 'failed' ? result.message.recipient : result.recipient;
	const trouble =
		result.kind === 'skipped'
			? { type: '', message: '' }
			: result.kind === 'failed'
				? { type: result.errorType, message: result.errorMessage }
				: { type: result.failure.errorType, message: result.failure.message };
	return encodeLocal({
		run,
		status: result.kind === 'skipped' ? 'skipped' : 'failed',
		key,
		to: address === key ? '' : address,
		row,
		line,
		at: result.kind === 'failed' ? result.attempt.at : at,
		skip_reason: result.kind === 'skipped' ? result.reason : '',
		error_type: trouble.type,
		error_message: cleanText(trouble.message, maxMessageLength),
	});
}
