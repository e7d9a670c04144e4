/** What Amazon SES tells, in the shapes of its developer guide, as reports about recipients. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsIn, told } from './event-tools.ts';

const mail = {
	timestamp: '2026-11-22T09:00:00.000Z',
	messageId: '0102018f-0000',
	source: 'news@acme.example',
	destination: ['Ann <ann@example.com>'],
	headers: [{ name: 'Message-ID', value: '<abc@acme.example>' }],
	commonHeaders: { from: ['news@acme.example'], messageId: '<xyz@eu-west-1.amazonses.com>' },
};

const recipient = { emailAddress: 'ann@example.com', action: 'failed', status: '5.1.1' };

function bounce(bounceType: string, bounceSubType: string, said: Readonly<Record<string, string>> = {}) {
	return {
		notificationType: 'Bounce',
		bounce: {
			bounceType,
			bounceSubType,
			bouncedRecipients: [{ emailAddress: 'ann@example.com', ...said }],
			timestamp: '2026-11-22T09:00:05.000Z',
			remoteMtaIp: '192.0.2.7',
			reportingMTA: 'dsn; a8-50.smtp-out.amazonses.com',
		},
		mail,
	};
}

test('a bounce is read with what the server said, the Message-ID as it was given, and when', async () => {
	const diagnosticCode = 'smtp; 550 5.1.1 user unknown';
	const [event, ...others] = await eventsIn(bounce('Permanent', 'General', { status: '5.1.1', diagnosticCode }));
	assert.deepEqual(others, []);
	assert.equal(event?.messageId, '<abc@acme.example>');
	assert.equal(event?.remoteId, '0102018f-0000');
	assert.equal(event?.date, '2026-11-22T09:00:05.000Z');
	const { refusal, ...report } = event?.report ?? {};
	assert.deepEqual(report, {
		kind: 'bounce',
		recipient: 'ann@example.com',
		finalRecipient: '',
		enhancedCode: '5.1.1',
		reply: '550 5.1.1 user unknown',
		server: '192.0.2.7',
		isUndo: false,
	});
	assert.deepEqual([refusal?.type, refusal?.category, refusal?.action], ['hard', 'invalid_recipient', 'suppress']);
});

test('without the headers the Message-ID is that of the common headers', async () => {
	const [event] = await eventsIn({ ...bounce('Permanent', 'General'), mail: { ...mail, headers: [] } });
	assert.equal(event?.messageId, '<xyz@eu-west-1.amazonses.com>');
});

test('what the server said beats the type of SES', async () => {
	const said = (diagnosticCode: string, status: string) => ({ diagnosticCode: `smtp; ${diagnosticCode}`, status });
	assert.deepEqual(
		await told(
			bounce(
				'Permanent',
				'General',
				said('554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org', '5.7.1'),
			),
			bounce('Transient', 'General', said('550 4.4.7 Message expired: unable to deliver in 840 minutes.', '4.4.7')),
			bounce('Transient', 'General', said('550 5.4.4 Invalid domain: host not found', '5.4.4')),
			bounce(
				'Transient',
				'MailboxFull',
				said('452 4.2.2 The email account that you tried to reach is over quota.', '4.2.2'),
			),
		),
		[
			'bounce ann@example.com block/reputation/hold',
			'bounce ann@example.com soft/network/retry',
			'bounce ann@example.com hard/invalid_domain/suppress',
			'bounce ann@example.com soft/mailbox_full/retry',
		],
	);
});

test('where no server said anything the type of SES decides', async () => {
	const types: readonly (readonly [type: string, subtype: string, meaning: string])[] = [
		['Permanent', 'General', 'hard/invalid_recipient/suppress'],
		['Permanent', 'NoEmail', 'hard/invalid_recipient/suppress'],
		['Permanent', 'Suppressed', 'hard/inactive/suppress'],
		['Permanent', 'OnAccountSuppressionList', 'hard/inactive/suppress'],
		['Permanent', 'SomethingNew', 'unknown/unknown/drop'],
		['Transient', 'General', 'soft/system/retry'],
		['Transient', 'MailboxFull', 'soft/mailbox_full/retry'],
		['Transient', 'MessageTooLarge', 'block/message/drop'],
		['Transient', 'ContentRejected', 'block/spam/hold'],
		['Transient', 'AttachmentRejected', 'block/spam/hold'],
		['Undetermined', 'Undetermined', 'unknown/unknown/drop'],
	];
	for (const [type, subtype, meaning] of types) {
		assert.deepEqual(await told(bounce(type, subtype)), [`bounce ann@example.com ${meaning}`], `${type}/${subtype}`);
	}
	// A code beats it, x.0.0 is none.
	assert.deepEqual(await told(bounce('Permanent', 'General', { status: '5.7.1' })), [
		'bounce ann@example.com block/policy/drop',
	]);
	assert.deepEqual(await told(bounce('Transient', 'MailboxFull', { status: '5.0.0' })), [
		'bounce ann@example.com soft/mailbox_full/retry',
	]);
	const [event] = await eventsIn(bounce('Transient', 'General'));
	assert.equal(event?.report.refusal?.rule, 'ses:transient/general');
});

test('an address on a suppression list of SES is dead, whatever SES writes beside it', async () => {
	const diagnosticCode =
		'Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid address.';
	assert.deepEqual(await told(bounce('Permanent', 'Suppressed', { status: '5.1.1', diagnosticCode })), [
		'bounce ann@example.com hard/inactive/suppress',
	]);
	assert.deepEqual(await told(bounce('Permanent', 'UnsubscribedRecipient')), ['unsubscribe ann@example.com']);
});

test('complaints, those that are taken back, and reports about authentication are told apart', async () => {
	const complaint = (complaintFeedbackType?: string) => ({
		eventType: 'Complaint',
		complaint: { complainedRecipients: [{ emailAddress: 'ann@example.com' }], complaintFeedbackType },
		mail,
	});
	assert.deepEqual(await told(complaint(), complaint('abuse'), complaint('not-spam'), complaint('auth-failure')), [
		'complaint ann@example.com',
		'complaint ann@example.com',
		'complaint ann@example.com taken back',
		'auth-report ann@example.com',
	]);
});

test('delays, rejects, deliveries and unsubscribes are read, opens and clicks are nothing', async () => {
	const delay = {
		eventType: 'DeliveryDelay',
		deliveryDelay: {
			delayType: 'TransientCommunicationFailure',
			delayedRecipients: [recipient, { emailAddress: 'bob@example.com', diagnosticCode: 'smtp; 451 4.7.1 Greylisted' }],
		},
		mail,
	};
	assert.deepEqual(
		await told(
			{
				...delay,
				deliveryDelay: { delayType: 'MailboxFull', delayedRecipients: [{ emailAddress: 'ann@example.com' }] },
			},
			{
				...delay,
				deliveryDelay: { delayType: 'General', delayedRecipients: [delay.deliveryDelay.delayedRecipients[1]] },
			},
			{ eventType: 'Reject', reject: { reason: 'Bad content' }, mail },
			{ eventType: 'Delivery', delivery: { recipients: ['ann@example.com'], smtpResponse: '250 ok' }, mail },
			{
				eventType: 'Subscription',
				subscription: { contactList: 'l', newTopicPreferences: { unsubscribeAll: true } },
				mail,
			},
			{ eventType: 'Subscription', subscription: { newTopicPreferences: { unsubscribeAll: false } }, mail },
			{ eventType: 'Open', open: {}, mail },
			{ eventType: 'Click', click: {}, mail },
			{ eventType: 'Send', send: {}, mail },
			{ eventType: 'Rendering Failure', failure: {}, mail },
		),
		[
			'delay ann@example.com soft/mailbox_full/retry',
			'delay bob@example.com soft/greylisted/retry',
			'bounce ann@example.com block/spam/hold',
			'delivered ann@example.com',
			'unsubscribe ann@example.com',
		],
	);
});

test('every envelope is opened: SNS, SNS in SQS, SQS and SNS in Lambda, EventBridge', async () => {
	const event = bounce('Permanent', 'NoEmail');
	const sns = { Type: 'Notification', MessageId: 'm', TopicArn: 'arn:aws:sns:x', Message: JSON.stringify(event) };
	const line = 'bounce ann@example.com hard/invalid_recipient/suppress';
	assert.deepEqual(
		await told(
			sns,
			{ Messages: [{ MessageId: 'q', Body: JSON.stringify(sns) }, { Body: JSON.stringify(event) }] },
			{ Records: [{ EventSource: 'aws:sns', Sns: sns }] },
			{ Records: [{ eventSource: 'aws:sqs', body: JSON.stringify(sns) }] },
			{ version: '0', 'detail-type': 'Email Bounced', detail: { eventType: 'Bounce', ...event } },
		),
		[line, line, line, line, line, line],
	);
});

test('what SNS says for itself is nothing, and nobody is dead for it', async () => {
	assert.deepEqual(
		await told(
			{
				Type: 'Notification',
				TopicArn: 'a',
				Message: 'Successfully validated SNS topic for Amazon SES event publishing.',
			},
			{ Type: 'SubscriptionConfirmation', TopicArn: 'a', Message: 'You have chosen to subscribe', Token: 't' },
		),
		[],
	);
});

test('an envelope that holds something else, or a torn event, is no event of SES', async () => {
	for (const other of [
		{ Type: 'Notification', TopicArn: 'a', Message: '{"notificationType":"Bounce","bou' },
		{ Records: [{ eventSource: 'aws:s3', s3: { object: { key: 'x' } } }] },
		{ Records: [{ eventSource: 'aws:sqs', body: '{"hello":"world"}' }] },
		{ Message: 'no topic' },
	]) {
		await assert.rejects(eventsIn(other), /1: is no event of ses or sendgrid/);
	}
});

test('fields of a wrong kind are fields that are not there', async () => {
	const wrong = [7, null, 'x', [], {}, [[]], true];
	for (const value of wrong) {
		await told(
			{ notificationType: 'Bounce', bounce: value, mail: value },
			{
				notificationType: 'Bounce',
				bounce: { bouncedRecipients: value },
				mail: { headers: value, commonHeaders: value },
			},
			{ notificationType: 'Bounce', bounce: { bouncedRecipients: [value] }, mail },
			{ eventType: 'Complaint', complaint: { complainedRecipients: [value] }, mail },
			{ eventType: 'Reject', reject: value, mail: { destination: value } },
		);
	}
});
