/** A bounce that a real Postfix makes comes back to the envelope sender that --verp gave, says which message it is about, and is read. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readVerp } from '../../src/recipients/tokens/verp.ts';
import { put } from '../cli/returned-mails.ts';
import { needsPostfix } from '../helpers/needs.ts';
import { startPostfix } from '../helpers/postfix.ts';
import { runMailshot } from '../helpers/run-mailshot.ts';
import { sendCampaign } from '../helpers/send-campaign.ts';

const secret = 'e2e:0123456789abcdefghijklmnopqrstuvwxyz';

test('Postfix sends what it could not deliver back to the token of that message', needsPostfix(), async (context) => {
	const relay = await startPostfix({
		keepsMail: true,
		// Taken at RCPT, and found to be nobody when it is delivered.
		settings: { virtual_mailbox_maps: 'regexp:{ { /^(anna|bounces)/ all/ } }' },
	});
	context.after(() => relay.stop());

	const sent = await sendCampaign(context, {
		list: 'email\nanna@example.com\ngone@example.com\n',
		template: 'From: News <news@acme.example>\nSubject: Hello\n\n<p>x</p>\n',
		smtp: `smtp://127.0.0.1:${relay.port}`,
		flags: ['--verp', 'bounces@acme.example'],
		env: { MAILSHOT_SECRET: secret },
	});

	assert.equal(sent.code, 0, sent.stderr);
	const came = await relay.delivered(2);
	const bounces = [...came.keys()].filter((recipient) => recipient.startsWith('bounces+'));
	assert.equal(bounces.length, 1, relay.log());
	const gone = sent.rows.find(({ recipient }) => recipient === 'gone@example.com');
	assert.equal(readVerp(bounces[0] ?? '', [Buffer.from(secret)]), gone?.message_id.slice(1, 21));
	assert.match(came.get(bounces[0] ?? '') ?? '', /gone@example\.com/);
});

test(
	'what Postfix sends back is matched by its envelope id with --dsn, and suppresses who is dead',
	needsPostfix(),
	async (context) => {
		const relay = await startPostfix({
			keepsMail: true,
			settings: { virtual_mailbox_maps: 'regexp:{ { /^(anna|bounces)/ all/ } }' },
		});
		context.after(() => relay.stop());
		const sent = await sendCampaign(context, {
			list: 'email\nanna@example.com\ngone@example.com\n',
			template: 'From: News <bounces@acme.example>\nSubject: Hello\n\n<p>x</p>\n',
			smtp: `smtp://127.0.0.1:${relay.port}`,
			flags: ['--dsn'],
		});
		assert.equal(sent.code, 0, sent.stderr);
		const mail = (await relay.delivered(2)).get('bounces@acme.example') ?? assert.fail(relay.log());
		const gone = sent.rows.find(({ recipient }) => recipient === 'gone@example.com');
		assert.match(mail, new RegExp(`^Original-Envelope-Id: ${gone?.message_id.slice(1, 33)}$`, 'm'));
		assert.match(mail, /^Original-Recipient: rfc822;gone@example\.com$/m);
		// As some servers do, it returns nothing of the message.
		put(join(sent.directory, 'returned'), '1.eml', mail.replaceAll(/^Message-ID: .*$/gim, 'X-Gone: 1'));

		const read = await runMailshot(
			['bounces', 'returned', '--log', 'results.jsonl', '--suppress', 'suppressed.csv', '--json'],
			{ cwd: sent.directory },
		);

		assert.equal(read.code, 0, read.stderr);
		const { recipient, matched, message_id, bounce_category } = JSON.parse(read.stdout);
		assert.deepEqual(
			[recipient, matched, message_id, bounce_category],
			['gone@example.com', true, gone?.message_id, 'invalid_recipient'],
		);
		assert.match(readFileSync(join(sent.directory, 'suppressed.csv'), 'utf8'), /^gone@example\.com,hard,/m);
	},
);
