/** Templates with mistakes: found with their place before anything is sent; and rows whose values cannot be a header. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import PostalMime from 'postal-mime';
import { countStatuses, rowOf } from '../helpers/read-log.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { sendCampaign } from '../helpers/send-campaign.ts';
import { type AcceptedMail, smtpDialogue } from '../helpers/smtp-dialogue.ts';

const accepted: AcceptedMail[] = [];
let server: ScriptedServer;
before(async () => {
	server = await startScriptedServer(smtpDialogue({ accepted }));
});
after(() => server.stop());

const head = 'From: Acme News <news@acme.example>\nTo: {{first_name}} <{{email}}>\nSubject: Hello {{first_name}}\n\n';
const list = 'email,first_name,city\nzoe@example.com,Zoë,Köln\nbob@example.com,Bob,Paris\n';

const mistakes = [
	{
		what: 'a block that is not closed',
		template: `${head}<p>\n{{#if city}}in {{city}}\n</p>\n`,
		says: [/news\.hbs:\d+:\d+/],
	},
	{ what: 'a closing tag without its block', template: `${head}<p>{{/if}}</p>\n`, says: [/news\.hbs:5:\d+/] },
	{ what: 'a brace too few', template: `${head}<p>{{city}</p>\n`, says: [/news\.hbs:5:\d+/] },
	{
		what: 'a variable that is no column',
		template: `${head}<p>{{frist_name}}</p>\n`,
		says: [/news\.hbs:5:\d+/, /frist_name/, /first_name/],
	},
	{
		what: 'such a variable in the subject',
		template: 'From: a@acme.example\nSubject: {{citty}}\n\n<p>x</p>\n',
		says: [/news\.hbs:2:\d+/, /city/],
	},
	{
		what: 'such a variable in a condition',
		template: `${head}<p>{{#if citi}}x{{/if}}</p>\n`,
		says: [/news\.hbs:5:\d+/, /city/],
	},
	{
		what: 'two of them',
		template: `${head}<p>{{one}}</p>\n<p>{{two}}</p>\n`,
		says: [/news\.hbs:5:\d+/, /news\.hbs:6:\d+/],
	},
	{ what: 'a Cc line', template: `Cc: boss@acme.example\n${head}<p>x</p>\n`, says: [/news\.hbs/, /Cc/, /row/] },
	{ what: 'an empty file', template: '', says: [/news\.hbs/] },
];

for (const { what, template, says } of mistakes) {
	test(`${what} stops the run with 65 and its place, before anything is sent`, async (t) => {
		const sent = await sendCampaign(t, { list, template, smtp: server.url });
		assert.equal(sent.code, 65, sent.stderr);
		for (const pattern of says) assert.match(sent.stderr, pattern);
		assert.equal(server.connectionCount, 0);
		assert.deepEqual(sent.rows, []);
	});
}

test('a template that is not there ends with 66 and is named', async (t) => {
	const sent = await sendCampaign(t, { list, smtp: server.url, flags: ['--template', 'nowhere.hbs'] });
	assert.equal(sent.code, 66, sent.stderr);
	assert.match(sent.stderr, /nowhere\.hbs/);
	assert.equal(server.connectionCount, 0);
});

test('a value with a line break in a header fails its row, and adds no header to any mail', async (t) => {
	const seen = accepted.length;
	const hostile = `email,first_name,city
a@example.com,Anna,Rome
b@example.com,"Bob\r\nBcc: evil@example.com",Rome
c@example.com,"Carl\nX-Evil: 1",Rome
d@example.com,"Dora\r\r\n\r\n<b>body</b>",Rome
e@example.com,Eve,"Rome\r\nX-Evil: in the body is fine"
`;
	const sent = await sendCampaign(t, { list: hostile, template: `${head}<p>{{city}}</p>\n`, smtp: server.url });

	assert.equal(sent.code, 3, sent.stderr);
	assert.deepEqual(countStatuses(sent.rows), { accepted: 2, failed: 3 });
	for (const recipient of ['b', 'c', 'd']) {
		const row = rowOf(sent.rows, `${recipient}@example.com`);
		assert.equal(row.error_type, 'template.header_line_break');
		assert.match(row.error_message, /first_name|Subject|To/);
	}
	for (const mail of accepted.slice(seen)) {
		const parsed = await PostalMime.parse(mail.lines.join('\r\n'));
		assert.ok(!parsed.headers.some(({ key }) => key === 'x-evil' || key === 'bcc'));
		assert.ok(!mail.lines.some((line) => /[\r\n\0]/.test(line)));
	}
});

test('what arrives is what the template says: escaped in HTML, plain in text and subject, right in any language', async (t) => {
	const seen = accepted.length;
	const people = 'email,first_name,city\nq@example.com,"O\'Neill & Söhne <GmbH> 🎉",東京\n';
	const template = `${head}<h1>Dear {{first_name}},</h1>\n<p>greetings to {{city}}</p>\n.\n..dots\n`;
	const sent = await sendCampaign(t, { list: people, template, smtp: server.url });

	assert.equal(sent.code, 0, sent.stderr);
	const [mail] = accepted.slice(seen);
	const parsed = await PostalMime.parse(mail?.lines.join('\r\n') ?? '');
	assert.equal(parsed.subject, "Hello O'Neill & Söhne <GmbH> 🎉");
	assert.deepEqual(parsed.to?.[0], { name: "O'Neill & Söhne <GmbH> 🎉", address: 'q@example.com' });
	assert.match(parsed.html ?? '', /Dear O(?:'|&#x27;|&#39;)Neill &amp; Söhne &lt;GmbH&gt; 🎉,/);
	assert.match(parsed.html ?? '', /\n\.\n\.\.dots\n/);
	assert.match(parsed.text ?? '', /dear o'neill & söhne <gmbh> 🎉/i);
	assert.equal(parsed.messageId, sent.rows[0]?.message_id);
	assert.match(parsed.messageId ?? '', /@acme\.example>$/);
	assert.ok(Math.abs(Date.parse(parsed.date ?? '') - Date.parse(sent.rows[0]?.timestamp ?? '')) < 60_000);
});

test('--from, --subject and --set stand above the template', async (t) => {
	const seen = accepted.length;
	const flags = [
		'--from',
		'Boss <boss@acme.example>',
		'--subject',
		'For {{first_name}}: {{offer}}',
		'--set',
		'offer=50 % off',
	];
	const sent = await sendCampaign(t, { list, template: `${head}<p>{{offer}}</p>\n`, smtp: server.url, flags });

	assert.equal(sent.code, 0, sent.stderr);
	const mail = accepted.slice(seen).find(({ recipient }) => recipient === 'bob@example.com');
	const parsed = await PostalMime.parse(mail?.lines.join('\r\n') ?? '');
	assert.equal(parsed.subject, 'For Bob: 50 % off');
	assert.deepEqual(parsed.from, { name: 'Boss', address: 'boss@acme.example' });
	assert.match(parsed.html ?? '', /<p>50 % off<\/p>/);
	assert.ok(server.heard.some(({ line }) => line.startsWith('MAIL FROM:<boss@acme.example>')));
});
