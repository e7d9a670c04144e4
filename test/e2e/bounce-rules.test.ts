/** Rules of users decide what a refusal means, while sending and in mail that came back. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { bounceMail, put } from '../cli/returned-mails.ts';
import { startRelay } from '../helpers/relay.ts';
import { runMailshot } from '../helpers/run-mailshot.ts';
import { sendCampaign } from '../helpers/send-campaign.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

const template = 'From: News <news@acme.example>\nSubject: Hello\n\n<p>x</p>\n';
const gate = '550 5.7.1 Quarantined by ACME Gate (42)';
const rules = `- id: acme-gate
  pattern: quarantined by acme
  category: invalid_recipient
  sample: "${gate}"
`;

test('--bounce-rules decides before our own rules', async (context) => {
	const relay = await startRelay(context, {
		deviate: ({ command, recipient }) => (command === 'RCPT' && recipient.startsWith('bob') ? { say: gate } : null),
	});
	const directory = temporaryDirectory(context);
	put(directory, 'rules.yaml', rules);
	put(join(directory, 'returned'), '1.eml', bounceMail('bob@example.com', gate));
	const own = ['--bounce-rules', join(directory, 'rules.yaml')];

	for (const [flags, category, action] of [
		[own, 'invalid_recipient', 'suppress'],
		[[], 'policy', 'drop'],
	] as const) {
		const sent = await sendCampaign(context, {
			list: 'email\nanna@example.com\nbob@example.com\n',
			template,
			smtp: `smtp://127.0.0.1:${relay.port}`,
			flags: [...flags, '--retry', 'none'],
		});
		const bob = sent.rows.find(({ recipient }) => recipient === 'bob@example.com');
		assert.deepEqual([bob?.bounce_category, bob?.bounce_action], [category, action], sent.stderr);
		const read = await runMailshot(['bounces', 'returned', '--json', ...flags], { cwd: directory });
		const told = JSON.parse(read.stdout);
		assert.deepEqual([told.bounce_category, told.bounce_action], [category, action], read.stderr);
	}
});

test('a rule that is wrong ends the run with 78 before anything is sent, and says in which line', async (context) => {
	const relay = await startRelay(context, {});
	const directory = temporaryDirectory(context);
	put(directory, 'rules.yaml', rules.replace('invalid_recipient', 'dead'));
	const sent = await sendCampaign(context, {
		smtp: `smtp://127.0.0.1:${relay.port}`,
		flags: ['--bounce-rules', join(directory, 'rules.yaml')],
	});

	assert.equal(sent.code, 78, sent.stderr);
	assert.match(sent.stderr, /rules\.yaml, line 3: .*dead/);
	assert.equal(relay.accepted.length, 0);
});
