/** Delivery status notifications as servers write them, not only as RFC 3464 does. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dsnMail, only, read, verdict } from './mails.ts';

const perMessage = 'Reporting-MTA: dns; mx.example.org\nArrival-Date: Mon, 2 Nov 2026 10:00:00 +0000';

function status(recipient: string): string {
	return `${perMessage}\n\n${recipient}`;
}

describe('a delivery status', () => {
	test('names recipient, code, server and reply, and gives the header of what came back', async () => {
		const mail = await read(
			dsnMail({
				status: status(
					'Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; in.example.org\nDiagnostic-Code: smtp; 550 5.1.1 <bob@example.org>: User unknown',
				),
			}),
		);
		assert.equal(verdict(mail), 'bounce bob@example.org hard/invalid_recipient suppress');
		assert.equal(mail.reader, 'dsn');
		assert.equal(only(mail).enhancedCode, '5.1.1');
		assert.equal(only(mail).server, 'in.example.org');
		assert.equal(only(mail).reply, '550 5.1.1 <bob@example.org>: User unknown');
		assert.equal(mail.original.messageId, '<m1@sender.example>');
		assert.equal(mail.original.subject, 'Grüße');
		assert.deepEqual(mail.original.to, ['bob@example.org']);
		assert.deepEqual(mail.arrivedFor, ['bounces@sender.example']);
		assert.equal(mail.date, 'Mon, 2 Nov 2026 10:00:05 +0000');
		assert.equal(mail.subject, 'Undelivered Mail Returned to Sender');
	});

	test('is the same with CRLF and with CR alone', async () => {
		const mail = dsnMail({
			status: status(
				'Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 Mailbox full',
			),
		});
		const expected = await read(mail);
		assert.equal(verdict(expected), 'bounce bob@example.org soft/mailbox_full retry');
		assert.deepEqual(await read(mail, '\r\n'), expected);
		assert.deepEqual(await read(mail, '\r'), expected);
	});

	test('has a fate for each recipient, and the worst is that of the mail', async () => {
		const groups = [
			'Final-Recipient: rfc822; a@example.org\nAction: delivered\nStatus: 2.0.0',
			'Final-Recipient: rfc822; b@example.org\nAction: delayed\nStatus: 4.4.1\nDiagnostic-Code: smtp; 421 4.4.1 Connection timed out',
			'Final-Recipient: rfc822; c@example.org\nAction: FAILED\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 No such user',
			'Final-Recipient: rfc822; d@example.org\nAction: relayed (to a server without DSN)\nStatus: 2.1.9',
		];
		const mail = await read(dsnMail({ status: status(groups.join('\n\n')) }));
		assert.equal(mail.kind, 'bounce');
		assert.equal(
			verdict(mail),
			'delivered a@example.org, delay b@example.org soft/network retry, bounce c@example.org hard/invalid_recipient suppress, delivered d@example.org',
		);
	});

	test('needs no empty line between its recipients', async () => {
		const groups = ['a', 'b'].map(
			(name) =>
				`Original-Recipient: rfc822;${name}@example.org\nFinal-Recipient: rfc822;${name}2@example.org\nAction: failed\nStatus: 5.1.1`,
		);
		const mail = await read(dsnMail({ status: `Reporting-MTA: dns; x.example.org\n${groups.join('\n')}` }));
		assert.deepEqual(
			mail.reports.map(({ recipient, finalRecipient }) => [recipient, finalRecipient]),
			[
				['a@example.org', 'a2@example.org'],
				['b@example.org', 'b2@example.org'],
			],
		);
	});

	test('may name the original recipient of the second only, and still has two', async () => {
		const first = 'Final-Recipient: rfc822;a@example.org\nAction: failed\nStatus: 5.1.1';
		const second =
			'Original-Recipient: rfc822;b@example.org\nFinal-Recipient: rfc822;c@example.org\nAction: failed\nStatus: 5.1.1';
		for (const between of ['\n', '\n\n']) {
			const mail = await read(dsnMail({ status: status(first + between + second) }));
			assert.deepEqual(
				mail.reports.map(({ recipient, finalRecipient }) => [recipient, finalRecipient]),
				[
					['a@example.org', ''],
					['b@example.org', 'c@example.org'],
				],
			);
		}
	});

	test('may have an empty line after every field', async () => {
		const fields =
			'Final-Recipient: rfc822; bob@example.org\n\nAction: failed\n\nStatus: 5.1.1\n\nDiagnostic-Code: smtp; 550 no such user';
		assert.equal(
			verdict(await read(dsnMail({ status: status(fields) }))),
			'bounce bob@example.org hard/invalid_recipient suppress',
		);
	});

	test('folds its fields, or forgets to indent the rest of them', async () => {
		for (const fold of ['\n    ', '\n\t', '\n']) {
			const code = `Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried${fold}to reach does not exist.`;
			const mail = await read(
				dsnMail({
					status: status(`Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1\n${code}`),
				}),
			);
			assert.equal(only(mail).reply, '550-5.1.1 The email account that you tried to reach does not exist.');
		}
	});

	test('writes the address in many ways', async () => {
		const spellings = [
			'rfc822; bob@example.org',
			'RFC822;<bob@example.org>',
			'rfc/822; bob@example.org',
			'unknown; bob@example.org',
			'bob@example.org',
			'rfc822; "Bob" <bob@example.org> (Bob)',
			'rfc822;bob@example.org.',
			'x-local; bob@example.org',
			'utf-8; bob@example.org',
		];
		for (const spelling of spellings) {
			const mail = await read(
				dsnMail({ status: status(`Final-Recipient: ${spelling}\nAction: failed\nStatus: 5.1.1`) }),
			);
			assert.equal(only(mail).recipient, 'bob@example.org', spelling);
		}
	});

	test('takes the recipient of the message that came back where it names none with a domain', async () => {
		const mail = await read(dsnMail({ status: status('Final-Recipient: LOCAL; bob\nAction: failed\nStatus: 5.1.1') }));
		assert.equal(only(mail).recipient, 'bob@example.org');
	});

	test('takes it from the trace of that message when it was written to several', async () => {
		const original = `Received: from a.example by b.example with ESMTP for <bob@example.org>; Mon, 2 Nov 2026 10:00:00 +0000\nFrom: news@sender.example\nTo: a@x.example, b@x.example\nSubject: x\n\nHello`;
		const fields = status('Final-Recipient: LOCAL; bob\nAction: failed\nStatus: 5.1.1');
		assert.equal(only(await read(dsnMail({ status: fields, original }))).recipient, 'bob@example.org');
		const untold = original.replace(' for <bob@example.org>', '');
		assert.equal(only(await read(dsnMail({ status: fields, original: untold }))).recipient, '');
	});

	test('tells of an address in letters of the world (RFC 6533)', async () => {
		const fields = 'Final-Recipient: utf-8; j\\x{F6}rg@example.org\nAction: failed\nStatus: 5.1.1';
		const mail = await read(dsnMail({ status: status(fields), statusType: 'message/global-delivery-status' }));
		assert.equal(only(mail).recipient, 'jörg@example.org');
	});

	test('names whom we wrote to before where it was forwarded, and decodes xtext', async () => {
		const fields =
			'Final-Recipient: rfc822; new@example.net\nOriginal-Recipient: rfc822;bob+2Bnews@example.org\nAction: failed\nStatus: 5.1.1';
		const mail = await read(dsnMail({ status: status(fields) }));
		assert.equal(only(mail).recipient, 'bob+news@example.org');
		assert.equal(only(mail).finalRecipient, 'new@example.net');
	});

	test('leaves a plus and a number alone when both recipients agree on it', async () => {
		const fields =
			'Final-Recipient: rfc822; bob+2B@example.org\nOriginal-Recipient: rfc822;bob+2B@example.org\nAction: failed\nStatus: 5.1.1';
		assert.equal(only(await read(dsnMail({ status: status(fields) }))).recipient, 'bob+2B@example.org');
	});

	test('gives the ENVID back', async () => {
		const mail = await read(
			dsnMail({
				status: `Original-Envelope-Id: q42\n${status('Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1')}`,
			}),
		);
		assert.equal(mail.envelopeId, 'q42');
	});
});

describe('what a delivery status means', () => {
	test('Action decides before Status: failed with 4.x.x has been given up', async () => {
		const fields =
			'Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 4.4.7\nDiagnostic-Code: smtp; 451 4.4.1 Connection timed out';
		assert.equal(verdict(await read(dsnMail({ status: status(fields) }))), 'bounce bob@example.org soft/network retry');
	});

	test('a temporary "no such user" at the last try is a dead address', async () => {
		const fields =
			'Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 4.1.1\nDiagnostic-Code: smtp; 450 4.1.1 User unknown in virtual alias table';
		assert.equal(
			verdict(await read(dsnMail({ status: status(fields) }))),
			'bounce bob@example.org hard/invalid_recipient suppress',
		);
	});

	test('Status decides where Action is missing', async () => {
		const [gone, gotIt] = await Promise.all(
			['5.1.1', '2.0.0'].map((code) =>
				read(dsnMail({ status: status(`Final-Recipient: rfc822; bob@example.org\nStatus: ${code}`) })),
			),
		);
		assert.equal(gone?.kind, 'bounce');
		assert.equal(gotIt?.kind, 'delivered');
	});

	test('the words decide before a Status that lies', async () => {
		const fields =
			'Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.spamhaus.org';
		const mail = await read(dsnMail({ status: status(fields) }));
		assert.equal(verdict(mail), 'bounce bob@example.org block/reputation hold');
		assert.equal(only(mail).enhancedCode, '5.7.1');
	});

	test('the Status decides where there are no words, also from its comment', async () => {
		const bare = 'Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.2.2';
		assert.equal(
			verdict(await read(dsnMail({ status: status(bare) }))),
			'bounce bob@example.org soft/mailbox_full retry',
		);
		const comment = 'Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.0.0 (unknown user)';
		assert.equal(
			verdict(await read(dsnMail({ status: status(comment) }))),
			'bounce bob@example.org hard/invalid_recipient suppress',
		);
	});

	test('the sentence about that recipient decides where the diagnostic says only a number', async () => {
		const text =
			'This is the mail system at host mx.example.org.\n\nI\'m sorry to have to inform you that your message could not\nbe delivered to one or more recipients. It\'s attached below.\n\n<a@example.org>: mailbox is full\n\n<b@example.org>: unknown user: "b"';
		const groups = ['a', 'b'].map(
			(name) =>
				`Final-Recipient: rfc822; ${name}@example.org\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 5.0.0`,
		);
		assert.equal(
			verdict(await read(dsnMail({ status: status(groups.join('\n\n')), text }))),
			'bounce a@example.org soft/mailbox_full retry, bounce b@example.org hard/invalid_recipient suppress',
		);
	});

	test('a refusal of our sender is not about the recipient', async () => {
		const fields =
			'Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; host mx.example.org[192.0.2.7] said: 550 5.1.1 User unknown (in reply to MAIL FROM command)';
		const mail = await read(dsnMail({ status: status(fields) }));
		assert.equal(verdict(mail), 'bounce bob@example.org block/sender_auth stop');
		assert.equal(only(mail).server, 'mx.example.org');
		assert.equal(only(mail).reply, '550 5.1.1 User unknown');
	});
});

describe('a delivery status in disguise', () => {
	const fields = status(
		'Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown',
	);
	const expected = 'bounce bob@example.org hard/invalid_recipient suppress';

	test('is found under another type, and in base64', async () => {
		for (const statusType of [
			'text/plain',
			'message/unknown',
			'text/delivery-status',
			'Message/Delivery-Status; charset=utf-8',
		]) {
			assert.equal(verdict(await read(dsnMail({ status: fields, statusType }))), expected, statusType);
		}
		const packed = Buffer.from(fields).toString('base64');
		assert.equal(verdict(await read(dsnMail({ status: packed, encoding: 'base64' }))), expected);
		assert.equal(verdict(await read(dsnMail({ status: packed }))), expected);
	});

	test('is found where the header names another boundary, or no type at all', async () => {
		const mail = dsnMail({ status: fields });
		assert.equal(verdict(await read(mail.replace('boundary="b1"', 'boundary="other"'))), expected);
		assert.equal(verdict(await read(mail.replace(/Content-Type: multipart.*\n/, ''))), expected);
	});

	test('is found below an mbox line and empty lines', async () => {
		const mail = `\n\nFrom MAILER-DAEMON Mon Nov  2 10:00:00 2026\n${dsnMail({ status: fields })}`;
		assert.equal(verdict(await read(mail)), expected);
	});

	test('in the message that came back it is not about this one', async () => {
		const inner = dsnMail({ status: fields.replaceAll('bob@', 'other@') });
		const outer = dsnMail({
			status: status('Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.2.2'),
			original: inner,
		});
		assert.equal(verdict(await read(outer)), 'bounce bob@example.org soft/mailbox_full retry');
	});
});
