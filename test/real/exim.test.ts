/** A second opinion: Debian's Exim with the limits that people meet there. Everybody is sent to once, whatever it throttles. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { needsRoot } from '../helpers/needs.ts';
import { countStatuses } from '../helpers/read-log.ts';
import { type SentCampaign, sendCampaign } from '../helpers/send-campaign.ts';
import { type Exim, type EximOptions, startExim } from './exim.ts';

const exim = needsRoot('exim');

async function serve(t: TestContext, options: EximOptions): Promise<Exim> {
	const server = await startExim(options);
	t.after(() => server.stop());
	return server;
}

function everybodyOnce(sent: SentCampaign, server: Exim, count: number): void {
	assert.equal(sent.code, 0, `${sent.stderr}\n${server.log().slice(-3_000)}`);
	assert.deepEqual(countStatuses(sent.rows), { accepted: count });
	const taken = server.taken();
	assert.equal(taken.length, count);
	assert.equal(new Set(taken).size, count);
}

test('Exim that takes ten messages a connection gets them over new ones, and nobody is deferred', exim, async (t) => {
	const server = await serve(t, { settings: { smtp_accept_max_per_connection: '10' } });
	const sent = await sendCampaign(t, { list: { rows: 200 }, smtp: server.url, flags: ['--concurrency', '3'] });
	everybodyOnce(sent, server, 200);
	assert.ok(
		sent.rows.every((row) => row.attempt === 1),
		'somebody was tried twice',
	);
});

test('Exim that takes three connections in all is used with those, and the run says so', exim, async (t) => {
	const server = await serve(t, { settings: { smtp_accept_max: '3' } });
	const sent = await sendCampaign(t, {
		list: { rows: 200 },
		smtp: server.url,
		flags: ['--concurrency', '10', '--max-wait', '2m'],
	});
	everybodyOnce(sent, server, 200);
	assert.match(sent.stderr, /connection/);
});

test('Exim that lets a client in twice at most is used with two connections', exim, async (t) => {
	const server = await serve(t, { settings: { smtp_accept_max_per_host: '2' } });
	const sent = await sendCampaign(t, {
		list: { rows: 100 },
		smtp: server.url,
		flags: ['--concurrency', '6', '--max-wait', '2m'],
	});
	everybodyOnce(sent, server, 100);
});

test('Exim that defers above twenty messages in two seconds gets everybody in the same run', exim, async (t) => {
	const mailAcl = `  defer message = 4.7.1 Sender rate $sender_rate / $sender_rate_period, slow down
        ratelimit = 20 / 2s / per_mail / strict`;
	const server = await serve(t, { mailAcl });
	const sent = await sendCampaign(t, {
		list: { rows: 60 },
		smtp: server.url,
		flags: ['--concurrency', '2', '--retry', '2s*20', '--max-wait', '2m'],
	});
	everybodyOnce(sent, server, 60);
	assert.match(server.log(), /temporarily rejected MAIL/);
});

test('Exim at --rate below its limit never has a reason to defer', exim, async (t) => {
	const mailAcl = `  defer message = 4.7.1 Slow down
        ratelimit = 12 / 1s / per_mail / strict`;
	const server = await serve(t, { mailAcl });
	const sent = await sendCampaign(t, { list: { rows: 40 }, smtp: server.url, flags: ['--rate', '10/s'] });
	everybodyOnce(sent, server, 40);
	assert.doesNotMatch(server.log(), /temporarily rejected/);
});

test('Exim that refuses a recipient bounces that one, over the same connection as the others', exim, async (t) => {
	const rcptAcl = '  deny message = Unrouteable address\n       local_parts = user3';
	const server = await serve(t, { rcptAcl });
	const sent = await sendCampaign(t, { list: { rows: 10 }, smtp: server.url, flags: ['--concurrency', '1'] });
	assert.equal(sent.code, 3, sent.stderr);
	assert.deepEqual(countStatuses(sent.rows), { accepted: 9, bounced: 1 });
	assert.equal(new Set(server.taken()).size, 9);
});
