/** What is still tried, what did arrive, and what the reason is when it stands apart from the address. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { speaksOfDelay } from '../../../../src/bounces/returned/families/delay-words.ts';
import { speaksOfFailure } from '../../../../src/bounces/returned/families/failure-words.ts';
import { readNotice } from '../../../../src/bounces/returned/families/text-families.ts';
import { fromDaemon, mailOf, reads } from './notice-mail.ts';

reads(
	'a subject that says delayed makes a delay of a text that does not',
	'general',
	mailOf('<jo@example.org>: 451 4.4.1 connection timed out\n', {
		headers: { ...fromDaemon, Subject: 'Delayed Mail (still being retried)' },
	}),
	[{ recipient: 'jo@example.org', isDelay: true }],
);

reads(
	'what was given up is no delay, though it was delayed before',
	'exim',
	mailOf(
		'This message was created automatically by mail delivery software.\n\nA message that you sent has been delayed and could not be delivered. This is a permanent error. The following address(es) failed:\n\n  jo@example.org\n    retry timeout exceeded\n',
	),
	[{ recipient: 'jo@example.org', isDelay: false }],
);

for (const sentence of [
	'Die Zustellung der Nachricht hat sich verzögert.',
	'Le message a été retardé.',
	'Доставка задержана.',
	'メールの配信が遅れています。',
] as const) {
	test(`"${sentence}" speaks of delay`, () => {
		assert.ok(speaksOfDelay(sentence.toLowerCase()));
	});
}

for (const sentence of [
	'Ihre Nachricht konnte nicht zugestellt werden',
	"Votre message n'a pas pu être remis",
	'メールは宛先不明のため',
	'您的邮件被退回',
	'не может быть доставлено',
] as const) {
	test(`"${sentence}" speaks of failure`, () => {
		assert.ok(speaksOfFailure(sentence.toLowerCase()));
	});
}

for (const text of [
	'This is the mail system at host mx.example.com.\n\nYour message was successfully delivered to the destination(s)\nlisted below.\n\n<jo@example.org>: delivery via mx[192.0.2.1]:25: 250 2.0.0 Ok\n',
	'   ----- The following addresses had successful delivery notifications -----\n<jo@example.org>  (successfully delivered to mailbox)\n',
	'Your message has been successfully relayed to the following recipients:\n\n  jo@example.org\n',
]) {
	test(`a receipt is no bounce: ${text.trim().slice(0, 40)}`, () => {
		assert.equal(
			readNotice(mailOf(text, { headers: { ...fromDaemon, Subject: 'Successful Mail Delivery Report' } })),
			null,
		);
	});
}

test('who lures people with a full mailbox names nobody and brings nothing back', () => {
	const headers = { From: 'Mail Delivery System <admin@lure.example>', To: 'jo@example.org', Subject: 'Mailbox full' };
	const mail = mailOf('Your mailbox jo@example.org is full, 5 messages could not be delivered. Click here.', {
		headers,
	});
	assert.equal(readNotice(mail), null);
});

reads(
	'a reason below another heading is found where the address has none',
	'general',
	mailOf('The message you sent to jo@example.org could not be delivered.\n\nERROR: User unknown at this site.\n'),
	[{ recipient: 'jo@example.org', says: 'ERROR: User unknown at this site.' }],
);

reads(
	'a reason in words that nobody knows stays beside the one that is found',
	'dragonfly',
	mailOf(
		'This is the DragonFly Mail Agent v0.13.\n\nThere was an error delivering your mail to <jo@example.org>.\n\nStrange things happened.\n\nReason: the moon was full\n',
	),
	[{ recipient: 'jo@example.org', says: 'Strange things happened. (the moon was full' }],
);
