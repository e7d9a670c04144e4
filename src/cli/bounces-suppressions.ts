/** Who goes on the suppression list for what came back: only who was written to, or named by a token that we signed. */
import { addressKey, type Match, type Told } from '../feedback.ts';
import { parseAddress } from '../recipients/parse-address.ts';
import { recipientKey } from '../recipients/recipient-key.ts';
import type { Address } from '../recipients/row.ts';
import { appendSuppressions } from '../recipients/suppression/append-suppressions.ts';
import {
	type SuppressionEntry,
	type SuppressionReason,
	suppressionDate,
} from '../recipients/suppression/suppression-entry.ts';
import { SuppressionList } from '../recipients/suppression/suppression-list.ts';
import type { Reading } from './bounces-reading.ts';
import { type FoundToken, timeOf } from './bounces-told.ts';
import { openBook, overdueEntries, writeBook } from './suppress-bounces.ts';
import type { Surroundings } from './surroundings.ts';

type Report = Told['report'];

interface Suppression {
	readonly whom: Address;
	/** When it was said; null when nobody knows. */
	readonly at: number | null;
	readonly reason: SuppressionReason;
	readonly source: string;
}

/** Clocks of others are wrong by minutes. */
const clockSkewMs = 15 * 60_000;
const seedBytes = 16;

export class Suppressions {
	readonly #source: string;
	readonly #now: number;
	/** By key: whoever is suppressed once need not be twice. */
	readonly #wanted = new Map<string, Suppression>();
	readonly #full: { readonly key: string; readonly at: number; readonly acceptedAt: number }[] = [];
	readonly #campaignId: string;

	/** `source`: where an entry comes from, when no token says so. `campaignId` tells campaigns apart. */
	constructor({
		source,
		campaignId,
		now,
	}: { readonly source: string; readonly campaignId: string; readonly now: number }) {
		this.#source = source;
		this.#campaignId = campaignId;
		this.#now = now;
	}

	/** `matches`: in the order of its recipients. */
	add(reading: Reading, matches: readonly (Match | null)[], token: FoundToken): void {
		if (reading.kind === 'problem') return;
		const at = timeOf(reading.kind === 'mail' ? reading.returned.date : reading.event.date);
		if (token !== null) {
			// One that is forged proves that somebody means ill, whatever else the mail says.
			if (token === 'refused') return;
			this.#want({ whom: token.address, at, reason: 'unsubscribe', source: token.campaign });
			return;
		}
		const reports = reading.kind === 'mail' ? reading.returned.reports : [reading.event.report];
		for (const [index, report] of reports.entries()) {
			const match = matches[index] ?? null;
			const reason = reasonOf(report);
			if (match !== null && isFull(report)) {
				const key = addressKey(match.sent.recipient);
				this.#full.push({ key, at: at ?? match.sent.at, acceptedAt: match.sent.at });
			}
			if (match === null || reason === null) continue;
			if (reason === 'hard' && !isAboutThem(report, match, { reports, matches })) continue;
			const parsed = parseAddress(match.sent.recipient);
			if (parsed.kind === 'address') this.#want({ whom: parsed.address, at, reason, source: this.#source });
		}
	}

	#want(suppression: Suppression): void {
		const key = recipientKey(suppression.whom);
		const earlier = this.#wanted.get(key);
		// A wish or a complaint says more than a bounce, and is not to be undone by a removal.
		if (earlier === undefined || earlier.reason === 'hard') this.#wanted.set(key, suppression);
	}

	/** Writes into the first of the lists whom none of them has; gives how many. RunError 65 and 73 as appendSuppressions. */
	write(lists: readonly string[], randomBytes: Surroundings['randomBytes']): number {
		const [path] = lists;
		if (path === undefined || this.#wanted.size + this.#full.length === 0) return 0;
		const seed = randomBytes(seedBytes);
		const all = SuppressionList.read(lists, { seed, firstMayBeNew: true });
		const entries: SuppressionEntry[] = [];
		for (const [key, { whom, at, reason, source }] of this.#wanted) {
			if (all.covers(whom) || isOlderThanRemoval({ at, reason }, all.removedAt(whom))) continue;
			entries.push({ key, reason, date: suppressionDate(this.#now), source });
		}
		const book = openBook(path);
		for (const { key, at, acceptedAt } of this.#full) book.soft(key, this.#campaignId, { at, acceptedAt });
		writeBook(book, path);
		return appendSuppressions(path, [...entries, ...overdueEntries(book, all)], { seed }).length;
	}
}

/** Somebody took the address off the list later than it bounced. A wish to leave without a date counts as new: nobody may be written to against his will. */
function isOlderThanRemoval({ at, reason }: Pick<Suppression, 'at' | 'reason'>, removedAt: number): boolean {
	if (removedAt === 0) return false;
	if (reason === 'hard') return (at ?? 0) <= removedAt;
	return at !== null && at + clockSkewMs <= removedAt;
}

function reasonOf({ kind, refusal, isUndo }: Report): SuppressionReason | null {
	if (isUndo) return null;
	if (kind === 'complaint') return 'complaint';
	if (kind === 'unsubscribe') return 'unsubscribe';
	return kind === 'bounce' && refusal?.action === 'suppress' ? 'hard' : null;
}

function isFull({ kind, refusal }: Report): boolean {
	return kind === 'bounce' && refusal?.category === 'mailbox_full';
}

/** An alias or a list of people: one member of it is dead, and others got the message. */
function isAboutThem(
	{ recipient, finalRecipient }: Report,
	{ sent }: Match,
	mail: { readonly reports: readonly Report[]; readonly matches: readonly (Match | null)[] },
): boolean {
	const others = mail.reports.filter((_, index) => mail.matches[index]?.sent.key === sent.key);
	if (others.some(({ kind }) => kind === 'delivered')) return false;
	const isNamed = [recipient, finalRecipient].some((name) => addressKey(name) === addressKey(sent.recipient));
	return isNamed || others.length === 1;
}
