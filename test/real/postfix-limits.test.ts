/** A second opinion: Postfix that throttles by its own anvil, and greylists through postgrey. Everybody is sent to once. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { needsPostfix } from '../helpers/needs.ts';
import { type Postfix, startPostfix } from '../helpers/postfix.ts';
import { countStatuses } from '../helpers/read-log.ts';
import { type SentCampaign, sendCampaign } from '../helpers/send-campaign.ts';
import { startPostgrey } from './postgrey.ts';

/** anvil spares those in mynetworks, and counts by minutes. */
const counted = { smtpd_client_event_limit_exceptions: '', anvil_rate_time_unit: '4s' };

async function serve(t: TestContext, settings: Readonly<Record<string, string>>): Promise<Postfix> {
	const postfix = await startPostfix({ settings: { ...counted, ...settings } });
	t.after(() => postfix.stop());
	return postfix;
}

async function everybodyOnce(sent: SentCampaign, postfix: Postfix, count: number): Promise<void> {
	assert.equal(sent.code, 0, sent.stderr);
	assert.deepEqual(countStatuses(sent.rows), { accepted: count });
	const taken = await postfix.discarded(count);
	assert.equal(taken.length, count);
	assert.equal(new Set(taken).size, count);
}

test('Postfix that takes three connections of a client is used with three', needsPostfix(), async (t) => {
	const postfix = await serve(t, { smtpd_client_connection_count_limit: '3' });
	const sent = await sendCampaign(t, {
		list: { rows: 300 },
		smtp: `smtp://127.0.0.1:${postfix.port}`,
		flags: ['--concurrency', '10', '--max-wait', '2m'],
	});
	await everybodyOnce(sent, postfix, 300);
	assert.match(sent.stderr, /connection/);
});

test('Postfix that takes forty messages in four seconds gets everybody in the same run', needsPostfix(), async (t) => {
	const postfix = await serve(t, { smtpd_client_message_rate_limit: '40' });
	const sent = await sendCampaign(t, {
		list: { rows: 100 },
		smtp: `smtp://127.0.0.1:${postfix.port}`,
		flags: ['--concurrency', '2', '--retry', '3s*10', '--max-wait', '2m'],
	});
	await everybodyOnce(sent, postfix, 100);
});

test('Postfix that takes five connections in four seconds is knocked at more slowly', needsPostfix(), async (t) => {
	const postfix = await serve(t, { smtpd_client_connection_rate_limit: '5' });
	const sent = await sendCampaign(t, {
		list: { rows: 60 },
		smtp: `smtp://127.0.0.1:${postfix.port}`,
		flags: ['--concurrency', '4', '--messages-per-connection', '5', '--max-wait', '3m'],
	});
	await everybodyOnce(sent, postfix, 60);
});

test('a Postfix that counts errors and hangs up loses nobody', needsPostfix(), async (t) => {
	const refused = new Map(
		Array.from({ length: 50 }, (_, n) => [`user${n * 2 + 1}@example.com`, '550 5.1.1 User unknown'] as const),
	);
	const postfix = await startPostfix({
		refused,
		settings: { ...counted, smtpd_soft_error_limit: '5', smtpd_hard_error_limit: '10' },
	});
	t.after(() => postfix.stop());
	const sent = await sendCampaign(t, {
		list: { rows: 100 },
		smtp: `smtp://127.0.0.1:${postfix.port}`,
		flags: ['--concurrency', '2', '--max-wait', '2m', '--max-bounce-rate', '90%'],
	});
	assert.equal(sent.code, 3, sent.stderr);
	assert.deepEqual(countStatuses(sent.rows), { accepted: 50, bounced: 50 });
	assert.equal(new Set(await postfix.discarded(50)).size, 50);
});

test(
	'greylisting by postgrey is waited for as long as it says, and everybody is sent to in the same run',
	needsPostfix('postgrey'),
	async (t) => {
		const postgrey = await startPostgrey(4, 'Greylisted, try again in %s seconds');
		t.after(() => postgrey.stop());
		const postfix = await serve(t, { smtpd_recipient_restrictions: `${postgrey.policyService}, permit` });
		const sent = await sendCampaign(t, {
			list: { rows: 20 },
			smtp: `smtp://127.0.0.1:${postfix.port}`,
			flags: ['--concurrency', '2', '--retry', '1s,1m,1m', '--max-wait', '2m'],
		});
		await everybodyOnce(sent, postfix, 20);
		// The time it told was obeyed: one knock too early at most would have been a third try.
		assert.deepEqual([...new Set(sent.rows.map((row) => row.attempt))].sort(), [1, 2]);
	},
);

test('greylisting without a time is tried again by the schedule', needsPostfix('postgrey'), async (t) => {
	const postgrey = await startPostgrey(2, 'Greylisted, see http://postgrey.example/help/%r.html');
	t.after(() => postgrey.stop());
	const postfix = await serve(t, { smtpd_recipient_restrictions: `${postgrey.policyService}, permit` });
	const sent = await sendCampaign(t, {
		list: { rows: 10 },
		smtp: `smtp://127.0.0.1:${postfix.port}`,
		flags: ['--concurrency', '1', '--retry', '3s,3s', '--max-wait', '2m'],
	});
	await everybodyOnce(sent, postfix, 10);
});

test(
	'greylisting with --retry none leaves everybody deferred, and the next run gets them through',
	needsPostfix('postgrey'),
	async (t) => {
		const postgrey = await startPostgrey(1, 'Greylisted');
		t.after(() => postgrey.stop());
		const postfix = await serve(t, { smtpd_recipient_restrictions: `${postgrey.policyService}, permit` });
		const sent = await sendCampaign(t, {
			list: { rows: 10 },
			smtp: `smtp://127.0.0.1:${postfix.port}`,
			flags: ['--retry', 'none'],
		});
		assert.equal(sent.code, 5, sent.stderr);
		assert.deepEqual(countStatuses(sent.rows), { deferred: 10 });
		assert.ok(sent.rows.every((row) => row.bounce_category === 'greylisted'));
	},
);
