/** What scripts, cron and CI read: streams kept apart, no escape codes, nothing from a server that moves a cursor. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { sendCampaign } from '../helpers/send-campaign.ts';
import { smtpDialogue } from '../helpers/smtp-dialogue.ts';

const hostileReply = '550 5.1.1 \u001b[2J\u001b]0;pwned\u0007User\u009b31m unknown\u202e';
let server: ScriptedServer;
before(async () => {
	server = await startScriptedServer(
		smtpDialogue({
			deviate: ({ command, recipient }) =>
				command === 'RCPT' && recipient.startsWith('user2@') ? { say: hostileReply } : null,
		}),
	);
});
after(() => server.stop());

const controlCharacter = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

const surroundings: readonly { readonly name: string; readonly env: Readonly<Record<string, string>> }[] = [
	{ name: 'a pipe', env: {} },
	{ name: 'CI=true', env: { CI: 'true', TERM: 'xterm-256color', COLORTERM: 'truecolor' } },
	{ name: 'TERM=dumb', env: { TERM: 'dumb' } },
];

for (const { name, env } of surroundings) {
	test(`with ${name} the output is plain lines, whatever the server says`, async (t) => {
		const sent = await sendCampaign(t, { list: { rows: 10 }, smtp: server.url, env });
		assert.equal(sent.code, 3, sent.stderr);
		assert.doesNotMatch(sent.stdout, controlCharacter);
		assert.doesNotMatch(sent.stderr, controlCharacter);
		assert.match(sent.stderr, /accepted/);
		assert.match(sent.stderr, /results\.jsonl/);
		for (const line of sent.stderr.split('\n')) assert.ok(line.length < 500, line);
	});
}

test('the words of a server stand in the log without anything that moves a cursor', async (t) => {
	const sent = await sendCampaign(t, { list: { rows: 3 }, smtp: server.url });
	const refused = sent.rows.find((row) => row.recipient === 'user2@example.com');
	assert.equal(refused?.bounce_category, 'invalid_recipient');
	assert.doesNotMatch(refused.smtp_response, controlCharacter);
	assert.match(refused.smtp_response, /User/);
});

test('--json puts one JSON object a line on standard output, the last of them the summary', async (t) => {
	const sent = await sendCampaign(t, { list: { rows: 10 }, smtp: server.url, flags: ['--json'] });
	assert.equal(sent.code, 3, sent.stderr);
	const objects = sent.stdout
		.trimEnd()
		.split('\n')
		.map((line): Record<string, unknown> => JSON.parse(line));
	const { counts, exit_code } = objects.at(-1) ?? {};
	assert.deepEqual(counts, sent.summary().counts);
	assert.equal(exit_code, 3);
});

test('--quiet says nothing when all went well, and still says what is wrong', async (t) => {
	const list = 'email,first_name,last_name,city,plan,credit\na@example.com,A,B,C,D,1\n';
	const well = await sendCampaign(t, { list, smtp: server.url, flags: ['--quiet'] });
	assert.deepEqual({ code: well.code, stdout: well.stdout, stderr: well.stderr }, { code: 0, stdout: '', stderr: '' });
	const wrong = await sendCampaign(t, { list: '', smtp: server.url, flags: ['--quiet'] });
	assert.equal(wrong.code, 65);
	assert.match(wrong.stderr, /list\.csv/);
});

test('without --json nothing but data would be on standard output, and a send has none', async (t) => {
	const sent = await sendCampaign(t, { smtp: server.url });
	assert.equal(sent.stdout, '');
});

test('a campaign name and tags are in every row', async (t) => {
	const flags = ['--campaign', 'november', '--tag', 'team=press', '--tag', 'list=readers'];
	const sent = await sendCampaign(t, { smtp: server.url, flags });
	for (const row of sent.rows) {
		assert.equal(row.campaign, 'november');
		assert.deepEqual(row.tags, { team: 'press', list: 'readers' });
	}
	assert.equal(new Set(sent.rows.map((row) => row.run_id)).size, 1);
	assert.equal(sent.rows.length, 3);
});
