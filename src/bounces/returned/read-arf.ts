/** Reads a feedback report (RFC 5965, RFC 6591): who complained, and of what kind it is; also complaints that are no multipart/report. */
import { addressesIn, addressIn } from './mail-addresses.ts';
import type { HeaderFields, MailParts } from './mail-parts.ts';
import { findReportFields, valuesOf } from './report-fields.ts';
import { recipientIn } from './typed-value.ts';

export interface FeedbackReport {
	readonly kind: 'complaint' | 'unsubscribe' | 'auth-report';
	/** At least one; '' when the report hides who it was. */
	readonly recipients: readonly string[];
	readonly isUndo: boolean;
	readonly envelopeId: string;
	/** Original-Message-ID of some reporters; '' otherwise. */
	readonly messageId: string;
	readonly reader: string;
}

/** Null when the mail is no report of this kind. */
export function readArf(mail: MailParts): FeedbackReport | null {
	const fields = findReportFields(mail, 'message/feedback-report', /^Feedback-Type[ \t]*:/im);
	if (fields !== null && fields.get('feedback-type') !== '') return feedback(fields, mail);
	if (isAggregate(mail)) return report('auth-report', [''], 'auth-report:aggregate');
	return isComplaint(mail) ? report('complaint', hidden(recipientsOfOriginal(mail)), 'complaint:no-arf') : null;
}

function feedback(fields: HeaderFields, mail: MailParts): FeedbackReport {
	const type = fields
		.get('feedback-type')
		.toLowerCase()
		.replace(/[^a-z-]/g, '');
	const kind = kinds.get(type) ?? 'complaint';
	const named = ['original-rcpt-to', 'removal-recipient', 'x-original-rcpt-to', 'original-recipient']
		.map((name) => valuesOf(fields, name).map(recipientIn).filter(isShown))
		.find((addresses) => addresses.length > 0);
	return {
		kind,
		recipients: hidden(named ?? recipientsOfOriginal(mail)),
		isUndo: type === 'not-spam',
		envelopeId: fields.get('original-envelope-id'),
		messageId: fields.get('original-message-id'),
		reader: 'arf',
	};
}

const kinds: ReadonlyMap<string, FeedbackReport['kind']> = new Map<string, FeedbackReport['kind']>([
	['opt-out', 'unsubscribe'],
	['opt-out-list', 'unsubscribe'],
	['unsubscribe', 'unsubscribe'],
	['auth-failure', 'auth-report'],
	['dmarc', 'auth-report'],
	['dkim', 'auth-report'],
]);

/** Where servers write down whom a mail was for, best first. QUIRK: Hotmail's JMRP hides the To and tells in a field of its own. */
const fieldsOfOriginal = [
	'x-hmxmroriginalrecipient',
	'x-rcpt-to',
	'x-original-to',
	'envelope-to',
	'x-envelope-to',
	'delivered-to',
	'x-apparently-to',
	'to',
];

function recipientsOfOriginal({ original }: MailParts): readonly string[] {
	if (original === null) return [];
	for (const name of fieldsOfOriginal) {
		const addresses = addressesIn(original.get(name)).filter(isShown);
		if (addresses.length > 0) return addresses.slice(0, 1);
	}
	return [];
}

function isShown(address: string): boolean {
	return (
		address !== '' &&
		!/redacted|^(?:x+|\*+|hidden|removed|undisclosed[\w-]*|user_[\da-f]{16,})@|@(?:redacted|hidden|domain\.invalid)/i.test(
			address,
		)
	);
}

function hidden(recipients: readonly string[]): readonly string[] {
	return recipients.length > 0 ? recipients : [''];
}

function report(kind: FeedbackReport['kind'], recipients: readonly string[], reader: string): FeedbackReport {
	return { kind, recipients, isUndo: false, envelopeId: '', messageId: '', reader };
}

const aggregateFile =
	/^[\w.-]{3,120}![\w.-]{3,120}!\d{8,12}!\d{8,12}(?:![\w-]+)?\.(?:xml|json)(?:\.gz)?$|^[\w.!-]{3,240}\.(?:xml|xml\.gz|zip)$/i;
const aggregateSubject =
	/^(?:\[?(?:preview|dmarc)\]? ?)?(?:report[ _-]?domain:|dmarc (?:aggregate )?report)|\breport domain:.*\bsubmitter:|\bdmarc aggregate report\b/i;

/** DMARC aggregate reports (RFC 7489 §7.2) and SMTP TLS reports (RFC 8460 §5). */
function isAggregate({ headers, parts, reportType, type }: MailParts): boolean {
	if (reportType === 'tlsrpt' || headers.get('tls-report-domain') !== '') return true;
	if (parts.some((part) => /^application\/tlsrpt/.test(part.type))) return true;
	const packed = /^(?:application\/(?:x-)?(?:gzip|zip|zip-compressed|octet-stream|xml)|text\/xml)$/;
	const files = parts.filter((part) => packed.test(part.type));
	const named = files.some((file) => aggregateFile.test(file.fileName) && file.fileName.includes('!'));
	return named || (aggregateSubject.test(headers.get('subject')) && (files.length > 0 || packed.test(type)));
}

const complaintSubject =
	/^(?:complaint about message from|(?:abuse|spam) (?:complaint|report) (?:about|for|from|regarding)|(?:client tos notification|email feedback report for ip|fw: this is spam)|\[spamcop \()/i;
const complaintSender =
	/^(?:staff@hotmail\.com|scomp@aol\.net|fbl[\w.-]*@|feedback[\w.-]*@|feedbackloop@|spamreports?@|\S+@reports\.spamcop\.net)/i;

function isComplaint(mail: MailParts): boolean {
	const { headers, original } = mail;
	if (original === null) return false;
	const sender = addressIn(headers.get('from'));
	if (original.get('x-hmxmroriginalrecipient') !== '') return true;
	return complaintSubject.test(headers.get('subject')) && complaintSender.test(sender);
}
