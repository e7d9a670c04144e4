/** Mails made to break readers: nothing throws, and nothing takes more than the time of its length (a hang would be seen by the runner). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readReturnedMail } from '../../../src/bounces/returned/read-returned-mail.ts';
import { dsnMail, read } from './mails.ts';

const million = 1_000_000;
const heads = [
	'From: MAILER-DAEMON@x.example\nSubject: Undelivered Mail Returned to Sender\n',
	'From: Ann <ann@x.example>\nSubject: Fwd: unsubscribe\n',
];

function nested(depth: number): string {
	const open = Array.from(
		{ length: depth },
		(_, at) => `Content-Type: multipart/mixed; boundary="b${at}"\n\n--b${at}\n`,
	).join('');
	return `From: mailer-daemon@x.example\nSubject: failure notice\n${open}Content-Type: text/plain\n\nhello`;
}

const bodies: Readonly<Record<string, string>> = {
	'header fields': 'From:'.repeat(million / 5),
	'header lines': 'From: a@b\n'.repeat(million / 10),
	'angle brackets': `\n${'<'.repeat(million)}`,
	'at signs': `\n${'@'.repeat(million)}`,
	addresses: `\n${'a@b.c '.repeat(million / 6)}`,
	'letters without a space': `\n${'x'.repeat(million)}`,
	blanks: `\n${' '.repeat(million)}x`,
	'empty lines': '\n'.repeat(million),
	'carriage returns': '\r'.repeat(million),
	digits: `\n${'550 '.repeat(million / 4)}`,
	quotes: `\n${'> '.repeat(million / 2)}`,
	'quotation marks': `\n${'"'.repeat(million / 2)}@${'"@'.repeat(million / 4)}`,
	parentheses: `Content-Type: multipart/report${'('.repeat(million)}`,
	'encoded words': `Subject: ${'=?utf-8?q?=41?= '.repeat(million / 17)}`,
	'html tags': `Content-Type: text/html\n\n${'<script>'.repeat(million / 8)}`,
	comments: `Content-Type: text/html\n\n${'<!--'.repeat(million / 4)}`,
	entities: `Content-Type: text/html\n\n${'&#'.repeat(million / 2)}`,
	'status groups': dsnMail({
		status: 'Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n'.repeat(15_000),
	}),
	'folded diagnostics': dsnMail({
		status: `Final-Recipient: rfc822; a@b.example\nAction: failed\nDiagnostic-Code: smtp;${'\n 550-no'.repeat(100_000)}`,
	}),
	'long words in a status': dsnMail({
		status: Array.from(
			{ length: 100 },
			(_, at) =>
				`Final-Recipient: rfc822; a${at}@b.example\nStatus: 5.7.1\nRemote-MTA: dns; ${'m'.repeat(4000)}\nDiagnostic-Code: smtp; ${'x'.repeat(4000)}`,
		).join('\n\n'),
	}),
	'statuses in the text': `From: MAILER-DAEMON\n\n${'Final-Recipient: a\n'.repeat(million / 19)}`,
	'header blocks in the text': `From: MAILER-DAEMON\n\n${'From: a\nTo: b\nSubject: c\nx\n'.repeat(million / 28)}`,
	boundaries: `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\n'.repeat(million / 5)}`,
	'multiparts in each other': nested(10_000),
};

describe('a mail made to break readers', () => {
	for (const [name, body] of Object.entries(bodies)) {
		test(`of ${name} is read, whoever it claims to be from`, async () => {
			for (const head of heads) {
				const mail = await read(head + body);
				assert.equal(mail.kind === 'none', mail.reports.length === 0);
			}
		});
	}

	test('of any octets is read', async () => {
		await fc.assert(
			fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (octets) => {
				const mail = await readReturnedMail(octets);
				assert.equal(mail.kind === 'none', mail.reports.length === 0);
			}),
			{ numRuns: 200 },
		);
	});

	test('that is a returned mail with octets changed or cut is read', async () => {
		const whole = Buffer.from(
			dsnMail({ status: 'Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1' }),
		);
		await fc.assert(
			fc.asyncProperty(fc.nat(whole.length), fc.nat(whole.length - 1), fc.nat(255), async (length, at, octet) => {
				const changed = Buffer.from(whole);
				changed[at] = octet;
				const mail = await readReturnedMail(changed.subarray(0, length));
				assert.equal(mail.kind === 'none', mail.reports.length === 0);
			}),
			{ numRuns: 300 },
		);
	});
});
