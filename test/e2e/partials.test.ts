/** Partials as people use them: a folder of files beside the template, and a campaign that knows when one of them changed. */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import PostalMime from 'postal-mime';
import { writeFileIn } from '../helpers/list-builder.ts';
import { runMailshot } from '../helpers/run-mailshot.ts';
import { startScriptedServer } from '../helpers/scripted-server.ts';
import { type AcceptedMail, smtpDialogue } from '../helpers/smtp-dialogue.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

const template = `From: Acme News <news@acme.example>
Subject: Hello {{first_name}}

{{#> layout title="November"}}
<p>Dear {{first_name}}, {{> blocks/button label="your account" url="https://acme.example/"}}</p>
{{/layout}}
`;

function layCampaign(context: TestContext): string {
	const directory = temporaryDirectory(context);
	mkdirSync(join(directory, 'partials/blocks'), { recursive: true });
	writeFileIn(directory, 'news.hbs', template);
	writeFileIn(directory, 'list.csv', 'email,first_name,city\nzoe@example.com,Zoë,Köln\n');
	writeFileIn(directory, 'partials/layout.hbs', '<h1>{{title}}</h1>\n{{> @partial-block}}\n<p>Acme, {{city}}</p>\n');
	writeFileIn(directory, 'partials/blocks/button.hbs', '<a href="{{url}}">{{label}}</a>');
	return directory;
}

const send = ['send', 'list.csv', '-t', 'news.hbs', '--yes', '--log', 'results.jsonl'];

test('a message of partials arrives, with their text in the text part', async (t) => {
	const directory = layCampaign(t);
	const accepted: AcceptedMail[] = [];
	const server = await startScriptedServer(smtpDialogue({ accepted }));
	t.after(() => server.stop());

	const run = await runMailshot([...send, '--smtp', server.url], { cwd: directory });

	assert.equal(run.code, 0, run.stderr);
	const mail = await PostalMime.parse((accepted[0]?.lines ?? []).join('\r\n'));
	assert.equal(mail.text?.trim(), 'November\n\nDear Zoë, your account [https://acme.example/]\n\nAcme, Köln');
	assert.match(
		mail.html ?? '',
		/<h1>November<\/h1>\s+<p>Dear Zoë, <a href="https:\/\/acme\.example\/">your account<\/a>/,
	);
});

test('with --verbose the plan names the partials and says how each part is made, and standard output stays as it is', async (t) => {
	const directory = layCampaign(t);
	const dryRun = ['send', 'list.csv', '-t', 'news.hbs', '--dry-run', '--verbose'];

	const run = await runMailshot([...dryRun, '--json'], { cwd: directory });

	assert.equal(run.code, 0, run.stderr);
	assert.match(run.stderr, /Parts {6}html 2\d\d bytes, 2 values, fixed text encoded once\n/);
	assert.match(run.stderr, /text \d+ bytes \(made from the html\), 2 values, fixed text encoded\s+once\n/);
	assert.match(run.stderr, /Partials {3}partials\/blocks\/button\.hbs, partials\/layout\.hbs\n/);
	assert.equal(
		run.stdout,
		'{"v":1,"type":"dry_run","rows":1,"rendered":1,"failed":0,"duplicates":0,"passed_over":0,"suppressed":0}\n',
	);

	writeFileIn(directory, 'partials/blocks/button.hbs', '<a href="{{url}}">{{{label}}} {{{city}}}</a>');
	const slow = await runMailshot(dryRun, { cwd: directory });
	assert.match(
		slow.stderr.replace(/\s+/g, ' '),
		/3 values, encoded anew for each row: it is made from the HTML of each row, since a \{\{\{\.\.\.\}\}\} value may hold HTML/,
	);
});

test('a partial that is not there or calls what is no column stops with 65 and the place in its file', async (t) => {
	const directory = layCampaign(t);
	writeFileIn(directory, 'partials/layout.hbs', 'x\n{{> @partial-block}}{{ctiy}}{{> foter}}\n');
	writeFileIn(directory, 'partials/footer.hbs', 'x');

	const run = await runMailshot(['send', 'list.csv', '-t', 'news.hbs', '--dry-run'], { cwd: directory });

	assert.equal(run.code, 65, run.stderr);
	assert.match(
		run.stderr,
		/partials\/layout\.hbs:2:23: \{\{ctiy\}\} is no column of the list.*did you mean \{\{city\}\}\?/,
	);
	assert.match(
		run.stderr,
		/partials\/layout\.hbs:2:29: \{\{> foter\}\}: there is none in partials; did you mean \{\{> footer\}\}\?/,
	);
});

test('a changed partial is a changed message, which is named and has to be allowed; another folder is none', async (t) => {
	const directory = layCampaign(t);
	const rehearse = [...send, '--sandbox'];
	const first = await runMailshot(rehearse, { cwd: directory });
	assert.equal(first.code, 0, first.stderr);
	renameSync(join(directory, 'partials'), join(directory, 'blocks'));

	const moved = await runMailshot([...rehearse, '--partials', 'blocks'], { cwd: directory });
	assert.equal(moved.code, 0, moved.stderr);

	writeFileIn(directory, 'blocks/blocks/button.hbs', '<b>{{label}} {{url}}</b>');
	const changed = await runMailshot([...rehearse, '--partials', 'blocks'], { cwd: directory });
	assert.equal(changed.code, 2, changed.stderr);
	assert.match(changed.stderr, /its partial blocks\/button\.hbs changed\n/);
	assert.match(changed.stderr, /--template-changed/);

	const allowed = await runMailshot([...rehearse, '--partials', 'blocks', '--template-changed'], { cwd: directory });
	assert.equal(allowed.code, 0, allowed.stderr);
});
