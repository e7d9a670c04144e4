/** What a conversation asks of a way to carry out transactions: those that end with a dot, and those that travel whole. */
import type { Submission } from './command.ts';
import type { Group } from './group.ts';
import type { Break, BreakCause, Outcome, Stage } from './outcome.ts';
import type { PipeliningDepth } from './pipelining-depth.ts';
import type { Reply } from './reply.ts';

/** A command, by the reply that it waits for. */
export type Awaited = 'rset' | 'mail' | 'rcpt' | 'data' | 'trial' | 'verdict' | 'proof' | 'lone_dot' | 'quit';

/** Called once for each submission opened, in the order opened. `startedAtMs` is monotonic: when its MAIL was written. */
export type Settled<S> = (submission: S, outcome: Outcome, startedAtMs: number) => void;

export interface Transactions<S extends Submission> {
	/** The command whose reply is due next. */
	readonly awaited: Awaited | undefined;
	/** The next reply releases a verdict: nothing is due behind it that could still show it to be another command's. */
	readonly isAboutToTell: boolean;
	readonly isQuiet: boolean;
	readonly stage: Stage;
	/** The bytes that end a message are out: a verdict is due, or is held until what is behind it is known to be in step. */
	readonly hasDotOut: boolean;
	/** A no to the command that is due may be the end of the session: servers say so instead of 421, and Exim when it has heard too many RSETs (554). */
	readonly mayBeFarewell: boolean;
	/** One more may be opened now. */
	mayOpen(depth: PipeliningDepth): boolean;
	open(submission: S, startedAtMs: number): void;
	/** Adds as much as may be written now of what is open. */
	addNext(group: Group, depth: PipeliningDepth): void;
	/** What was given to write was handed to the socket. */
	groupIsOut(): void;
	/** Matches one reply (not 421) with its command, by order. Gives '' when it is in step, otherwise what is wrong. */
	consume(code: number, reply: () => Reply): string;
	/** 421 may answer anything, or nothing: the server is closing the channel (RFC 5321 §3.8). Abandon what is open afterwards. */
	consumeServiceClosing(reply: Reply): void;
	/** The connection is gone: settles everything that was opened and is not settled. */
	abandon(why: Break): void;
}

export function stageOf(awaited: Awaited): Stage {
	switch (awaited) {
		case 'rset':
		case 'proof':
		case 'lone_dot':
		case 'quit':
			return 'mail';
		case 'trial':
			return 'data';
		default:
			return awaited;
	}
}

/**
 * After a close or a 421 the replies that came before it count: nothing more would have come. After a lost step, a missing reply, or when we leave before
 * the rest has come, the unconfirmed ones do not.
 */
export function repliesAreBelieved(cause: BreakCause): boolean {
	return cause === 'closed' || cause === 'service_closing';
}
