/**
 * Transactions that end with a dot (RFC 5321 §3.3, RFC 2920): which replies are due, in order, and what may be written next.
 *
 *     depth across messages     we:     content k, dot, MAIL k+1, RCPT k+1, DATA k+1
 *                               server:          verdict k, 250, 250, 354
 *     within one message        the content travels alone, MAIL RCPT DATA together
 *     none                      each command alone
 *
 * That is one code path: the depth decides only what joins a group. What surprises:
 *
 * - A verdict with an envelope behind it is held until that envelope's replies have come in step. A server that swallows
 *   a reply shifts all later ones by one, and then MAIL's 250 would be taken for the verdict.
 * - All replies of an envelope are read before its refusal is believed, for the same reason.
 * - A refused envelope whose DATA still got 354 is ended by a lone dot; a 250 to that is no delivery.
 */
import { assertNever } from '../support/assert-never.ts';
import type { Capabilities } from './capabilities.ts';
import type { Submission } from './command.ts';
import type { Group } from './group.ts';
import type { Break, Outcome, Stage } from './outcome.ts';
import type { PipeliningDepth } from './pipelining-depth.ts';
import type { Reply } from './reply.ts';
import { replyShape } from './reply-shape.ts';
import { type Ending, envelopeCommand, type Opening, openTransaction } from './transaction.ts';
import { type Awaited, repliesAreBelieved, type Settled, stageOf, type Transactions } from './transactions.ts';

type Expected = Exclude<Awaited, 'trial' | 'proof' | 'quit'>;

export class DotTransactions<S extends Submission> implements Transactions<S> {
	readonly #settled: Settled<S>;
	readonly #capabilities: Capabilities;
	readonly #expected: Expected[] = [];
	#opening: Opening<S> | null = null;
	#ending: Ending<S> | null = null;
	/** MAIL was accepted for an envelope that came to nothing: the server must forget it first (RFC 5321 §4.1.1.5). */
	#needsReset = false;
	#needsLoneDot = false;
	/** What this server says to MAIL, from a reply that was certainly to MAIL. */
	#mailShape = '';

	constructor(capabilities: Capabilities, settled: Settled<S>) {
		this.#capabilities = capabilities;
		this.#settled = settled;
	}

	/** The command whose reply is due next. */
	get awaited(): Expected | undefined {
		return this.#expected[0];
	}

	/** The next reply releases a verdict: nothing is due behind it that could still show it to be another command's. */
	get isAboutToTell(): boolean {
		return this.#ending !== null && this.#expected.length === 1;
	}

	get isQuiet(): boolean {
		return this.#expected.length === 0 && this.#opening === null && this.#ending === null;
	}

	get stage(): Stage {
		const awaited = this.#expected[0];
		if (awaited === undefined) return this.#opening?.stage ?? 'mail';
		return stageOf(awaited);
	}

	/** The submission whose content is due: its 354 has come. */
	get readyForContent(): S | null {
		return this.#opening?.goAhead === true ? this.#opening.submission : null;
	}

	/** A verdict is due, or is held until the envelope behind it is known to be in step. */
	get hasDotOut(): boolean {
		return this.#ending?.isOut === true;
	}

	get mayBeFarewell(): boolean {
		return this.#expected[0] === 'rset' && !this.hasDotOut;
	}

	mayOpen(depth: PipeliningDepth): boolean {
		return this.#opening === null && (depth === 'across_messages' || this.#expected.length === 0);
	}

	open(submission: S, startedAtMs: number): void {
		this.#opening = openTransaction(submission, startedAtMs);
	}

	/** What other ways have left behind must be forgotten first. */
	begin(): void {
		this.#needsReset = true;
	}

	/** Matches one reply (not 421) with its command, by order. Gives '' when it is in step, otherwise what is wrong. */
	consume(code: number, reply: () => Reply): string {
		const expected = this.#expected.shift();
		const kind = Math.floor(code / 100);
		switch (expected) {
			case undefined:
				return 'a reply that nothing asked for';
			case 'mail':
			case 'rcpt':
				return this.#envelopeReply(expected, kind, reply);
			case 'data':
				return this.#dataReply(code, reply);
			case 'verdict':
				return this.#verdict(kind, reply);
			case 'rset':
				// RFC 5321 §4.1.1.5: RSET is always answered 250. A server that cannot forget cannot be used.
				return kind === 2 ? '' : 'RSET was refused';
			case 'lone_dot':
				// A 2yz would mean that the server took an empty message for nobody, or that replies are shifted.
				return kind === 4 || kind === 5 ? '' : 'a message without recipient was accepted';
			default:
				return assertNever(expected);
		}
	}

	/** 421 may answer anything, or nothing: the server is closing the channel (RFC 5321 §3.8). Settle what is open afterwards. */
	consumeServiceClosing(reply: Reply): void {
		const expected = this.#expected.shift();
		// To the final dot it is a no (RFC 5321 §4.2.5): the message was not taken and may go out elsewhere.
		if (expected === 'verdict' && this.#ending !== null) {
			this.#ending.held = { kind: 'rejected', stage: 'verdict', reply };
		}
		if (expected === 'mail' || expected === 'rcpt' || expected === 'data') {
			this.#mustBeOpening().refusal ??= { stage: expected, reply };
		}
		// In DATA's place it completes the group: nothing is missing, so nothing is shifted.
		if (expected === 'data' && this.#ending !== null) this.#ending.isInDoubt = false;
	}

	/** A refusal that came while the content was being written: the dot will not follow, so it is a plain no. */
	consumePremature(reply: Reply): void {
		if (reply.code >= 400) this.#mustBeOpening().refusal = { stage: 'content', reply };
	}

	/** The final dot joins the bytes about to be written. */
	startEnding(): void {
		const { submission, startedAtMs } = this.#mustBeOpening();
		this.#opening = null;
		this.#ending = { submission, startedAtMs, isOut: false, held: null, isInDoubt: false };
		this.#expected.push('verdict');
	}

	/** What addNext() gave, and the dot before it, was handed to the socket. */
	groupIsOut(): void {
		if (this.#ending !== null) this.#ending.isOut = true;
	}

	addNext(group: Group, depth: PipeliningDepth): void {
		let commands = '';
		if (this.#needsLoneDot) {
			this.#needsLoneDot = false;
			this.#expected.push('lone_dot');
			commands = '.\r\n';
		}
		if (this.#opening !== null) commands += this.#envelope(this.#opening, depth);
		group.commands(commands);
	}

	#envelope(opening: Opening<S>, depth: PipeliningDepth): string {
		let commands = '';
		if (this.#needsReset && (depth !== 'none' || this.#expected.length === 0)) {
			this.#needsReset = false;
			this.#expected.push('rset');
			commands += 'RSET\r\n';
		}
		while (opening.next !== 'content' && (depth !== 'none' || this.#expected.length === 0)) {
			this.#expected.push(opening.next);
			commands += envelopeCommand(opening, this.#capabilities);
		}
		return commands;
	}

	/** The connection is gone: settles everything that was taken and is not settled. */
	abandon(why: Break): void {
		const ending = this.#ending;
		const opening = this.#opening;
		this.#ending = null;
		this.#opening = null;
		const repliesCount = repliesAreBelieved(why.cause) && !(ending !== null && this.#looksShifted(ending));
		if (ending !== null) {
			const held = repliesCount ? ending.held : null;
			const stage = ending.isOut ? 'verdict' : 'content';
			this.#settled(ending.submission, held ?? { kind: 'broken', stage, why }, ending.startedAtMs);
		}
		if (opening !== null) {
			const refusal = repliesCount ? opening.refusal : null;
			const outcome: Outcome =
				refusal === null ? { kind: 'broken', stage: opening.stage, why } : { kind: 'rejected', ...refusal };
			this.#settled(opening.submission, outcome, opening.startedAtMs);
		}
	}

	/**
	 * A verdict, perhaps a refusal behind it, and then the end of the connection before the group was complete: replies that are shifted by one, because
	 * the true verdict was swallowed, look just like that. Unless what was taken for the verdict cannot be this server's reply to MAIL. A no with nothing
	 * behind it is believed: servers do refuse and hang up.
	 */
	#looksShifted({ held, isInDoubt }: Ending<S>): boolean {
		if (held === null) return false;
		if (held.kind !== 'accepted') return isInDoubt;
		return (isInDoubt && this.#mailShape === '') || replyShape(held.reply) === this.#mailShape;
	}

	#envelopeReply(stage: 'mail' | 'rcpt', kind: number, reply: () => Reply): string {
		const opening = this.#mustBeOpening();
		if (kind === 3) return `3yz to ${stage.toUpperCase()}`;
		if (kind !== 2) {
			opening.refusal ??= { stage, reply: reply() };
			if (this.#ending !== null) this.#ending.isInDoubt = true;
		} else if (stage === 'rcpt' && opening.refusal !== null) {
			// RFC 5321 §4.1.4: without a sender no recipient can be taken. One of the two replies belongs to another command.
			return 'a recipient was accepted after its sender was refused';
		} else if (stage === 'mail') {
			opening.mailAccepted = true;
			if (this.#mailShape === '' && this.#ending === null) this.#mailShape = replyShape(reply());
		}
		opening.stage = stage === 'mail' ? 'rcpt' : 'data';
		// Command by command nothing more is written for a refused envelope, so its story ends here.
		if (opening.refusal !== null && this.#expected.length === 0) this.#settleRefused(opening);
		return '';
	}

	#dataReply(code: number, reply: () => Reply): string {
		const opening = this.#mustBeOpening();
		if (code !== 354 && code < 400) return `${code} where 354 is due`;
		this.#releaseHeldVerdict();
		// Whoever heard the verdict may have dropped the connection, and with it this transaction.
		if (this.#opening !== opening) return '';
		opening.stage = 'content';
		if (code !== 354) opening.refusal ??= { stage: 'data', reply: reply() };
		if (opening.refusal === null) {
			opening.goAhead = true;
			return '';
		}
		this.#needsLoneDot = code === 354;
		this.#settleRefused(opening);
		return '';
	}

	#settleRefused(opening: Opening<S>): void {
		if (opening.refusal === null) throw new Error('an envelope without refusal cannot be settled as refused');
		this.#opening = null;
		this.#needsReset = opening.mailAccepted;
		this.#settled(opening.submission, { kind: 'rejected', ...opening.refusal }, opening.startedAtMs);
	}

	#verdict(kind: number, reply: () => Reply): string {
		if (this.#ending === null) throw new Error('a verdict is due, but no message was ended');
		if (kind === 3) return '3yz to the final dot';
		this.#ending.held =
			kind === 2 ? { kind: 'accepted', reply: reply() } : { kind: 'rejected', stage: 'verdict', reply: reply() };
		if (this.#expected.length === 0) this.#releaseHeldVerdict();
		return '';
	}

	#releaseHeldVerdict(): void {
		const ending = this.#ending;
		if (ending === null || ending.held === null) return;
		this.#ending = null;
		this.#settled(ending.submission, ending.held, ending.startedAtMs);
	}

	#mustBeOpening(): Opening<S> {
		if (this.#opening === null) throw new Error('no envelope is open');
		return this.#opening;
	}
}
