/** Ten thousand rows through Debian's smtp-sink: every count right, at the sink, in the log and in the summary. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from '../helpers/needs.ts';
import { countStatuses } from '../helpers/read-log.ts';
import { sendCampaign } from '../helpers/send-campaign.ts';
import { startSmtpSink } from '../helpers/smtp-sink.ts';

test(
	'ten thousand rows are ten thousand messages at the server and ten thousand accepted lines',
	needs('smtp-sink'),
	async (t) => {
		const sink = await startSmtpSink({ counting: true });
		const sent = await sendCampaign(t, { list: { rows: 10_000 }, smtp: sink.url });
		const atTheSink = await sink.stop();

		assert.equal(sent.code, 0, sent.stderr);
		assert.equal(atTheSink.messages, 10_000);
		assert.deepEqual(countStatuses(sent.rows), { accepted: 10_000 });
		for (const column of ['key', 'row', 'line', 'message_id', 'recipient'] as const) {
			assert.equal(new Set(sent.rows.map((row) => row[column])).size, 10_000, `${column} is not unique`);
		}
		const { counts, state, exit_code } = sent.summary();
		assert.deepEqual(
			{ state, exit_code, toSend: counts.to_send, left: counts.left },
			{ state: 'finished', exit_code: 0, toSend: 10_000, left: 0 },
		);
		// Ten connections and the one that saw that the sink was up; each may carry 1000 messages.
		assert.ok(atTheSink.sessions >= 11 && atTheSink.sessions <= 30, `${atTheSink.sessions} connections`);
	},
);

test('a server without PIPELINING gets the same messages command by command', needs('smtp-sink'), async (t) => {
	const sink = await startSmtpSink({ counting: true, flags: ['-p'] });
	const sent = await sendCampaign(t, { list: { rows: 1000 }, smtp: sink.url });
	const atTheSink = await sink.stop();

	assert.equal(sent.code, 0, sent.stderr);
	assert.equal(atTheSink.messages, 1000);
	assert.deepEqual(countStatuses(sent.rows), { accepted: 1000 });
});

test('messages of 300 KB go through as well, with and without PIPELINING', needs('smtp-sink'), async (t) => {
	const head = 'From: news@acme.example\nTo: {{email}}\nSubject: Long\n\n';
	const template = `${head}<p>Dear {{first_name}}</p>\n${'<p>A long story, told in many words.</p>\n'.repeat(8000)}`;
	for (const flags of [[], ['-p']]) {
		const sink = await startSmtpSink({ counting: true, flags });
		const sent = await sendCampaign(t, { list: { rows: 40 }, template, smtp: sink.url });
		assert.equal((await sink.stop()).messages, 40, sent.stderr);
		assert.equal(sent.code, 0);
		for (const row of sent.rows) assert.ok(row.size_bytes > 300_000, `${row.size_bytes} bytes`);
	}
});

test('a server that knows no EHLO is spoken to with HELO', needs('smtp-sink'), async (t) => {
	const sink = await startSmtpSink({ counting: true, flags: ['-e'] });
	const sent = await sendCampaign(t, { list: { rows: 20 }, smtp: sink.url });

	assert.equal((await sink.stop()).messages, 20, sent.stderr);
	assert.equal(sent.code, 0);
});

test('a sink that refuses every recipient bounces every row and none is accepted', needs('smtp-sink'), async (t) => {
	const sink = await startSmtpSink({ counting: true, flags: ['-f', 'RCPT', '-B', '550 5.1.1 User unknown'] });
	const sent = await sendCampaign(t, { list: { rows: 100 }, smtp: sink.url });

	assert.equal((await sink.stop()).messages, 0);
	assert.equal(sent.code, 3, sent.stderr);
	assert.deepEqual(countStatuses(sent.rows), { bounced: 100 });
	assert.deepEqual(sent.summary().bounce_category, { invalid_recipient: 100 });
});

test('two hundred connections carry a campaign as well as one', needs('smtp-sink'), async (t) => {
	for (const concurrency of [1, 200]) {
		const sink = await startSmtpSink({ counting: true });
		const sent = await sendCampaign(t, {
			list: { rows: 1000 },
			smtp: sink.url,
			flags: ['--concurrency', `${concurrency}`],
		});
		const atTheSink = await sink.stop();

		assert.equal(sent.code, 0, sent.stderr);
		assert.deepEqual(countStatuses(sent.rows), { accepted: 1000 });
		assert.equal(atTheSink.messages, 1000);
		assert.ok(atTheSink.sessions <= concurrency + 1, `${atTheSink.sessions} connections`);
	}
});
