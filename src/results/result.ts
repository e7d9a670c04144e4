/** What became of one CSV row, whether it reached delivery or not: each row of a run gets exactly one of these, and each becomes one line of the log. */
import type { Refusal } from '../bounces/refusal.ts';
import type { DeliveryResult, Sequel } from '../delivery/delivery-result.ts';
import type { Malformed, Recipient } from '../recipients/row.ts';
import { assertNever } from '../support/assert-never.ts';

export type Result =
	| DeliveryResult
	| { readonly kind: 'skipped'; readonly recipient: Recipient; readonly reason: SkipReason }
	| { readonly kind: 'malformed'; readonly row: Malformed }
	| {
			readonly kind: 'unrenderable';
			readonly recipient: Recipient;
			/** A RenderFailure of message/, by shape: results does not know that room. */
			readonly failure: { readonly errorType: string; readonly message: string };
	  };

/** `suppressed`: a suppression list names the address, its domain or its hash. */
export type SkipReason = 'duplicate' | 'suppressed';

/** The log's word for how a row ended. */
export type Status = 'accepted' | 'bounced' | 'deferred' | 'failed' | 'skipped' | 'unknown';

export const statuses: readonly Status[] = ['accepted', 'bounced', 'deferred', 'failed', 'skipped', 'unknown'];

/** An SMTP reply, as delivery hands it on. */
export type Reply = Extract<DeliveryResult, { kind: 'accepted' }>['reply'];

/** Where in the transaction something was said or broke, as delivery hands it on. */
export type Stage = Extract<DeliveryResult, { kind: 'bounced' }>['stage'];

/** `closed`, `timeout` and so on: why a connection ended a transaction. */
export type BreakCause = Extract<DeliveryResult, { kind: 'unknown' }>['why']['cause'];

export function statusOf(result: Result): Status {
	switch (result.kind) {
		case 'accepted':
		case 'bounced':
		case 'deferred':
		case 'failed':
		case 'skipped':
		case 'unknown':
			return result.kind;
		case 'undelivered':
			// Broken before the final dot is certainly not sent, so it may be sent again.
			return 'deferred';
		case 'malformed':
		case 'unrenderable':
			return 'failed';
		default:
			return assertNever(result);
	}
}

/** A result that this run means to be followed by another one of the same row. */
export type WaitingResult = Extract<Result, { readonly sequel: Sequel }>;

export function isWaiting(result: Result): result is WaitingResult {
	return (result.kind === 'deferred' || result.kind === 'undelivered') && result.sequel.kind !== 'left';
}

/** What the refusal means, a connection that broke before the dot included; null when nobody refused anything. */
export function refusalOf(result: Result): Refusal | null {
	switch (result.kind) {
		case 'bounced':
		case 'deferred':
			return result.refusal;
		case 'undelivered':
			return breakRefusals[result.why.cause];
		default:
			return null;
	}
}

const breakRefusals: Readonly<Record<BreakCause, Refusal>> = {
	closed: breakRefusal('closed'),
	timeout: breakRefusal('timeout'),
	out_of_step: breakRefusal('out_of_step'),
	service_closing: breakRefusal('service_closing'),
	chunking_refused: breakRefusal('chunking_refused'),
	tls: breakRefusal('tls'),
	network: breakRefusal('network'),
	dropped: breakRefusal('dropped'),
};

function breakRefusal(cause: BreakCause): Refusal {
	return { type: 'soft', category: 'network', action: 'retry', rule: `break:${cause}` };
}
