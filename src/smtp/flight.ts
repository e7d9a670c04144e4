/** One whole transaction (RFC 3030): from MAIL to its verdict, and to the RSET behind it that proves the verdict. */
import { assertNever } from '../support/assert-never.ts';
import type { Capabilities } from './capabilities.ts';
import { mailCommand, rcptCommand, type Submission } from './command.ts';
import type { Group } from './group.ts';
import type { Outcome, Stage } from './outcome.ts';
import type { Reply } from './reply.ts';
import { type Awaited, stageOf } from './transactions.ts';

export type Step = Extract<Awaited, 'rset' | 'mail' | 'rcpt' | 'trial' | 'verdict' | 'proof'>;

export interface Flight<S> {
	readonly submission: S;
	readonly startedAtMs: number;
	/** The command whose reply is due, or the one to write next. */
	step: Step;
	/** Its next commands were given to write, and are not in the socket's hands yet. */
	isPrepared: boolean;
	/** They are, and the reply to `step` is due. */
	isAsked: boolean;
	/** The commands given include the message to its last octet. */
	isWhole: boolean;
	/** That is in the socket's hands: from here on a break is unknown. */
	isOut: boolean;
	/** The first octet of the content went ahead. */
	hasBegun: boolean;
	/** The first no of the envelope: it decides, and is believed when the whole transaction was answered. */
	refusal: { readonly stage: Stage; readonly reply: Reply } | null;
	/** Known, and not told before the RSET behind it was answered. */
	outcome: Outcome | null;
}

/** `step`: the first one. */
export function newFlight<S>(submission: S, startedAtMs: number, step: Step): Flight<S> {
	return {
		submission,
		startedAtMs,
		step,
		isPrepared: false,
		isAsked: false,
		isWhole: false,
		isOut: false,
		hasBegun: false,
		refusal: null,
		outcome: null,
	};
}

/** Adds the command of one step, and the content behind it. */
export function addFlightCommand<S extends Submission>(
	group: Group,
	{
		flight,
		step,
		capabilities,
	}: { readonly flight: Flight<S>; readonly step: Step; readonly capabilities: Capabilities },
): void {
	const { submission } = flight;
	switch (step) {
		case 'rset':
		case 'proof':
			return group.commands('RSET\r\n');
		case 'mail':
			return group.commands(mailCommand(submission, capabilities));
		case 'rcpt':
			return group.commands(rcptCommand(submission, capabilities));
		case 'trial':
			flight.hasBegun = true;
			// QUIRK: Postfix refuses a chunk without octets (551 5.7.1 Null BDAT request).
			group.commands('BDAT 1\r\n');
			return group.content(submission.content.subarray(0, 1));
		case 'verdict': {
			flight.isWhole = true;
			const rest = flight.hasBegun ? submission.content.subarray(1) : submission.content;
			group.commands(`BDAT ${rest.length} LAST\r\n`);
			return group.content(rest);
		}
		default:
			return assertNever(step);
	}
}

/** Where a transaction broke whose last octet was not out. */
export function stageBeforeTheEnd(step: Step): Stage {
	return step === 'verdict' ? 'content' : stageOf(step);
}
