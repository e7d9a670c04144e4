/** Unsubscribe links and envelope senders as a server gets them, and the token back through the command. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import PostalMime from 'postal-mime';
import { runMailshot } from '../helpers/run-mailshot.ts';
import { sendCampaign } from '../helpers/send-campaign.ts';
import { startSmtpServer, type TestSmtpServer } from '../helpers/smtp-server.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

let server: TestSmtpServer;
before(async () => {
	server = await startSmtpServer();
});
after(() => server.stop());

const secret = 'e2e:0123456789abcdefghijklmnopqrstuvwxyz';
const template =
	'From: Acme News <news@acme.example>\nSubject: Hello\n\n<p><a href="{{@unsubscribe_url}}">leave</a></p>\n';
const list = 'email,id\nanna@example.com,7\nbob@example.com,8\n';
const link = ['--unsubscribe-url', 'https://acme.example/u/{{@unsubscribe_token}}'];
const campaign = () => ({ list, template, smtp: `smtp://127.0.0.1:${server.port}` });

function mailTo(address: string) {
	const mail = server.messages.findLast(({ to }) => to.includes(address));
	assert.ok(mail !== undefined, address);
	return mail;
}

test('what arrives has the headers of RFC 8058, an envelope sender of its own, and a token that is verified', async (context) => {
	const flags = [
		...link,
		'--unsubscribe-mailto',
		'leave@acme.example',
		'--verp',
		'bounces@acme.example',
		'--verbose',
		'--trace',
		'trace',
	];
	const sent = await sendCampaign(context, { ...campaign(), flags, env: { MAILSHOT_SECRET: secret } });

	assert.equal(sent.code, 0, sent.stderr);
	const { content, from } = mailTo('anna@example.com');
	const { headers, html = '' } = await PostalMime.parse(content);
	const header = (name: string) => headers.find(({ key }) => key === name)?.value ?? '';
	const [, url = '', token = ''] =
		/^<(https:\/\/acme\.example\/u\/([\w.-]+))>, /.exec(header('list-unsubscribe')) ?? [];
	assert.ok(html.includes(`<a href="${url}">`), html);
	assert.equal(header('list-unsubscribe-post'), 'List-Unsubscribe=One-Click');
	const row = sent.rows.find(({ recipient }) => recipient === 'anna@example.com');
	assert.match(from, /^bounces\+[\da-f]{40}@acme\.example$/);
	assert.equal(from.slice(8, 28), row?.message_id.slice(1, 21));
	assert.notEqual(from, mailTo('bob@example.com').from);
	assert.match(sent.stderr, /^ {2}Leaving {4}https:\/\/acme\.example\/u\/1[\w-]{5}… \(one click, or by mail\)$/m);
	assert.match(sent.stderr, /^ {2}Bounces {4}to bounces\+[\da-f]{6}…@acme\.example$/m);

	for (const name of readdirSync(sent.directory))
		assert.ok(!readFileSync(join(sent.directory, name), 'utf8').includes(secret), `the secret is in ${name}`);

	const verify = (env: Record<string, string>) =>
		runMailshot(['unsubscribe', 'verify', token], { cwd: sent.directory, env });
	assert.deepEqual(await verify({ MAILSHOT_SECRET: secret }), {
		code: 0,
		signal: null,
		stdout: 'anna@example.com\tnews\n',
		stderr: '',
	});
	assert.equal((await verify({ MAILSHOT_SECRET: secret.toUpperCase() })).code, 65);
});

test('without a variable the first run makes the secret and says so, and links of later runs are the same', async (context) => {
	const state = temporaryDirectory(context);
	const tokens: string[] = [];
	for (const says of [true, false]) {
		const sent = await sendCampaign(context, { ...campaign(), flags: link, env: { XDG_STATE_HOME: state } });
		assert.equal(sent.code, 0, sent.stderr);
		assert.equal(
			sent.stderr.includes(`a new secret signs the tokens, keep it: ${join(state, 'mailshot', 'secret')}`),
			says,
		);
		tokens.push(/https:\/\/acme\.example\/u\/([\w.-]+)/.exec(mailTo('bob@example.com').content)?.[1] ?? '');
	}
	assert.equal(tokens[0], tokens[1]);
	const verify = ['unsubscribe', 'verify', '--json', tokens[0] ?? ''];
	const { stdout } = await runMailshot(verify, { cwd: state, env: { XDG_STATE_HOME: state } });
	assert.deepEqual(JSON.parse(stdout), { valid: true, address: 'bob@example.com', campaign: 'news', reason: '' });
});

test('in CI without a secret nothing is sent, and a campaign without tokens needs none', async (context) => {
	const before = server.messages.length;
	const env = { CI: 'true' };
	const refused = await sendCampaign(context, { ...campaign(), flags: link, env });
	assert.equal(refused.code, 78);
	assert.match(refused.stderr, /in CI none is made.*\n[\s\S]*export MAILSHOT_SECRET=/);
	assert.deepEqual([server.messages.length, existsSync(refused.logPath)], [before, false]);
	const byColumn = ['--unsubscribe-url', 'https://acme.example/u?id={{id}}'];
	assert.equal((await sendCampaign(context, { ...campaign(), flags: byColumn, env })).code, 0);
	assert.match(mailTo('bob@example.com').content, /^List-Unsubscribe: <https:\/\/acme\.example\/u\?id=8>\r$/m);
});

test('another link is another message for a campaign that has begun; a setting does as well as the flag', async (context) => {
	const env = {
		MAILSHOT_SECRET: secret,
		MAILSHOT_UNSUBSCRIBE_URL: 'https://acme.example/u/{{@unsubscribe_token}}',
		MAILSHOT_VERP: 'bounces@acme.example',
	};
	const first = await sendCampaign(context, { ...campaign(), env, flags: ['--limit', '1'] });
	assert.equal(first.code, 5, first.stderr);
	const again = ['send', 'list.csv', '-t', 'news.hbs', '--log', 'results.jsonl', '--yes', '--smtp', campaign().smtp];

	const moved = await runMailshot([...again, '--unsubscribe-url', 'https://acme.example/v/{{@unsubscribe_token}}'], {
		cwd: first.directory,
		env,
	});
	assert.equal(moved.code, 2);
	assert.match(moved.stderr, /another header line changed/);

	const onward = await runMailshot([...again, '--verp', 'returns@acme.example'], { cwd: first.directory, env });
	assert.equal(onward.code, 0, onward.stderr);
	assert.match(mailTo('bob@example.com').from, /^returns\+/);
});
