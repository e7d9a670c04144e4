/** A second opinion: Debian's smtp-sink with its fault flags. Each run ends with what the fault means, and in time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from '../helpers/needs.ts';
import { countStatuses } from '../helpers/read-log.ts';
import { sendCampaign } from '../helpers/send-campaign.ts';
import { startSmtpSink } from '../helpers/smtp-sink.ts';

interface SinkFault {
	readonly what: string;
	readonly sink: readonly string[];
	readonly flags?: readonly string[];
	readonly code: number;
	/** Final lines by status, of forty rows; a range where chance has a part. */
	readonly counts: Readonly<Record<string, readonly [number, number]>>;
	/** Messages that the sink took. */
	readonly taken: readonly [number, number];
}

const wait = ['--max-wait', '1s', '--retry', 'none', '--concurrency', '2'];

const faults: readonly SinkFault[] = [
	{ what: 'hangs up at CONNECT', sink: ['-q', 'CONNECT'], code: 69, counts: {}, taken: [0, 0] },
	{ what: 'hangs up at EHLO', sink: ['-q', 'EHLO'], code: 69, counts: {}, taken: [0, 0] },
	{ what: 'hangs up at MAIL', sink: ['-q', 'MAIL'], code: 69, counts: {}, taken: [0, 0] },
	{ what: 'hangs up at QUIT', sink: ['-q', 'QUIT'], code: 0, counts: { accepted: [40, 40] }, taken: [40, 40] },
	{ what: 'says 421 at CONNECT', sink: ['-Q', 'CONNECT'], code: 69, counts: {}, taken: [0, 0] },
	{ what: 'says 421 at EHLO', sink: ['-Q', 'EHLO'], code: 69, counts: {}, taken: [0, 0] },
	{
		what: 'refuses everybody at RCPT with 5xx',
		sink: ['-f', 'RCPT', '-B', '550 5.1.1 User unknown'],
		code: 3,
		counts: { bounced: [40, 40] },
		taken: [0, 0],
	},
	{
		what: 'refuses everybody at RCPT with 4xx',
		sink: ['-r', 'RCPT', '-b', '450 4.2.0 Greylisted'],
		code: 5,
		counts: { deferred: [40, 40] },
		taken: [0, 0],
	},
	{
		what: 'refuses every message at the dot with 4xx',
		sink: ['-r', '.'],
		code: 4,
		counts: {}, // It counts the dots, whatever it says to them.
		taken: [0, 40],
	},
	{
		what: 'refuses every MAIL with 5xx',
		sink: ['-f', 'MAIL', '-B', '550 5.7.1 Sender refused'],
		code: 4,
		counts: {},
		taken: [0, 0],
	},
	{ what: 'answers DATA late', sink: ['-W', 'DATA:1:2'], code: 0, counts: { accepted: [40, 40] }, taken: [40, 40] },
	{
		what: 'answers the dot late',
		sink: ['-w', '1'],
		flags: ['--concurrency', '20'],
		code: 0,
		counts: { accepted: [40, 40] },
		taken: [40, 40],
	},
];

for (const { what, sink, flags = [], code, counts, taken } of faults) {
	test(`a sink that ${what} ends the run with ${code}`, needs('smtp-sink'), async (t) => {
		const server = await startSmtpSink({ counting: true, flags: sink });
		const sent = await sendCampaign(t, { list: { rows: 40 }, smtp: server.url, flags: [...wait, ...flags] });
		const { messages } = await server.stop();
		assert.equal(sent.code, code, sent.stderr);
		const counted: Readonly<Record<string, number>> = countStatuses(sent.rows);
		for (const [status, [least, most]] of Object.entries(counts)) {
			const count = counted[status] ?? 0;
			assert.ok(count >= least && count <= most, `${count} ${status}\n${sent.stderr}`);
		}
		assert.ok(messages >= taken[0] && messages <= taken[1], `the sink took ${messages}`);
		assert.ok((counted['accepted'] ?? 0) <= messages);
	});
}

test(
	'a sink that hangs up at the dot leaves those unknown whose dot it got, and nobody is sent to twice',
	needs('smtp-sink'),
	async (t) => {
		const server = await startSmtpSink({ counting: true, flags: ['-q', '.'] });
		const sent = await sendCampaign(t, { list: { rows: 12 }, smtp: server.url, flags: wait });
		await server.stop();
		const { unknown = 0, accepted = 0 } = countStatuses(sent.rows);
		assert.equal(accepted, 0);
		assert.ok(unknown > 0, sent.stderr);
		assert.ok(sent.code === 3 || sent.code === 69 || sent.code === 5, `${sent.code}`);
	},
);

test(
	'a sink that says 421 at the dot takes nothing, and everybody is left for later',
	needs('smtp-sink'),
	async (t) => {
		const server = await startSmtpSink({ counting: true, flags: ['-Q', '.'] });
		const sent = await sendCampaign(t, { list: { rows: 12 }, smtp: server.url, flags: wait });
		await server.stop();
		const { unknown = 0, accepted = 0, bounced = 0 } = countStatuses(sent.rows);
		assert.deepEqual([unknown, accepted, bounced], [0, 0, 0]);
		assert.ok(sent.code === 5 || sent.code === 69, `${sent.code}\n${sent.stderr}`);
	},
);

test(
	'a sink that says 550 in the middle of a big message, and reads no more, refuses it',
	needs('smtp-sink'),
	async (t) => {
		const server = await startSmtpSink({ counting: true, flags: ['-A', '0'] });
		const head = 'From: news@acme.example\nTo: {{email}}\nSubject: Long\n\n';
		const template = `${head}${'<p>A long story, told in many words.</p>\n'.repeat(150_000)}`;
		const sent = await sendCampaign(t, { list: { rows: 3 }, template, smtp: server.url, flags: wait });
		assert.equal((await server.stop()).messages, 0);
		const { unknown = 0, accepted = 0 } = countStatuses(sent.rows);
		assert.deepEqual([unknown, accepted], [0, 0], sent.stderr);
	},
);
