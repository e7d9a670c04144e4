/**
 * The state of one connection's transactions, without the connection: takes submissions, and carries them out whole (whole-transactions.ts) where the
 * server is able to, otherwise with a dot (dot-transactions.ts). One way at a time: it changes when nothing is in flight.
 */
import type { Capabilities } from './capabilities.ts';
import type { Submission } from './command.ts';
import { DotTransactions } from './dot-transactions.ts';
import type { Group } from './group.ts';
import type { Break, Outcome, Stage } from './outcome.ts';
import type { PipeliningDepth } from './pipelining-depth.ts';
import type { Reply } from './reply.ts';
import type { Awaited, Transactions } from './transactions.ts';
import { WholeTransactions } from './whole-transactions.ts';

/** Where submissions come from and where their outcomes go. */
export interface ConversationOwner<S extends Submission> {
	/** The next submission that may go out now, or null. */
	take(): S | null;
	/** The bytes that end the message may be written now. Whoever says no has the conversation asked again when it has changed. */
	mayEnd(submission: S): boolean;
	/** Called once for each submission taken, in the order taken. `startedAtMs` is monotonic: when its MAIL was written. */
	settled(submission: S, outcome: Outcome, startedAtMs: number): void;
	/** Read each time a group is written, so that one connection's lesson is obeyed by all. */
	depth(): PipeliningDepth;
	/** Whole transactions are not to be had on this server, for people: `BDAT was refused: 502 ...`. */
	chunkingFailed(why: string): void;
}

export interface ConversationOptions {
	readonly capabilities: Capabilities;
	readonly maxMessages: number;
	readonly monotonicMs: () => number;
}

/** Past this a message goes out alone, its body first and its dot only after a look for a premature reply (design.md §3). */
export const bigMessageBytes = 65_536;
// So much of a window is put together in one turn of the event loop; the rest follows with the next reply.
const mostAtOnce = 262_144;

export class Conversation<S extends Submission> {
	readonly #owner: ConversationOwner<S>;
	readonly #monotonicMs: () => number;
	readonly #capabilities: Capabilities;
	readonly #dotted: DotTransactions<S>;
	readonly #whole: WholeTransactions<S>;
	#way: Transactions<S>;
	#messagesLeft: number;
	/** Taken, and not begun: it waits until it may end, or until its way is free. */
	#waiting: S | null = null;
	#hasFailedToFly = false;
	/** What flew last may have left something that the server must forget. */
	#needsReset = true;
	#isQuitting = false;

	constructor(owner: ConversationOwner<S>, { capabilities, maxMessages, monotonicMs }: ConversationOptions) {
		this.#owner = owner;
		this.#monotonicMs = monotonicMs;
		this.#messagesLeft = maxMessages;
		this.#capabilities = capabilities;
		const settled = (submission: S, outcome: Outcome, startedAtMs: number) =>
			this.#owner.settled(submission, outcome, startedAtMs);
		this.#dotted = new DotTransactions(capabilities, settled);
		this.#whole = new WholeTransactions(capabilities, {
			settled,
			failed: (why) => {
				this.#hasFailedToFly = true;
				this.#owner.chunkingFailed(why);
			},
			handBack: (submission, { hasBegun }) => {
				this.#waiting = submission;
				this.#needsReset = hasBegun;
			},
		});
		this.#way = this.#dotted;
	}

	/** The command whose reply is due next. */
	get awaited(): Awaited | undefined {
		return this.#isQuitting ? 'quit' : this.#way.awaited;
	}

	/** The next reply releases a verdict: nothing is due behind it that could still show it to be another command's. */
	get isAboutToTell(): boolean {
		return this.#way.isAboutToTell;
	}

	get isQuiet(): boolean {
		return this.#waiting === null && !this.#isQuitting && this.#way.isQuiet;
	}

	/** No submission will be taken any more. */
	get isSpent(): boolean {
		return this.#messagesLeft === 0;
	}

	get stage(): Stage {
		return this.#way.stage;
	}

	/** The submission whose content is due: its 354 has come. */
	get readyForContent(): S | null {
		return this.#dotted.readyForContent;
	}

	/** A verdict is due, or is held until what is behind it is known to be in step. */
	get hasDotOut(): boolean {
		return this.#way.hasDotOut;
	}

	get mayBeFarewell(): boolean {
		return this.#way.mayBeFarewell;
	}

	/** Messages go out whole, content and all. */
	get isFlying(): boolean {
		return this.#way === this.#whole && !this.#whole.isQuiet;
	}

	/** Take no further submission. */
	stopTaking(): void {
		this.#messagesLeft = 0;
	}

	/** Matches one reply (not 421) with its command, by order. Gives '' when it is in step, otherwise what is wrong. */
	consume(code: number, reply: () => Reply): string {
		return this.#isQuitting ? '' : this.#way.consume(code, reply);
	}

	/** 421 may answer anything, or nothing: the server is closing the channel (RFC 5321 §3.8). Abandon what is open afterwards. */
	consumeServiceClosing(reply: Reply): void {
		this.#way.consumeServiceClosing(reply);
	}

	/** A refusal that came while the content was being written: the dot will not follow, so it is a plain no. */
	consumePremature(reply: Reply): void {
		this.#dotted.consumePremature(reply);
	}

	/** The final dot joins the bytes about to be written. */
	startEnding(): void {
		this.#dotted.startEnding();
	}

	/** What addNext() gave, and the dot before it, was handed to the socket. */
	groupIsOut(): void {
		this.#way.groupIsOut();
	}

	/** Nothing is under way, and nothing will be before the owner wakes the session. */
	rested(): void {
		this.#whole.rested();
	}

	expectQuit(): void {
		this.#isQuitting = true;
	}

	/** Adds as much as may be written now, behind whatever was written before. */
	addNext(group: Group): void {
		const depth = this.#depth();
		this.#way.addNext(group, depth);
		while (group.length < mostAtOnce && this.#mayOpen(depth)) {
			const submission = this.#waiting ?? this.#take();
			this.#waiting = submission;
			if (submission === null || !this.#chooseWay(submission, depth)) break;
			if (this.#way === this.#whole && !this.#owner.mayEnd(submission)) break;
			// Whoever was asked may have dropped the connection, and with it what waited.
			if (this.#waiting !== submission) break;
			this.#waiting = null;
			this.#way.open(submission, this.#monotonicMs());
			this.#way.addNext(group, depth);
		}
	}

	/** The connection is gone: settles everything that was taken and is not settled. */
	abandon(why: Break): void {
		const waiting = this.#waiting;
		this.#waiting = null;
		this.#way.abandon(why);
		if (waiting !== null) this.#owner.settled(waiting, { kind: 'broken', stage: 'mail', why }, this.#monotonicMs());
	}

	#depth(): PipeliningDepth {
		if (!this.#capabilities.pipelining) return 'none';
		const depth = this.#owner.depth();
		const canFly = this.#capabilities.chunking && !this.#hasFailedToFly;
		return depth === 'whole_transactions' && !canFly ? 'across_messages' : depth;
	}

	#mayOpen(depth: PipeliningDepth): boolean {
		if (this.#waiting === null && this.#messagesLeft === 0) return false;
		const wanted = depth === 'whole_transactions' ? this.#whole : this.#dotted;
		return wanted === this.#way ? wanted.mayOpen(depth) : this.#way.isQuiet;
	}

	/** False: not yet, the other way is in use. */
	#chooseWay({ content }: S, depth: PipeliningDepth): boolean {
		const way = depth === 'whole_transactions' && content.length <= bigMessageBytes ? this.#whole : this.#dotted;
		if (way === this.#way) return true;
		if (!this.#way.isQuiet) return false;
		if (way === this.#dotted && this.#needsReset) this.#dotted.begin();
		// Whatever was lost or false in the way before shows at a RSET that goes ahead alone.
		if (way === this.#whole) this.#whole.rested();
		this.#way = way;
		return true;
	}

	#take(): S | null {
		const submission = this.#owner.take();
		if (submission !== null) this.#messagesLeft -= 1;
		return submission;
	}
}
