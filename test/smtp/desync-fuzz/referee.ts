/**
 * Judges one session by its transcript and the truth, knowing nothing of how the client works.
 *
 * What no client can see is excused, and only that. A wrong conclusion about a message is excused when its end was answered, as far as any client can
 * tell: matched with the commands by their order, the replies that had arrived were those of an honest server (each after its command, each of a kind
 * that may answer it, none too many), the reply in the verdict's place says what the client concluded, and the commands written behind the dot were
 * answered in full, or the server ended the connection first.
 *
 * Of messages that fly whole (RFC 3030) the commands behind are too many to wait for; the RSET behind has to be answered, in the words in which this
 * server answers RSET, or the server ended the connection first.
 *
 * Some things a client can know even so, and they have no excuse: the server's own words to MAIL are no verdict; a no with another no behind it may be
 * the replies to MAIL and RCPT of the next message, its own verdict swallowed; in a message that flies the words to any other command are no verdict;
 * and command by command, where nothing but words tells BDAT's replies apart, RSET behind a content shows that a stray came before it.
 */
import type { Outcome } from '../../../src/smtp/outcome.ts';
import { plainWords, type WireReply } from './mishaps.ts';
import { endsContent, showOutcome, type Transcript, type TranscriptEvent } from './transcript.ts';
import type { Truth } from './truth.ts';
import { type Place, soundsLikeAnother, type View, viewOf } from './view.ts';

/** What no client can see. */
export type Excuse =
	/** The server said no to what it took, or yes to what it did not: its verdict itself was changed. */
	| 'the verdict itself was false'
	/** A reply that nothing asked for stood where the verdict was due, after our content had gone out. */
	| 'a stray reply in place of the verdict'
	/** The verdict was lost or late, and something else filled the gap: two faults that cancel out. */
	| 'two faults that cancel out'
	/** The server took the recipient, said no to it, and then gave the go-ahead: the lone dot that RFC 2920 §3.1 asks for is an empty message to it. */
	| 'the reply to RCPT itself was false'
	/** RFC 5321 §3.8: after 421 the server hears nothing more. This one took what stood behind it. */
	| 'it said that it closes, and went on'
	/** A stray moved all replies by one, and the one in the place of the reply to RSET has the same words. */
	| 'its replies are all alike'
	/** It waited for commands: what stood in the place of its no to DATA, or to BDAT without octets, was a yes. */
	| 'the go-ahead itself was false';

const wentOn: Excuse = 'it said that it closes, and went on';

export interface Judgement {
	readonly violations: readonly string[];
	readonly excuses: readonly Excuse[];
	/** Messages whose truth is excused: nothing that happens to them later says anything. */
	readonly excused: ReadonlySet<string>;
	/** Messages that certainly were not sent, or were refused for now: these may go out again. */
	readonly mayBeTriedAgain: ReadonlySet<string>;
	/** Messages accepted rightly. */
	readonly accepted: number;
	/** Messages of which the client says that it does not know. Always allowed. */
	readonly unknown: number;
}

/** `faults`: how many mishaps befell this session's replies. */
export function judgeSession(transcript: Transcript, truth: Truth, faults: number): Judgement {
	const violations: string[] = [];
	const excuses: Excuse[] = [];
	const excused = new Set<string>();
	const mayBeTriedAgain = new Set<string>();
	let accepted = 0;
	let unknown = 0;
	for (const [at, event] of transcript.events.entries()) {
		if (event.kind !== 'settled') continue;
		const { recipient, outcome } = event;
		const isTaken = truth.hasTaken(recipient);
		if (isSafeToRepeat(outcome)) mayBeTriedAgain.add(recipient);
		if (outcome.kind === 'broken' && outcome.stage === 'verdict') unknown += 1;
		const isEmptied = truth.emptied.delete(recipient);
		if (isBehindFarewell(outcome, transcript.events.slice(0, at), recipient)) {
			violations.push(`${recipient} went out whole and stood behind a 421, and is called unknown`);
		}
		const isWrong = (outcome.kind === 'accepted' && !isTaken) || (deniesTheDot(outcome) && isTaken) || isEmptied;
		if (outcome.kind === 'accepted' && !isWrong) accepted += 1;
		if (!isWrong) continue;
		const excuse = excuseFor(transcript.events, { at, recipient, outcome, takenAt: truth.takenAt(recipient), faults });
		if (excuse === null) {
			violations.push(
				`${recipient}: ${showOutcome(outcome)}, but the server ${isEmptied ? 'took an empty message' : isTaken ? 'took it' : 'never took it'}`,
			);
		} else {
			// One lie about closing excuses all that stood behind it.
			if (excuse !== wentOn || !excuses.includes(wentOn)) excuses.push(excuse);
			excused.add(recipient);
		}
	}
	return { violations, excuses, excused, mayBeTriedAgain, accepted, unknown };
}

/** For a content that went to a server that waited for commands: was the go-ahead that the client read not the server's own? */
export function excuseForLeak(transcript: Transcript): Excuse | null {
	for (const [at, event] of transcript.events.entries()) {
		if (event.kind !== 'read') continue;
		const view = viewOf(transcript.events, { until: at + 1, recipient: '' });
		const place = view?.places.find(({ reply }) => reply === event.reply);
		if (place?.command !== 'BDAT' && place?.command !== 'DATA') continue;
		const { truth, code } = event.reply;
		const isItsOwn = truth?.command === place.command && truth.code === code;
		if (code < 400 && !isItsOwn) return 'the go-ahead itself was false';
	}
	return null;
}

/** RFC 5321 §3.8: what stands behind a 421 was not taken, and is not unknown. */
function isBehindFarewell(outcome: Outcome, events: readonly TranscriptEvent[], recipient: string): boolean {
	if (outcome.kind !== 'broken' || outcome.stage !== 'verdict' || outcome.why.cause !== 'service_closing') return false;
	return events.some((event) => event.kind === 'wrote' && event.command === 'LAST' && event.recipient === recipient);
}

/** Says that the message is not at the server. */
function deniesTheDot(outcome: Outcome): boolean {
	return outcome.kind === 'rejected' || (outcome.kind === 'broken' && outcome.stage !== 'verdict');
}

/** As judge() of delivery: a passing no, or a break before the dot. */
function isSafeToRepeat(outcome: Outcome): boolean {
	return outcome.kind === 'rejected' ? outcome.reply.code < 500 : deniesTheDot(outcome);
}

interface Settled {
	readonly at: number;
	readonly recipient: string;
	readonly outcome: Outcome;
	readonly takenAt: number;
	readonly faults: number;
}

function excuseFor(events: readonly TranscriptEvent[], settled: Settled): Excuse | null {
	const { at, recipient, outcome } = settled;
	const view = viewOf(events, { until: at, recipient });
	if (view === null) return null;
	const end = view.places.findLast((place) => place.recipient === recipient && endsContent(place.command));
	if (end?.command === 'LAST' && end.reply === null) return unansweredLast(view, settled);
	// 500 to 504 to a last chunk are a no to the command: that, too, says that the message was not taken.
	const isBdatRefused = outcome.kind === 'broken' && outcome.why.cause === 'chunking_refused';
	if (outcome.kind === 'broken' && !isBdatRefused) return null;
	if (outcome.kind === 'rejected' && (outcome.stage === 'mail' || outcome.stage === 'rcpt')) {
		return falseEnvelope(view, settled);
	}
	if (outcome.kind === 'rejected' && outcome.stage !== 'verdict') return null;
	// Only a verdict can be mistaken. Who never wrote the dot, or heard nothing, has no excuse.
	const reply = end?.reply;
	const code = outcome.kind === 'broken' ? outcome.why.reply?.code : outcome.reply.code;
	if (end === undefined || reply === undefined || reply === null || reply.code !== code) return null;
	if (!isConfirmed(view, end) && !view.hasEnded) return null;
	const isFlown = end.command === 'LAST' && end.isBehind;
	if (isFlown && outcome.kind === 'accepted' && soundsLikeAnother(view.places, end)) return null;
	if (end.command === 'LAST' && reply === view.farewell && settled.takenAt > reply.saidAt) return wentOn;
	if (end.command === 'LAST' && !end.isBehind && !end.wasInStep) return outOfStepBefore(view, end, settled.faults);
	if (reply.truth !== null && reply.truth.recipient === recipient) return 'the verdict itself was false';
	// One to an earlier command that comes this late is a stranger, too.
	if (reply.truth === null || reply.truth.number < end.number) return 'a stray reply in place of the verdict';
	if (settled.faults < 2) return null;
	const couldKnow =
		outcome.kind === 'accepted'
			? reply.bytes === plainWords(reply.truth) && end.command === 'dot'
			: isRefusedBehind(view, end);
	return isConfirmed(view, end) || !couldKnow ? 'two faults that cancel out' : null;
}

/** Command by command, with a stray already behind it when the content went out: RSET behind it shows that, unless its words are those of the rest. */
function outOfStepBefore({ places, hasEnded }: View, { number }: Place, faults: number): Excuse | null {
	const proof = places[number + 1];
	if (proof?.command === 'RSET' && proof.isBehind && proof.reply !== null) {
		if (proof.reply.truth !== null && proof.reply.truth.command !== 'RSET') return 'its replies are all alike';
	} else if (!hasEnded) return null;
	return faults < 2 ? null : 'two faults that cancel out';
}

/** What a client has to wait for before it believes a verdict. */
function isConfirmed({ places }: View, { command, number }: Place): boolean {
	if (command === 'LAST') return places[number + 1] === undefined || places[number + 1]?.reply !== null;
	return places.every((place) => place.reply !== null);
}

/** Some no stands behind it. */
function isRefusedBehind({ places }: View, { number }: Place): boolean {
	return places.some(({ reply, number: other }) => other > number && reply !== null && isNo(reply));
}

function isNo({ code }: WireReply): boolean {
	return code >= 400 && code !== 421;
}

/** Of a message that flew and was never answered: said to be refused at its envelope before the connection ended, or to stand behind a 421. */
function unansweredLast(view: View, settled: Settled): Excuse | null {
	const { recipient, outcome, faults, takenAt } = settled;
	const { farewell } = view;
	if (farewell !== null && isTheFarewells(outcome)) {
		if (takenAt > farewell.saidAt) return wentOn;
		return faults < 2 ? null : 'two faults that cancel out';
	}
	// A no in the place of the reply to RSET, and then the end: so do servers that hang up, and what stands behind it was not taken by them.
	const isCut = outcome.kind === 'broken' && outcome.stage === 'mail' && outcome.why.cause === 'closed';
	if (farewell !== null && farewell.code !== 421 && isCut) return faults < 2 ? null : 'two faults that cancel out';
	if (outcome.kind !== 'rejected' || (outcome.stage !== 'mail' && outcome.stage !== 'rcpt')) return null;
	const place = view.places.findLast((each) => each.recipient === recipient && isOfStage(each, outcome.stage));
	// A no to the envelope that was none of the server's, and then the end in place of what would have shown it.
	const isSaid = place?.reply?.code === outcome.reply.code;
	return isSaid && view.hasEnded && faults >= 2 ? 'two faults that cancel out' : null;
}

function isTheFarewells(outcome: Outcome): boolean {
	if (outcome.kind === 'rejected') return outcome.reply.code === 421;
	return outcome.kind === 'broken' && outcome.why.cause === 'service_closing';
}

function isOfStage({ command }: Place, stage: string): boolean {
	return command.toLowerCase() === stage;
}

function falseEnvelope(view: View, { recipient, faults }: Settled): Excuse | null {
	const rcpt = view.places.findLast((place) => place.recipient === recipient && place.command === 'RCPT');
	const reply = rcpt?.reply ?? null;
	if (rcpt === undefined || reply === null) return null;
	const end = view.places.findLast((place) => place.recipient === recipient && endsContent(place.command));
	// Its content went out all the same, and was refused as well: one of the two is false, and one was needed to be believed.
	if (end?.command === 'LAST') {
		return (isConfirmed(view, end) || view.hasEnded) && faults >= 2 ? 'two faults that cancel out' : null;
	}
	if (reply.truth?.command === 'RCPT' && reply.truth.code === 250) return 'the reply to RCPT itself was false';
	return view.places.every((place) => place.reply !== null) ? 'two faults that cancel out' : null;
}
