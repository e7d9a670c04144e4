/** One mail transaction (RFC 5321 §3.3): from MAIL to its dot it is opening, from there to its verdict it is ending. */
import { assertNever } from '../support/assert-never.ts';
import type { Capabilities } from './capabilities.ts';
import { mailCommand, rcptCommand, type Submission } from './command.ts';
import type { Outcome, Stage } from './outcome.ts';
import type { Reply } from './reply.ts';

export interface Opening<S> {
	readonly submission: S;
	/** Monotonic: when its MAIL was written. */
	readonly startedAtMs: number;
	/** The next command to write; 'content' when DATA was written. */
	next: 'mail' | 'rcpt' | 'data' | 'content';
	/** What breaks now breaks here. */
	stage: 'mail' | 'rcpt' | 'data' | 'content';
	mailAccepted: boolean;
	/** The first no of the group: it decides, and is believed when the whole group was read. */
	refusal: { readonly stage: Stage; readonly reply: Reply } | null;
	/** 354 was read, and nothing refused. */
	goAhead: boolean;
}

export interface Ending<S> {
	readonly submission: S;
	readonly startedAtMs: number;
	/** The final dot was handed to the socket: from here on a break is unknown. */
	isOut: boolean;
	/** Read, but not yet told: see Conversation. */
	held: Outcome | null;
	/** A refusal came behind it, and not yet the whole group. */
	isInDoubt: boolean;
}

export function openTransaction<S extends Submission>(submission: S, startedAtMs: number): Opening<S> {
	return { submission, startedAtMs, next: 'mail', stage: 'mail', mailAccepted: false, refusal: null, goAhead: false };
}

/** The command that is next, as wire bytes, and moves on to the one after it. */
export function envelopeCommand<S extends Submission>(opening: Opening<S>, capabilities: Capabilities): string {
	const { submission, next } = opening;
	switch (next) {
		case 'mail':
			opening.next = 'rcpt';
			return mailCommand(submission, capabilities);
		case 'rcpt':
			opening.next = 'data';
			return rcptCommand(submission, capabilities);
		case 'data':
			opening.next = 'content';
			return 'DATA\r\n';
		case 'content':
			throw new Error('the content is no command');
		default:
			return assertNever(next);
	}
}
