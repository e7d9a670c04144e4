/** Lists as they come, odd and hostile: what cannot be read stops before anything is sent, what one row does wrong harms no other. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import PostalMime from 'postal-mime';
import { buildTemplate } from '../helpers/list-builder.ts';
import { countStatuses, rowOf } from '../helpers/read-log.ts';
import { runMailshot } from '../helpers/run-mailshot.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { sendCampaign } from '../helpers/send-campaign.ts';
import { type AcceptedMail, smtpDialogue } from '../helpers/smtp-dialogue.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

const accepted: AcceptedMail[] = [];
let server: ScriptedServer;
before(async () => {
	server = await startScriptedServer(smtpDialogue({ accepted }));
});
after(() => server.stop());

/** What the server took since `from` messages, and the recipients. */
function takenSince(from: number): { readonly mails: readonly AcceptedMail[]; readonly recipients: readonly string[] } {
	const mails = accepted.slice(from);
	return { mails, recipients: mails.map((mail) => mail.recipient).sort() };
}

async function htmlOf(mail: AcceptedMail | undefined): Promise<string> {
	return (await PostalMime.parse(mail?.lines.join('\r\n') ?? '')).html ?? '';
}

const shortTemplate = `From: news@acme.example
To: {{email}}
Subject: Hello {{first_name}}

<p>Dear {{first_name}}</p>
`;

test('a list may come on standard input, and no copy of it is left behind', async (t) => {
	const seen = accepted.length;
	const spoolDirectory = temporaryDirectory(t);
	const sent = await sendCampaign(t, {
		list: { rows: 50 },
		fromStdin: true,
		smtp: server.url,
		env: { TMPDIR: spoolDirectory },
	});
	assert.equal(sent.code, 0, sent.stderr);
	assert.deepEqual(countStatuses(sent.rows), { accepted: 50 });
	assert.equal(takenSince(seen).mails.length, 50);
	assert.deepEqual(readdirSync(spoolDirectory), []);
});

test('without --log the log is named after list and template', async (t) => {
	const directory = temporaryDirectory(t);
	const template = buildTemplate(directory);
	const stdin = 'email,first_name,last_name,city,plan,credit\na@example.com,A,B,C,D,1\n';
	mkdirSync(join(directory, 'lists'));
	writeFileSync(join(directory, 'lists', 'readers.csv'), stdin);
	const args = ['send', 'lists/readers.csv', '-t', template, '--smtp', server.url, '--yes'];
	const run = await runMailshot(args, { cwd: directory });
	assert.equal(run.code, 0, run.stderr);
	assert.ok(readdirSync(directory).includes('readers.news.results.jsonl'), readdirSync(directory).join(' '));
});

test('--limit sends so many messages and leaves the rest for another run', async (t) => {
	const seen = accepted.length;
	const sent = await sendCampaign(t, { list: { rows: 30 }, smtp: server.url, flags: ['--limit', '12'] });
	assert.equal(sent.code, 5, sent.stderr);
	assert.equal(takenSince(seen).mails.length, 12);
	assert.deepEqual(countStatuses(sent.rows), { accepted: 12 });
	const { accepted: sentCount, left } = sent.summary().counts;
	assert.deepEqual({ sentCount, left }, { sentCount: 12, left: 18 });
});

const unreadable: readonly {
	readonly what: string;
	readonly list: string | Buffer;
	readonly flags?: readonly string[];
	readonly says: RegExp;
}[] = [
	{ what: 'an empty file', list: '', says: /list\.csv/ },
	{ what: 'a file of blank lines', list: '\n\n\n', says: /list\.csv/ },
	{ what: 'a list without an address column', list: 'name,town\nBob,Paris\n', says: /name.*town/s },
	{ what: 'a column named twice', list: 'email,Name,name\na@example.com,A,B\n', says: /name/i },
	{
		what: 'an --email-column that is not there',
		list: 'mail,name\na@example.com,A\n',
		flags: ['--email-column', 'maill'],
		says: /mail/,
	},
	{
		what: 'bytes that are no UTF-8',
		list: Buffer.from('email,first_name\na@example.com,Zo\xeb\n', 'latin1'),
		says: /list\.csv.*2.*--encoding/s,
	},
	{
		what: 'a quote that never closes',
		list: 'email,first_name\na@example.com,A\nb@example.com,"B\nc@example.com,C\n',
		says: /line 3/,
	},
];

for (const { what, list, flags = [], says } of unreadable) {
	test(`${what} stops the run with 65 before anything is sent`, async (t) => {
		const before = server.connectionCount;
		const sent = await sendCampaign(t, { list, template: shortTemplate, smtp: server.url, flags });
		assert.equal(sent.code, 65, sent.stderr);
		assert.match(sent.stderr, says);
		assert.equal(server.connectionCount, before, 'it connected all the same');
		assert.deepEqual(sent.rows, []);
	});
}

test('an unclosed quote on standard input stops before anything is sent, too', async (t) => {
	const before = server.connectionCount;
	const list = 'email,first_name\na@example.com,A\nb@example.com,"B\n';
	const sent = await sendCampaign(t, { list, fromStdin: true, template: shortTemplate, smtp: server.url });
	assert.equal(sent.code, 65, sent.stderr);
	assert.match(sent.stderr, /line 3/);
	assert.equal(server.connectionCount, before);
});

for (const [what, path] of [
	['a missing list', 'nowhere.csv'],
	['a directory', '.'],
] as const) {
	test(`${what} ends with 66 and is named`, async (t) => {
		const directory = temporaryDirectory(t);
		buildTemplate(directory);
		const run = await runMailshot(['send', path, '-t', 'news.hbs', '--smtp', server.url, '--yes'], { cwd: directory });
		assert.equal(run.code, 66, run.stderr);
		assert.ok(run.stderr.includes(path));
		assert.deepEqual(readdirSync(directory), ['news.hbs']);
	});
}

const hostileCells = [
	['a line break and a command', '"bob@example.com\r\nRCPT TO:<evil@example.com>"'],
	['a lone line feed and a header', '"bob@example.com\nBcc: evil@example.com"'],
	['two addresses', '"bob@example.com, evil@example.com"'],
	['two addresses with a semicolon', 'bob@example.com;evil@example.com'],
	['an address that closes the bracket', 'bob@example.com> SIZE=1 <evil@example.com'],
	['a group', '"friends: bob@example.com, evil@example.com;"'],
	['a source route', '"@relay.example:evil@example.com"'],
	['a NUL', 'bob@example.com\0'],
	['no domain', 'bob@'],
	['nothing', ''],
	['a name and an address in brackets with a second one', 'evil@example.com <bob@example.com>'],
] as const;

test('a cell that is not one address fails its row, nothing of it reaches the wire, and the others are sent', async (t) => {
	const seen = accepted.length;
	const heard = server.heard.length;
	const rows = hostileCells.map(([what, cell], n) => `good${n}@example.com,Good\r\n${cell},${what}\r\n`);
	const sent = await sendCampaign(t, {
		list: `email,first_name\r\n${rows.join('')}`,
		template: shortTemplate,
		smtp: server.url,
	});

	assert.equal(sent.code, 3, sent.stderr);
	const good = hostileCells.map((_, n) => `good${n}@example.com`).sort();
	assert.deepEqual(takenSince(seen).recipients, good);
	assert.deepEqual(countStatuses(sent.rows), { accepted: good.length, failed: good.length });
	for (const row of sent.rows.filter((each) => each.status === 'failed')) {
		assert.match(row.error_type, /^(?:address\.|csv\.nul$)/);
		assert.match(row.error_message, new RegExp(`line ${row.line} of list\\.csv`));
	}
	const wire = server.heard
		.slice(heard)
		.map(({ line }) => line)
		.join('\n');
	assert.doesNotMatch(wire, /evil|Bcc/);
	sent.summary();
});

test('a cell of ten megabytes fails its row, says where, and harms no other', async (t) => {
	const seen = accepted.length;
	const list = `email,first_name\na@example.com,A\nb@example.com,"${'B'.repeat(10_000_000)}"\nc@example.com,C\n`;
	const sent = await sendCampaign(t, { list, template: shortTemplate, smtp: server.url });
	assert.equal(sent.code, 3, sent.stderr.slice(0, 2000));
	assert.deepEqual(takenSince(seen).recipients, ['a@example.com', 'c@example.com']);
	const failed = sent.rows.find((row) => row.row === 2);
	assert.equal(failed?.status, 'failed');
	assert.equal(failed.line, 3);
	assert.ok(sent.stderr.length + sent.stdout.length < 20_000, 'the cell was printed');
	assert.equal(rowOf(sent.rows, 'c@example.com').line, 4);
});

test('two thousand columns are read like two', async (t) => {
	const seen = accepted.length;
	const names = Array.from({ length: 2000 }, (_, n) => `c${n}`);
	const list = `email,first_name,${names}\na@example.com,A,${names}\n`;
	const sent = await sendCampaign(t, { list, template: `${shortTemplate}{{c1999}}\n`, smtp: server.url });
	assert.equal(sent.code, 0, sent.stderr);
	assert.match(await htmlOf(takenSince(seen).mails[0]), /c1999/);
});

test('columns named like the insides of JavaScript are columns like others', async (t) => {
	const seen = accepted.length;
	const list =
		'email,first_name,__proto__,constructor,toString\na@example.com,A,proto-cell,constructor-cell,string-cell\n';
	const template = `${shortTemplate}<p>{{__proto__}} {{constructor}} {{toString}}</p>\n`;
	const sent = await sendCampaign(t, { list, template, smtp: server.url });
	assert.equal(sent.code, 0, sent.stderr);
	assert.match(await htmlOf(takenSince(seen).mails[0]), /proto-cell constructor-cell string-cell/);
});

test('a domain with umlauts goes over the wire as A-label, a local part with umlauts needs SMTPUTF8 and fails without', async (t) => {
	const seen = accepted.length;
	const list = 'email,first_name\nzoe@bücher.example,Zoë\nzoë@example.com,Zoë\n';
	const sent = await sendCampaign(t, { list, template: shortTemplate, smtp: server.url });
	assert.equal(sent.code, 3, sent.stderr);
	assert.deepEqual(takenSince(seen).recipients, ['zoe@xn--bcher-kva.example']);
	assert.equal(rowOf(sent.rows, 'zoe@xn--bcher-kva.example').recipient_domain, 'xn--bcher-kva.example');
	const failed = rowOf(sent.rows, 'zoë@example.com');
	assert.deepEqual({ status: failed.status, type: failed.error_type }, { status: 'failed', type: 'smtp.no_smtputf8' });
});

test('the second row of an address is skipped as a duplicate', async (t) => {
	const seen = accepted.length;
	const list = 'email,first_name\nbob@example.com,A\nanna@example.com,B\nBob@EXAMPLE.com,C\n';
	const sent = await sendCampaign(t, { list, template: shortTemplate, smtp: server.url });
	assert.equal(sent.code, 0, sent.stderr);
	assert.equal(takenSince(seen).mails.length, 2);
	const [skipped] = sent.rows.filter((row) => row.status === 'skipped');
	assert.deepEqual(
		{ row: skipped?.row, reason: skipped?.skip_reason, line: skipped?.line },
		{ row: 3, reason: 'duplicate', line: 4 },
	);
	sent.summary();
});

const spellings: readonly { readonly what: string; readonly list: Buffer; readonly flags?: readonly string[] }[] = [
	{ what: 'a byte order mark and CRLF', list: Buffer.from('\ufeffemail,first_name\r\nzoe@example.com,Zoë\r\n') },
	{ what: 'UTF-16', list: Buffer.from('\ufeffemail\tfirst_name\r\nzoe@example.com\tZoë\r\n', 'utf16le') },
	{ what: 'semicolons and sep=', list: Buffer.from('sep=;\r\nE-Mail;First Name\r\nzoe@example.com;Zoë\r\n') },
	{
		what: 'windows-1252',
		list: Buffer.from('email,first_name\nzoe@example.com,Zo\xeb\n', 'latin1'),
		flags: ['--encoding', 'windows-1252'],
	},
	{
		what: 'a delimiter and a column of its own',
		list: Buffer.from('reply to|first_name|boss\nboss@example.com|Zoë|zoe@example.com\n'),
		flags: ['--delimiter', '|', '--email-column', 'boss'],
	},
];

for (const { what, list, flags = [] } of spellings) {
	test(`a list with ${what} reaches Zoë by her name`, async (t) => {
		const seen = accepted.length;
		const template = shortTemplate.replace('{{email}}', '{{@email}}');
		const sent = await sendCampaign(t, { list, template, smtp: server.url, flags });
		assert.equal(sent.code, 0, sent.stderr);
		const { mails, recipients } = takenSince(seen);
		assert.deepEqual(recipients, ['zoe@example.com']);
		assert.match(await htmlOf(mails[0]), /Dear Zoë/);
	});
}
