/** What comes back is matched with what was sent, written into its log once, and suppresses only whom it was sent to. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bounceMail, ordinaryMail, put } from '../cli/returned-mails.ts';
import { readLog } from '../helpers/read-log.ts';
import { type FinishedRun, runMailshot } from '../helpers/run-mailshot.ts';
import { type SentCampaign, sendCampaign } from '../helpers/send-campaign.ts';
import { startSmtpServer } from '../helpers/smtp-server.ts';
import type { Cleanup } from '../helpers/temporary-directory.ts';

const secret = 'e2e:0123456789abcdefghijklmnopqrstuvwxyz';
const unknownUser = '550 5.1.1 User unknown';

async function campaign(context: Cleanup, flags: readonly string[] = []): Promise<SentCampaign> {
	const server = await startSmtpServer();
	context.after(() => server.stop());
	const sent = await sendCampaign(context, {
		list: 'email\nanna@example.com\nbert@example.com\ncleo@example.com\ndora@example.com\n',
		template: 'From: News <news@acme.example>\nSubject: Hello\n\n<p>x</p>\n',
		smtp: `smtp://127.0.0.1:${server.port}`,
		flags,
		env: { MAILSHOT_SECRET: secret },
	});
	assert.equal(sent.code, 0, sent.stderr);
	return sent;
}

function messageIdOf({ rows }: SentCampaign, recipient: string): string {
	return rows.find((row) => row.recipient === recipient)?.message_id ?? assert.fail(`${recipient} got nothing`);
}

function read({ directory: cwd }: SentCampaign, flags: readonly string[] = []): Promise<FinishedRun> {
	const args = ['bounces', 'returned', '--log', 'results.jsonl', '--suppress', 'suppressed.csv', ...flags];
	return runMailshot(args, { cwd, env: { MAILSHOT_SECRET: secret } });
}

function suppressedIn({ directory }: SentCampaign): string[] {
	const lines = readFileSync(join(directory, 'suppressed.csv'), 'utf8').split('\n');
	return lines
		.filter((line) => line !== '' && !line.startsWith('#'))
		.map((line) => line.split(',').slice(0, 2).join(' '))
		.sort();
}

/** RFC 5965 */
function complaint(messageId: string): string {
	return [
		'From: complaints@isp.example',
		'To: abuse@acme.example',
		'Subject: complaint',
		'MIME-Version: 1.0',
		'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
		'',
		'--b',
		'Content-Type: text/plain',
		'',
		'This is an email abuse report.',
		'--b',
		'Content-Type: message/feedback-report',
		'',
		'Feedback-Type: abuse',
		'User-Agent: isp/1',
		'Version: 1',
		'',
		'--b',
		'Content-Type: message/rfc822',
		'',
		'From: news@acme.example',
		`Message-ID: ${messageId}`,
		'Subject: Hello',
		'',
		'x',
		'--b--',
		'',
	].join('\n');
}

test('a bounce and a complaint become rows of the log and entries of the list, and reading them again changes nothing', async (context) => {
	const sent = await campaign(context);
	const folder = join(sent.directory, 'returned');
	put(folder, '1.eml', bounceMail('anna@example.com', unknownUser, messageIdOf(sent, 'anna@example.com')));
	put(folder, '2.eml', complaint(messageIdOf(sent, 'bert@example.com')));
	put(folder, '3.eml', bounceMail('cleo@example.com', '552 5.2.2 Mailbox full', messageIdOf(sent, 'cleo@example.com')));
	put(folder, '4.eml', ordinaryMail);

	const first = await read(sent, ['--json']);

	assert.equal(first.code, 0, first.stderr);
	const told = first.stdout
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
	assert.deepEqual(
		told.map(({ kind, matched, bounce_category }) => [kind, matched, bounce_category]),
		[
			['bounce', true, 'invalid_recipient'],
			['complaint', true, ''],
			['bounce', true, 'mailbox_full'],
		],
	);
	const rows = readLog(sent.logPath).filter(({ source }) => source !== 'smtp');
	assert.deepEqual(
		rows.map(({ source, status, recipient, enhanced_code, bounce_type }) => [
			source,
			status,
			recipient,
			enhanced_code,
			bounce_type,
		]),
		[
			['dsn', 'bounced', 'anna@example.com', '5.1.1', 'hard'],
			['arf', 'complained', 'bert@example.com', '', ''],
			['dsn', 'bounced', 'cleo@example.com', '5.2.2', 'soft'],
		],
	);
	assert.deepEqual(suppressedIn(sent), ['anna@example.com hard', 'bert@example.com complaint']);

	const [log, journal] = ['results.jsonl', 'results.jsonl.journal'].map((name) => join(sent.directory, name));
	const before = [log, journal, join(sent.directory, 'suppressed.csv')].map((path) => readFileSync(path ?? ''));
	const second = await read(sent);
	assert.equal(second.code, 0, second.stderr);
	assert.match(second.stdout, /matched \.+ +3 {3}of 3 recipients/);
	const after = [log, journal, join(sent.directory, 'suppressed.csv')].map((path) => readFileSync(path ?? ''));
	assert.deepEqual(after, before);

	const removed = await runMailshot(['suppress', 'remove', 'anna@example.com', '--list', 'suppressed.csv'], {
		cwd: sent.directory,
	});
	assert.equal(removed.code, 0, removed.stderr);
	await read(sent);
	assert.deepEqual(suppressedIn(sent), ['bert@example.com complaint'], 'an old mail brings nobody back');

	const verified = await runMailshot(['log', 'verify', 'results.jsonl'], { cwd: sent.directory });
	assert.equal(verified.code, 0, verified.stdout + verified.stderr);
	const again = await runMailshot(
		['send', 'list.csv', '--template', 'news.hbs', '--log', 'results.jsonl', '--smtp', 'smtp://127.0.0.1:9', '--yes'],
		{ cwd: sent.directory },
	);
	assert.equal(again.code, 0, again.stderr);
	assert.match(again.stderr, /0 to send/);
});

test('a mail that belongs to no message of the log suppresses nobody', async (context) => {
	const sent = await campaign(context);
	const folder = join(sent.directory, 'returned');
	// An address of the list, and an id that nobody made: the bounce of somebody else's mail, or a forgery.
	put(folder, 'forged.eml', bounceMail('anna@example.com', unknownUser, '<0123456789abcdef0123@acme.example>'));
	put(folder, 'stranger.eml', bounceMail('eve@example.com', unknownUser, ''));

	const { code, stdout, stderr } = await read(sent);

	assert.equal(code, 0, stderr);
	assert.match(stdout, /matched \.+ +0 {3}of 2 recipients/);
	assert.ok(readLog(sent.logPath).every(({ source }) => source === 'smtp'));
	await assert.rejects(async () => suppressedIn(sent), /ENOENT/);
});

test('without an id the recipient and the time are enough where envelope senders were not signed, and not where they were', async (context) => {
	for (const flags of [[], ['--verp', 'bounces@acme.example']]) {
		const sent = await campaign(context, flags);
		const date = `Date: ${new Date().toUTCString()}\n`;
		const late = `Date: ${new Date(Date.now() + 40 * 24 * 3_600_000).toUTCString()}\n`;
		const folder = join(sent.directory, 'returned');
		put(folder, '1.eml', date + bounceMail('anna@example.com', unknownUser, ''));
		put(folder, '2.eml', late + bounceMail('bert@example.com', unknownUser, ''));

		const { code, stderr } = await read(sent);

		assert.equal(code, 0, stderr);
		const rows = readLog(sent.logPath).filter(({ source }) => source === 'dsn');
		assert.deepEqual(
			rows.map(({ recipient }) => recipient),
			flags.length === 0 ? ['anna@example.com'] : [],
		);
	}
});

test('a signed envelope sender is enough, whatever the mail returns of the message, and one with another signature is not', async (context) => {
	const { makeVerp } = await import('../../src/recipients/tokens/verp.ts');
	const sent = await campaign(context, ['--verp', 'bounces@acme.example']);
	const signed = makeVerp(Buffer.from(secret), 'bounces@acme.example')(messageIdOf(sent, 'anna@example.com'));
	const other = makeVerp(Buffer.from(`other ${secret}`), 'bounces@acme.example')(messageIdOf(sent, 'bert@example.com'));
	const folder = join(sent.directory, 'returned');
	for (const [name, token, who] of [
		['1.eml', signed, 'forwarded@elsewhere.example'],
		['2.eml', other, 'bert@example.com'],
	] as const) {
		put(folder, name, bounceMail(who, unknownUser, '').replace('To: bounces@acme.example', `To: ${token}`));
	}

	const { code, stdout, stderr } = await read(sent);

	assert.equal(code, 0, stderr);
	assert.match(stdout, /matched \.+ +1 {3}of 2 recipients/);
	assert.deepEqual(suppressedIn(sent), ['anna@example.com hard']);
});

test('a mail to the unsubscribe address suppresses whom its token names, and nobody when the token is forged', async (context) => {
	const { makeUnsubscribeTokens } = await import('../../src/recipients/tokens/unsubscribe-token.ts');
	const { parseAddress } = await import('../../src/recipients/parse-address.ts');
	const sent = await campaign(context);
	const tokenOf = (address: string) => {
		const parsed = parseAddress(address);
		assert.ok(parsed.kind === 'address');
		return makeUnsubscribeTokens(Buffer.from(secret), { campaign: 'news' })(parsed.address);
	};
	const mail = (from: string, subject: string) =>
		`From: ${from}\nTo: unsubscribe@acme.example\nSubject: ${subject}\nMIME-Version: 1.0\n\n\n`;
	const folder = join(sent.directory, 'returned');
	put(folder, '1.eml', mail('private@home.example', `unsubscribe ${tokenOf('anna@example.com')}`));
	put(folder, '2.eml', mail('x@home.example', `unsubscribe ${tokenOf('bert@example.com').slice(0, -3)}abc`));
	put(folder, '3.eml', mail('Cleo <cleo@example.com>', 'unsubscribe'));

	const { code, stderr } = await read(sent);

	assert.equal(code, 0, stderr);
	assert.deepEqual(suppressedIn(sent), ['anna@example.com unsubscribe', 'cleo@example.com unsubscribe']);
});

test('--suppress without --log is refused: nobody could tell a bounce from a forgery', async (context) => {
	const sent = await campaign(context);
	const run = await runMailshot(['bounces', 'list.csv', '--suppress', 'x.csv'], { cwd: sent.directory });
	assert.equal(run.code, 2);
	assert.match(run.stderr, /--suppress needs --log[\s\S]+--log results\.jsonl/);
});
