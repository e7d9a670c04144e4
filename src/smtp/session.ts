/**
 * One connection after dial(): the socket around a Conversation (RFC 5321 §3.3). Reads replies, writes groups, keeps
 * deadlines, and settles everything when the connection ends, however it ends.
 *
 * The hot path is plain calls: one read and one write per message, no promise, no timer (the owner sweeps deadlines).
 */
import type { Socket } from 'node:net';
import type { Clock } from '../support/clock.ts';
import type { Capabilities } from './capabilities.ts';
import { dotStuff, type Submission } from './command.ts';
import { bigMessageBytes, Conversation, type ConversationOwner } from './conversation.ts';
import { contentSize, Group, GroupWriter } from './group.ts';
import type { Break } from './outcome.ts';
import { ReplyParser } from './parse-replies.ts';
import { readBeforeClose } from './read-before-close.ts';
import { type Reply, replyText } from './reply.ts';
import { stages } from './stages.ts';
import type { DialogueTrace } from './trace.ts';

/** Whoever feeds a session. Calls come synchronously, also from within wake(). */
export interface SessionOwner<S extends Submission> extends ConversationOwner<S> {
	/**
	 * The bytes that end the message may be handed to the socket now; asked in the tick of the write. When false the session waits, with nothing due from
	 * the server for this message, until wake() makes it ask again.
	 */
	mayEnd(submission: S): boolean;
	/** Nothing is under way and take() gave null: call wake() or finish(). */
	idle(): void;
	/** The connection is gone; every submission taken was settled before. `why` is null after a QUIT. */
	closed(why: Break | null): void;
}

export interface SessionOptions {
	/** Connected, greeted, secured and signed in; nothing unread. */
	readonly socket: Socket;
	readonly capabilities: Capabilities;
	readonly clock: Clock;
	/** Submissions to take before the session ends itself with QUIT. */
	readonly maxMessages: number;
	/** Hears what is said from now on, contents as `<5587 octets>`; null when nobody listens. */
	readonly trace: DialogueTrace | null;
}

// The body of a big message goes out in blocks of so many octets.
const blockBytes = 65_536;
const finalDot = '.\r\n';
// Nobody's message depends on the reply to QUIT.
const quitDeadlineMs = 2_000;

export class Session<S extends Submission> {
	readonly #owner: SessionOwner<S>;
	readonly #socket: Socket;
	readonly #clock: Clock;
	readonly #trace: DialogueTrace | null;
	readonly #parser = new ReplyParser();
	readonly #conversation: Conversation<S>;
	readonly #writer: GroupWriter;
	readonly #reply = (): Reply => this.#parser.reply();
	/** Monotonic; infinite while none runs. */
	#deadlineAtMs = Number.POSITIVE_INFINITY;
	/** The body of a big message is on its way, its dot is not. */
	#isSendingBody = false;
	/** Everything is ready for the final dot, and the owner does not let it go out yet: no deadline of the server's runs. */
	#isHeldBack = false;
	/** No final dot goes out any more; what has its dot out may get its verdict. Says why, '' while it does not apply. */
	#leaveReason = '';
	/** QUIT was answered: the server closes (RFC 5321 §4.1.1.10), and only then does it count one connection less. */
	#hasSaidGoodbye = false;
	#isClosed = false;
	#socketError = '';

	constructor(owner: SessionOwner<S>, options: SessionOptions) {
		const { socket, clock, capabilities, maxMessages } = options;
		this.#owner = owner;
		this.#socket = socket;
		this.#clock = clock;
		this.#trace = options.trace;
		this.#writer = new GroupWriter(socket);
		this.#conversation = new Conversation(owner, { capabilities, maxMessages, monotonicMs: clock.monotonicMs });
		socket.setNoDelay(true);
		readBeforeClose(socket);
		socket.on('data', (chunk: Buffer) => this.#read(chunk));
		socket.on('error', (error: NodeJS.ErrnoException) => {
			this.#socketError = error.code ?? error.message;
		});
		socket.on('close', () => this.#disconnected());
		socket.resume();
	}

	/** There may be something to take, or a dot that was held back may go out. */
	wake(): void {
		if (this.#isClosed || this.#hasSaidGoodbye) return;
		if (!this.#isSendingBody) return this.#advance();
		if (!this.#isHeldBack) return;
		this.#isHeldBack = false;
		setImmediate(() => this.#writeDot());
	}

	/** Take nothing more, let what is under way reach its verdict, then QUIT. */
	finish(): void {
		this.#conversation.stopTaking();
		this.wake();
	}

	/** Take nothing more on this connection; what is under way goes on. For use while the session is telling an outcome. */
	retire(): void {
		this.#conversation.stopTaking();
	}

	/**
	 * Write no final dot any more: everything but a message whose dot is out is certainly not sent. That one may still get its verdict, within its
	 * deadline; the connection is closed as soon as nothing waits for one.
	 */
	leave(reason: string): void {
		this.#leaveReason = reason;
		this.#conversation.stopTaking();
		if (!this.#conversation.hasDotOut) this.#depart();
	}

	/** Close now: what waits for its verdict becomes unknown, the rest is certainly not sent. */
	drop(message: string): void {
		this.#end({ cause: 'dropped', message, reply: null });
	}

	/** Ends the session when the server let a deadline pass. The owner calls it about once a second. */
	checkDeadline(nowMs: number): void {
		if (nowMs < this.#deadlineAtMs) return;
		if (this.#isQuitting) return this.#end(null);
		this.#end({ cause: 'timeout', message: `the server did not answer in time (${this.#doing})`, reply: null });
	}

	#read(chunk: Buffer): void {
		if (this.#trace !== null) this.#trace.server(chunk.toString('latin1'));
		if (this.#isClosed) return;
		this.#parser.push(chunk);
		for (;;) {
			const code = this.#parser.next();
			if (code === 0) break;
			if (code === -1) return this.#outOfStep(this.#parser.problem);
			this.#consume(code);
			if (this.#isClosed) return;
		}
		if (!this.#isSendingBody && !this.#hasSaidGoodbye) this.#advance();
	}

	#consume(code: number): void {
		this.#deadlineAtMs = Number.POSITIVE_INFINITY;
		if (code === 421 || this.#isSendingBody) return this.#serviceClosing();
		// One of them is a stranger, and perhaps the one in the verdict's place. A farewell may stand behind any reply.
		if (this.#conversation.isAboutToTell && this.#parser.pendingBytes > 0 && !this.#parser.isFarewellNext) {
			return this.#outOfStep(this.#stranger());
		}
		if (code >= 400 && this.#isUnasked) return this.#serviceClosing();
		const isFarewell = this.#conversation.awaited === 'quit';
		const problem = this.#conversation.consume(code, this.#reply);
		if (isFarewell) return this.#sayGoodbye();
		if (problem !== '') this.#outOfStep(`${problem}: ${replyText(this.#reply())}`);
	}

	/** QUIRK: sessions that say nothing for long are ended with 451 4.4.2 by some servers, in place of 421. It may cross our RSET. */
	get #isUnasked(): boolean {
		const { awaited, readyForContent, mayBeFarewell } = this.#conversation;
		if (this.#isHeldBack || (awaited === undefined && readyForContent === null)) return true;
		return mayBeFarewell;
	}

	/** Writes the next group, or says that there is nothing to do. */
	#advance(): void {
		if (this.#leaveReason !== '') return this.#depart();
		const conversation = this.#conversation;
		const submission = conversation.readyForContent;
		const group = new Group();
		if (submission !== null) {
			if (!this.#mayWriteContent()) return;
			if (submission.content.length > bigMessageBytes) return this.#writeBody(dotStuff(submission.content), 0);
			if (!this.#mayEnd(submission)) return;
			conversation.startEnding();
			group.content(dotStuff(submission.content));
			group.commands(finalDot);
		}
		this.#write(group);
		if (!this.#isClosed && conversation.isQuiet) this.#rest();
	}

	/** What is due, and behind it the commands that may follow. */
	#write(group: Group): void {
		this.#conversation.addNext(group);
		// The owner may have dropped this session while it was asked for more.
		if (this.#isClosed) return;
		// What flies whole has no later moment: who left or whose server half-closed while it was put together writes none of it.
		if (this.#conversation.isFlying) {
			if (this.#leaveReason !== '') return this.#depart();
			if (!this.#canWrite) return this.#disconnected();
		}
		this.#writer.write(group);
		if (this.#trace !== null && group.length > 0) this.#trace.client(group.masked);
		this.#conversation.groupIsOut();
		this.#startDeadline();
	}

	#mayEnd(submission: S): boolean {
		this.#isHeldBack = !this.#owner.mayEnd(submission);
		// The owner may have dropped this session while it was asked.
		return !this.#isHeldBack && !this.#isClosed;
	}

	/** The last moment at which a message is certainly not sent: a half-closed or talkative server gets none. */
	#mayWriteContent(): boolean {
		if (!this.#canWrite) {
			this.#disconnected();
			return false;
		}
		if (this.#parser.pendingBytes > 0) {
			this.#outOfStep('more than the reply that was due');
			return false;
		}
		return true;
	}

	get #canWrite(): boolean {
		return !this.#socket.readableEnded && this.#socket.writable;
	}

	/**
	 * A big message: body, drain, a look for a premature reply or close, and only then the dot. It goes out in blocks, each with a deadline
	 * of its own (RFC 5321 §4.5.3.2.5), so that a slow uplink may send an attachment and a server that stops reading is found out in minutes.
	 */
	#writeBody(body: Buffer, offset: number): void {
		this.#isSendingBody = true;
		if (this.#trace !== null && offset === 0) this.#trace.client(contentSize(body.length));
		this.#deadlineAtMs = this.#clock.monotonicMs() + stages.content.deadlineMs;
		const next = offset + blockBytes;
		// The callback comes when the kernel has taken the block, in the middle of a turn of the event loop; the second setImmediate comes behind the next
		// look at the socket, so that a reply or a close that is already there is read first.
		this.#socket.write(body.subarray(offset, next), (error) => {
			if (this.#isClosed || (error !== null && error !== undefined)) return;
			if (next < body.length) this.#writeBody(body, next);
			else setImmediate(() => setImmediate(() => this.#writeDot()));
		});
	}

	#writeDot(): void {
		const submission = this.#conversation.readyForContent;
		if (submission === null || !this.#mayWriteContent()) return;
		this.#deadlineAtMs = Number.POSITIVE_INFINITY;
		if (!this.#mayEnd(submission)) return;
		this.#isSendingBody = false;
		this.#conversation.startEnding();
		const group = new Group();
		group.commands(finalDot);
		this.#write(group);
	}

	/** An absolute deadline for the reply that is due; one that runs already is not extended. */
	#startDeadline(): void {
		const { awaited, stage } = this.#conversation;
		if (awaited === undefined || this.#deadlineAtMs !== Number.POSITIVE_INFINITY) return;
		const deadlineMs = awaited === 'quit' ? quitDeadlineMs : stages[stage].deadlineMs;
		this.#deadlineAtMs = this.#clock.monotonicMs() + deadlineMs;
	}

	/** For people. Of messages that fly, the reply that is due says nothing about where they are. */
	get #doing(): string {
		const { isFlying, hasDotOut, stage } = this.#conversation;
		return isFlying && hasDotOut ? 'whole messages were on their way' : stages[stage].doing;
	}

	get #isQuitting(): boolean {
		return this.#hasSaidGoodbye || this.#conversation.awaited === 'quit';
	}

	#sayGoodbye(): void {
		this.#hasSaidGoodbye = true;
		this.#deadlineAtMs = this.#clock.monotonicMs() + quitDeadlineMs;
		this.#socket.end();
	}

	/** Nothing is under way: wait for more, or leave. */
	#rest(): void {
		if (!this.#conversation.isSpent) {
			this.#conversation.rested();
			return this.#owner.idle();
		}
		this.#conversation.expectQuit();
		this.#socket.write('QUIT\r\n', 'latin1');
		if (this.#trace !== null) this.#trace.client('QUIT\r\n');
		this.#startDeadline();
	}

	/** 421 at any time, or any reply before the dot of a big message: the server will hear nothing more from us. */
	#serviceClosing(): void {
		const reply = this.#parser.reply();
		if (this.#isQuitting) return this.#end(null);
		if (this.#isSendingBody) this.#conversation.consumePremature(reply);
		else this.#conversation.consumeServiceClosing(reply);
		const what = this.#isSendingBody ? 'answered before the message was complete' : 'is closing the connection';
		this.#end({ cause: 'service_closing', message: `the server ${what}: ${replyText(reply)}`, reply });
	}

	/** What stands behind the last reply that was due. */
	#stranger(): string {
		const code = this.#parser.next();
		if (code === -1) return this.#parser.problem;
		return code === 0
			? 'more than the reply that was due'
			: `a reply that nothing asked for: ${replyText(this.#reply())}`;
	}

	#outOfStep(problem: string): void {
		this.#end({ cause: 'out_of_step', message: `the server's replies are out of step: ${problem}`, reply: null });
	}

	/** Everything that may not be waited for is given up: the rest of leave(). */
	#depart(): void {
		if (this.#conversation.hasDotOut) return this.#startDeadline();
		this.#end(this.#isQuitting ? null : { cause: 'dropped', message: this.#leaveReason, reply: null });
	}

	#disconnected(): void {
		if (this.#isQuitting) return this.#end(null);
		const how =
			this.#socketError === '' ? 'the server closed the connection' : `the connection broke (${this.#socketError})`;
		this.#end({ cause: 'closed', message: `${how} while ${this.#doing}`, reply: null });
	}

	/** The only way out: settles what was taken, once, and tells the owner. */
	#end(why: Break | null): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#deadlineAtMs = Number.POSITIVE_INFINITY;
		if (this.#trace !== null) this.#trace.note(why === null ? 'closed' : `closed: ${why.message}`);
		this.#socket.destroy();
		this.#conversation.abandon(why ?? { cause: 'closed', message: 'the session was ended', reply: null });
		this.#owner.closed(why);
	}
}
