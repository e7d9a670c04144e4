/**
 * Transactions that travel whole (RFC 3030 CHUNKING beside RFC 2920 PIPELINING): several of them are in flight, so a long line costs one round trip for
 * all of them.
 *
 *     we:     RSET MAIL RCPT BDAT n LAST <n octets>   RSET MAIL RCPT BDAT n LAST <n octets>   ...
 *     server:                                         250 250 250 verdict   250 250 250 verdict   ...
 *
 * Nothing but words tells these replies apart: there is no 354 among them. So a connection begins with a trial, command by command, that learns how this
 * server speaks, and whole transactions fly only where its verdict differs from its other replies. From then on:
 *
 * - RSET makes each transaction independent of the refusal before it, and its reply, which must have the learnt words, is what proves the step: a verdict
 *   is held until the RSET behind it was answered, and a verdict that sounds like the reply to RSET, MAIL or RCPT is one that was swallowed.
 * - The trial gives BDAT the first octet alone: a server that announces CHUNKING and does not know BDAT would take the content for commands. That octet may
 *   then stand before our next command, so that is a RSET which need not be understood.
 * - When the connection has rested, RSET goes ahead alone: a server that has hung up meanwhile gets no content, so nothing becomes unknown. Not whenever nothing
 *   is in flight: on a long line all replies to a window come together, and that would double the round trips.
 */
import { assertNever } from '../support/assert-never.ts';
import type { Capabilities } from './capabilities.ts';
import type { Submission } from './command.ts';
import { type Flight, flightCommand, newFlight, type Step, stageBeforeTheEnd } from './flight.ts';
import type { Break, Outcome, Stage } from './outcome.ts';
import { type Reply, replyText } from './reply.ts';
import { replyShape } from './reply-shape.ts';
import { type Awaited, repliesAreBelieved, type Settled, stageOf, type Transactions } from './transactions.ts';

export interface WholeTransactionsOwner<S> {
	readonly settled: Settled<S>;
	/** Whole transactions cannot be had here: says why. */
	readonly failed: (why: string) => void;
	/** Nothing of it was taken, and it can go another way over this connection. */
	readonly handBack: (submission: S) => void;
}

export class WholeTransactions<S extends Submission> implements Transactions<S> {
	readonly #owner: WholeTransactionsOwner<S>;
	readonly #capabilities: Capabilities;
	/** In the order opened. */
	readonly #flights: Flight<S>[] = [];
	/** The server's words to each command, from the trial; '' until then. */
	readonly #shapes = { rset: '', mail: '', rcpt: '' };
	/** RSET was answered twice in the same words. */
	#isSteady = false;
	#hasLearnt = false;
	/** BDAT was refused in the trial: what answers the RSET behind it does not matter. */
	#hasRefusedTrial = false;
	/** RSET was refused: when the server hangs up now, nothing behind it was carried out. */
	#isRefusingResets = false;
	/** Nothing was under way for a while. */
	#mayBeGone = true;
	/** 421 was read: what stands behind it was not taken. */
	#isClosing = false;

	constructor(capabilities: Capabilities, owner: WholeTransactionsOwner<S>) {
		this.#capabilities = capabilities;
		this.#owner = owner;
	}

	get awaited(): Awaited | undefined {
		return this.#current?.isAsked === true ? this.#current.step : undefined;
	}

	get isAboutToTell(): boolean {
		const [first, second] = this.#flights;
		return first !== undefined && first.isAsked && first.step === 'verdict' && second?.isAsked !== true;
	}

	get isQuiet(): boolean {
		return this.#flights.length === 0;
	}

	get stage(): Stage {
		return stageOf(this.#current?.step ?? 'mail');
	}

	get hasDotOut(): boolean {
		return this.#flights[0]?.isOut === true;
	}

	mayOpen(): boolean {
		const last = this.#flights.at(-1);
		return !this.#isRefusingResets && (last === undefined || (this.#hasLearnt && last.isWhole));
	}

	open(submission: S, startedAtMs: number): void {
		this.#flights.push(newFlight(submission, startedAtMs));
	}

	nextCommands(): string {
		const flight = this.#flights.at(-1);
		if (flight === undefined || flight.isPrepared || flight.isAsked) return '';
		flight.isPrepared = true;
		const isAlone = this.#flights.length === 1;
		const goesAhead = flight.step === 'rset' && this.#mayBeGone;
		if (isAlone && (goesAhead || !this.#hasLearnt)) return this.#command(flight, flight.step);
		const reset = flight.step === 'rset' ? this.#command(flight, 'rset') : '';
		return `${reset}${this.#command(flight, 'mail')}${this.#command(flight, 'rcpt')}${this.#command(flight, 'verdict')}`;
	}

	rested(): void {
		this.#mayBeGone = true;
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
		const flight = this.#current;
		if (flight === null || !flight.isAsked) return 'a reply that nothing asked for';
		if (this.#isRefusingResets) return 'RSET was refused, and more was said';
		// What went out whole has all its commands out; otherwise each waits for the reply to the one before.
		flight.isAsked = flight.isWhole && flight.step !== 'verdict' && flight.step !== 'proof';
		const kind = Math.floor(code / 100);
		if (kind === 3) return `3yz to ${commands[flight.step]}`;
		const isYes = kind === 2;
		switch (flight.step) {
			case 'rset':
				return this.#resetReply(flight, isYes, reply);
			case 'mail':
			case 'rcpt':
				return this.#envelopeReply(flight, isYes, reply);
			case 'trial':
				return this.#trialReply(flight, isYes, reply);
			case 'verdict':
				return this.#verdict(flight, isYes, reply());
			case 'proof':
				return this.#proofReply(flight, isYes, reply);
			default:
				return assertNever(flight.step);
		}
	}

	consumeServiceClosing(reply: Reply): void {
		this.#isClosing = true;
		const flight = this.#current;
		if (flight === null || !flight.isAsked || flight.step === 'rset' || flight.step === 'proof') return;
		const stage = flight.step === 'trial' ? 'data' : flight.step;
		flight.outcome = { kind: 'rejected', ...(flight.refusal ?? { stage, reply }) };
	}

	abandon(why: Break): void {
		const repliesCount = repliesAreBelieved(why.cause);
		const waiting = this.#current;
		const isTurnedAway = why.cause === 'closed' || why.cause === 'timeout';
		if (waiting?.step === 'trial' && waiting.isAsked && isTurnedAway) {
			this.#owner.failed(`BDAT was not answered (${why.message})`);
		}
		// Behind a 421, or a refused RSET and a close, nothing was carried out.
		const isCut = this.#isClosing || (this.#isRefusingResets && why.cause === 'closed');
		for (const flight of this.#flights.splice(0)) {
			const { submission, startedAtMs, refusal, step } = flight;
			const known = flight.outcome ?? (refusal === null ? null : { kind: 'rejected' as const, ...refusal });
			const isUnknown = flight.isOut && (!isCut || flight.outcome !== null);
			const stage = isUnknown ? 'verdict' : flight === waiting ? stageBeforeTheEnd(step) : 'mail';
			const outcome: Outcome = repliesCount && known !== null ? known : { kind: 'broken', stage, why };
			this.#owner.settled(submission, outcome, startedAtMs);
		}
	}

	/** The one whose replies are being read: what stands before it is only held. */
	get #current(): Flight<S> | null {
		const [first, second] = this.#flights;
		if (first === undefined) return null;
		return first.outcome === null || first.step === 'proof' ? first : (second ?? null);
	}

	#command(flight: Flight<S>, step: Step): string {
		return flightCommand(flight, step, this.#capabilities);
	}

	#resetReply(flight: Flight<S>, isYes: boolean, reply: () => Reply): string {
		// RFC 5321 §4.1.1.5: RSET is always answered 250. QUIRK: Exim counts those behind a refused recipient, and hangs up after the tenth (554 Too many
		// nonmail commands).
		if (!isYes) {
			flight.isAsked = true;
			this.#isRefusingResets = true;
			return '';
		}
		const shape = replyShape(reply());
		if (this.#shapes.rset === '') {
			// Once more, for comparison.
			this.#shapes.rset = shape;
			return '';
		}
		if (shape !== this.#shapes.rset) {
			if (this.#isSteady) return 'what answers RSET is the reply to another command';
			this.#owner.failed('its replies to one command differ from time to time');
			return this.#handBack(flight);
		}
		this.#isSteady = true;
		this.#mayBeGone = false;
		flight.step = 'mail';
		this.#tellHeld();
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
			return this.#decide(flight, { kind: 'rejected', ...flight.refusal });
		}
		flight.step = stage === 'mail' ? 'rcpt' : this.#hasLearnt ? 'verdict' : 'trial';
		return '';
	}

	#trialReply(flight: Flight<S>, isYes: boolean, reply: () => Reply): string {
		flight.step = isYes ? 'verdict' : 'proof';
		if (isYes) return '';
		this.#hasRefusedTrial = true;
		this.#owner.failed(`BDAT was refused: ${replyText(reply())}`);
		return '';
	}

	#verdict(flight: Flight<S>, isYes: boolean, reply: Reply): string {
		const { refusal } = flight;
		if (refusal !== null) {
			// Perhaps replies are shifted.
			if (isYes) return 'a message without recipient was accepted';
			return this.#decide(flight, { kind: 'rejected', ...refusal });
		}
		if (!isYes && isAboutCommand(reply.code)) {
			const message = `BDAT was refused: ${replyText(reply)}`;
			this.#owner.failed(message);
			const why: Break = { cause: 'chunking_refused', message, reply };
			return this.#decide(flight, { kind: 'broken', stage: 'content', why });
		}
		if (!isYes) return this.#decide(flight, { kind: 'rejected', stage: 'verdict', reply });
		const isLikeAnother = this.#isLikeAnother(reply);
		if (isLikeAnother && this.#hasLearnt) return 'what answers the message is the reply to another command';
		if (isLikeAnother) this.#owner.failed('its verdict is not to be told from its other replies');
		return this.#decide(flight, { kind: 'accepted', reply });
	}

	#decide(flight: Flight<S>, outcome: Outcome): '' {
		flight.outcome = outcome;
		// In the trial a RSET of its own stands behind a message: whatever came out of step before it shows there at the latest.
		if (!this.#hasLearnt && flight.isWhole) flight.step = 'proof';
		else if (this.#flights[1]?.isOut !== true) this.#tellHeld();
		return '';
	}

	#proofReply(flight: Flight<S>, isYes: boolean, reply: () => Reply): string {
		if (this.#hasRefusedTrial) return this.#handBack(flight);
		if (!isYes || replyShape(reply()) !== this.#shapes.rset) {
			return 'what answers RSET is the reply to another command';
		}
		this.#hasLearnt ||= flight.outcome?.kind === 'accepted' && !this.#isLikeAnother(flight.outcome.reply);
		this.#tellHeld();
		return '';
	}

	#tellHeld(): void {
		const [held] = this.#flights;
		if (held === undefined || held.outcome === null) return;
		this.#flights.shift();
		this.#owner.settled(held.submission, held.outcome, held.startedAtMs);
	}

	#handBack(flight: Flight<S>): '' {
		this.#flights.splice(this.#flights.indexOf(flight), 1);
		this.#owner.handBack(flight.submission);
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
