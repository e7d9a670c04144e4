import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/support/errors.ts';
import { compiled, refusal, rendered, row } from './given.ts';

const columns = ['email', 'First Name', 'city', 'default', 'address.street'] as const;

async function problemsIn(body: string): Promise<string[]> {
	return (await refusal(body, columns)).message.split('\n');
}

async function textOf(
	template: string,
	fields: readonly string[],
	names: readonly string[] = columns,
): Promise<string> {
	const message = await compiled('<p>x', names, { text: template });
	const { content } = rendered(message, row(fields));
	const body = /quoted-printable\r\n\r\n([\s\S]*?)\r\n--/.exec(content)?.[1] ?? '';
	return body
		.replace(/=\r\n/g, '')
		.replace(/(?:=[0-9A-F]{2})+/g, (octets) => decodeURIComponent(octets.replaceAll('=', '%')));
}

test('an unknown variable stops with file, line, column and the nearest column, wherever it stands', async () => {
	const cases = {
		'<p>Hello {{frist_name}}': 'news.hbs:1:12: {{frist_name}} is no column of the list; did you mean {{first_name}}?',
		'<p>\n\n  {{#if ctiy}}x{{/if}}': 'news.hbs:3:9: {{ctiy}} is no column of the list; did you mean {{city}}?',
		'<p>{{default cty "x"}}': 'news.hbs:1:14: {{cty}} is no column of the list; did you mean {{city}}?',
		'<p>{{default (default zzz "x") "y"}}': 'news.hbs:1:23: {{zzz}} is no column of the list',
		'<p>{{#unless city}}{{else}}{{nope}}{{/unless}}': 'news.hbs:1:30: {{nope}} is no column of the list',
		'<p>{{#if city}}{{else if ctiy}}{{/if}}':
			'news.hbs:1:26: {{ctiy}} is no column of the list; did you mean {{city}}?',
		'<p>{{#each this}}{{@root.ctiy}}{{/each}}':
			'news.hbs:1:20: {{ctiy}} is no column of the list; did you mean {{city}}?',
		'<p>{{lookup this "ctiy"}}': 'news.hbs:1:18: {{ctiy}} is no column of the list; did you mean {{city}}?',
		'<p>{{@emial}}': 'news.hbs:1:6: {{@emial}} is nothing mailshot knows; did you mean {{@email}}?',
		'<p>{{@city}}': 'news.hbs:1:6: {{@city}} is nothing mailshot knows; did you mean {{city}}?',
		'<p>{{@index}}': 'news.hbs:1:6: {{@index}} has a meaning inside {{#each}} only',
		'<p>{{constructor}}': 'news.hbs:1:6: {{constructor}} is no column of the list',
		'<p>{{__proto__}}': 'news.hbs:1:6: {{__proto__}} is no column of the list',
		'<p>{{city.constructor}}': 'news.hbs:1:6: {{city.constructor}}: the value of {{city}} is text and has no parts',
		'<p>{{12}}': 'news.hbs:1:6: {{12}} is no column of the list',
	};
	for (const [body, problem] of Object.entries(cases)) assert.deepEqual(await problemsIn(body), [problem], body);
});

test('every unknown variable of headers and bodies is listed at once', async () => {
	const template = 'From: {{aa}} <news@acme.example>\nSubject: Hi\n  {{bb}}\n\n<p>{{cc}}\n{{dd}}';

	const error = await refusal(template, columns, { text: '{{ee}}' });

	assert.equal(error.exitCode, 65);
	assert.deepEqual(
		error.message.split('\n').map((line) => line.replace(/ is no column.*/, '')),
		[
			'news.hbs:1:9: {{aa}}',
			'news.hbs:3:5: {{bb}}',
			'news.hbs:5:6: {{cc}}',
			'news.hbs:6:3: {{dd}}',
			'news.txt:1:3: {{ee}}',
		],
	);
	assert.match(error.hint, /columns: email, First Name, city/);
});

test('a name with a space in it gets the spelling that works', async () => {
	assert.deepEqual(await problemsIn('<p>{{First Name}}'), [
		'news.hbs:1:4: {{First Name}} has a space in it; write {{first_name}}',
	]);
});

test('what this version has no helper for is refused with what to write', async () => {
	const cases = {
		'<p>{{upper city}}': '"upper" is no helper; there are default, lookup',
		'<p>{{defualt city "x"}}': '"defualt" is no helper; did you mean default?',
		'<p>{{#city}}x{{/city}}': '{{#city}} is no block helper; write {{#if city}} or {{#unless city}}',
		'<p>{{^city}}x{{/city}}': '{{#city}} is no block helper; write {{#if city}} or {{#unless city}}',
		'<p>{{log city}}': '{{log}} is switched off: rows do not go to the terminal',
		'<p>{{if city "x"}}': '{{if}} is a block: {{#if ...}} ... {{/if}}',
		'<p>{{> footer}}': 'partials ({{> ...}}, {{#*inline}}) are not supported yet',
		'<p>{{#*inline "x"}}y{{/inline}}': 'partials ({{> ...}}, {{#*inline}}) are not supported yet',
		'<p>{{default city}}': '{{default}} needs two values: {{default first_name "there"}}',
		'<p>{{this}}': '{{this}} is the whole row, not a value',
		'<p>{{#each city}}x{{/each}}':
			'{{#each city}}: a cell is text, there is nothing to walk over; {{#each this}} walks over the columns',
		'<p>{{#with city}}{{email}}{{/with}}':
			'{{email}} is inside {{#with city}}, where names mean parts of that value; write {{@root.email}}',
		'<p>{{#each this}}{{#each @root}}x{{/each}}{{/each}}': '{{#each @root}} inside another {{#each}} is not possible',
		'<p>{{../city}}': '{{../city}} leads out of the template: there is nothing above',
	};
	for (const [body, problem] of Object.entries(cases)) {
		assert.deepEqual(
			(await problemsIn(body)).map((line) => line.replace(/^news\.hbs:1:\d+: /, '')),
			[problem],
			body,
		);
	}
});

test('columns are found whatever their case, spaces, - and _', async () => {
	const fields = ['a@b.example', 'Zoë', 'Paris', 'dflt', 'Main St'];
	for (const name of [
		'first_name',
		'FIRST-NAME',
		'firstName',
		'[First Name]',
		'[first name]',
		'this.first_name',
		'@root.First_Name',
	]) {
		assert.equal(await textOf(`T {{${name}}}.`, fields), 'T Zoë.', name);
	}
	assert.equal(await textOf('{{default}} {{address.street}}', fields), 'dflt Main St');
});

test('blocks, their parameters and their data mean what Handlebars says', async () => {
	const fields = ['a@b.example', 'Zoë', '', 'd', 's'];
	const cases = {
		'{{#each this as |v k|}}{{@index}}{{#if @first}}!{{/if}}{{k}}={{v}}{{#unless @last}};{{/unless}}{{/each}}':
			'0!email=a@b.example;1First Name=Zoë;2city=;3default=d;4address.street=s',
		'{{#each @root}}{{@key}}{{../city}},{{/each}}': 'email,First Name,city,default,address.street,',
		'{{#with first_name as |n|}}{{n}} {{this}} {{.}} {{../default}}{{/with}}': 'Zoë Zoë Zoë d',
		'{{#with city}}x{{else}}no {{first_name}}{{/with}}': 'no Zoë',
		'{{#with this}}{{city}}{{first_name}}{{/with}}': 'Zoë',
		'{{default city "there"}} {{default "  " first_name}}': 'there Zoë',
		'{{lookup this "First_Name"}}{{lookup @root default}}': 'Zoë',
		'{{#if city}}a{{else if first_name}}b{{else}}c{{/if}}{{^if city}}!{{/if}}': 'b!',
		'{{@email}} {{@row}} {{@campaign}} {{@date}}': 'a@b.example 3 november Tue, 04 Nov 2025 10:00:00 +0000',
	};
	for (const [template, text] of Object.entries(cases)) assert.equal(await textOf(template, fields), text, template);
});

test('columns called like parts of JavaScript objects or helpers are columns like others', async () => {
	const names = ['email', '__proto__', 'constructor', 'toString', 'if', 'each', 'hasOwnProperty', '12', 'true'];
	const fields = ['a@b.example', ...names.slice(1).map((name) => `<${name}>`)];

	const text = await textOf(
		'{{__proto__}}{{constructor}}{{toString}}{{if}}{{each}}{{hasOwnProperty}}{{12}}{{true}}{{#if __proto__}}!{{/if}}',
		fields,
		names,
	);

	assert.equal(text, '<__proto__><constructor><toString><if><each><hasOwnProperty><12><true>!');
});

test('nothing that a row holds is compiled or looked up', async () => {
	const hostile = ['a@b.example', '{{email}} {{#if city}}', '__proto__', 'constructor', '{{{x}}}'];

	assert.equal(
		await textOf('{{first_name}} {{lookup this city}}|{{lookup this default}}|', hostile),
		'{{email}} {{#if city}} ||',
	);
});

test('values given with --set are names like columns, and cannot be columns', async () => {
	const message = await compiled('<p>{{event_date}}', columns, { set: new Map([['Event-Date', '4 < 5']]) });
	assert.match(rendered(message, row(['a@b.example'])).content, /<p>4 &lt; 5/);

	for (const set of [
		new Map([['first-name', 'x']]),
		new Map([
			['a b', '1'],
			['a_b', '2'],
		]),
	]) {
		assert.ok((await refusal('<p>x', columns, { set })) instanceof UsageError);
	}
});

test('a syntax error names file, line, column and shows the line', async () => {
	const template = 'Subject: Hi\nFrom: a@b.example\n\n<p>one\n<p>Hello {{#if city}\n';

	const error = await refusal(template, columns);

	assert.equal(error.exitCode, 65);
	assert.match(error.message, /^news\.hbs:5:20: syntax error in: <p>Hello \{\{#if city\}$/);
	assert.match(
		(await refusal('<p>{{#if city}}x{{/with}}', columns)).message,
		/^news\.hbs:1:\d+: syntax error, if doesn't match with: /,
	);
	assert.match(
		(await refusal('Subject: {{a\nFrom: a@b.example\n\n<p>x', columns)).message,
		/^news\.hbs:1:\d+: syntax error in: \{\{a$/,
	);
});
