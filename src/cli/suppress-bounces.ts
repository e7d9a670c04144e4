/** What a run does for the suppression list when it is over: the hard bounces of its log that are not on the list yet are written. */
import { parseAddress } from '../recipients/parse-address.ts';
import { appendSuppressions, unwritable } from '../recipients/suppression/append-suppressions.ts';
import { SoftBook, softBookPath } from '../recipients/suppression/soft-book.ts';
import { type SuppressionEntry, suppressionDate } from '../recipients/suppression/suppression-entry.ts';
import { SuppressionList } from '../recipients/suppression/suppression-list.ts';
import { cleanText } from '../support/clean-text.ts';
import { RunError } from '../support/errors.ts';
import { formatCount, formatCounted } from './format.ts';
import type { HeldLog } from './hold-log.ts';
import type { RunView } from './run-view.ts';
import { bouncesOfLog } from './suppress-from-log.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * At the end of a run, and only then: until it is over it may turn out that what was said of recipients was about us. The first of `lists` is written to;
 * none: nothing happens. Gives what went wrong, null when all is well.
 */
export function addBounces(
	[first, ...others]: readonly string[],
	{ path, campaignId }: Pick<HeldLog, 'path' | 'campaignId'>,
	{ view, randomBytes }: { readonly view: Pick<RunView, 'notice' | 'warning'> } & Pick<Surroundings, 'randomBytes'>,
): RunError | null {
	if (first === undefined) return null;
	try {
		const campaign = campaignId.toString('hex');
		const found = suppressBounces(path, [first, ...others], { campaignId: campaign, randomBytes });
		if (found.added > 0) view.notice(describeAdded(found, first));
		if (found.heldBack > 0) view.warning(describeHeldBack(found.heldBack, first));
		return null;
	} catch (error) {
		if (!(error instanceof RunError)) throw error;
		const hint = [error.hint, 'Who bounced stands in the log: the same command adds them.'].filter(
			(text) => text !== '',
		);
		return new RunError(error.exitCode, error.message, { hint: hint.join('\n'), cause: error });
	}
}

export interface SuppressedBounces {
	readonly added: number;
	/** Of them: mailboxes that were full for too long. */
	readonly soft: number;
	readonly heldBack: number;
}

/**
 * Goes through the whole log, so that what a run that died could not write any more is made good by the next one. The first of `lists` is written to.
 * `campaignId` tells campaigns apart. RunError 65 and 73 for lists that cannot be read or written any more.
 */
export function suppressBounces(
	logPath: string,
	lists: readonly [string, ...string[]],
	{ campaignId, randomBytes }: { readonly campaignId: string; readonly randomBytes: (count: number) => Buffer },
): SuppressedBounces {
	const [path] = lists;
	const seed = randomBytes(16);
	// Read anew: in the hours of a run others may have written to it.
	const list = SuppressionList.read(lists, { seed, firstMayBeNew: true });
	const book = openBook(path);
	const { entries, heldBack } = bouncesOfLog(logPath, {
		isWanted: (address, at) => !list.covers(address) && at > list.removedAt(address),
		onSoft: (key, at) => book.soft(key, campaignId, { at }),
		// Those that are full in this log first are reset by their later rows, too.
		get wantsAccepted() {
			return book.size > 0;
		},
		onAccepted: (key, at) => book.accepted(key, at),
	});
	writeBook(book, path);
	const soft = overdueEntries(book, list);
	const added = appendSuppressions(path, [...entries, ...soft], { seed });
	return { added: added.length, soft: added.filter(({ reason }) => reason === 'soft').length, heldBack };
}

/** Mailboxes that have been full for too long, and are on none of the lists. */
export function overdueEntries(book: SoftBook, list: SuppressionList): readonly SuppressionEntry[] {
	const addressOf = (key: string) => {
		const parsed = parseAddress(key);
		return parsed.kind === 'address' ? parsed.address : null;
	};
	const removedAt = (key: string) => {
		const address = addressOf(key);
		return address === null ? 0 : list.removedAt(address);
	};
	return book.overdue(removedAt).flatMap(({ key, at }) => {
		const address = addressOf(key);
		if (address === null || list.covers(address)) return [];
		return [{ key, reason: 'soft', date: suppressionDate(at), source: 'mailbox full' }];
	});
}

export function openBook(path: string): SoftBook {
	try {
		return SoftBook.read(path);
	} catch (cause) {
		throw unwritable(softBookPath(path), cause);
	}
}

export function writeBook(book: SoftBook, path: string): void {
	try {
		book.write();
	} catch (cause) {
		throw unwritable(softBookPath(path), cause);
	}
}

function describeAdded({ added, soft }: SuppressedBounces, path: string): string {
	const who = formatCounted(added, 'address that bounced was', 'addresses that bounced were');
	const full = soft === 0 ? '' : ` (${formatCount(soft)} of them full for too long)`;
	return `${who} added to ${cleanText(path)}${full}`;
}

function describeHeldBack(heldBack: number, path: string): string {
	const who = formatCounted(heldBack, 'address that bounced was', 'addresses that bounced were');
	return `${who} not added to ${cleanText(path)}: the server said the same to 5 or more in a row, which is rather about you than about them`;
}
