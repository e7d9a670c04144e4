/** What a mail that came back says, recipient by recipient (RFC 3464, RFC 5965, and the words of servers that know neither). */
import type { Refusal } from '../refusal.ts';

/**
 * bounce: given up. delay: still being tried. delivered: a receipt. complaint: "this is spam" (ARF). unsubscribe: a request to be left alone. auth-report: DMARC
 * or another failure report about authentication, no complaint. auto-reply: a machine answers for a person. none: ordinary mail.
 */
export type MailKind =
	| 'bounce'
	| 'delay'
	| 'delivered'
	| 'complaint'
	| 'unsubscribe'
	| 'auth-report'
	| 'auto-reply'
	| 'none';

/** One recipient of whom a returned mail speaks. Texts are as they were said: clean them before a terminal sees them. */
export interface RecipientReport {
	/** That of the mail, except where a mail reports several fates. Never `none`. */
	readonly kind: MailKind;
	/** Address as written to (Original-Recipient before Final-Recipient: forwarding changes the latter); '' when the mail does not say. */
	readonly recipient: string;
	/** Address that failed, when forwarding changed it; '' otherwise. */
	readonly finalRecipient: string;
	/** `5.1.1`; '' when none was given, or only x.0.0. */
	readonly enhancedCode: string;
	/** What the server said, with its reply code where it is known, one line; '' when nothing is known. */
	readonly reply: string;
	/** Who said it; '' when unknown. */
	readonly server: string;
	/** Null unless the kind is bounce or delay. */
	readonly refusal: Refusal | null;
	/** The report takes a complaint back (Feedback-Type: not-spam). */
	readonly isUndo: boolean;
}

/** What can be known of the message that came back, from the part that was returned; '' for what cannot. */
export interface OriginalMessage {
	/** With angle brackets. */
	readonly messageId: string;
	readonly subject: string;
	/** As in its header. */
	readonly date: string;
	readonly from: string;
	/** Addresses of To, lower-case. */
	readonly to: readonly string[];
}

export interface ReturnedMail {
	readonly kind: MailKind;
	/** None for ordinary mail; otherwise at least one, with an empty recipient when the mail does not name it. */
	readonly reports: readonly RecipientReport[];
	readonly original: OriginalMessage;
	/** Original-Envelope-Id (RFC 3461 ENVID); '' when there is none. */
	readonly envelopeId: string;
	/** Where the returned mail itself went: its Delivered-To, X-Original-To, To, lower-case; a VERP token is in one of them. */
	readonly arrivedFor: readonly string[];
	/** When it was written, as in its Date header; '' when unknown. */
	readonly date: string;
	readonly subject: string;
	/** Which reader understood it, to argue with: `dsn`, `arf`, `text:exim`, `auto-reply:subject`. '' for none. */
	readonly reader: string;
}
