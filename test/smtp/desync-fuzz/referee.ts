/**
 * Judges one session by its transcript and the truth, knowing nothing of how the client works.
 *
 * What no client can see is excused, and only that. A wrong conclusion about a message is excused when its dot was answered, as far as any client can
 * tell: matched with the commands by their order, the replies that had arrived were those of an honest server (each after its command, each of a kind
 * that may answer it, none too many), the reply in the verdict's place says what the client concluded, and the commands written behind the dot were
 * answered in full, or the server ended the connection first.
 *
 * Two things a client can know even when the connection ends early, and they have no excuse: the server's own words to MAIL are no verdict, and a no
 * with another no behind it may be the replies to MAIL and RCPT of the next message, its own verdict swallowed.
 */
import type { Outcome } from '../../../src/smtp/outcome.ts';
import { plainWords, type WireReply } from './mishaps.ts';
import type { Truth } from './model-server.ts';
import { showOutcome, type Transcript, type TranscriptEvent } from './transcript.ts';

/** What no client can see. */
export type Excuse =
	/** The server said no to what it took, or yes to what it did not: its verdict itself was changed. */
	| 'the verdict itself was false'
	/** A reply that nothing asked for stood where the verdict was due, after our content had gone out. */
	| 'a stray reply in place of the verdict'
	/** The verdict was lost or late, and something else filled the gap: two faults that cancel out. */
	| 'two faults that cancel out'
	/** The server took the recipient, said no to it, and then gave the go-ahead: the lone dot that RFC 2920 §3.1 asks for is an empty message to it. */
	| 'the reply to RCPT itself was false';

export interface Judgement {
	readonly violations: readonly string[];
	readonly excuses: readonly Excuse[];
	/** Messages whose truth is excused: nothing that happens to them later says anything. */
	readonly excused: ReadonlySet<string>;
	/** Messages that certainly were not sent, or were refused for now: these may go out again. */
	readonly mayBeTriedAgain: ReadonlySet<string>;
	/** Messages accepted rightly. */
	readonly accepted: number;
}

export function judgeSession(transcript: Transcript, truth: Truth): Judgement {
	const violations: string[] = [];
	const excuses: Excuse[] = [];
	const excused = new Set<string>();
	const mayBeTriedAgain = new Set<string>();
	let accepted = 0;
	for (const [at, event] of transcript.events.entries()) {
		if (event.kind !== 'settled') continue;
		const { recipient, outcome } = event;
		const isTaken = truth.hasTaken(recipient);
		if (isSafeToRepeat(outcome)) mayBeTriedAgain.add(recipient);
		const isEmptied = truth.emptied.delete(recipient);
		const isWrong = (outcome.kind === 'accepted' && !isTaken) || (deniesTheDot(outcome) && isTaken) || isEmptied;
		if (outcome.kind === 'accepted' && !isWrong) accepted += 1;
		if (!isWrong) continue;
		const excuse = excuseFor(transcript.events, { at, recipient, outcome });
		if (excuse === null) {
			violations.push(
				`${recipient}: ${showOutcome(outcome)}, but the server ${isEmptied ? 'took an empty message' : isTaken ? 'took it' : 'never took it'}`,
			);
		} else {
			excuses.push(excuse);
			excused.add(recipient);
		}
	}
	return { violations, excuses, excused, mayBeTriedAgain, accepted };
}

/** Says that the message is not at the server. */
function deniesTheDot(outcome: Outcome): boolean {
	return outcome.kind === 'rejected' || (outcome.kind === 'broken' && outcome.stage !== 'verdict');
}

/** As judge() of delivery: a passing no, or a break before the dot. */
function isSafeToRepeat(outcome: Outcome): boolean {
	return outcome.kind === 'rejected' ? outcome.reply.code < 500 : deniesTheDot(outcome);
}

function excuseFor(
	events: readonly TranscriptEvent[],
	settled: { readonly at: number; readonly recipient: string; readonly outcome: Outcome },
): Excuse | null {
	const { at, recipient, outcome } = settled;
	if (outcome.kind === 'rejected' && (outcome.stage === 'mail' || outcome.stage === 'rcpt')) {
		return falseRcpt(matchInOrder(events, at), recipient);
	}
	// Only a verdict can be mistaken. Who never wrote the dot, or heard nothing, has no excuse.
	if (outcome.kind === 'broken' || (outcome.kind === 'rejected' && outcome.stage !== 'verdict')) return null;
	const view = matchInOrder(events, at);
	if (view === null) return null;
	const found = view.verdicts.get(recipient);
	if (found === undefined || found.reply.code !== outcome.reply.code) return null;
	const { reply, number, isRefusedBehind } = found;
	if (!view.isComplete && !view.hasEnded) return null;
	if (reply.truth !== null && reply.truth.recipient === recipient) return 'the verdict itself was false';
	// One to an earlier command that comes this late is a stranger, too.
	if (reply.truth === null || reply.truth.number < number) return 'a stray reply in place of the verdict';
	const couldKnow = outcome.kind === 'accepted' ? reply.bytes === plainWords(reply.truth) : isRefusedBehind;
	return view.isComplete || !couldKnow ? 'two faults that cancel out' : null;
}

function falseRcpt(view: View | null, recipient: string): Excuse | null {
	const reply = view?.rcpts.get(recipient);
	if (view === null || reply === undefined) return null;
	if (reply.truth?.command === 'RCPT' && reply.truth.code === 250) return 'the reply to RCPT itself was false';
	return view.isComplete ? 'two faults that cancel out' : null;
}

interface SeenVerdict {
	readonly reply: WireReply;
	/** Of the dot, among the commands. */
	readonly number: number;
	/** A no stood behind it. */
	isRefusedBehind: boolean;
}

interface View {
	/** Recipient -> what stood in the place of the reply to its RCPT. */
	readonly rcpts: ReadonlyMap<string, WireReply>;
	readonly verdicts: ReadonlyMap<string, SeenVerdict>;
	/** Every command written was answered. */
	readonly isComplete: boolean;
	/** The server ended the connection, or said that it will. */
	readonly hasEnded: boolean;
}

/** What an in-step client makes of everything that happened before `until`; null when no honest server would have spoken so. */
function matchInOrder(events: readonly TranscriptEvent[], until: number): View | null {
	const due: { readonly command: string; readonly recipient: string }[] = [];
	const rcpts = new Map<string, WireReply>();
	const verdicts = new Map<string, SeenVerdict>();
	let answered = 0;
	const server = new HonestServer();
	let hasEnded = false;
	for (const event of events.slice(0, until)) {
		if (event.kind === 'ended') hasEnded = true;
		if (event.kind === 'wrote') due.push(event);
		if (event.kind !== 'read') continue;
		const next = due.shift();
		if (hasEnded || (next === undefined && event.reply.code !== 421)) return null;
		const { code } = event.reply;
		if (code >= 400 && code !== 421) for (const verdict of verdicts.values()) verdict.isRefusedBehind = true;
		if (next?.command === 'RCPT') rcpts.set(next.recipient, event.reply);
		if (next?.command === 'dot' && next.recipient !== '') {
			verdicts.set(next.recipient, { reply: event.reply, number: answered, isRefusedBehind: false });
		}
		answered += 1;
		// RFC 5321 §3.8: nothing that comes after it counts.
		if (event.reply.code === 421) return { rcpts, verdicts, isComplete: due.length === 0, hasEnded: true };
		if (!server.maySay(next?.command ?? '', event.reply.code, next?.recipient ?? '')) return null;
	}
	return { rcpts, verdicts, isComplete: due.length === 0, hasEnded };
}

/** Which replies may answer which command (RFC 5321 §4.3.2), given what was said before. */
class HonestServer {
	#hasSender = false;

	maySay(command: string, code: number, recipient: string): boolean {
		const isYes = code >= 200 && code < 300;
		const isNo = code >= 400 && code < 600;
		switch (command) {
			case 'MAIL':
				this.#hasSender = isYes;
				return isYes || isNo;
			case 'RCPT':
				return isNo || (isYes && this.#hasSender);
			case 'DATA':
				return isNo || code === 354;
			case 'dot':
				return isNo || (isYes && recipient !== '');
			case 'RSET':
				return isYes;
			default:
				return isYes;
		}
	}
}
