/**
 * The inbound counterpart of send.ts: what came back, matched with what was sent, and written into its log once.
 *
 *     Told (a mail, an event) ──> matchOf ──> a row of the log; whoever is matched may be suppressed
 *                                    ^
 *                  findSent: what the log knows of those that are spoken of
 *
 * Anybody may send a mail that looks like a bounce. What proves one is a signed envelope sender (VERP) or the Message-ID, which nobody but the recipient
 * and the servers on the way has seen. An address and a time prove little, so they count only where the envelope senders were not signed.
 */
import type { RecipientReport } from './bounces/returned/returned-mail.ts';
import { parseAddress } from './recipients/parse-address.ts';
import type { CampaignLog } from './results/campaign-log.ts';
import type { RunFacts } from './results/log-columns.ts';
import {
	type FoundInLog,
	findSent,
	foldAddress,
	prefixLength,
	type SentMessage,
	type Wanted,
} from './results/returned/find-sent.ts';
import { noticeIdentity, type ReturnedFact, returnedRow } from './results/returned/returned-row.ts';
import type { FileSystem } from './support/file-system.ts';

/** What one mail or event says of one recipient. */
export interface Told {
	readonly report: RecipientReport;
	readonly source: ReturnedFact['source'];
	/** Names the mail or event for good: the same when it is read again. */
	readonly noticeId: string;
	/** Of the message that came back, with angle brackets, or ''. */
	readonly messageId: string;
	/** What the relay called that message, or ''. */
	readonly remoteId: string;
	/** Of the envelope it came in (ENVID), or ''. */
	readonly envelopeId: string;
	/** First hex digits of the Message-ID, out of a signed envelope sender whose signature was right; null: there is none. */
	readonly verpPrefix: string | null;
	/** Milliseconds since 1970: when it was written; null when it does not say. */
	readonly at: number | null;
}

export type MatchedBy = 'verp' | 'envelope_id' | 'message_id' | 'remote_id' | 'recipient';

export interface Match {
	readonly sent: SentMessage;
	readonly by: MatchedBy;
	/** The log did not have it yet. */
	readonly isNew: boolean;
}

export interface FeedbackOptions {
	readonly log: CampaignLog;
	readonly run: RunFacts;
	/** Milliseconds since 1970. */
	readonly now: number;
	/** Runs whose envelope senders were signed: nothing less proves a bounce of theirs than they or the Message-ID. */
	readonly signedRuns: ReadonlySet<string>;
	readonly files: FileSystem;
	readonly signal: AbortSignal;
}

/** Matches all of them in one pass over the log, and puts the rows that are new into its queue; `close` of the log makes them durable. Null: no match. */
export async function takeBack(told: readonly Told[], options: FeedbackOptions): Promise<readonly (Match | null)[]> {
	const { log, run, now, signedRuns, files, signal } = options;
	const found = await findSent(log.path, wantedOf(told), { files, signal });
	const recorded = new Set(found.recorded);
	return told.map((one) => {
		const match = matchOf(one, found, { signedRuns });
		if (match === null) return null;
		const identity = noticeIdentity(one.noticeId, match.sent);
		const fact = recorded.has(identity) ? null : factOf(one);
		if (fact !== null) log.addReturned(returnedRow(fact, match.sent, { run, at: now }));
		recorded.add(identity);
		return { ...match, isNew: fact !== null };
	});
}

function wantedOf(told: readonly Told[]): Wanted {
	const present = (texts: readonly string[]) => new Set(texts.filter((text) => text !== ''));
	return {
		messageIds: present(told.map(({ messageId }) => messageId)),
		prefixes: present(told.flatMap(({ verpPrefix, envelopeId }) => [verpPrefix ?? '', prefixOf(envelopeId)])),
		remoteIds: present(told.map(({ remoteId }) => remoteId)),
		recipients: present(told.map(({ report }) => addressKey(report.recipient))),
	};
}

/** Queues of servers hold a message for five days, some for longer. */
const longestWayMs = 14 * 24 * 3_600_000;
/** Clocks of others are wrong by minutes. */
const clockSkewMs = 15 * 60_000;

/** What proves more goes first. */
export function matchOf(
	told: Told,
	found: FoundInLog,
	{ signedRuns }: { readonly signedRuns: ReadonlySet<string> },
): Omit<Match, 'isNew'> | null {
	const { verpPrefix, envelopeId, messageId, remoteId, report, at } = told;
	const addressed = found.byRecipient.get(addressKey(report.recipient));
	if (report.kind === 'unsubscribe') {
		// Whoever asks is meant, and not whoever got the copy that he answers. He may do so at any time, and needs no proof: at worst somebody gets less mail.
		const asked = addressed?.at(-1);
		if (asked !== undefined) return { sent: asked, by: 'recipient' };
	}
	const byToken = verpPrefix === null ? undefined : found.byPrefix.get(verpPrefix);
	if (byToken !== undefined) return { sent: byToken, by: 'verp' };
	const byEnvelope = found.byPrefix.get(prefixOf(envelopeId));
	if (byEnvelope !== undefined) return { sent: byEnvelope, by: 'envelope_id' };
	const byId = found.byMessageId.get(messageId);
	if (byId !== undefined) return { sent: byId, by: 'message_id' };
	const byName = found.byRemoteId.get(remoteId);
	if (byName !== undefined) return { sent: byName, by: 'remote_id' };
	// A mail that returns another message's id is about that one.
	if (messageId !== '' || at === null) return null;
	const sent = addressed?.findLast((message) => at >= message.at - clockSkewMs && at <= message.at + longestWayMs);
	return sent === undefined || signedRuns.has(sent.runId) ? null : { sent, by: 'recipient' };
}

/** As the log has it: lower case, A-label; what is no address stays a text that no row has. */
export function addressKey(text: string): string {
	const parsed = parseAddress(text);
	return foldAddress(parsed.kind === 'address' ? parsed.address : text);
}

/** Ours are the 32 hex digits of a Message-ID, which nobody can guess; some servers fold the case. */
function prefixOf(envelopeId: string): string {
	return /^[\da-f]{32}$/i.test(envelopeId) ? envelopeId.slice(0, prefixLength).toLowerCase() : '';
}

/** Null: nothing that the log speaks of. */
function factOf({ report, source, noticeId }: Told): ReturnedFact | null {
	const { kind, enhancedCode, reply, server, refusal, isUndo } = report;
	const status = kind === 'bounce' ? 'bounced' : kind === 'delay' ? 'deferred' : 'complained';
	if ((kind !== 'bounce' && kind !== 'delay' && kind !== 'complaint') || isUndo) return null;
	return { source, status, noticeId, enhancedCode, reply, server, refusal };
}
