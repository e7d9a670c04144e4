/** What comes back is matched with what was sent, written into its log once, and suppresses only whom it was sent to. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bounceMail, ordinaryMail, put } from '../cli/returned-mails.ts';
import { readLog } from '../helpers/read-log.ts';
import { startRelay } from '../helpers/relay.ts';
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
	const book = readFileSync(join(sent.directory, 'suppressed.csv.soft.jsonl'), 'utf8');
	assert.match(
		book,
		/^\{"v":1,"type":"soft","address":"cleo@example\.com","campaign":"[\da-f]{32}","at":"[^"]+","accepted_at":/m,
	);

	const files = ['results.jsonl', 'results.jsonl.journal', 'suppressed.csv', 'suppressed.csv.soft.jsonl'].map((name) =>
		join(sent.directory, name),
	);
	const before = files.map((path) => readFileSync(path));
	const second = await read(sent);
	assert.equal(second.code, 0, second.stderr);
	assert.match(second.stdout, /matched \.+ +3 {3}of 3 recipients/);
	const after = files.map((path) => readFileSync(path));
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

/** As a mailing list or an alias at the recipient's site makes it: one group a member. */
function expanded(messageId: string): string {
	const groups = [
		'Final-Recipient: rfc822; m1@corp.example\nAction: delivered\nStatus: 2.0.0',
		'Final-Recipient: rfc822; m2@corp.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown',
	];
	const mail = bounceMail('m2@corp.example', unknownUser, messageId);
	return mail.replace(/Final-Recipient: [\s\S]+?\n\n/, `${groups.join('\n\n')}\n\n`);
}

test('whoever got the message is not suppressed because one behind the same address is dead', async (context) => {
	const sent = await campaign(context);
	put(join(sent.directory, 'returned'), '1.eml', expanded(messageIdOf(sent, 'anna@example.com')));

	const { code, stdout, stderr } = await read(sent);

	assert.equal(code, 0, stderr);
	assert.match(stdout, /matched \.+ +2 {3}of 2 recipients/);
	await assert.rejects(async () => suppressedIn(sent), /ENOENT/);
});

test('whether recipient and time are enough is asked of the run that sent the message', async (context) => {
	const sent = await campaign(context, ['--verp', 'bounces@acme.example']);
	const server = await startSmtpServer();
	context.after(() => server.stop());
	put(sent.directory, 'more.csv', 'email\nfred@example.com\n');
	const more = await runMailshot(
		[
			'send',
			'more.csv',
			'-t',
			'news.hbs',
			'--log',
			'results.jsonl',
			'--smtp',
			`smtp://127.0.0.1:${server.port}`,
			'--yes',
		],
		{ cwd: sent.directory },
	);
	assert.equal(more.code, 0, more.stderr);
	const date = `Date: ${new Date().toUTCString()}\n`;
	const folder = join(sent.directory, 'returned');
	put(folder, '1.eml', date + bounceMail('anna@example.com', unknownUser, ''));
	put(folder, '2.eml', date + bounceMail('fred@example.com', unknownUser, ''));

	const { code, stderr } = await read(sent);

	assert.equal(code, 0, stderr);
	assert.deepEqual(suppressedIn(sent), ['fred@example.com hard']);
});

test('a rehearsal has a log to which nothing can come back', async (context) => {
	const sent = await campaign(context);
	const rehearsed = await runMailshot(
		['send', 'list.csv', '-t', 'news.hbs', '--sandbox', '--yes', '--log', 'rehearsal.jsonl'],
		{ cwd: sent.directory },
	);
	assert.equal(rehearsed.code, 0, rehearsed.stderr);
	put(join(sent.directory, 'returned'), '1.eml', bounceMail('anna@example.com', unknownUser, ''));

	const { code, stderr } = await runMailshot(['bounces', 'returned', '--log', 'rehearsal.jsonl'], {
		cwd: sent.directory,
	});

	assert.equal(code, 66);
	assert.match(stderr, /that was a rehearsal/);
});

test('a domain in another spelling, and a relay that put its own name in the place of the Message-ID, are matched', async (context) => {
	const name = '0100018f2c6d1a2b-0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f-000000';
	const relay = await startRelay(context, {
		deviate: ({ command, recipient }) =>
			command === 'dot' && recipient.startsWith('anna') ? { say: `250 Ok ${name}` } : null,
	});
	const sent = await sendCampaign(context, {
		list: 'email\nanna@example.com\ndieter@bücher.example\n',
		template: 'From: News <news@acme.example>\nSubject: Hello\n\n<p>x</p>\n',
		smtp: `smtp://127.0.0.1:${relay.port}`,
	});
	const folder = join(sent.directory, 'returned');
	put(folder, '1.eml', bounceMail('anna@example.com', unknownUser, `<${name}@email.amazonses.com>`));
	const date = `Date: ${new Date().toUTCString()}\nContent-Transfer-Encoding: 8bit\n`;
	put(
		folder,
		'2.eml',
		date + bounceMail('dieter@bücher.example', unknownUser, '').replace('rfc822; die', 'utf-8; die'),
	);

	const { code, stderr } = await read(sent);

	assert.equal(code, 0, stderr);
	assert.deepEqual(suppressedIn(sent), ['anna@example.com hard', 'dieter@xn--bcher-kva.example hard']);
});

test('a stray mail with a word like a token stops nothing where there is no secret, and a wrong secret is told of', async (context) => {
	const sent = await campaign(context, ['--verp', 'bounces@acme.example']);
	const folder = join(sent.directory, 'returned');
	put(folder, '1.eml', bounceMail('anna@example.com', unknownUser, messageIdOf(sent, 'anna@example.com')));
	const stray =
		'From: bert@example.com\nTo: x@acme.example\nSubject: unsubscribe 1T9IQbwJWI_j4SS8-R3vkLsXXXXX.YW5uYUBleGFtcGxlLmNvbQ\n\n\n';
	put(folder, '2.eml', stray);
	put(
		folder,
		'3.eml',
		bounceMail('cleo@example.com', unknownUser, '').replace('To: bounces@', `To: bounces+${'a1'.repeat(20)}@`),
	);
	const args = ['bounces', 'returned', '--log', 'results.jsonl', '--suppress', 'suppressed.csv'];

	const { code, stderr } = await runMailshot(args, { cwd: sent.directory, env: { XDG_STATE_HOME: sent.directory } });

	assert.equal(code, 0, stderr);
	assert.match(stderr, /1 envelope sender looks like those of --verp and is not signed.+MAILSHOT_SECRET_OLD/);
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
	// She answers the copy that somebody forwarded to her: she is meant, and not he.
	const answer = mail('dora@example.com', 'unsubscribe');
	put(folder, '4.eml', answer.replace('MIME-V', `In-Reply-To: ${messageIdOf(sent, 'bert@example.com')}\nMIME-V`));
	put(folder, '5.eml', mail('bert@example.com', `unsubscribe ${tokenOf('bert@example.com').slice(0, -3)}abc`));

	const { code, stdout, stderr } = await read(sent, ['--json']);

	assert.equal(code, 0, stderr);
	const told = stdout
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
	assert.deepEqual(
		told.map(({ matched }) => matched),
		[true, false, true, true, true],
	);
	assert.deepEqual(suppressedIn(sent), [
		'anna@example.com unsubscribe',
		'cleo@example.com unsubscribe',
		'dora@example.com unsubscribe',
	]);
	// Taken off by mistake, and asked again by a mail without a date.
	const list = ['--list', 'suppressed.csv'];
	await runMailshot(['suppress', 'remove', 'anna@example.com', ...list], { cwd: sent.directory });
	await read(sent);
	assert.ok(suppressedIn(sent).includes('anna@example.com unsubscribe'));
});

test('--suppress without --log is refused: nobody could tell a bounce from a forgery', async (context) => {
	const sent = await campaign(context);
	const run = await runMailshot(['bounces', 'list.csv', '--suppress', 'x.csv'], { cwd: sent.directory });
	assert.equal(run.code, 2);
	assert.match(run.stderr, /--suppress needs --log[\s\S]+--log results\.jsonl/);
});
