import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remoteId } from '../../src/results/remote-id.ts';

const samples: readonly (readonly [server: string, reply: string, id: string])[] = [
	['Postfix', '250 2.0.0 Ok: queued as 4F2C81A0B3', '4F2C81A0B3'],
	['Postfix, long queue ids', '250 2.0.0 Ok: queued as 4SbXk92Mz1z9rxR', '4SbXk92Mz1z9rxR'],
	['SendGrid', '250 Ok: queued as Rk9aX-2uTz6_wSxq', 'Rk9aX-2uTz6_wSxq'],
	[
		'a relay that wraps the id',
		'250 2.0.0 OK, queued as <20261122090001.1.8D4@mg.acme.example>',
		'20261122090001.1.8D4@mg.acme.example',
	],
	['Exim', '250 OK id=1rKqXa-0003Xy-7Z', '1rKqXa-0003Xy-7Z'],
	['Exim 4.97', '250 OK id=1rKqXa-00000000abc-2DEf', '1rKqXa-00000000abc-2DEf'],
	[
		'Exchange Online',
		'250 2.6.0 <a1b2@acme.example> [InternalId=87793455567811, Hostname=AM0PR01MB1234.eurprd01.prod.exchangelabs.com] 9870 bytes in 0.120, 80.1 KB/sec Queued mail for delivery',
		'87793455567811',
	],
	[
		'Gmail',
		'250 2.0.0 OK  1700644800 a1-20020a0562140cc100b0067a1234567-12 - gsmtp',
		'a1-20020a0562140cc100b0067a1234567-12',
	],
	[
		'Amazon SES',
		'250 Ok 0100018bf1c2d3e4-5f6a7b8c-1d2e-4f3a-9b0c-1a2b3c4d5e6f-000000',
		'0100018bf1c2d3e4-5f6a7b8c-1d2e-4f3a-9b0c-1a2b3c4d5e6f-000000',
	],
	['Sendmail', '250 2.0.0 3AM90abc012345 Message accepted for delivery', '3AM90abc012345'],
	['OpenSMTPD', '250 2.0.0 8d3f2a1b Message accepted for delivery', '8d3f2a1b'],
	['SparkPost', '250 2.0.0 OK 5F/40-12345-ABCDEF56', '5F/40-12345-ABCDEF56'],
	['qmail', '250 ok 1700644800 qp 12345', 'qp 12345'],
	['Haraka', '250 Message Queued (9A3E8B7C-4F5D-4C1B-8A0E-1F2D3C4B5A69.1)', '9A3E8B7C-4F5D-4C1B-8A0E-1F2D3C4B5A69.1'],
	['smtp-sink', '250 2.0.0 Ok', ''],
	['smtp-server', '250 OK: message queued', ''],
	['hMailServer, which tells a duration', '250 Queued (0.012 seconds)', ''],
	['Yahoo', '250 ok dirdel', ''],
	['a bare code', '250', ''],
	['a reply without enhanced code that begins with a number', '250 2 messages accepted', ''],
];

for (const [server, reply, id] of samples) {
	test(`${server}: the reply ${JSON.stringify(reply.slice(0, 60))} names ${id === '' ? 'nothing' : id}`, () => {
		assert.equal(remoteId(reply), id);
	});
}

test('a reply with a number elsewhere names nothing by a common word', () => {
	assert.equal(remoteId('250 message 12 queued as soon as possible'), '');
});

test('an endless id is cut, and an endless reply is read in no time', () => {
	assert.equal(remoteId(`250 queued as ${'A1'.repeat(500)}`).length, 100);
	assert.equal(remoteId(`250 ${'queued as '.repeat(100)}1`), '');
});
