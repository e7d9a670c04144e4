/** A thousand rows over STARTTLS to a real Postfix that refuses fifty of them, each refusal understood. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsPostfix } from '../helpers/needs.ts';
import { startPostfix } from '../helpers/postfix.ts';
import { countStatuses, rowOf } from '../helpers/read-log.ts';
import { sendCampaign } from '../helpers/send-campaign.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { makeTestCa } from '../helpers/test-ca.ts';

interface ExpectedRefusal {
	readonly reply: string;
	readonly status: 'bounced' | 'deferred';
	readonly type: string;
	readonly category: string;
}

/** What relays say, and what it means (reference/bounces.md §1). A refusal about us is deferred, also when it is a 5xx. */
const refusals: readonly ExpectedRefusal[] = [
	{
		reply: '550 5.1.1 User unknown in local recipient table',
		status: 'bounced',
		type: 'hard',
		category: 'invalid_recipient',
	},
	{
		reply: '550 5.1.1 The email account that you tried to reach does not exist',
		status: 'bounced',
		type: 'hard',
		category: 'invalid_recipient',
	},
	{ reply: '550 5.1.2 Domain not found', status: 'bounced', type: 'hard', category: 'invalid_domain' },
	{
		reply: '550 5.2.1 The email account that you tried to reach is disabled',
		status: 'bounced',
		type: 'hard',
		category: 'inactive',
	},
	{ reply: '452 4.2.2 Mailbox full', status: 'deferred', type: 'soft', category: 'mailbox_full' },
	{
		reply: '450 4.2.0 Greylisted, see http://postgrey.example/help',
		status: 'deferred',
		type: 'soft',
		category: 'greylisted',
	},
	{ reply: '451 4.3.0 Temporary lookup failure', status: 'deferred', type: 'soft', category: 'system' },
	{
		reply: '450 4.7.1 Too many messages from your IP, try again later',
		status: 'deferred',
		type: 'soft',
		category: 'rate_limited',
	},
	{
		reply: '554 5.7.1 Client host blocked using zen.spamhaus.example',
		status: 'deferred',
		type: 'block',
		category: 'reputation',
	},
	{ reply: '550 5.7.1 Message rejected as spam', status: 'deferred', type: 'block', category: 'spam' },
];

/** Every 20th of a thousand rows. */
const refusedRows = 50;

test(
	'Postfix takes 950 of 1000 over STARTTLS, and each of the 50 it refused is in the log with what the refusal means',
	needsPostfix(),
	async (t) => {
		const ca = makeTestCa(temporaryDirectory(t));
		const expected = new Map<string, ExpectedRefusal>();
		for (let n = 1; n <= refusedRows; n++) {
			const refusal = refusals[n % refusals.length];
			assert.ok(refusal !== undefined);
			expected.set(`user${n * 20}@example.com`, refusal);
		}
		const refused = new Map([...expected].map(([recipient, { reply }]) => [recipient, reply]));
		const postfix = await startPostfix({ certificate: ca.good, refused });
		t.after(() => postfix.stop());

		const smtp = `smtp://127.0.0.1:${postfix.port}`;
		const sent = await sendCampaign(t, {
			list: { rows: 1000 },
			smtp,
			flags: ['--tls', 'starttls', '--tls-ca', ca.caFile, '--retry', 'none'],
		});

		// Deferred recipients are left for another run.
		assert.equal(sent.code, 5, sent.stderr);
		assert.equal(countStatuses(sent.rows).accepted, 950);
		assert.equal(new Set(await postfix.discarded(950)).size, 950);
		for (const [recipient, refusal] of expected) {
			const { status, bounce_type, bounce_category, smtp_code, enhanced_code, smtp_stage, smtp_response } = rowOf(
				sent.rows,
				recipient,
			);
			assert.deepEqual(
				{
					status,
					type: bounce_type,
					category: bounce_category,
					code: `${smtp_code} ${enhanced_code}`,
					stage: smtp_stage,
				},
				{
					status: refusal.status,
					type: refusal.type,
					category: refusal.category,
					code: refusal.reply.slice(0, 9),
					stage: 'rcpt',
				},
				refusal.reply,
			);
			assert.ok(smtp_response.includes(refusal.reply.slice(10)), smtp_response);
		}
		const { counts } = sent.summary();
		assert.equal(counts.bounced + counts.deferred, refusedRows);
		// Postfix says "queued as", and who asks its administrator needs that id.
		const accepted = rowOf(sent.rows, 'user1@example.com');
		assert.match(accepted.remote_id, /^[0-9A-Za-z]{8,}$/);
		assert.match(accepted.smtp_response, new RegExp(`queued as ${accepted.remote_id}`));
	},
);
