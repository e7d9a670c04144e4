/** Returned mails for tests, written out of a few words. */
import { readReturnedMail } from '../../../src/bounces/returned/read-returned-mail.ts';
import type { RecipientReport, ReturnedMail } from '../../../src/bounces/returned/returned-mail.ts';

export function read(mail: string, ending: '\n' | '\r\n' | '\r' = '\n'): Promise<ReturnedMail> {
	return readReturnedMail(Buffer.from(mail.replaceAll('\n', ending)));
}

/** The only recipient; throws when there are others. */
export function only(mail: ReturnedMail): RecipientReport {
	const [first, ...more] = mail.reports;
	if (first === undefined || more.length > 0)
		throw new Error(`${mail.reports.length} reports: ${JSON.stringify(mail)}`);
	return first;
}

/** `bounce bob@example.org hard/invalid_recipient suppress` */
export function verdict(mail: ReturnedMail): string {
	return mail.reports
		.map(({ kind, recipient, refusal }) =>
			refusal === null
				? `${kind} ${recipient}`
				: `${kind} ${recipient} ${refusal.type}/${refusal.category} ${refusal.action}`,
		)
		.join(', ');
}

export const originalHeader = `Received: from app.sender.example by relay.sender.example; Mon, 2 Nov 2026 10:00:00 +0000
From: News <news@sender.example>
To: bob@example.org
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Message-ID: <m1@sender.example>
Date: Mon, 2 Nov 2026 10:00:00 +0000
`;

export interface DsnText {
	readonly status: string;
	readonly text?: string;
	readonly statusType?: string;
	readonly original?: string;
	readonly headers?: string;
	readonly encoding?: string;
}

/** A multipart/report of mailer-daemon@mx.example.org. */
export function dsnMail({ status, text, statusType, original, headers, encoding }: DsnText): string {
	const transfer = encoding === undefined ? '' : `Content-Transfer-Encoding: ${encoding}\n`;
	return `Return-Path: <>
Delivered-To: bounces@sender.example
From: Mail Delivery System <MAILER-DAEMON@mx.example.org>
To: bounces@sender.example
Subject: Undelivered Mail Returned to Sender
Date: Mon, 2 Nov 2026 10:00:05 +0000
${headers ?? ''}MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

${text ?? 'Your message could not be delivered.'}

--b1
Content-Type: ${statusType ?? 'message/delivery-status'}
${transfer}
${status}

--b1
Content-Type: ${original === undefined ? 'text/rfc822-headers' : 'message/rfc822'}

${original ?? originalHeader}
--b1--
`;
}

/** A mail of one text part. */
export function textMail(headers: string, text: string): string {
	return `${headers.trim()}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n${text}\n`;
}
