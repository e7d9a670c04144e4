/** Faults 74 to 84: templates, hostile values, and what may never be seen: header names from data, escape sequences, secrets, other people's logs. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import PostalMime from 'postal-mime';
import { writeFileIn } from '../helpers/list-builder.ts';
import { rowOf } from '../helpers/read-log.ts';
import { runMailshot, startMailshot } from '../helpers/run-mailshot.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { everybody, type FaultCase, faultTemplate, listOf, moment, relayOf, testFaults } from './fault-case.ts';

const zoe = 'zoe@example.com';
const head = faultTemplate.slice(0, faultTemplate.indexOf('\n\n') + 2);

/** A template with a mistake: nothing is connected to. */
function refuses(row: number, what: string, template: string, says: readonly RegExp[]): FaultCase {
	return {
		row,
		what,
		people: [],
		campaign: { list: listOf(everybody), template },
		ends: { code: 65, states: [], says },
		check: (_sent, { relay }) => assert.equal(relay?.connectionCount, 0),
	};
}

const cases: readonly FaultCase[] = [
	{
		row: 74,
		what: 'the name of a header is what the template says, and never what a row says',
		people: [zoe],
		campaign: {
			list: `email,first_name\n${zoe},"Bcc: evil@example.com, X-Evil"\n`,
			template: 'From: news@acme.example\nX-{{first_name}}: x\nSubject: x\n\n<p>x</p>\n',
		},
		ends: { code: 0, states: 'accepted' },
		check: (_sent, { relay }) => assert.ok(!relay?.heard.some(({ line }) => /evil/i.test(line))),
	},
	{
		row: 75,
		what: 'dots, lone CR and LF in a body arrive as they were meant, and none of them ends the message',
		people: [zoe],
		campaign: {
			list: `email,first_name,story\n${zoe},Zoë,"one\n.\ntwo\r.\rthree\r\n..four"\n`,
			template: `${head}<pre>{{story}}</pre>\n.\n..\n`,
		},
		ends: { code: 0, states: 'accepted' },
		check: async (_sent, { relay }) => {
			const lines = relay?.accepted[0]?.lines ?? [];
			assert.ok(!lines.some((line) => /[\r\n\0]/.test(line)));
			const { html = '' } = await PostalMime.parse(lines.join('\r\n'));
			assert.match(html.replaceAll('\r\n', '\n'), /one\n\.\ntwo[\r\n]+\.[\r\n]+three\n\.\.four<\/pre>\n\.\n\.\.\n/);
		},
	},
	{
		row: 76,
		what: 'a line of five thousand characters arrives whole, in lines that are short',
		people: [zoe],
		campaign: {
			list: `email,first_name,story\n${zoe},Zoë,${'word '.repeat(1_000)}\n`,
			template: `${head}<p>{{story}}</p>\n`,
		},
		ends: { code: 0, states: 'accepted' },
		check: async (_sent, { relay }) => {
			const lines = relay?.accepted[0]?.lines ?? [];
			assert.ok(Math.max(...lines.map((line) => line.length)) <= 998);
			assert.match((await PostalMime.parse(lines.join('\r\n'))).html ?? '', /(?:word ){1000}/);
		},
	},
	...['{{constructor}}', '{{__proto__}}', '{{lookup this "constructor"}}', '{{#with __proto__}}x{{/with}}'].map((tag) =>
		refuses(77, `${tag} gives nobody the insides of JavaScript`, `${head}<p>${tag}</p>\n`, [/news\.hbs/]),
	),
	{
		row: 78,
		what: 'a template whose text grows without measure fails the row, not the machine',
		judged:
			'there is no worker with a second for each row (a promise a message costs too much): what an #each may walk over is limited by the row, so the size is what is limited',
		people: [],
		campaign: {
			list: `email,first_name,story\n${everybody.map((address) => `${address},A,${'x'.repeat(900_000)}`).join('\n')}\n`,
			template: `${head}${'<p>{{story}}</p>\n'.repeat(60)}`,
		},
		server: { keywords: ['PIPELINING', 'SIZE 10240000'] },
		ends: { code: 3, states: [] },
		check: (sent) => {
			for (const row of sent.rows) assert.equal(row.status, 'failed');
			assert.equal(sent.rows.length, everybody.length);
		},
	},
	{
		row: 79,
		what: 'values are escaped in HTML',
		people: [zoe],
		campaign: {
			list: `email,first_name\n${zoe},"<script>alert(1)</script>"\n`,
			template: `${head}<p>Dear {{first_name}}</p>\n`,
		},
		ends: { code: 0, states: 'accepted' },
		check: async (_sent, { relay }) => {
			const { html = '' } = await PostalMime.parse(relay?.accepted[0]?.lines.join('\r\n') ?? '');
			assert.doesNotMatch(html, /<script>/);
			assert.match(html, /&lt;script&gt;/);
		},
	},
	refuses(
		80,
		'an attachment whose path would come from a row is refused',
		`Attachment: {{first_name}}\n${faultTemplate}`,
		[/Attachment/i],
	),
	{
		row: 81,
		what: 'a token with a line break cannot become a header: its row fails',
		people: ['anna@example.com'],
		campaign: {
			list: 'email,first_name,token\nanna@example.com,Anna,abc123\nbob@example.com,Bob,"x>\r\nX-Evil: 1"\n',
			template: `List-Unsubscribe: <https://acme.example/u/{{token}}>\n${faultTemplate}`,
		},
		ends: { code: 3, states: 'accepted' },
		check: (sent, { relay }) => {
			assert.equal(rowOf(sent.rows, 'bob@example.com').status, 'failed');
			assert.ok(!relay?.heard.some(({ line }) => line.startsWith('X-Evil')));
		},
	},
	{
		row: 82,
		what: 'escape sequences of servers and lists are printed by nobody, and kept as text in the log',
		people: ['anna@example.com'],
		server: {
			deviate: ({ command, recipient }) =>
				command === 'RCPT' && recipient === 'bob@example.com'
					? { say: '550 5.1.1 \u001b]0;pwned\u0007\u001b[31mNo' }
					: null,
		},
		campaign: {
			list: 'email,first_name\nanna@example.com,Anna\nbob@example.com,Bob\n"\u001b[2Jcarl",\u001b[31mCarl\n',
			flags: ['--verbose'],
		},
		ends: { code: 3, states: 'accepted' },
		check: (sent) =>
			assert.doesNotMatch(sent.stdout + sent.stderr + readFileSync(sent.logPath, 'utf8'), /[\u0007\u001b]/),
	},
];

testFaults(cases);

test('fault 78: a template that calls itself stops before anything is sent, or fails its rows', async (t) => {
	const directory = temporaryDirectory(t);
	writeFileIn(directory, 'list.csv', listOf(everybody));
	writeFileIn(directory, 'news.hbs', `${head}{{> news}}\n`);
	const run = await runMailshot(['send', 'list.csv', '-t', 'news.hbs', '--dry-run'], { cwd: directory });
	assert.equal(run.code, 65, run.stderr);
	assert.match(run.stderr, /news\.hbs:5/);
});

test('fault 83: the password is in no argument list, no environment of the running process that others see, no output and no file', async (t) => {
	const secret = 'S3cret-pw-83';
	const held = moment();
	const server = await relayOf(t, {
		keywords: ['PIPELINING', 'AUTH PLAIN LOGIN'],
		deviate: ({ command }) => {
			if (command !== 'MAIL') return null;
			held.reach();
			return { hangUp: 'never' };
		},
	});
	const directory = temporaryDirectory(t);
	writeFileIn(directory, 'list.csv', listOf(everybody));
	writeFileIn(directory, 'news.hbs', faultTemplate);
	const words = ['send', 'list.csv', '-t', 'news.hbs', '--log', 'results.jsonl', '--yes', '--smtp'];
	const onCommandLine = await runMailshot([...words, `smtp://news:${secret}@127.0.0.1:9`], { cwd: directory });
	assert.equal(onCommandLine.code, 2, onCommandLine.stderr);
	assert.ok(!onCommandLine.stderr.includes(secret));
	const running = startMailshot([...words, server.url, '--trace', 'trace.txt'], {
		cwd: directory,
		env: { MAILSHOT_SMTP_PASSWORD: secret },
	});
	await held.reached();
	const argumentsSeen = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
	assert.ok(!argumentsSeen.includes(secret));
	running.kill('SIGINT');
	running.kill('SIGINT');
	const { stdout, stderr } = await running.finished;
	const files = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'latin1'));
	for (const text of [stdout, stderr, ...files]) {
		assert.ok(!text.includes(secret) && !text.includes(Buffer.from(secret).toString('base64')));
	}
});

test('fault 84: log, journal and summary can be read by their owner alone, and a link in their place is not followed', async (t) => {
	const server = await relayOf(t, {});
	const directory = temporaryDirectory(t);
	writeFileIn(directory, 'list.csv', listOf(everybody));
	writeFileIn(directory, 'news.hbs', faultTemplate);
	const words = ['send', 'list.csv', '-t', 'news.hbs', '--yes', '--smtp', server.url, '--log'];
	const sent = await runMailshot([...words, 'results.jsonl', '--trace', 'trace.txt'], { cwd: directory });
	assert.equal(sent.code, 0, sent.stderr);
	for (const name of readdirSync(directory).filter((each) => /^(?:results|trace)/.test(each))) {
		assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600, name);
	}
	writeFileIn(directory, 'elsewhere', '');
	symlinkSync('elsewhere', join(directory, 'link.jsonl'));
	const linked = await runMailshot([...words, 'link.jsonl'], { cwd: directory });
	assert.equal(linked.code, 73, linked.stderr);
	assert.equal(readFileSync(join(directory, 'elsewhere'), 'utf8'), '');
});
