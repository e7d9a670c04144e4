/** What the header alone tells of who wrote. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDaemon, senderRole } from '../../../../src/bounces/returned/families/sender-role.ts';
import { headersOf } from './notice-mail.ts';

const machines: readonly Readonly<Record<string, string>>[] = [
	{ From: 'MAILER-DAEMON@mx.example.com (Mail Delivery System)', Subject: 'Undelivered Mail Returned to Sender' },
	{ From: 'Mail Delivery Subsystem <mailer-daemon@googlemail.com>' },
	{ From: '<MAILER-DAEMON>' },
	{ From: 'MAILER-DAEMON' },
	{ From: 'postmaster@example.org', Subject: 'Delivery Status Notification (Failure)' },
	{ From: '"Microsoft Outlook" <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org>' },
	{ From: 'Systemadministrator <x@example.org>', Subject: 'Unzustellbar: News' },
	{ From: 'news@example.org', 'X-Failed-Recipients': 'jo@example.org' },
	{ From: 'x@example.org', 'Return-Path': '<>', Subject: 'Returned mail: see transcript for details' },
	{ From: 'x@example.org', 'Content-Type': 'multipart/report; report-type=delivery-status' },
	{ From: 'PostMaster@qq.example', Subject: '系统退信' },
];
for (const fields of machines) {
	test(`${JSON.stringify(fields)} is of a machine`, () => {
		assert.equal(senderRole(headersOf(fields)), 'machine');
	});
}

const people: readonly Readonly<Record<string, string>>[] = [
	{ From: 'Ann <ann@example.org>', Subject: 'Lunch?' },
	{ From: 'Ann <ann@example.org>', Subject: 'Re: Undelivered Mail Returned to Sender' },
	{ From: 'Ann <ann@example.org>', Subject: 'AW: Unzustellbar: News' },
	{ From: 'Postmaster <postmaster@example.org>', Subject: 'Re: my account', 'Return-Path': '<postmaster@example.org>' },
];
for (const fields of people) {
	test(`${JSON.stringify(fields)} is of a person`, () => {
		assert.equal(senderRole(headersOf(fields)), 'person');
	});
}

test('one weak sign leaves it open', () => {
	assert.equal(senderRole(headersOf({ From: 'Ann <ann@example.org>', Subject: 'Delivery failed' })), 'unsure');
	assert.equal(
		senderRole(headersOf({ From: 'Ann <ann@example.org>', Subject: 'Hello', 'Return-Path': '<>' })),
		'unsure',
	);
});

test('a daemon is told by its name, and answers nobody', () => {
	assert.ok(isDaemon(headersOf({ From: 'MAILER-DAEMON@example.org' })));
	assert.ok(!isDaemon(headersOf({ From: 'postmaster@example.org' })));
	assert.ok(!isDaemon(headersOf({ From: 'Mail Delivery <d@example.org>', Subject: 'Re: parcels' })));
});
