/** Amazon SES notifications that SNS sends by mail: the bounce as JSON in the text (SES developer guide, "notification contents"). */
import type { TextReport } from '../text-family.ts';
import type { NoticeFamily } from './notice-family.ts';
import { enhancedCodeIn } from './quoted-reply.ts';

const maxJsonLength = 262_144;

export const amazonJson: NoticeFamily = {
	id: 'amazon-json',
	read({ mail }) {
		const start = mail.text.slice(0, 2_000).indexOf('{');
		if (start === -1 || !/bouncedRecipients/.test(mail.text.slice(0, 100_000))) return null;
		const bounce = bounceOf(parseJson(jsonAt(mail.text, start)));
		const recipients = listOf(bounce, 'bouncedRecipients');
		const isSoft = stringOf(bounce, 'bounceType') === 'Transient';
		const reports = recipients.map((recipient): TextReport => {
			const diagnostic = stringOf(recipient, 'diagnosticCode').replace(/^smtp; ?/i, '');
			const subtype = `${stringOf(bounce, 'bounceType')} ${stringOf(bounce, 'bounceSubType')}`.trim();
			const status = stringOf(recipient, 'status');
			return {
				recipient: stringOf(recipient, 'emailAddress'),
				reply: diagnostic !== '' ? diagnostic.slice(0, 1_500).replace(/\s+/g, ' ') : subtype,
				enhancedCode:
					/^[245]\.\d\.\d{1,3}$/.test(status) && !status.endsWith('.0.0') ? status : enhancedCodeIn(diagnostic),
				server: stringOf(bounce, 'reportingMTA').replace(/^dns; ?/i, ''),
				isDelay: isSoft && stringOf(recipient, 'action') === 'delayed',
			};
		});
		return reports.length === 0 ? null : reports;
	},
};

/** A mail of SNS goes on behind the object with a line about leaving the topic. */
function jsonAt(text: string, start: number): string {
	const cut = text.slice(start, start + maxJsonLength);
	const footer = cut.indexOf('\n--\n');
	const body = footer === -1 ? cut : cut.slice(0, footer);
	return body.slice(0, body.lastIndexOf('}') + 1);
}

function parseJson(json: string): unknown {
	try {
		return JSON.parse(json);
	} catch {
		// Wrapped by a mail system on the way: a line break inside a string is never the sender's.
		try {
			return JSON.parse(json.replaceAll('\n', ''));
		} catch {
			return null;
		}
	}
}

/** The notification itself, or the one that an SNS envelope holds as a string. */
function bounceOf(parsed: unknown): unknown {
	const inner = stringOf(parsed, 'Message');
	const notification = inner === '' ? parsed : parseJson(inner);
	return fieldOf(notification, 'bounce');
}

function fieldOf(value: unknown, name: string): unknown {
	return typeof value === 'object' && value !== null
		? Object.entries(value).find(([key]) => key === name)?.[1]
		: undefined;
}

function stringOf(value: unknown, name: string): string {
	const field = fieldOf(value, name);
	return typeof field === 'string' ? field : '';
}

function listOf(value: unknown, name: string): readonly unknown[] {
	const field = fieldOf(value, name);
	return Array.isArray(field) ? field.slice(0, 200) : [];
}
