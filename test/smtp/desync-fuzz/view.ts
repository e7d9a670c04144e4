/** A connection as a client sees it that matches replies with commands by their order, and whether any honest server would have spoken so. */
import { HonestServer } from './honest-server.ts';
import type { WireReply } from './mishaps.ts';
import type { Command } from './model-server.ts';
import { endsContent, type TranscriptEvent } from './transcript.ts';

/** A command that was written, and what stands in the place of its reply. */
export interface Place {
	readonly command: Command;
	/** Of the transaction that it belongs to, where there is one. */
	recipient: string;
	/** Among the commands of the connection, from 0. */
	readonly number: number;
	/** What had arrived when it was written was what the server had truly said, one reply to each command. */
	readonly wasInStep: boolean;
	/** Commands were due when it was written: it flew behind them. */
	readonly isBehind: boolean;
	reply: WireReply | null;
}

export interface View {
	readonly places: readonly Place[];
	/** The server ended the connection, or said that it will. */
	readonly hasEnded: boolean;
	/** RFC 5321 §3.8: the reply after which nothing counts; null when there was none. */
	readonly farewell: WireReply | null;
}

/**
 * Everything that happened before `until`; null when no honest server would have spoken so. What stands behind the RSET that follows the last chunk of
 * `recipient` is left out: by then the step of that message is proven as well as it can be.
 */
export function viewOf(
	events: readonly TranscriptEvent[],
	{ until, recipient }: { readonly until: number; readonly recipient: string },
): View | null {
	const places: Place[] = [];
	const server = new HonestServer();
	let read = 0;
	let isInStep = true;
	let hasEnded = false;
	let refusedReset: WireReply | null = null;
	for (const event of events.slice(0, until)) {
		if (event.kind === 'ended') hasEnded = true;
		if (event.kind === 'wrote') {
			const { length } = places;
			places.push({ ...event, number: length, wasInStep: isInStep, isBehind: read < length, reply: null });
			if (event.command === 'RCPT') nameEnvelope(places, event.recipient);
		}
		if (event.kind !== 'read') continue;
		const { reply } = event;
		const place = places[read];
		if (hasEnded || (place === undefined && reply.code !== 421)) return null;
		if (place !== undefined) place.reply = reply;
		read += 1;
		if (reply.code === 421) return { places, hasEnded: true, farewell: reply };
		if (refusedReset !== null) return null;
		const isRefusedReset = place?.command === 'RSET' && reply.code >= 400;
		if (isRefusedReset && !isBehindOctet(places, place) && !isInFront(places, place)) refusedReset = reply;
		if (place === undefined || !server.maySay(place.command, reply.code, place.recipient)) return null;
		if (refusedReset !== null) continue;
		isInStep &&= reply.truth?.number === place.number;
		const isProof = provesLast(places, place);
		if (isProof && !soundsAsAlways(places, place)) return null;
		if (isProof && places[place.number - 1]?.recipient === recipient) break;
	}
	// Some servers hang up by refusing RSET. Unless they do, it is the reply to another command.
	if (refusedReset !== null && !hasEnded) return null;
	return { places, hasEnded, farewell: refusedReset };
}

/** MAIL is written before its RCPT says whose it is. */
function nameEnvelope(places: readonly Place[], recipient: string): void {
	const mail = places.at(-2);
	if (mail?.command === 'MAIL') mail.recipient = recipient;
}

/** Nothing but RSET was said before: a server that does not know it is found out, and gets DATA. */
function isInFront(places: readonly Place[], { number }: Place): boolean {
	return places.slice(0, number).every(({ command }) => command === 'RSET');
}

/** A first octet went ahead of RSET, and was refused: perhaps it stands before RSET in one line that nobody understands. */
function isBehindOctet(places: readonly Place[], { number }: Place): boolean {
	const before = places[number - 1];
	return before?.command === 'BDAT' && before.reply !== null && before.reply.code >= 400;
}

/** RSET, written behind a last chunk that was not answered yet. */
function provesLast(places: readonly Place[], { command, number, isBehind }: Place): boolean {
	return command === 'RSET' && isBehind && places[number - 1]?.command === 'LAST';
}

/** A client that lets messages fly has heard this server's words to RSET before. */
function soundsAsAlways(places: readonly Place[], { command, reply }: Place): boolean {
	const first = places.find((place) => place.command === command && place.reply !== null)?.reply ?? null;
	return first !== null && reply !== null && wordsOf(first) === wordsOf(reply);
}

/** The reply to a last chunk has the words that an earlier command was answered with, envelopes and RSET. */
export function soundsLikeAnother(places: readonly Place[], { number, reply }: Place): boolean {
	if (reply === null) return false;
	const before = places.slice(0, number).filter(({ command }) => !endsContent(command));
	return before.some((place) => place.reply !== null && wordsOf(place.reply) === wordsOf(reply));
}

/** Without ids, however its lines end. */
function wordsOf({ bytes }: WireReply): string {
	return bytes.replaceAll(/\d+Q/g, '#').replaceAll(/\r*\n/g, '\n');
}
