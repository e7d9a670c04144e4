/** `mailshot bounces` as people, pipes and cron use it: the built program, from mailboxes to lines and exit codes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { cleanEnvironment, mailshotProgram, runMailshot } from '../helpers/run-mailshot.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { bounceMail, ordinaryMail, put, unknownUser } from './returned-mails.ts';

const json = (stdout: string) =>
	stdout
		.trim()
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => JSON.parse(line));

const from = 'From MAILER-DAEMON Sun Nov 22 10:00:00 2026\n';

test('--json gives one object per recipient in order, with all its fields, and nothing for ordinary mail', async (t) => {
	const cwd = temporaryDirectory(t);
	put(cwd, 'Maildir/cur/100.a:2,S', bounceMail('ann@example.com', unknownUser));
	put(cwd, 'Maildir/new/200.b', ordinaryMail);
	put(
		cwd,
		'old.mbox.gz',
		gzipSync(`${from}${ordinaryMail}\n${from}${bounceMail('bob@example.org', '552 5.2.2 mailbox full')}\n`),
	);

	const { code, stdout, stderr } = await runMailshot(['bounces', 'Maildir', 'old.mbox.gz', '--json'], { cwd });

	assert.equal(stderr, '');
	assert.equal(code, 0);
	const [ann, bob, ...others] = json(stdout);
	assert.deepEqual(others, []);
	assert.deepEqual(Object.keys(bob), Object.keys(ann));
	assert.deepEqual(
		{ ...ann, bounce_rule: '' },
		{
			file: 'Maildir/cur/100.a:2,S',
			kind: 'bounce',
			recipient: 'ann@example.com',
			enhanced_code: '5.1.1',
			bounce_type: 'hard',
			bounce_category: 'invalid_recipient',
			bounce_action: 'suppress',
			bounce_rule: '',
			message_id: '<abc@acme.example>',
			matched: false,
			reply: unknownUser,
			undo: false,
		},
	);
	assert.notEqual(ann.bounce_rule, '');
	assert.deepEqual(
		[bob.file, bob.recipient, bob.bounce_category],
		['old.mbox.gz#2', 'bob@example.org', 'mailbox_full'],
	);
});

test('without --json it tells people how many came back, of which kind, and why', async (t) => {
	const cwd = temporaryDirectory(t);
	for (let index = 0; index < 3; index += 1)
		put(cwd, `returned/${index}.eml`, bounceMail(`u${index}@example.com`, unknownUser));
	put(cwd, 'returned/full.eml', bounceMail('bob@example.org', '552 5.2.2 mailbox full'));
	put(cwd, 'returned/lunch.eml', ordinaryMail);

	const { code, stdout, stderr } = await runMailshot(['bounces', 'returned'], { cwd });

	assert.equal(code, 0);
	assert.equal(stderr, '');
	assert.match(stdout, /^\n {2}5 mails read in [\d.]+ s\n/);
	assert.match(stdout, /\n {4}bounce \.+ +4 +80\.0 % {3}could not be delivered\n/);
	assert.match(stdout, /\n {4}ordinary mail \.+ +1 +20\.0 %/);
	assert.match(stdout, /\n {4}invalid_recipient \. +3 {3}hard {6}example\.com 3\n {6}no such user: 550 5\.1\.1 /);
	assert.match(stdout, /\n {4}mailbox_full \.+ +1 {3}soft {6}example\.org 1\n/);
	assert.match(stdout, /Next: 3 addresses are dead\n {4}mailshot bounces returned --json \|\n/);
	// A pipe gets no colours and no line that moves.
	assert.ok(!stdout.includes('\u001b'));
	for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
});

test('what cannot be read is told on standard error, the rest is read, and the exit code is 65', async (t) => {
	const cwd = temporaryDirectory(t);
	put(cwd, 'returned/a\u001b[31m.eml', '');
	put(cwd, 'returned/b.eml', bounceMail('ann@example.com', unknownUser));
	put(cwd, 'returned/c.eml.gz', gzipSync(ordinaryMail.repeat(50)).subarray(0, 60));

	const run = await runMailshot(['bounces', 'returned', '--json'], { cwd });
	assert.equal(run.code, 65);
	assert.equal(json(run.stdout).length, 1);
	assert.equal(
		run.stderr,
		'warning: returned/a.eml: is empty\nwarning: returned/c.eml.gz: its gz data is damaged or cut off: only what stands before was read\n',
	);

	const quiet = await runMailshot(['bounces', 'returned', '--quiet'], { cwd });
	assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [65, '', run.stderr]);
	const summary = await runMailshot(['bounces', 'returned'], { cwd });
	assert.match(summary.stdout, /NOT READ\n {4}2 problems, told on standard error; the rest was read\n/);
});

test('a source that does not exist ends with 66 before anything is read, wrong flags with 2', async (t) => {
	const cwd = temporaryDirectory(t);
	put(cwd, 'a.eml', bounceMail('ann@example.com', unknownUser));
	const missing = await runMailshot(['bounces', 'a.eml', 'b.eml', '--json'], { cwd });
	assert.deepEqual([missing.code, missing.stdout], [66, '']);
	assert.equal(json(missing.stderr)[0].message, 'b.eml does not exist');
	for (const args of [[], ['a.eml', '--json', '--quiet'], ['a.eml', '--format', 'eml']]) {
		const { code, stderr } = await runMailshot(['bounces', ...args], { cwd });
		assert.equal(code, 2, args.join(' '));
		assert.match(stderr, /error|"type":"error"/);
	}
});

test('standard input is read as one mail or as an mbox', async (t) => {
	const cwd = temporaryDirectory(t);
	const mail = bounceMail('ann@example.com', unknownUser);
	const one = await runMailshot(['bounces', '-', '--json'], { cwd, stdin: mail });
	assert.equal(json(one.stdout)[0].file, '-');
	const box = await runMailshot(['bounces', '-', '--json'], { cwd, stdin: `${from}${mail}\n${from}${mail}` });
	assert.deepEqual(
		json(box.stdout).map(({ file }) => file),
		['-#1', '-#2'],
	);
	// Nothing to type again.
	const summary = await runMailshot(['bounces', '-'], { cwd, stdin: mail });
	assert.ok(!summary.stdout.includes('Next'));
});

test('events of SES and SendGrid are read as bounces and complaints, known by their content or by --format', async (t) => {
	const cwd = temporaryDirectory(t);
	const ses = {
		notificationType: 'Complaint',
		complaint: { complainedRecipients: [{ emailAddress: 'ann@example.com' }] },
		mail: { messageId: '0102-abc' },
	};
	const sns = { Type: 'Notification', TopicArn: 'arn', Message: JSON.stringify(ses) };
	const sendgrid = {
		event: 'bounce',
		email: 'bob@example.org',
		reason: '552 5.2.2 mailbox full',
		'smtp-id': '<b@acme.example>',
	};
	put(cwd, 'events/ses.json.gz', gzipSync(JSON.stringify(sns)));
	put(cwd, 'events/sendgrid', `${JSON.stringify(sendgrid)}\n{"torn\n${JSON.stringify([sendgrid])}\n`);

	const { code, stdout, stderr } = await runMailshot(['bounces', 'events', '--json'], { cwd });
	assert.deepEqual(
		json(stdout).map(({ file, kind, recipient, message_id }) => [file, kind, recipient, message_id]),
		[
			['events/sendgrid:1', 'bounce', 'bob@example.org', '<b@acme.example>'],
			['events/sendgrid:3', 'bounce', 'bob@example.org', '<b@acme.example>'],
			['events/ses.json.gz:1', 'complaint', 'ann@example.com', '0102-abc'],
		],
	);
	assert.equal(stderr, 'warning: events/sendgrid:2: has no end\n');
	assert.equal(code, 65);

	const other = await runMailshot(['bounces', 'events/ses.json.gz', '--format', 'sendgrid'], { cwd });
	assert.equal(other.code, 65);
	assert.match(other.stderr, /ses\.json\.gz:1: is no event of sendgrid\n/);
	const named = await runMailshot(['bounces', 'events/ses.json.gz', '--format', 'ses'], { cwd });
	assert.equal(named.code, 0);
	assert.match(named.stdout, /\n {2}1 event read in /);
	const mail = await runMailshot(['bounces', 'events/ses.json.gz', '--format', 'mail'], { cwd });
	assert.match(mail.stdout, /\n {2}1 mail read in [\s\S]* ordinary mail /);
});

test('a file in the wrong format is not told line by line', async (t) => {
	const cwd = temporaryDirectory(t);
	put(cwd, 'mail.eml', 'x: y\n'.repeat(1000));
	const { code, stderr } = await runMailshot(['bounces', 'mail.eml', '--format', 'ses'], { cwd });
	assert.equal(code, 65);
	assert.equal(stderr.split('\n').length, 7);
	assert.match(stderr, /mail\.eml:5: is no JSON\nwarning: mail\.eml: 995 more like these\n$/);
});

test('hostile mails end nothing: binary, no end, lone carriage returns, deep nesting', async (t) => {
	const cwd = temporaryDirectory(t);
	const nested = Array.from(
		{ length: 200 },
		(_, index) => `Content-Type: multipart/mixed; boundary=b${index}\n\n--b${index}\n`,
	);
	const hostile = [
		Buffer.from([0, 255, 254, 13, 10, 0]),
		Buffer.from('\r\r\r'),
		Buffer.from(`From: x\r\rhi\r${bounceMail('cr@example.com', unknownUser).replaceAll('\n', '\r')}`),
		Buffer.from(nested.join('')),
		Buffer.from(`Subject: ${'=?utf-8?q?'.repeat(5000)}\n\n`),
		Buffer.from('\u001b]0;title\u0007: x\n\n'),
	];
	for (const [index, octets] of hostile.entries()) put(cwd, `returned/${index}`, octets);
	put(
		cwd,
		'returned/last.eml',
		bounceMail('evil\u001b[2J\u009b@example.com', `550 5.1.1 user unknown \u001b[2J\u202e`),
	);
	for (const flags of [[], ['--json']]) {
		const { code, stdout, stderr } = await runMailshot(['bounces', 'returned', ...flags], { cwd });
		assert.deepEqual([code, stderr], [0, '']);
		assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
	}
});

test('the help begins with examples and fits 80 columns', async (t) => {
	const { code, stdout } = await runMailshot(['bounces', '--help'], { cwd: temporaryDirectory(t) });
	assert.equal(code, 0);
	assert.ok(stdout.startsWith('Examples:\n  mailshot bounces ~/Maildir\n'));
	for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
});

test('a reader that has enough ends it quietly', async (t) => {
	const cwd = temporaryDirectory(t);
	const mails = `${from}${bounceMail('ann@example.com', unknownUser)}\n`.repeat(2000);
	writeFileSync(join(cwd, 'box'), mails);
	const child = spawn(process.execPath, [mailshotProgram, 'bounces', 'box', '--json'], {
		cwd,
		env: cleanEnvironment(cwd),
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const said: string[] = [];
	child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
	child.stdout.once('data', () => child.stdout.destroy());
	const code = await new Promise((resolve) => {
		child.once('close', resolve);
	});
	assert.deepEqual([code, said], [0, []]);
});
