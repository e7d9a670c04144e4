/** What must be so before a single message leaves: somebody said yes, the number is the expected one, the log is new. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { freePort } from '../helpers/loopback-port.ts';
import { readLog } from '../helpers/read-log.ts';
import { runMailshot } from '../helpers/run-mailshot.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { sendCampaign } from '../helpers/send-campaign.ts';
import { type AcceptedMail, smtpDialogue } from '../helpers/smtp-dialogue.ts';

const accepted: AcceptedMail[] = [];
let server: ScriptedServer;
before(async () => {
	server = await startScriptedServer(smtpDialogue({ accepted }));
});
after(() => server.stop());

test('without a terminal and without --yes nothing is sent, and the message says what to add', async (t) => {
	const sent = await sendCampaign(t, { list: { rows: 30 }, smtp: server.url, unconfirmed: true });
	assert.equal(sent.code, 2, sent.stderr);
	assert.match(sent.stderr, /30/);
	assert.match(sent.stderr, /--yes/);
	assert.match(sent.stderr, /--expect/);
	assert.equal(accepted.length, 0);
	assert.deepEqual(sent.rows, []);
});

test('a yes on standard input is no answer: a list may come that way', async (t) => {
	const list = 'email,first_name,last_name,city,plan,credit\na@example.com,A,B,C,D,1\n';
	const sent = await sendCampaign(t, { list, fromStdin: true, smtp: server.url, unconfirmed: true });
	assert.equal(sent.code, 2, sent.stderr);
	assert.equal(accepted.length, 0);
});

for (const [range, rows, code] of [
	['20..40', 30, 0],
	['30', 30, 0],
	['1..29', 30, 2],
	['31..99', 30, 2],
] as const) {
	test(`--expect ${range} with ${rows} messages to send ends with ${code}`, async (t) => {
		const seen = accepted.length;
		const sent = await sendCampaign(t, { list: { rows }, smtp: server.url, flags: ['--expect', range] });
		assert.equal(sent.code, code, sent.stderr);
		assert.equal(accepted.length - seen, code === 0 ? rows : 0);
		if (code !== 0) assert.match(sent.stderr, /30/);
	});
}

test('--dry-run renders every row, names every error, and connects to nobody', async (t) => {
	const port = await freePort();
	const list = 'email,first_name\na@example.com,Anna\nbob@,Bob\nc@example.com,"Carl\r\nX: y"\nd@example.com,Dora\n';
	const template = 'From: news@acme.example\nTo: {{email}}\nSubject: Hi {{first_name}}\n\n<p>x</p>\n';
	const sent = await sendCampaign(t, {
		list,
		template,
		smtp: `smtp://127.0.0.1:${port}`,
		flags: ['--dry-run'],
		unconfirmed: true,
	});
	assert.equal(sent.code, 65, sent.stderr);
	const said = sent.stdout + sent.stderr;
	assert.match(said, /line 3 of list\.csv/);
	assert.match(said, /line 4/);
	assert.doesNotMatch(said, /ECONNREFUSED/);
});

test('--dry-run of a hundred thousand good rows ends with 0', async (t) => {
	const sent = await sendCampaign(t, {
		list: { rows: 100_000 },
		smtp: server.url,
		flags: ['--dry-run'],
		unconfirmed: true,
	});
	assert.equal(sent.code, 0, sent.stderr);
	assert.match(sent.stdout + sent.stderr, /100,000/);
});

test('a campaign that is done is not sent again by the same command, and not a byte of its log changes', async (t) => {
	const seen = accepted.length;
	const first = await sendCampaign(t, { smtp: server.url });
	assert.equal(first.code, 0, first.stderr);
	const before = readFileSync(first.logPath);
	const args = ['send', 'list.csv', '-t', 'news.hbs', '--log', 'results.jsonl', '--smtp', server.url, '--yes'];
	const second = await runMailshot(args, { cwd: first.directory });
	assert.equal(second.code, 0, second.stderr);
	assert.match(
		second.stderr,
		/0 to send, 3 settled by earlier runs \(results\.jsonl\); a new --log starts a new campaign/,
	);
	assert.deepEqual(readFileSync(first.logPath), before);
	assert.equal(accepted.length - seen, 3);
	assert.equal(readLog(first.logPath).length, 3);
});

test('a log that cannot be made ends with 73 before anything is sent', async (t) => {
	const connections = server.connectionCount;
	const sent = await sendCampaign(t, { smtp: server.url, flags: ['--log', 'no/such/directory/results.jsonl'] });
	assert.equal(sent.code, 73, sent.stderr);
	assert.match(sent.stderr, /no\/such\/directory/);
	assert.equal(server.connectionCount, connections);
});

test('log and summary can be read by their owner only', async (t) => {
	const sent = await sendCampaign(t, { smtp: server.url });
	for (const path of [sent.logPath, `${sent.logPath}.summary.json`]) {
		assert.ok(existsSync(path), sent.stderr);
		assert.equal(statSync(path).mode & 0o777, 0o600, path);
	}
});

const misspelt: readonly (readonly string[])[] = [
	['--concurrency', '0'],
	['--concurrency', '201'],
	['--concurrency', 'many'],
	['--messages-per-connection', '0'],
	['--limit', '-1'],
	['--expect', '9..1'],
	['--set', 'no-equals-sign'],
	['--smtp', 'http://127.0.0.1/'],
	['--tls', 'maybe'],
	['--no-such-flag'],
];

for (const flags of misspelt) {
	test(`${flags.join(' ')} is a usage error, and nothing is sent`, async (t) => {
		const connections = server.connectionCount;
		const sent = await sendCampaign(t, { smtp: server.url, flags });
		assert.equal(sent.code, 2, sent.stderr);
		assert.ok(sent.stderr.includes(flags[0] ?? ''), sent.stderr);
		assert.equal(server.connectionCount, connections);
	});
}

test('without a server the message says how to name one, or to rehearse with --sandbox', async (t) => {
	const sent = await sendCampaign(t, {});
	assert.equal(sent.code, 2, sent.stderr);
	assert.match(sent.stderr, /--smtp/);
	assert.match(sent.stderr, /--sandbox/);
});

test('--sandbox rehearses a whole campaign with no server at all', async (t) => {
	const list =
		'email,first_name,last_name,city,plan,credit\na@example.com,A,B,C,D,1\nb+bounce-550-5-1-1@example.com,A,B,C,D,1\n';
	const sent = await sendCampaign(t, { list, flags: ['--sandbox'] });
	assert.equal(sent.code, 3, sent.stderr);
	assert.deepEqual(sent.rows.map((row) => row.status).sort(), ['accepted', 'bounced']);
	sent.summary();
});
