/** Which header lines a template may have (RFC 5322 §3.6, RFC 2369, RFC 2919, RFC 8058), how each is written, and why the others are refused. */
import { cleanText } from '../support/clean-text.ts';
import { nearest } from '../support/nearest.ts';

/**
 * `own`: one address, the row's. `sender`: one address, the same for all rows. `address`: one address. `text`: unstructured. `urls`: `<url>, <url>`.
 * `link`: as `urls`, from --unsubscribe-url, so that what a row puts in is percent-encoded. `listId`: phrase and `<id>`. `token`: printable ASCII, as it stands.
 */
export type HeaderKind = 'own' | 'sender' | 'address' | 'text' | 'urls' | 'link' | 'listId' | 'token';

export type HeaderVerdict =
	| { readonly kind: 'known'; readonly name: string; readonly value: HeaderKind; readonly isRepeatable: boolean }
	| { readonly kind: 'refused'; readonly why: string };

// In the order in which they appear in the message.
const known: ReadonlyMap<string, HeaderKind> = new Map([
	['From', 'sender'],
	['Sender', 'address'],
	['To', 'own'],
	['Reply-To', 'address'],
	['Subject', 'text'],
	['Organization', 'text'],
	['Comments', 'text'],
	['Keywords', 'text'],
	['In-Reply-To', 'token'],
	['References', 'token'],
	['List-Id', 'listId'],
	['List-Unsubscribe', 'urls'],
	['List-Unsubscribe-Post', 'token'],
	['List-Subscribe', 'urls'],
	['List-Help', 'urls'],
	['List-Owner', 'urls'],
	['List-Archive', 'urls'],
	['List-Post', 'token'],
	['Precedence', 'token'],
	['Feedback-ID', 'token'],
	['Auto-Submitted', 'token'],
	['Importance', 'token'],
	['Priority', 'token'],
	['Sensitivity', 'token'],
	['Disposition-Notification-To', 'address'],
]);

const repeatable: ReadonlySet<string> = new Set(['Comments', 'Keywords']);
const madeByUs: ReadonlySet<string> = new Set([
	'date',
	'message-id',
	'mime-version',
	'return-path',
	'received',
	'dkim-signature',
]);
const refusedByName: ReadonlySet<string> = new Set(['cc', 'bcc']);
const comesLater: ReadonlySet<string> = new Set(['attachment', 'inline', 'text', 'preheader']);
// RFC 5322 §2.2: printable ASCII but the colon; the length leaves room for an encoded word on the line.
const xName = /^x-[!-9;-~]{1,58}$/i;

/** What is to be done with a header line of that name, in any case. */
export function judgeHeaderName(written: string): HeaderVerdict {
	const lower = written.toLowerCase();
	for (const [name, value] of known) {
		if (name.toLowerCase() === lower) return { kind: 'known', name, value, isRepeatable: repeatable.has(name) };
	}
	if (refusedByName.has(lower)) {
		return refused(`${written}: one message has one recipient; add a row to the list for the other person`);
	}
	if (madeByUs.has(lower) || lower.startsWith('content-'))
		return refused(`${written}: mailshot makes this header itself`);
	if (comesLater.has(lower)) return refused(`${written}: is not supported yet`);
	if (xName.test(written)) return { kind: 'known', name: written, value: 'text', isRepeatable: true };
	const close = nearest(written, known.keys());
	const better = close === null ? 'own headers begin with X-' : `did you mean ${close}:?`;
	return refused(`"${cleanText(written, 80)}:" is no header mailshot knows; ${better}`);
}

/** It is a header that we know, if only to refuse it (`Cc`, `Date`, `Attachment`), and no word that happens to stand before a colon. */
export function isHeaderName(written: string): boolean {
	const lower = written.toLowerCase();
	if (judgeHeaderName(written).kind === 'known') return true;
	return [refusedByName, madeByUs, comesLater].some((names) => names.has(lower)) || lower.startsWith('content-');
}

/** Position in the message: known headers in the order of the table, then the X- ones as written. */
export function headerRank(name: string): number {
	const rank = [...known.keys()].indexOf(name);
	return rank === -1 ? known.size : rank;
}

function refused(why: string): HeaderVerdict {
	return { kind: 'refused', why };
}
