/** Which mails count, and which only look like it: anybody can quote a bounce. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readReturnedMail } from '../../../src/bounces/returned/read-returned-mail.ts';
import { dsnMail, originalHeader, read, textMail, verdict } from './mails.ts';

const person = 'From: Bob <bob@example.org>\nTo: news@sender.example\n';
const daemon =
	'Return-Path: <>\nFrom: Mail Delivery Subsystem <MAILER-DAEMON@mx.example.org>\nTo: bounces@sender.example\n';
const failed =
	'Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown';

describe('a request to be left alone', () => {
	test('is a short mail with the word, in many languages', async () => {
		const subjects = [
			'unsubscribe',
			'UNSUBSCRIBE',
			'Please unsubscribe me',
			'remove me from this list',
			'Abmelden',
			'désabonnement',
			'baja de la lista',
			'отписаться',
			'退订',
			'配信停止',
		];
		for (const subject of subjects) {
			assert.equal(
				verdict(await read(textMail(`${person}Subject: ${subject}`, ''))),
				'unsubscribe bob@example.org',
				subject,
			);
		}
		assert.equal(
			(
				await read(
					textMail(
						`${person}Subject: Re: News in November`,
						'Unsubscribe me please.\n\nOn Monday News wrote:\n> Hello',
					),
				)
			).kind,
			'unsubscribe',
		);
		assert.equal((await read(textMail(`${person}Subject: unsubscribe:9f3a77c1d2`, ''))).kind, 'unsubscribe');
	});

	test('may say nothing when its address says it', async () => {
		const to = 'From: Bob <bob@example.org>\nTo: unsubscribe+4f2a@sender.example\n';
		assert.equal(
			(await read(textMail(`${to}Subject: 4f2a`, 'This message was automatically generated.'))).kind,
			'unsubscribe',
		);
		assert.equal((await read(textMail(`${to}Subject: Re: what I said`, 'Why am I still on your list?'))).kind, 'none');
	});

	test('is not a mail about such requests', async () => {
		const long =
			'we would like to know how to unsubscribe our colleagues who left the company, and what it costs to keep the others. '.repeat(
				4,
			);
		assert.equal((await read(textMail(`${person}Subject: How do I unsubscribe?`, long))).kind, 'none');
		assert.equal((await read(textMail(`${person}Subject: unsubscribe`, long))).kind, 'none');
		assert.equal(
			(await read(textMail(`${person}List-Id: <dev.lists.example>\nSubject: unsubscribe`, 'unsubscribe'))).kind,
			'none',
		);
	});
});

describe('a machine that answers for a person', () => {
	test('is an auto-reply, by its header or by its subject', async () => {
		const note = 'I am away until Monday and will read your mail then.';
		assert.equal(
			verdict(await read(textMail(`${person}Auto-Submitted: auto-replied\nSubject: Re: News`, note))),
			'auto-reply bob@example.org',
		);
		for (const field of ['X-Autoreply: yes', 'Precedence: auto_reply', 'X-Autorespond: News']) {
			assert.equal((await read(textMail(`${person}${field}\nSubject: Re: News`, note))).kind, 'auto-reply', field);
		}
		const subjects = [
			'Out of Office: News',
			'Automatic reply: News',
			'Abwesenheitsnotiz',
			'Réponse automatique : News',
			'Respuesta automática: News',
			'Автоответ: News',
			'自動返信: News',
			'自动回复: News',
		];
		for (const subject of subjects) {
			assert.equal((await read(textMail(`${person}Subject: ${subject}`, note))).kind, 'auto-reply', subject);
		}
	});

	test('is an auto-reply as a read receipt, unless a machine threw the message away', async () => {
		const receipt = (disposition: string) => `${person}Subject: Read: News
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary=x

--x
Content-Type: text/plain

Your message was read.
--x
Content-Type: message/disposition-notification

Reporting-UA: mua.example; App 1.0
Final-Recipient: rfc822;bob@example.org
Original-Message-ID: <m1@sender.example>
Disposition: ${disposition}
--x--
`;
		const seen = await read(receipt('manual-action/MDN-sent-manually; displayed'));
		assert.equal(verdict(seen), 'auto-reply bob@example.org');
		assert.equal(seen.original.messageId, '<m1@sender.example>');
		const lost = await read(receipt('automatic-action/MDN-sent-automatically; deleted/error'));
		assert.equal(lost.kind, 'bounce');
	});

	test('is no auto-reply when it is a list that writes about vacations, or a person who asks', async () => {
		assert.equal(
			(await read(textMail(`${person}List-Unsubscribe: <https://x.example>\nSubject: Vacation deals`, 'Book now.')))
				.kind,
			'none',
		);
		const subjects = [
			'Out of office on Friday?',
			'Vacation photos',
			'Holiday plans',
			'I am currently looking for work',
			'Abwesenheiten planen',
			'休暇申請',
			'Absence de réponse',
			'Autumn news',
		];
		for (const subject of subjects) {
			assert.equal((await read(textMail(`${person}Subject: ${subject}`, 'Are you there?'))).kind, 'none', subject);
		}
	});
});

describe('an ordinary mail', () => {
	test('has nothing to report', async () => {
		const mail = await read(textMail(`${person}Subject: Hello`, 'How are you?'));
		assert.deepEqual(mail.reports, []);
		assert.equal(mail.kind, 'none');
		assert.equal(mail.reader, '');
	});

	test('may forward a bounce, speak of bounces, or fail to deliver a parcel', async () => {
		const mails = [
			textMail(
				`${person}Subject: Fwd: Undelivered Mail Returned to Sender`,
				`What does this mean?\n\n---------- Forwarded message ----------\nFrom: MAILER-DAEMON@mx.example.org\n\n${failed}`,
			),
			textMail(`${person}In-Reply-To: <x@y.example>\nSubject: Re: failure notice`, `I got this:\n\n${failed}`),
			textMail(
				'From: Shop <news@shop.example>\nList-Unsubscribe: <https://shop.example/u>\nSubject: Why mail bounces',
				'A bounce says "550 5.1.1 User unknown". Undeliverable mail costs money.',
			),
			textMail(
				'From: Parcels <noreply@parcels.example>\nSubject: Delivery failed: we missed you',
				'Your parcel could not be delivered. Choose another day.',
			),
			textMail(
				'From: list-owner@lists.example\nSubject: 3 moderator requests waiting',
				'A post by bob@example.org was held: message rejected by a filter rule.',
			),
			dsnMail({ status: failed })
				.replace(
					'From: Mail Delivery System <MAILER-DAEMON@mx.example.org>',
					'From: Bob <bob@example.org>\nIn-Reply-To: <x@y.example>',
				)
				.replace('Return-Path: <>', 'Return-Path: <bob@example.org>')
				.replace('Subject: Und', 'Subject: Re: Und')
				.replace('multipart/report', 'multipart/mixed'),
		];
		for (const [number, mail] of mails.entries()) assert.equal((await read(mail)).kind, 'none', `mail ${number}`);
	});
});

describe('a notice in words that nobody knows', () => {
	test('is read when a machine wrote it and it speaks of delivery', async () => {
		const text = `The thing you wrote to our dear friend at <bob@example.org> could not be delivered.\n\nOur mailbox elf says: 550 no such user here\n\n${originalHeader}`;
		const mail = await read(textMail(`${daemon}Subject: Delivery problem`, text));
		assert.equal(verdict(mail), 'bounce bob@example.org hard/invalid_recipient suppress');
		assert.equal(mail.original.messageId, '<m1@sender.example>');
	});

	test('passes on the names of X-Failed-Recipients', async () => {
		const mail = await read(
			textMail(`${daemon}X-Failed-Recipients: bob@example.org\nSubject: Oh`, 'It did not work out.'),
		);
		assert.equal(mail.kind, 'bounce');
		assert.deepEqual(
			mail.reports.map(({ recipient }) => recipient),
			['bob@example.org'],
		);
	});

	test('is a receipt when it says that all went well', async () => {
		const mail = await read(
			textMail(
				`${daemon}Subject: Successful mail delivery`,
				'Your message was successfully delivered to <bob@example.org>.',
			),
		);
		assert.equal(mail.kind, 'delivered');
	});
});

describe('a bounce within a mail', () => {
	test('counts when it was passed on without a word', async () => {
		const forward = (words: string) => `${person}Subject: Fwd: Undelivered Mail
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=o

--o
Content-Type: text/plain

${words}
--o
Content-Type: message/rfc822

${dsnMail({ status: failed })}
--o--
`;
		assert.equal(verdict(await read(forward(''))), 'bounce bob@example.org hard/invalid_recipient suppress');
		assert.equal((await read(forward('Can you tell me what is wrong?'))).kind, 'none');
	});
});

test('rules of the user judge what servers said, in a delivery status and in a text', async () => {
	const own = { type: 'block', category: 'policy', action: 'drop', rule: 'own:mine' } as const;
	for (const mail of [
		dsnMail({ status: failed }),
		textMail(`${daemon}Subject: Undelivered`, '<bob@example.org>: 550 no'),
	]) {
		const { reports } = await readReturnedMail(Buffer.from(mail), () => own);
		assert.deepEqual(
			reports.map(({ refusal }) => refusal),
			[own],
		);
	}
});
