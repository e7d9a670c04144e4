/**
 * Transactions that travel whole (RFC 3030 CHUNKING beside RFC 2920 PIPELINING): several of them are in flight, so a long line costs one round trip for
 * all of them.
 *
 *     we:     MAIL RCPT BDAT n LAST <n octets> RSET   MAIL RCPT BDAT n LAST <n octets> RSET   ...
 *     server:                                         250 250 verdict 250   250 250 verdict 250   ...
 *
 * Nothing but words tells these replies apart: there is no 354 among them. So a connection begins with a trial, command by command, that learns how this
 * server speaks, and whole transactions fly only where its verdict differs from its other replies. From then on:
 *
 * - The RSET at the end makes the next transaction independent of a refusal, and its reply, which must have the learnt words, is what proves the step: no
 *   verdict is told before it, and a verdict that sounds like the reply to RSET, MAIL or RCPT is one that was swallowed.
 * - The trial gives BDAT the first octet alone: a server that announces CHUNKING and does not know BDAT would take the content for commands. That octet may
 *   then stand before our next command, so that is a RSET which need not be understood.
 * - When the connection has rested, RSET goes ahead alone: a server that has hung up meanwhile gets no content, so nothing becomes unknown.
 */
import { assertNever } from '../support/assert-never.ts';
import type { Capabilities } from './capabilities.ts';
import type { Submission } from './command.ts';
import { addFlightCommand, type Flight, newFlight, type Step, stageBeforeTheEnd } from './flight.ts';
import type { Group } from './group.ts';
import type { Break, Outcome, Stage } from './outcome.ts';
import { type Reply, replyText } from './reply.ts';
import { replyShape } from './reply-shape.ts';
import { type Awaited, repliesAreBelieved, type Settled, stageOf, type Transactions } from './transactions.ts';

export interface WholeTransactionsOwner<S> {
	readonly settled: Settled<S>;
	/** Whole transactions cannot be had here: says why. */
	readonly failed: (why: string) => void;
	/** Nothing of it was taken, and it can go another way over this connection; `hasBegun`: the server has its envelope. */
	readonly handBack: (submission: S, left: { readonly hasBegun: boolean }) => void;
}

export class WholeTransactions<S extends Submission> implements Transactions<S> {
	readonly #owner: WholeTransactionsOwner<S>;
	readonly #capabilities: Capabilities;
	/** In the order opened; the replies that come are those of the first. */
	readonly #flights: Flight<S>[] = [];
	/** The server's words to each command, from the trial; '' until then. */
	readonly #shapes = { rset: '', mail: '', rcpt: '' };
	/** RSET goes ahead alone: the server may have hung up, or has not forgotten the last envelope. */
	#needsReset = true;
	#hasLearnt = false;
	/** RSET was refused: when the server hangs up now, nothing behind it was carried out. */
	#isRefusingResets = false;
	/** 421 was read: what stands behind it was not taken. */
	#isClosing = false;

	constructor(capabilities: Capabilities, owner: WholeTransactionsOwner<S>) {
		this.#capabilities = capabilities;
		this.#owner = owner;
	}

	get awaited(): Awaited | undefined {
		const [first] = this.#flights;
		return first?.isAsked === true ? first.step : undefined;
	}

	get isAboutToTell(): boolean {
		const [first, second] = this.#flights;
		return first?.isAsked === true && first.step === 'proof' && second?.isAsked !== true;
	}

	get isQuiet(): boolean {
		return this.#flights.length === 0;
	}

	get stage(): Stage {
		return stageOf(this.#flights[0]?.step ?? 'mail');
	}

	get hasDotOut(): boolean {
		return this.#flights[0]?.isOut === true;
	}

	get mayBeFarewell(): boolean {
		return this.#hasLearnt && this.awaited === 'rset';
	}

	/** Nothing was under way for a while, or not in this way. */
	rested(): void {
		this.#needsReset = true;
	}

	mayOpen(): boolean {
		const last = this.#flights.at(-1);
		return !this.#isRefusingResets && (last === undefined || (this.#hasLearnt && last.isWhole));
	}

	open(submission: S, startedAtMs: number): void {
		this.#flights.push(newFlight(submission, startedAtMs, this.#needsReset ? 'rset' : 'mail'));
	}

	addNext(group: Group): void {
		const flight = this.#flights.at(-1);
		if (flight === undefined || flight.isPrepared || flight.isAsked) return;
		flight.isPrepared = true;
		for (const step of this.#stepsFrom(flight.step)) {
			addFlightCommand(group, { flight, step, capabilities: this.#capabilities });
		}
	}

	groupIsOut(): void {
		for (const flight of this.#flights) {
			if (!flight.isPrepared) continue;
			flight.isPrepared = false;
			flight.isAsked = true;
			flight.isOut = flight.isWhole;
		}
	}

	consume(code: number, reply: () => Reply): string {
		const [flight] = this.#flights;
		if (flight === undefined || !flight.isAsked) return 'a reply that nothing asked for';
		if (this.#isRefusingResets) return 'RSET was refused, and more was said';
		// What went out whole has all its commands out; otherwise each waits for the reply to the one before.
		flight.isAsked = flight.isWhole;
		const kind = Math.floor(code / 100);
		if (kind === 3) return `3yz to ${commands[flight.step]}`;
		const isYes = kind === 2;
		switch (flight.step) {
			case 'rset':
				return this.#resetReply(flight, isYes, reply());
			case 'mail':
			case 'rcpt':
				return this.#envelopeReply(flight, isYes, reply);
			case 'trial':
				return this.#trialReply(flight, isYes, reply);
			case 'verdict':
				return this.#verdict(flight, isYes, reply());
			case 'proof':
				return this.#proofReply(flight, code, reply);
			default:
				return assertNever(flight.step);
		}
	}

	consumeServiceClosing(reply: Reply): void {
		this.#isClosing = true;
		const [flight] = this.#flights;
		if (flight === undefined || !flight.isAsked || flight.step === 'rset' || flight.step === 'proof') return;
		const stage = flight.step === 'trial' ? 'data' : flight.step;
		flight.outcome = { kind: 'rejected', ...(flight.refusal ?? { stage, reply }) };
	}

	abandon(why: Break): void {
		const repliesCount = repliesAreBelieved(why.cause);
		const [first] = this.#flights;
		const isTurnedAway = why.cause === 'closed' || why.cause === 'timeout';
		if (first?.step === 'trial' && first.isAsked && isTurnedAway) {
			this.#owner.failed(`BDAT was not answered (${why.message})`);
		}
		// Behind a 421, or a refused RSET and a close, nothing was carried out.
		const isCut = this.#isClosing || (this.#isRefusingResets && why.cause === 'closed');
		// Once is enough to rely on that: had it read ahead and gone on, every connection would double some.
		if (isCut && this.#flights[1]?.isOut === true)
			this.#owner.failed('it closed the connection with messages in flight');
		for (const flight of this.#flights.splice(0)) {
			const { submission, startedAtMs, refusal, isOut } = flight;
			const known = flight.outcome ?? (refusal === null ? null : { kind: 'rejected' as const, ...refusal });
			const stageIfUnsent = flight === first ? stageBeforeTheEnd(flight.step) : 'mail';
			const stage = isOut && (!isCut || flight.outcome !== null) ? 'verdict' : stageIfUnsent;
			const outcome: Outcome = repliesCount && known !== null ? known : { kind: 'broken', stage, why };
			this.#owner.settled(submission, outcome, startedAtMs);
		}
	}

	/** What goes out together. */
	#stepsFrom(step: Step): readonly Step[] {
		if (step === 'verdict') return ['verdict', 'proof'];
		return step === 'mail' && this.#hasLearnt ? ['mail', 'rcpt', 'verdict', 'proof'] : [step];
	}

	#resetReply(flight: Flight<S>, isYes: boolean, reply: Reply): string {
		if (!isYes) {
			this.#owner.failed(`RSET was refused: ${replyText(reply)}`);
			return this.#handBack(flight);
		}
		const shape = replyShape(reply);
		if (this.#shapes.rset === '') {
			// Once more, for comparison.
			this.#shapes.rset = shape;
			return '';
		}
		if (shape !== this.#shapes.rset) {
			if (this.#hasLearnt) return 'what answers RSET is the reply to another command';
			this.#owner.failed('its replies to one command differ from time to time');
			return this.#handBack(flight);
		}
		this.#needsReset = false;
		flight.step = 'mail';
		return '';
	}

	#envelopeReply(flight: Flight<S>, isYes: boolean, reply: () => Reply): string {
		const stage = flight.step === 'mail' ? 'mail' : 'rcpt';
		if (!isYes) flight.refusal ??= { stage, reply: reply() };
		// RFC 5321 §4.1.4: without a sender no recipient can be taken. One of the two replies belongs to another command.
		else if (flight.refusal !== null) return 'a recipient was accepted after its sender was refused';
		else if (!this.#hasLearnt) this.#shapes[stage] = replyShape(reply());
		// Command by command nothing more is written for a refused envelope, so its story ends here.
		if (!flight.isWhole && flight.refusal !== null) {
			this.#needsReset = true;
			return this.#tell(flight, { kind: 'rejected', ...flight.refusal });
		}
		flight.step = stage === 'mail' ? 'rcpt' : this.#hasLearnt ? 'verdict' : 'trial';
		return '';
	}

	#trialReply(flight: Flight<S>, isYes: boolean, reply: () => Reply): string {
		flight.step = isYes ? 'verdict' : 'proof';
		if (isYes) return '';
		this.#owner.failed(`BDAT was refused: ${replyText(reply())}`);
		return '';
	}

	#verdict(flight: Flight<S>, isYes: boolean, reply: Reply): string {
		flight.step = 'proof';
		const { refusal } = flight;
		if (refusal !== null) {
			// Perhaps replies are shifted.
			if (isYes) return 'a message without recipient was accepted';
			flight.outcome = { kind: 'rejected', ...refusal };
		} else if (isYes) {
			const isLikeAnother = this.#isLikeAnother(reply);
			if (isLikeAnother && this.#hasLearnt) return 'what answers the message is the reply to another command';
			if (isLikeAnother) this.#owner.failed('its verdict is not to be told from its other replies');
			flight.outcome = { kind: 'accepted', reply };
		} else if (isAboutCommand(reply.code)) {
			const message = `BDAT was refused: ${replyText(reply)}`;
			this.#owner.failed(message);
			flight.outcome = { kind: 'broken', stage: 'content', why: { cause: 'chunking_refused', message, reply } };
		} else {
			flight.outcome = { kind: 'rejected', stage: 'verdict', reply };
		}
		return '';
	}

	#proofReply(flight: Flight<S>, code: number, reply: () => Reply): string {
		const { outcome } = flight;
		// BDAT was refused in the trial: what answers the RSET behind it does not matter.
		if (outcome === null) return this.#handBack(flight);
		// QUIRK: Exim counts the RSETs behind refused recipients, and hangs up after the tenth (554 Too many nonmail commands).
		if (code === 554) {
			this.#isRefusingResets = true;
			flight.isAsked = true;
			return '';
		}
		if (code >= 400 || replyShape(reply()) !== this.#shapes.rset)
			return 'what answers RSET is the reply to another command';
		this.#hasLearnt ||= outcome.kind === 'accepted' && !this.#isLikeAnother(outcome.reply);
		return this.#tell(flight, outcome);
	}

	#tell(flight: Flight<S>, outcome: Outcome): '' {
		this.#flights.shift();
		this.#owner.settled(flight.submission, outcome, flight.startedAtMs);
		return '';
	}

	#handBack(flight: Flight<S>): '' {
		this.#flights.shift();
		this.#owner.handBack(flight.submission, { hasBegun: flight.step === 'proof' });
		return '';
	}

	#isLikeAnother(reply: Reply): boolean {
		const { rset, mail, rcpt } = this.#shapes;
		return [rset, mail, rcpt].includes(replyShape(reply));
	}
}

const commands: Readonly<Record<Step, string>> = {
	rset: 'RSET',
	mail: 'MAIL',
	rcpt: 'RCPT',
	trial: 'BDAT',
	verdict: 'BDAT',
	proof: 'RSET',
};

/** RFC 5321 §4.2.2: 500 to 504 speak of the command, not of the message. */
function isAboutCommand(code: number): boolean {
	return code >= 500 && code <= 504;
}
