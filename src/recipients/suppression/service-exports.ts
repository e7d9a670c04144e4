/** What the columns and fields of other services' suppression exports mean: which service it is, and why somebody is on its list. */
import type { Columns } from '../columns.ts';

export const services = ['mailchimp', 'sendgrid', 'ses', 'postmark', 'plain'] as const;

export type Service = (typeof services)[number];

/** One row or object of an export, by the names of its fields. */
export type ExportedFields = (name: string) => string;

export interface Meaning {
	/** '' for somebody who is not suppressed there at all. */
	readonly reason: string;
	/** As the service has it. */
	readonly date: string;
	/** What a mail server said, for services that keep it; '' otherwise. */
	readonly reply: string;
}

/** By the columns of a CSV file; null when they are nobody's that we know. */
export function serviceOfColumns(columns: Columns): Exclude<Service, 'plain' | 'ses'> | null {
	const has = (name: string) => columns.find(name) !== -1;
	if (has('SuppressionReason')) return 'postmark';
	// A subscribed_ export has these two and neither time.
	if (has('UNSUB_TIME') || has('CLEAN_TIME') || (has('MEMBER_RATING') && has('OPTIN_TIME'))) return 'mailchimp';
	return has('created') && has('email') ? 'sendgrid' : null;
}

/** `has`: whether the export has such a field at all, filled or not. `fileName` in lower case. */
export function meaningOf(
	service: Exclude<Service, 'plain'>,
	fields: ExportedFields,
	file: { readonly has: (name: string) => boolean; readonly fileName: string },
): Meaning {
	switch (service) {
		case 'mailchimp':
			return mailchimp(fields, file);
		case 'sendgrid':
			return sendgrid(fields, file);
		case 'postmark':
			return postmark(fields);
		case 'ses':
			return {
				reason: /complaint/i.test(fields('Reason')) ? 'complaint' : 'hard',
				date: isoDate(fields('LastUpdateTime')),
				reply: '',
			};
	}
}

function mailchimp(fields: ExportedFields, { has }: { readonly has: (name: string) => boolean }): Meaning {
	if (has('CLEAN_TIME')) return { reason: 'hard', date: isoDate(fields('CLEAN_TIME')), reply: '' };
	if (!has('UNSUB_TIME')) return { reason: '', date: '', reply: '' };
	const why = `${fields('UNSUB_REASON')} ${fields('UNSUB_REASON_OTHER')}`;
	return {
		reason: /\b(?:spam|abuse|complaint)/i.test(why) ? 'complaint' : 'unsubscribe',
		date: isoDate(fields('UNSUB_TIME')),
		reply: '',
	};
}

/** Bounces have status and reason, invalid addresses a reason, spam reports the IP address of the sender, unsubscribes nothing else. */
function sendgrid(
	fields: ExportedFields,
	{ has, fileName }: { readonly has: (name: string) => boolean; readonly fileName: string },
): Meaning {
	const date = isoDate(fields('created'));
	const isSpamReport = has('ip') || /spam/.test(fileName);
	if (has('reason') && !isSpamReport)
		return { reason: 'hard', date, reply: replyOf(fields('reason').trim(), fields('status').trim()) };
	return { reason: isSpamReport ? 'complaint' : 'unsubscribe', date, reply: '' };
}

/** SendGrid writes `550 5.1.1 ...` of what a server said, and plain words of what it found out itself. */
function replyOf(reason: string, status: string): string {
	if (reason === '' || /^[45]\d\d\b/.test(reason)) return reason;
	return `${status.startsWith('4') ? '450' : '550'} ${status} ${reason}`;
}

function postmark(fields: ExportedFields): Meaning {
	const why = fields('SuppressionReason').replace(/\s/g, '');
	const date = isoDate(fields('CreatedAt'));
	if (/HardBounce/i.test(why)) return { reason: 'hard', date, reply: '' };
	if (/SpamComplaint/i.test(why)) return { reason: 'complaint', date, reply: '' };
	return { reason: /recipient/i.test(fields('Origin')) ? 'unsubscribe' : 'manual', date, reply: '' };
}

/** Seconds since 1970 become a date, dates without a zone are UTC (all four services say so); what cannot be read stays as it is. */
export function isoDate(text: string): string {
	const trimmed = text.trim();
	const seconds = /^\d{9,10}(?:\.\d+)?$/.test(trimmed) ? Number(trimmed) * 1000 : Number.NaN;
	const plain = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z| UTC)?$/.exec(trimmed);
	const at = Number.isNaN(seconds) ? Date.parse(plain === null ? trimmed : `${plain[1]}T${plain[2]}Z`) : seconds;
	return Number.isNaN(at) || /^\d{4}-\d\d-\d\d$/.test(trimmed)
		? trimmed
		: new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
