/** Reads a disposition notification (RFC 8098): a receipt, which a person or a machine sends after delivery, or the word that a machine threw the message away. */
import type { MailParts } from './mail-parts.ts';
import { findReportFields } from './report-fields.ts';
import { recipientIn } from './typed-value.ts';

export interface Disposition {
	readonly kind: 'auto-reply' | 'bounce';
	readonly recipient: string;
	readonly finalRecipient: string;
	/** Words of its Error, Failure or Warning field; else the Disposition itself. */
	readonly said: string;
	readonly messageId: string;
}

/** A machine that deleted the message unseen and says that something was wrong. A person who deletes has got it. */
const thrownAway =
	/automatic-action.*;\s*(?:deleted|denied|failed)\b.*(?:\/|,|^|;)\s*(?:error|failure|failed|warning|expired|mailbox-terminated)/i;

/** A receipt that lost its fields. */
const seen: Disposition = { kind: 'auto-reply', recipient: '', finalRecipient: '', said: '', messageId: '' };

/** Null when the mail is none. */
export function readMdn(mail: MailParts): Disposition | null {
	const fields = findReportFields(mail, 'message/disposition-notification', /^(?:Reporting-UA|Disposition)[ \t]*:/im);
	if (fields === null) return mail.reportType === 'disposition-notification' ? seen : null;
	const disposition = fields.get('disposition');
	const final = recipientIn(fields.get('final-recipient'));
	const original = recipientIn(fields.get('original-recipient'));
	const isLost = thrownAway.test(disposition) || fields.get('failure') !== '';
	return {
		kind: isLost ? 'bounce' : 'auto-reply',
		recipient: original || final,
		finalRecipient: original !== '' && final.toLowerCase() !== original.toLowerCase() ? final : '',
		said: fields.get('failure') || fields.get('error') || fields.get('warning') || disposition,
		messageId: fields.get('original-message-id'),
	};
}
