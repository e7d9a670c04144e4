/** Anybody can quote a bounce: mail of people, and of machines that are no mail systems, belongs to no family. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNotice, textFamilies } from '../../../../src/bounces/returned/families/text-families.ts';
import { mailOf } from './notice-mail.ts';

const quotes = [
	'This is the mail system at host mx.example.com.\n\n<jo@example.org>: host mx[192.0.2.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command)',
	'A message that you sent could not be delivered to one or more of its\nrecipients. The following address(es) failed:\n\n  jo@example.org\n    550 no such user',
	'Hi. This is the qmail-send program at x.\nI was not able to deliver your message to the following addresses.\n\n<jo@example.org>:\nRemote host said: 550 no\nGiving up on 192.0.2.1.',
	'   ----- The following addresses had permanent fatal errors -----\n<jo@example.org>\n    (reason: 550 no such user)',
	"** Address not found **\n\nYour message wasn't delivered to jo@example.org",
	'Diagnostic information for administrators:\n\nGenerating server: x\n\njo@example.org\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##',
	'Unknown user: jo@example.org',
	'jo@example.org宛のメールは送信できませんでした。',
	'您的邮件被退回，收件人 jo@example.cn 不存在',
];

const people = {
	'a person who asks for help': {
		From: 'Ann <ann@example.net>',
		To: 'help@sender.example',
		Subject: 'What does this mean?',
		'Return-Path': '<ann@example.net>',
	},
	'a person who answers a bounce': {
		From: 'Ann <ann@example.net>',
		To: 'help@sender.example',
		Subject: 'Re: Undelivered Mail Returned to Sender',
		'Return-Path': '<ann@example.net>',
	},
	'a person who forwards a bounce': {
		From: 'Ann <ann@example.net>',
		To: 'help@sender.example',
		Subject: 'Fwd: Mail delivery failed: returning message to sender',
	},
	'a postmaster who answers': {
		From: 'Postmaster <postmaster@example.net>',
		To: 'help@sender.example',
		Subject: 'Re: your bounce',
		'Return-Path': '<postmaster@example.net>',
	},
	'a mailing list about mail servers': {
		From: 'Ann via list <list@example.net>',
		To: 'list@example.net',
		Subject: '[users] qmail question',
		'List-Id': '<users.example.net>',
		'Return-Path': '<list-bounces@example.net>',
	},
};

for (const [who, headers] of Object.entries(people)) {
	test(`${who} belongs to no family`, () => {
		for (const quote of quotes) {
			const mail = mailOf(`Hello,\n\nI got this, can you help?\n\n${quote}\n\nAnn\n`, { headers });
			assert.equal(readNotice(mail), null, quote);
		}
	});
}

const machines = {
	'a parcel service': [
		{ From: 'Parcels <noreply@parcels.example>', To: 'jo@example.org', Subject: 'Your parcel could not be delivered' },
		'We were unable to deliver your parcel 550 123.\nIt was not delivered. Questions? service@parcels.example\n',
	],
	'a vacation note': [
		{
			From: 'Jo <jo@example.org>',
			To: 'news@sender.example',
			Subject: 'Automatic reply: News',
			'Auto-Submitted': 'auto-replied',
			'Return-Path': '<>',
		},
		'I am out of the office and your mail will not be read. This mailbox does not exist any more from May on; write to ann@example.org.\n',
	],
	'a newsletter about mail': [
		{
			From: 'News <news@mail-tips.example>',
			To: 'jo@example.org',
			Subject: 'Why bounces happen: mailbox full, user unknown',
		},
		'This week: what "550 5.1.1 user unknown" means and why mail was not delivered. Write to editor@mail-tips.example.\n',
	],
	'a shop': [
		{
			From: 'Shop <no-reply@shop.example>',
			To: 'jo@example.org',
			Subject: 'Your order 550',
			'Auto-Submitted': 'auto-generated',
		},
		'Thank you for order 550. Contact us: service@shop.example. It could not be delivered to your address yet.\n',
	],
} as const;

for (const [who, [headers, text]] of Object.entries(machines)) {
	test(`${who} belongs to no family`, () => {
		assert.equal(readNotice(mailOf(text, { headers })), null);
	});
}

test('a subject that fits is not enough for a quote far down', () => {
	const story = 'Since Monday our customers tell us about trouble, and we wonder whether it is the new line. '.repeat(
		5,
	);
	const headers = { From: 'Ann <ann@example.net>', To: 'help@sender.example', Subject: 'Delivery failed' };
	for (const quote of quotes) assert.equal(readNotice(mailOf(`${story}\n\n${quote}\n`, { headers })), null, quote);
});

test('asked one by one, the families give what the first of them gives', () => {
	const mail = mailOf('Unknown user: jo@example.org\n');
	const first = textFamilies
		.map((family) => ({ id: family.id, reports: family.read(mail) }))
		.find(({ reports }) => reports !== null);
	assert.deepEqual({ family: first?.id, reports: first?.reports }, readNotice(mail));
});

test('names of families are unique', () => {
	const ids = textFamilies.map(({ id }) => id);
	assert.deepEqual(ids, [...new Set(ids)]);
});
