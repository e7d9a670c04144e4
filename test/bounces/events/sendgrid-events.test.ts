/** What SendGrid's webhook posts, in the shapes of its event reference, as reports about recipients. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsIn, told } from './event-tools.ts';

function event(name: string, fields: Readonly<Record<string, unknown>> = {}) {
	return {
		email: 'ann@example.com',
		timestamp: 1_795_000_000,
		'smtp-id': '<abc@acme.example>',
		event: name,
		sg_event_id: 'x',
		sg_message_id: '14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0',
		...fields,
	};
}

test('a bounce is read with what the server said, the Message-ID, and when', async () => {
	const reason = '550 5.1.1 The email account that you tried to reach does not exist.';
	const [found] = await eventsIn(event('bounce', { reason, status: '5.1.1', type: 'bounce' }));
	assert.equal(found?.messageId, '<abc@acme.example>');
	assert.equal(found?.remoteId, '14c5d75ce93');
	assert.equal(found?.date, '2026-11-18T11:06:40.000Z');
	assert.equal(found?.report.reply, reason);
	assert.equal(found?.report.enhancedCode, '5.1.1');
	assert.equal(found?.report.refusal?.action, 'suppress');
});

test('what the server said beats the class of SendGrid', async () => {
	const reason = '550 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.spamhaus.org';
	assert.deepEqual(
		await told(
			event('bounce', { reason, type: 'bounce', bounce_classification: 'Invalid Address' }),
			event('bounce', { reason: '552 5.2.2 mailbox full', type: 'blocked' }),
		),
		['bounce ann@example.com block/reputation/hold', 'bounce ann@example.com soft/mailbox_full/retry'],
	);
});

test('where no server said anything the class of SendGrid decides, and a block never suppresses', async () => {
	const classes: readonly (readonly [name: string, meaning: string])[] = [
		['Invalid Address', 'hard/invalid_recipient/suppress'],
		['Mailbox Unavailable', 'soft/mailbox_full/retry'],
		['Frequency or Volume Too High', 'soft/rate_limited/slow'],
		['Technical Failure', 'soft/system/retry'],
		['Reputation', 'block/reputation/hold'],
		['Content', 'block/spam/hold'],
		['Unclassified', 'unknown/unknown/drop'],
	];
	for (const [bounce_classification, meaning] of classes) {
		assert.deepEqual(await told(event('bounce', { bounce_classification, type: 'bounce' })), [
			`bounce ann@example.com ${meaning}`,
		]);
	}
	assert.deepEqual(await told(event('bounce', { type: 'blocked' }), event('bounce', { status: '5.0.0' })), [
		'bounce ann@example.com block/reputation/hold',
		'bounce ann@example.com unknown/unknown/drop',
	]);
});

test('drops tell why SendGrid did not even try', async () => {
	const reasons: readonly (readonly [reason: string, told: string])[] = [
		['Bounced Address', 'bounce ann@example.com hard/inactive/suppress'],
		['Invalid', 'bounce ann@example.com hard/invalid_recipient/suppress'],
		['Unsubscribed Address', 'unsubscribe ann@example.com'],
		['Spam Reporting Address', 'complaint ann@example.com'],
		['Spam Content', 'bounce ann@example.com block/spam/hold'],
		['Invalid SMTPAPI header', 'bounce ann@example.com block/message/drop'],
		['Recipient List over Package Quota', 'bounce ann@example.com block/account/stop'],
		['', 'bounce ann@example.com unknown/unknown/drop'],
	];
	for (const [reason, line] of reasons) assert.deepEqual(await told(event('dropped', { reason })), [line], reason);
});

test('delays, complaints, unsubscribes and deliveries are read, opens and clicks are nothing', async () => {
	assert.deepEqual(
		await told([
			event('deferred', { response: '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred', attempt: '5' }),
			event('deferred'),
			event('spamreport'),
			event('unsubscribe'),
			event('group_unsubscribe', { asm_group_id: 10 }),
			event('delivered', { response: '250 OK' }),
			event('processed'),
			event('open'),
			event('click', { url: 'https://acme.example' }),
			event('group_resubscribe'),
			event('something new'),
		]),
		[
			'delay ann@example.com soft/rate_limited/hold',
			'delay ann@example.com soft/system/retry',
			'complaint ann@example.com',
			'unsubscribe ann@example.com',
			'unsubscribe ann@example.com',
			'delivered ann@example.com',
		],
	);
});

test('fields of a wrong kind are fields that are not there', async () => {
	for (const value of [7, null, {}, [], true, 1e300, -1e300]) {
		const [found] = await eventsIn({
			event: 'bounce',
			email: value,
			timestamp: value,
			reason: value,
			'smtp-id': value,
		});
		assert.equal(found?.report.kind, 'bounce');
	}
});
