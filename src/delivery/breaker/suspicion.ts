/** Whether a refusal may be about us rather than about the recipient, and how often it must be heard before that is certain (reference/reliability.md §3, faults 16 and 44 to 48). */
import type { Refusal } from '../../bounces/refusal.ts';
import type { Stage } from '../../smtp/outcome.ts';
import { type Reply, replyText } from '../../smtp/reply.ts';
import { normaliseRefusal } from './normalise-refusal.ts';

export interface HeardRefusal {
	/** The recipient's address, or whatever else tells recipients apart. Only with an address can be seen whom the server accuses. */
	readonly key: string;
	readonly stage: Stage;
	readonly reply: Reply;
	readonly refusal: Refusal;
}

export interface Suspicion {
	/** Equal for refusals that were given for one reason. */
	readonly reason: string;
	/** So many different recipients in a row, and it is certain. */
	readonly certainAfter: number;
	/** The server says that it passes: it is to be left alone for a while, not for good. */
	readonly passes: boolean;
}

/** The length of a row of equal refusals that cannot be chance. */
export const longestRow = 5;
const shorterRow = 3;

/** null when it is about this recipient: a dead address, a full mailbox, or greylisting, which knows sender and recipient. */
export function suspicionOf(heard: HeardRefusal): Suspicion | null {
	const { refusal, stage, reply } = heard;
	const { action, category } = refusal;
	const isAboutUs = action === 'stop';
	if (isAboutUs) {
		const isKnown = (category === 'account' || category === 'sender_auth') && isByWords(refusal);
		return { reason: normaliseRefusal(stage, reply), certainAfter: isKnown ? 1 : shorterRow, passes: false };
	}
	// A limit of so many a second is also said with a 550: slower is the cure, not the end.
	const passes = reply.code < 500 || action === 'slow';
	if (!isAboutRecipient(refusal)) return { reason: normaliseRefusal(stage, reply), certainAfter: longestRow, passes };
	const accused = accusedOtherThan(heard.key, { reply, category });
	if (accused === '') return null;
	return { reason: `${normaliseRefusal(stage, reply)} for ${accused}`, certainAfter: longestRow, passes };
}

function isByWords({ rule }: Refusal): boolean {
	return rule.startsWith('text:') || rule.startsWith('provider:');
}

/** A reply code alone gives no reason. */
function isAboutRecipient({ type, category, rule }: Refusal): boolean {
	if (rule.startsWith('code:')) return false;
	return type === 'hard' || category === 'mailbox_full' || category === 'greylisted';
}

/** Among the first words stands who is spoken of; later ones may name whom to ask. */
const addressAmongFirstWords = /^(?:\S{1,60} ){1,6}?[<"'([]?([^\s<>()[\],;:"']{1,64}@[^\s<>()[\],;:"']{1,255})/;
const domainSpokenOf = /\b(?:domain|host)\b[^.@]{0,30}?[\s<"'(](?=[a-z\d-])((?:[a-z\d-]{1,63}\.){1,8}[a-z]{2,24})/;

/**
 * The address or domain that the server speaks of, when it is not the recipient's; '' when there is none, or no telling.
 * `550 <news@example.com>: User unknown` reads like a dead recipient, and is our sender when everybody's mail is refused so.
 */
function accusedOtherThan(
	key: string,
	{ reply, category }: { readonly reply: Reply; readonly category: string },
): string {
	const at = key.lastIndexOf('@');
	if (at === -1) return '';
	const text = replyText({ ...reply, lines: reply.lines.slice(0, 3).map((line) => line.slice(0, 512)) }).toLowerCase();
	const recipient = key.toLowerCase();
	if (text.includes(recipient)) return '';
	const address = addressAmongFirstWords.exec(text)?.[1] ?? '';
	if (address !== '' || category !== 'invalid_domain' || text.includes(recipient.slice(at + 1))) return address;
	return domainSpokenOf.exec(text)?.[1] ?? '';
}
