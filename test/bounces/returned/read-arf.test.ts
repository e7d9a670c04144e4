/** Complaints, requests to be left alone and reports about authentication. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { only, originalHeader, read, verdict } from './mails.ts';

function feedback(fields: string, original = originalHeader): string {
	return `From: <fbl@provider.example>
To: <fbl@sender.example>
Subject: FW: an offer
Date: Mon, 2 Nov 2026 11:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type="feedback-report"; boundary="x"

--x
Content-Type: text/plain

This is an email abuse report.
--x
Content-Type: message/feedback-report

${fields}
Version: 1
User-Agent: Some/1.0
--x
Content-Type: message/rfc822

${original}
Hello
--x--
`;
}

describe('a feedback report', () => {
	test('of abuse is a complaint of who got the mail', async () => {
		const mail = await read(feedback('Feedback-Type: abuse\nOriginal-Rcpt-To: <bob@example.org>'));
		assert.equal(verdict(mail), 'complaint bob@example.org');
		assert.equal(mail.reader, 'arf');
		assert.equal(mail.original.messageId, '<m1@sender.example>');
	});

	test('names several recipients, and Removal-Recipient where it has no other', async () => {
		const several = await read(
			feedback('Feedback-Type: fraud\nOriginal-Rcpt-To: a@example.org\nOriginal-Rcpt-To: b@example.org'),
		);
		assert.equal(verdict(several), 'complaint a@example.org, complaint b@example.org');
		const removal = await read(feedback('Feedback-Type: abuse\nRemoval-Recipient: bob@example.net'));
		assert.equal(verdict(removal), 'complaint bob@example.net');
	});

	test('that hides the recipient is told by the mail it returns, or by nobody', async () => {
		assert.equal(
			verdict(await read(feedback('Feedback-Type: abuse\nOriginal-Rcpt-To: redacted@example.org'))),
			'complaint bob@example.org',
		);
		const hidden = originalHeader.replace('To: bob@example.org', 'To: [redacted]@example.org');
		assert.equal(verdict(await read(feedback('Feedback-Type: abuse', hidden))), 'complaint ');
	});

	test('of not-spam takes a complaint back', async () => {
		assert.equal(only(await read(feedback('Feedback-Type: not-spam'))).isUndo, true);
		assert.equal(only(await read(feedback('Feedback-Type: abuse'))).isUndo, false);
	});

	test('of opt-out is an unsubscription, and of auth-failure no complaint', async () => {
		assert.equal((await read(feedback('Feedback-Type: opt-out'))).kind, 'unsubscribe');
		assert.equal((await read(feedback('Feedback-Type: opt-out-list'))).kind, 'unsubscribe');
		assert.equal((await read(feedback('Feedback-Type: auth-failure\nAuth-Failure: dmarc'))).kind, 'auth-report');
	});
});

describe('reports that are no feedback report', () => {
	test("Hotmail's complaint tells the recipient in a field of the mail it returns", async () => {
		const mail = await read(`From: <staff@hotmail.com>
Subject: complaint about message from 192.0.2.1
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="x"

--x
Content-Type: message/rfc822

X-HmXmrOriginalRecipient: bob@hotmail.com
${originalHeader}
Hello
--x--
`);
		assert.equal(verdict(mail), 'complaint bob@hotmail.com');
	});

	test('a DMARC aggregate is about authentication', async () => {
		const mail = await read(`From: noreply-dmarc-support@google.com
Subject: Report domain: sender.example Submitter: google.com Report-ID: 42
MIME-Version: 1.0
Content-Type: application/zip; name="google.com!sender.example!1762041600!1762127999.zip"
Content-Disposition: attachment; filename="google.com!sender.example!1762041600!1762127999.zip"
Content-Transfer-Encoding: base64

UEsDBAoAAAAI
`);
		assert.equal(mail.kind, 'auth-report');
		assert.equal(mail.reports.length, 1);
	});
});
