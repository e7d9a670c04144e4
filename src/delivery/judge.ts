/** Turns what a connection saw into what it means for the recipient: final, for later, or to be tried over another connection. */
import { classify } from '../bounces/classify.ts';
import type { RenderedMessage } from '../message/rendered-message.ts';
import type { Capabilities } from '../smtp/capabilities.ts';
import type { Outcome, Stage } from '../smtp/outcome.ts';
import { assertNever } from '../support/assert-never.ts';
import type { Attempt, DeliveryResult } from './delivery-result.ts';

/** `again`: the recipient is not to blame and nothing was sent; another connection may take the message. */
export type Judgement = { readonly kind: 'again' } | { readonly kind: 'result'; readonly result: DeliveryResult };

/** `isLastTry`: what would be tried again is recorded instead. */
export function judge(
	message: RenderedMessage,
	outcome: Outcome,
	{ attempt, isLastTry }: { readonly attempt: Attempt; readonly isLastTry: boolean },
): Judgement {
	switch (outcome.kind) {
		case 'accepted':
			return { kind: 'result', result: { kind: 'accepted', message, attempt, reply: outcome.reply } };
		case 'rejected': {
			const { stage, reply } = outcome;
			// RFC 5321 §3.8: 421 speaks of the connection, whatever it answers.
			if (reply.code === 421 && !isLastTry) return { kind: 'again' };
			const refusal = classify({ reply, stage, via: 'relay', provider: '' });
			const kind = refusal.action === 'suppress' || refusal.action === 'drop' ? 'bounced' : 'deferred';
			return { kind: 'result', result: { kind, message, attempt, stage, reply, refusal } };
		}
		case 'broken': {
			const { stage, why } = outcome;
			if (stage === 'verdict') return { kind: 'result', result: { kind: 'unknown', message, attempt, why } };
			if (!isLastTry) return { kind: 'again' };
			return { kind: 'result', result: { kind: 'undelivered', message, attempt, stage, why } };
		}
		default:
			return assertNever(outcome);
	}
}

/** A break or 421 at MAIL says nothing of the message: every message of a run has the same sender. Nor does a connection that we dropped. */
export function mayBeToBlame(outcome: Outcome): boolean {
	return stageOf(outcome) !== 'mail' && !(outcome.kind === 'broken' && outcome.why.cause === 'dropped');
}

export function stageOf(outcome: Outcome): Stage {
	return outcome.kind === 'accepted' ? 'verdict' : outcome.stage;
}

/** Why the server cannot take a message at all. */
export interface Unfitness {
	readonly errorType: 'smtp.no_smtputf8' | 'smtp.size_exceeded';
	readonly errorMessage: string;
}

/** null when it can. */
export function unfitness(message: RenderedMessage, capabilities: Capabilities): Unfitness | null {
	if (message.envelope.smtpUtf8 && !capabilities.smtpUtf8) {
		const errorMessage = `${message.recipient.address} needs SMTPUTF8 (RFC 6531) and the server does not offer it`;
		return { errorType: 'smtp.no_smtputf8', errorMessage };
	}
	const limit = capabilities.sizeLimitBytes;
	if (limit > 0 && message.sizeBytes > limit) {
		const errorMessage = `the message has ${message.sizeBytes} octets, the server takes ${limit} (RFC 1870 SIZE)`;
		return { errorType: 'smtp.size_exceeded', errorMessage };
	}
	return null;
}
