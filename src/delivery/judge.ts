/** Turns what a connection saw into the result of one recipient. Whether it is the recipient's at all, verdicts.ts decides before. */
import type { Refusal } from '../bounces/refusal.ts';
import type { RenderedMessage } from '../message/rendered-message.ts';
import type { Capabilities } from '../smtp/capabilities.ts';
import type { Break, Outcome, Stage } from '../smtp/outcome.ts';
import type { Reply } from '../smtp/reply.ts';
import type { Attempt, DeliveryResult, Sequel } from './delivery-result.ts';

export interface Refused {
	readonly stage: Stage;
	readonly reply: Reply;
	readonly refusal: Refusal;
}

/** Settled for good: nobody writes to that recipient again unasked. */
export function isFinal({ action }: Refusal): boolean {
	return action === 'suppress' || action === 'drop';
}

export function refusedResult(
	message: RenderedMessage,
	{ stage, reply, refusal }: Refused,
	{ attempt, sequel }: { readonly attempt: Attempt; readonly sequel: Sequel },
): DeliveryResult {
	if (isFinal(refusal)) return { kind: 'bounced', message, attempt, stage, reply, refusal };
	return { kind: 'deferred', message, attempt, stage, reply, refusal, sequel };
}

/** Of an attempt that broke: before the dot nothing was sent, at it nobody knows. */
export function brokenResult(
	message: RenderedMessage,
	{ stage, why }: { readonly stage: Stage; readonly why: Break },
	{ attempt, sequel }: { readonly attempt: Attempt; readonly sequel: Sequel },
): DeliveryResult {
	if (stage === 'verdict') return { kind: 'unknown', message, attempt, why };
	return { kind: 'undelivered', message, attempt, stage, why, sequel };
}

/** A break or 421 at MAIL says nothing of the message: every message of a run has the same sender. Nor does what we did, or a command that is not known. */
export function mayBeToBlame(outcome: Outcome): boolean {
	if (stageOf(outcome) === 'mail') return false;
	return outcome.kind !== 'broken' || (outcome.why.cause !== 'dropped' && outcome.why.cause !== 'chunking_refused');
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
