/** Mails that quote a bounce and are none: people ask, tickets are opened, lists discuss, newsletters explain. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dsnMail, read, textMail, verdict } from './mails.ts';

const status =
	'Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown';
const notices: Readonly<Record<string, string>> = {
	'delivery status': status,
	postfix:
		"This is the mail system at host mx.example.org.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients. It's attached below.\n\n<bob@example.org>: host mx.example.org[192.0.2.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command)",
	qmail:
		"Hi. This is the qmail-send program at example.org.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<bob@example.org>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 no such user",
	gmail:
		'Delivery to the following recipient failed permanently:\n\n     bob@example.org\n\nTechnical details of permanent failure:\nGoogle tried to deliver your message, but it was rejected by the server for the recipient domain example.org by mx.example.org. [192.0.2.1].\n\nThe error that the other server returned was:\n550 5.1.1 User unknown',
};
const ann = 'From: Ann Bell <ann@customer.example>\nTo: support@sender.example\n';
const forwarded =
	'---------- Forwarded message ---------\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.org>\nTo: ann@customer.example\nSubject: Undelivered Mail Returned to Sender\n\n';

describe('a mail that quotes a bounce', () => {
	for (const [name, notice] of Object.entries(notices)) {
		test(`of the kind "${name}" is ordinary, whoever quotes it for whatever reason`, async () => {
			const mails: Readonly<Record<string, string>> = {
				question: textMail(
					`${ann}Subject: Mail delivery failed - please help`,
					`Hi,\n\nI get this when I write to you, what should I do?\n\n${notice}`,
				),
				'same subject': textMail(
					`${ann}Subject: Undelivered Mail Returned to Sender`,
					`Hello team, see below.\n\n${notice}`,
				),
				'other subject': textMail(`${ann}Subject: strange message`, `Hello team, see below.\n\n${notice}`),
				forward: textMail(`${ann}Subject: Fwd: Undelivered Mail`, `Hello team, see below.\n\n${forwarded}${notice}`),
				answer: textMail(`${ann}Subject: Re: Undelivered Mail`, `Did you fix it?\n\n${notice.replace(/^/gm, '> ')}`),
				ticket: textMail(
					`From: noreply@tickets.example\nAuto-Submitted: auto-generated\nSubject: [Ticket #4711] Undelivered Mail Returned to Sender`,
					`Ann wrote:\n\n${notice}`,
				),
				list: textMail(
					`${ann}List-Id: <users.lists.example>\nSubject: Mail delivery failed: returning message to sender`,
					`why?\n\n${notice}`,
				),
				newsletter: textMail(
					`From: News <noreply@esp.example>\nList-Unsubscribe: <https://x.example>\nSubject: message undeliverable, explained`,
					`Learn it:\n\n${notice}`,
				),
			};
			for (const [why, mail] of Object.entries(mails)) assert.equal((await read(mail)).kind, 'none', why);
		});

		test(`of the kind "${name}" counts when it was passed on without a word`, async () => {
			const mail = await read(
				textMail(`${ann}Subject: Fwd: Undelivered Mail Returned to Sender`, `${forwarded}${notice}`),
			);
			assert.equal(verdict(mail), 'bounce bob@example.org hard/invalid_recipient suppress');
		});

		test(`of the kind "${name}" is a bounce when the mail system itself sends it`, async () => {
			const head =
				'Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.org\nTo: news@sender.example\nSubject: Undelivered Mail Returned to Sender';
			assert.equal(
				verdict(await read(textMail(head, notice))),
				'bounce bob@example.org hard/invalid_recipient suppress',
			);
		});
	}

	test('in a part of its own is ordinary when a person answers with it', async () => {
		const mail = dsnMail({ status, headers: 'In-Reply-To: <x@y.example>\n' })
			.replace('From: Mail Delivery System <MAILER-DAEMON@mx.example.org>', 'From: Bob <bob@example.org>')
			.replace('Return-Path: <>', 'Return-Path: <bob@example.org>')
			.replace('Subject: Und', 'Subject: Re: Und')
			.replace('multipart/report', 'multipart/mixed');
		assert.equal((await read(mail)).kind, 'none');
	});
});

describe('a mail from a machine that is no notice', () => {
	const head = (from: string, subject: string) =>
		`Auto-Submitted: auto-generated\nFrom: ${from}\nTo: news@sender.example\nSubject: ${subject}`;
	const mails: Readonly<Record<string, string>> = {
		'is for those who run the server': textMail(
			head(
				'MAILER-DAEMON@sender.example (Mail Delivery System)',
				'Postfix SMTP server: errors from unknown[192.0.2.1]',
			),
			'Transcript of session follows.\n\n In:  RCPT TO:<bob@example.org>\n Out: 550 5.1.1 <bob@example.org>: Recipient address rejected: User unknown',
		),
		'tells of many bounces': textMail(
			head('Sender <noreply@esp.example>', 'Your daily bounce report'),
			'bob@example.org 550 5.1.1 User unknown',
		),
		'is what a visitor wrote into a form': textMail(
			head('Website <root@www.example>', 'Contact form: Mail not delivered'),
			'Email: ann@x.example\nMessage: error 550 user unknown',
		),
		'could not deliver a parcel': textMail(
			head('Parcels <noreply@parcels.example>', 'Delivery failed: your parcel'),
			'Dear bob@example.org, your parcel could not be delivered.',
		),
		'speaks of our own mailbox': textMail(
			`Return-Path: <>\n${head('Mail Administrator <postmaster@sender.example>', 'Mailbox quota exceeded')}`,
			'Your mailbox <news@sender.example>: quota exceeded.',
		),
		'asks who signs up to prove it': textMail(
			head('Acme <noreply@acme.example>', 'Please verify your email'),
			'Please click the link to verify you are human so that your message can be delivered.',
		),
	};
	for (const [what, mail] of Object.entries(mails)) {
		test(`${what}, and has nothing to report`, async () => {
			assert.deepEqual((await read(mail)).reports, []);
		});
	}
});
