/** Connections that end in the middle of a campaign: what was not sent goes over another, what may have arrived is never sent twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countStatuses } from '../helpers/read-log.ts';
import { assertTruth, type Relay, startRelay } from '../helpers/relay.ts';
import { sendCampaign } from '../helpers/send-campaign.ts';

function heardPerConnection(relay: Relay, command: string): Map<number, number> {
	const counts = new Map<number, number>();
	for (const { connection, line } of relay.heard) {
		if (line.startsWith(command)) counts.set(connection, (counts.get(connection) ?? 0) + 1);
	}
	return counts;
}

test('no connection carries more than --messages-per-connection, and each ends with QUIT', async (t) => {
	const relay = await startRelay(t, {});
	const flags = ['--messages-per-connection', '10', '--concurrency', '3'];
	const sent = await sendCampaign(t, { list: { rows: 100 }, smtp: relay.url, flags });

	assert.equal(sent.code, 0, sent.stderr);
	const messages = heardPerConnection(relay, 'MAIL FROM');
	assert.ok(Math.max(...messages.values()) <= 10, `${Math.max(...messages.values())} messages on one connection`);
	assert.ok(messages.size >= 10 && messages.size <= 13, `${messages.size} connections for 100 messages`);
	assert.ok(relay.peakConnections <= 3, `${relay.peakConnections} connections at once`);
	// One more may have been opened for a message that another connection took.
	const quits = heardPerConnection(relay, 'QUIT');
	assert.deepEqual([...quits.values()], Array(relay.connectionCount).fill(1));
	for (const connection of messages.keys()) assert.ok(quits.has(connection), `no QUIT on connection ${connection}`);
	assertTruth(relay, sent);
});

const endings = [
	{ name: 'closes', deviation: { hangUp: 'close' } },
	{ name: 'resets', deviation: { hangUp: 'reset' } },
	{ name: 'says 421 and closes', deviation: { say: '421 4.4.5 Too many messages on this connection' } },
] as const;

for (const { name, deviation } of endings) {
	for (const command of ['MAIL', 'RCPT', 'DATA'] as const) {
		for (const keywords of [['PIPELINING'], []]) {
			const mode = keywords.length > 0 ? 'with PIPELINING' : 'without PIPELINING';
			test(`a connection that ${name} at ${command} ${mode} loses nothing: the message goes over another`, async (t) => {
				const relay = await startRelay(t, {
					keywords,
					deviate: (moment) => (moment.command === command && moment.transaction === 6 ? deviation : null),
				});
				const sent = await sendCampaign(t, { list: { rows: 40 }, smtp: relay.url, flags: ['--concurrency', '2'] });

				assert.equal(sent.code, 0, sent.stderr);
				assert.deepEqual(countStatuses(sent.rows), { accepted: 40 });
				assert.equal(relay.accepted.length, 40);
				assert.ok(Math.max(...heardPerConnection(relay, '.').values(), 0) <= 5);
				assertTruth(relay, sent);
			});
		}
	}
}

test('a 421 in answer to the final dot is a no: the message goes over another connection', async (t) => {
	let refused = 0;
	const relay = await startRelay(t, {
		deviate: ({ command, connection, transaction }) => {
			if (command !== 'dot' || connection !== 1 || transaction !== 3) return null;
			refused++;
			return { say: '421 4.3.2 System going down' };
		},
	});
	const sent = await sendCampaign(t, { list: { rows: 20 }, smtp: relay.url, flags: ['--concurrency', '1'] });

	assert.equal(refused, 1);
	assert.equal(sent.code, 0, sent.stderr);
	assert.deepEqual(countStatuses(sent.rows), { accepted: 20 });
	assertTruth(relay, sent);
});

for (const hangUp of ['close', 'reset'] as const) {
	test(`a connection that ends by ${hangUp} after the final dot leaves that row unknown, and it is not sent again`, async (t) => {
		let seen = 0;
		const relay = await startRelay(t, {
			deviate: ({ command, recipient }) => {
				if (command !== 'dot' || recipient !== 'user7@example.com') return null;
				seen++;
				return { hangUp };
			},
		});
		const sent = await sendCampaign(t, { list: { rows: 20 }, smtp: relay.url, flags: ['--concurrency', '1'] });

		assert.equal(seen, 1, 'the message was sent again');
		assert.equal(sent.code, 3, sent.stderr);
		assert.deepEqual(countStatuses(sent.rows), { accepted: 19, unknown: 1 });
		assert.equal(sent.rows.find((row) => row.status === 'unknown')?.recipient, 'user7@example.com');
		assertTruth(relay, sent);
	});
}

test('a refused recipient costs the next one nothing on the same connection', async (t) => {
	const relay = await startRelay(t, {
		deviate: ({ command, recipient }) =>
			command === 'RCPT' && /user\d*[05]@/.test(recipient) ? { say: '550 5.1.1 User unknown' } : null,
	});
	const sent = await sendCampaign(t, { list: { rows: 40 }, smtp: relay.url, flags: ['--concurrency', '1'] });

	assert.equal(sent.code, 3, sent.stderr);
	assert.deepEqual(countStatuses(sent.rows), { accepted: 32, bounced: 8 });
	assert.equal(relay.connectionCount, 1);
	assertTruth(relay, sent);
});

test('a server that answers 354 although it refused the recipient gets no body, and its 250 is believed by nobody', async (t) => {
	const relay = await startRelay(t, {
		deviate: ({ command, recipient }) => {
			if (command === 'RCPT' && recipient === 'user3@example.com') return { say: '550 5.1.1 User unknown' };
			return command === 'DATA' && recipient === '' ? { say: '354 Go ahead all the same' } : null;
		},
	});
	const sent = await sendCampaign(t, { list: { rows: 10 }, smtp: relay.url, flags: ['--concurrency', '1'] });

	assert.equal(sent.code, 3, sent.stderr);
	assert.deepEqual(countStatuses(sent.rows), { accepted: 9, bounced: 1 });
	const leaked = relay.accepted.filter((mail) => mail.recipient === '' && mail.lines.length > 0);
	assert.deepEqual(leaked, []);
});

test('a reply too many ends that connection, and no later message is judged by it', async (t) => {
	const relay = await startRelay(t, {
		deviate: ({ command, connection, transaction }) =>
			command === 'MAIL' && connection === 1 && transaction === 4
				? { say: '250 2.1.0 Ok\r\n250 2.1.0 And once more' }
				: null,
	});
	const sent = await sendCampaign(t, { list: { rows: 20 }, smtp: relay.url, flags: ['--concurrency', '1'] });

	assert.ok(relay.connectionCount >= 2, 'the connection was used on');
	assert.equal(sent.rows.length, 20, sent.stderr);
	assertTruth(relay, sent);
});
