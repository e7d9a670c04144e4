import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { exitCodeOf } from '../../src/cli/print-error.ts';
import { makeProgram } from '../../src/cli/program.ts';
import { hashedKey } from '../../src/recipients/suppression/suppression-entry.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { TestClock } from '../results/make-result.ts';
import { FakeOutput } from './fake-output.ts';

interface Shown {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
	/** Of what was thrown: message and hint. */
	readonly error: string;
}

interface Folder {
	readonly path: (name: string) => string;
	readonly write: (name: string, content: string) => void;
	readonly read: (name: string) => string;
	/** `mailshot suppress COMMAND ... --list list.csv` */
	readonly run: (args: readonly string[], stdin?: string) => Promise<Shown>;
}

function givenList(t: TestContext, content?: string): Folder {
	const directory = temporaryDirectory(t);
	const path = (name: string) => join(directory, name);
	const write = (name: string, text: string) => writeFileSync(path(name), text);
	if (content !== undefined) write('list.csv', content);
	return {
		path,
		write,
		read: (name) => readFileSync(path(name), 'utf8'),
		run: async (args, stdin = '') => {
			const [stdout, stderr] = [new FakeOutput(), new FakeOutput()];
			let code = -1;
			const program = makeProgram(
				{
					command: 'mailshot',
					env: {},
					stdin: Readable.from([stdin]),
					stdout,
					stderr,
					clock: new TestClock(),
					randomBytes: (count) => Buffer.alloc(count, 5),
					signals: new EventEmitter(),
					openTerminal: () => null,
				},
				(exit) => {
					code = exit;
				},
			);
			let error = '';
			const all = ['suppress', ...args, '--list', path('list.csv')];
			await program.parseAsync(all, { from: 'user' }).catch((thrown: unknown) => {
				const { message = '', hint = '' } = Object(thrown);
				error = `${message}\n${hint}`;
				code = exitCodeOf(thrown);
			});
			const plain = (text: string) => text.replaceAll(`${directory}/`, '');
			return { code, stdout: plain(stdout.text), stderr: plain(stderr.text), error: plain(error) };
		},
	};
}

test('add makes the list, normalises, and says who was on it already', async (t) => {
	const { run, read } = givenList(t);
	const first = await run(['add', 'Bob@Example.com', '@Example.org', '--reason', 'complaint', '--source', 'phone']);
	assert.deepEqual([first.code, first.stdout], [0, '2 added to list.csv\n']);
	const lines = read('list.csv').split('\n');
	assert.match(lines[1] ?? '', /^bob@example\.com,complaint,\d{4}-.*Z,phone$/);
	assert.match(lines[2] ?? '', /^@example\.org,complaint,/);
	const second = await run(['add', 'bob@example.com', 'zoe@example.org', 'new@example.com']);
	assert.equal(second.stdout, '1 added to list.csv, 2 on list.csv already\n');
	const third = await run(['add', '-', '--json'], '# from the hotline\ncarl@example.com\n\nbob@example.com\n');
	const { added, already } = JSON.parse(third.stdout);
	assert.deepEqual([added, already], [['carl@example.com'], 1]);
});

test('add --hashed keeps no address, and why finds it all the same', async (t) => {
	const { run, read } = givenList(t);
	await run(['add', 'bob@example.com', '--hashed']);
	assert.doesNotMatch(read('list.csv'), /bob/);
	const { code, stdout } = await run(['why', 'BOB@example.com']);
	assert.equal(code, 0);
	assert.match(stdout, /^bob@example\.com: manual, .* by sha256:5ff860bf\w+ \(list\.csv:2\)\n$/);
});

test('add refuses what is no address, all of it at once, and writes nothing', async (t) => {
	const { run, read } = givenList(t, '');
	const { code, error } = await run(['add', 'bob@', 'good@example.com', 'a@b, c@d']);
	assert.equal(code, 2);
	assert.match(error, /"bob@" has no domain\n"a@b, c@d" holds two addresses/);
	assert.equal(read('list.csv'), '');
});

test('why names file, line and reason, and is 3 when somebody is not suppressed', async (t) => {
	const { run } = givenList(t, '# x\n@example.org,policy\nbob@example.com,hard,2026-01-02,may\n');
	const both = await run(['why', 'bob@example.com', 'any@example.org']);
	assert.deepEqual(
		[both.code, both.stdout],
		[0, 'bob@example.com: hard, 2026-01-02, may (list.csv:3)\nany@example.org: policy, by @example.org (list.csv:2)\n'],
	);
	const one = await run(['why', 'bob@example.com', 'any@sub.example.org', '--json']);
	assert.equal(one.code, 3);
	const [found, none] = one.stdout
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
	assert.deepEqual(
		[found.suppressed, found.reason, found.line, none.suppressed, none.line],
		[true, 'hard', 3, false, 0],
	);
});

test('remove takes out the address and its hash, and is 3 while a domain still covers it', async (t) => {
	const { run, read } = givenList(
		t,
		`bob@example.com\n${hashedKey('bob@example.com')}\nanna@example.org\n@example.org\n`,
	);
	const { code, stdout } = await run(['remove', 'bob@example.com']);
	assert.deepEqual([code, stdout], [0, '1 entry removed from list.csv\n']);
	assert.match(read('list.csv'), /^anna@example\.org\n@example\.org\n# removed sha256:/);
	const covered = await run(['remove', 'anna@example.org', 'nobody@example.com']);
	assert.equal(covered.code, 3);
	assert.match(covered.stdout, /, 1 not found\nanna@example\.org is still suppressed by @example\.org \(list\.csv:1\)/);
	assert.equal((await run(['remove', '@example.org'])).code, 0);
	assert.equal((await run(['why', 'anna@example.org'])).code, 3);
});

test('list and export show what is asked for, and say what a format cannot hold', async (t) => {
	const { run } = givenList(t, 'bob@example.com,hard,2026-01-02,=1+1\n@example.org\nanna@example.com,complaint\n');
	assert.equal((await run(['list', '--reason', 'complaint'])).stdout, 'anna@example.com,complaint\n');
	assert.equal(JSON.parse((await run(['list', '--reason', 'manual', '--json'])).stdout).entry, '@example.org');
	const plain = await run(['export', '--format', 'plain']);
	assert.equal(plain.stdout, 'bob@example.com\nanna@example.com\n');
	assert.match(plain.stderr, /^1 entry left out/);
	assert.equal(
		(await run(['export'])).stdout,
		"address,reason,date,source\nbob@example.com,hard,2026-01-02,'=1+1\n@example.org,manual\nanna@example.com,complaint\n",
	);
	assert.equal((await run(['export', '--format', 'sendgrid', '--reason', 'hard'])).stdout, 'email\nbob@example.com\n');
	const hashed = await run(['export', '--format', 'hashed']);
	assert.doesNotMatch(hashed.stdout, /bob|anna/);
	assert.ok(hashed.stdout.startsWith(`${hashedKey('bob@example.com')},hard,2026-01-02\n@example.org`));
	assert.equal((await run(['export', '--format', 'xml'])).code, 2);
});

test('a missing list is exit 66 and a wrong line 65, for every command that reads', async (t) => {
	const { run, write } = givenList(t);
	for (const args of [['why', 'a@example.com'], ['list'], ['export'], ['remove', 'a@example.com']]) {
		assert.equal((await run(args)).code, 66, args.join(' '));
	}
	write('list.csv', 'bob@example.com\nno address\n');
	for (const args of [
		['why', 'a@example.com'],
		['list'],
		['export'],
		['remove', 'a@example.com'],
		['add', 'a@example.com'],
	]) {
		const { code, error } = await run(args);
		assert.equal(code, 65, args.join(' '));
		assert.match(error, /list\.csv:2: "no address" has no @/);
	}
});

const exported: readonly (readonly [file: string, service: string, content: string, entries: readonly string[]])[] = [
	[
		'unsubscribed_segment_export_8893817261.csv',
		'mailchimp',
		'"Email Address","First Name",MEMBER_RATING,OPTIN_TIME,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON\nAnn@example.com,Ann,2,,"2021-02-03 04:05:06",May,N/A\nben@example.com,,2,,,May,"This is SPAM"\n',
		['ann@example.com,unsubscribe,2021-02-03T04:05:06Z,mailchimp', 'ben@example.com,complaint,,mailchimp'],
	],
	[
		'cleaned_segment_export.csv',
		'mailchimp',
		'Email Address,First Name,MEMBER_RATING,OPTIN_TIME,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE\ncal@example.com,Cal,2,,2021-02-03 04:05:06,May\n',
		['cal@example.com,hard,2021-02-03T04:05:06Z,mailchimp'],
	],
	[
		'bounces.csv',
		'sendgrid',
		'email,created,reason,status\ncal@example.com,1443651141,"550 5.1.1 The email account that you tried to reach does not exist",5.1.1\ndan@example.com,1443651141,"550 5.7.1 Service unavailable; client [192.0.2.1] blocked using prs.proofpoint.com",5.7.1\n',
		['cal@example.com,hard,2015-09-30T22:12:21Z,sendgrid'],
	],
	[
		'spam_reports.csv',
		'sendgrid',
		'created,email,ip\n1443651141,eve@example.com,192.0.2.1\n',
		['eve@example.com,complaint,2015-09-30T22:12:21Z,sendgrid'],
	],
	[
		'unsubscribes.csv',
		'sendgrid',
		'email,created\nfay@example.com,2021-02-03\n',
		['fay@example.com,unsubscribe,2021-02-03,sendgrid'],
	],
	[
		'ses.json',
		'ses',
		'{"SuppressedDestinationSummaries":[{"EmailAddress":"gus@example.com","Reason":"BOUNCE","LastUpdateTime":"2020-04-10T21:03:05.123000+00:00"},{"EmailAddress":"hal@example.com","Reason":"COMPLAINT","LastUpdateTime":1586552585.077}],"NextToken":"x"}\n{"SuppressedDestinationSummaries":[]}\n',
		['gus@example.com,hard,2020-04-10T21:03:05Z,ses', 'hal@example.com,complaint,2020-04-10T21:03:05Z,ses'],
	],
	[
		'postmark.csv',
		'postmark',
		'EmailAddress,SuppressionReason,Origin,CreatedAt\nivy@example.com,HardBounce,Recipient,2021-01-02T03:04:05-05:00\njoe@example.com,ManualSuppression,Recipient,2021-01-02T03:04:05-05:00\nkim@example.com,ManualSuppression,Admin,2021-01-02T03:04:05-05:00\n',
		[
			'ivy@example.com,hard,2021-01-02T08:04:05Z,postmark',
			'joe@example.com,unsubscribe,2021-01-02T08:04:05Z,postmark',
			'kim@example.com,manual,2021-01-02T08:04:05Z,postmark',
		],
	],
	[
		'mine.csv',
		'plain',
		'# mine\nlea@example.com,hard,2026-01-02,may\n@example.net\nmax@example.com,Max,Bern\n',
		['lea@example.com,hard,2026-01-02,may', '@example.net', 'max@example.com'],
	],
];

for (const [file, service, content, entries] of exported) {
	test(`import knows ${file} of ${service}, and adds nobody twice`, async (t) => {
		const { run, write, read, path } = givenList(t);
		write(file, content);
		const first = await run(['import', path(file)]);
		assert.equal(first.code, 0, first.error);
		assert.ok(first.stdout.startsWith(`${file} (${service}): ${entries.length} added`), first.stdout);
		const list = read('list.csv');
		assert.deepEqual(list.trimEnd().split('\n').slice(1), entries);
		const again = await run(['import', path(file), '--from', service]);
		assert.ok(
			again.stdout.startsWith(`${file} (${service}): 0 added, ${entries.length} on the list already`),
			again.stdout,
		);
		assert.equal(read('list.csv'), list);
	});
}

test('import leaves lines out that are no addresses and says so with exit 3', async (t) => {
	const { run, write, path } = givenList(t);
	write('unsubscribes.csv', 'email,created\nann@example.com,1\nbob@,1\n');
	const { code, stdout, stderr } = await run(['import', path('unsubscribes.csv')]);
	assert.equal(code, 3);
	assert.match(stdout, /1 added, 1 line left out/);
	assert.match(stderr, /line 3 of .*unsubscribes\.csv: "bob@" has no domain/);
});

test('import does not take subscribers for suppressed people, nor guess what a list of addresses is for', async (t) => {
	const { run, write, path } = givenList(t, '');
	write('subscribed.csv', 'Email Address,MEMBER_RATING,OPTIN_TIME\nann@example.com,2,2020-01-01 10:00:00\n');
	const subscribers = await run(['import', path('subscribed.csv')]);
	assert.equal(subscribers.code, 65);
	assert.match(subscribers.error, /people who want mail/);
	write('people.csv', 'email,name\nann@example.com,Ann\n');
	const people = await run(['import', path('people.csv')]);
	assert.equal(people.code, 65);
	assert.match(people.error, /--from plain --reason unsubscribe/);
	const said = await run(['import', path('people.csv'), '--from', 'plain', '--reason', 'unsubscribe']);
	assert.match(said.stdout, /1 added/);
});

test('the help of every command fits 80 columns', async (t) => {
	const { run } = givenList(t);
	for (const command of [[], ['add'], ['remove'], ['why'], ['list'], ['import'], ['export']]) {
		const { stdout } = await run([...command, '--help']);
		assert.match(stdout, /^Usage: mailshot suppress/);
		for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
	}
});
