/** Mails as they come back, for tests of the command line: one of each kind that it tells apart. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** As Postfix writes it. */
export function bounceMail(recipient: string, reply: string, messageId = '<abc@acme.example>'): string {
	const status = /\d\.\d\.\d/.exec(reply)?.[0] ?? '5.0.0';
	return [
		'From: MAILER-DAEMON@acme.example (Mail Delivery System)',
		'Subject: Undelivered Mail Returned to Sender',
		'To: bounces@acme.example',
		'Auto-Submitted: auto-replied',
		'MIME-Version: 1.0',
		'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
		'',
		'--b',
		'Content-Type: text/plain; charset=us-ascii',
		'',
		'This is the mail system at host acme.example.',
		'',
		`<${recipient}>: host mx.example.com[192.0.2.10] said: ${reply} (in reply to RCPT TO command)`,
		'',
		'--b',
		'Content-Type: message/delivery-status',
		'',
		'Reporting-MTA: dns; acme.example',
		'',
		`Final-Recipient: rfc822; ${recipient}`,
		'Action: failed',
		`Status: ${status}`,
		'Remote-MTA: dns; mx.example.com',
		`Diagnostic-Code: smtp; ${reply}`,
		'',
		'--b',
		'Content-Type: message/rfc822',
		'',
		`To: ${recipient}`,
		`Message-ID: ${messageId}`,
		'Subject: November',
		'',
		'Hello',
		'',
		'--b--',
		'',
	].join('\n');
}

export const ordinaryMail = [
	'From: Ann <ann@example.com>',
	'To: bounces@acme.example',
	'Subject: Lunch?',
	'',
	'At noon?',
	'',
].join('\n');

export const unknownUser = '550 5.1.1 <ann@example.com>: Recipient address rejected: User unknown';

/** `folder/name` with this content, its folders made. */
export function put(folder: string, name: string, content: string | Buffer): void {
	const path = join(folder, name);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, content);
}
