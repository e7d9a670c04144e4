import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTemplate } from '../../src/message/parse-template.ts';
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
	more: Parameters<typeof compiled>[2] = {},
): Promise<string> {
	const message = await compiled('<p>x', names, { ...more, text: template });
	const { content } = rendered(message, row(fields, fields[more.emailColumn ?? 0]));
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

test('{{email}} is the address column, trimmed, whatever that is called', async () => {
	const fields = ['Zoe', ' zoe@b.example\u00a0', 'other@b.example'];
	const template = '<{{email}}> {{lookup this "E-Mail"}} {{#if @root.email}}{{this.email}}{{/if}}|';
	const text = '<zoe@b.example> zoe@b.example zoe@b.example|';

	for (const name of ['Email Address', 'E-mail 1 - Value', 'Kontakt'])
		assert.equal(await textOf(template, fields, ['name', name, 'x'], { emailColumn: 1 }), text, name);
	assert.equal(await textOf('{{email}}', fields, ['name', 'Kontakt', 'EMAIL'], { emailColumn: 1 }), 'other@b.example');
	const message = await compiled('To: {{name}} <{{email}}>\nFrom: a@b.example\nSubject: x\n\n<p>x', ['name', 'Mail'], {
		emailColumn: 1,
	});
	assert.match(rendered(message, row(fields, fields[1])).content, /^To: Zoe <zoe@b\.example>\r$/m);
});

test('{{first_name}} and {{last_name}} are the one column of that meaning', async () => {
	const fields = ['a@b.example', 'Zoë', 'Smith'];
	for (const [first, last] of [
		['FNAME', 'LNAME'],
		['Given Name', 'Family Name'],
		['Vorname', 'Nachname'],
		['Prénom', 'Nom'],
		['Nombre', 'Apellido'],
		['firstname', 'Surname'],
	] as const) {
		assert.equal(await textOf('{{first_name}} {{lastName}}', fields, ['email', first, last]), 'Zoë Smith', first);
	}
});

test('a column or --set value of that very name comes before an alias, and two candidates are none', async () => {
	const fields = ['a@b.example', 'Zoë', 'Smith'];
	assert.equal(await textOf('{{first_name}}', fields, ['email', 'FNAME', 'First Name']), 'Smith');
	const set = new Map([['first-name', 'there']]);
	assert.equal(await textOf('{{first_name}}', fields, ['email', 'FNAME', 'x'], { set }), 'there');
	assert.match(
		(await refusal('<p>{{first_name}}', ['email', 'FNAME', 'Vorname'])).message,
		/^news\.hbs:1:6: \{\{first_name\}\} is no column of the list/,
	);
	assert.match((await refusal('<p>{{frist_name}}', ['email', 'FNAME'])).message, /did you mean \{\{first_name\}\}\?$/);
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

test('a syntax error names file, line and column of what is wrong, and no columns', async () => {
	const cases = {
		'<p>one\n{{default city}}x=\n {{#if city}}\nend\n': '3:2: {{#if city}} is never closed',
		'<p>{{#if city}}{{#unless email}}{{/unless}}\n\n': '1:4: {{#if city}} is never closed',
		'<p>\n{{^if city}}\n{{#each this}}x': '3:1: {{#each this}} is never closed',
		'<p>{{#if city}}{{else if email}}': '1:4: {{#if city}} is never closed',
		'<p>{{#if city}}\n\n{{/unless}}{{/if}}': '3:1: {{/unless}} closes {{#if city}} of 1:4',
		'<p>{{#if city}}{{/if}}\n{{/if}} {{#if city}}': '2:1: {{/if}} closes nothing',
		'<p>{{else}}': '1:4: {{else}} stands in no block',
		'<p>{{#if city}}{{else}}{{else}}{{/if}}': '1:24: {{else}} follows the {{else}} of {{#if city}} of 1:4',
		'<p>{{city | upper}} {{#if city}}':
			'1:4: {{city | upper}}: filters are Liquid\'s; mailshot has helpers, for example {{default city "there"}}',
		'<p>\nHello {{#if city}\nx{{/if}}': '2:7: "{{#if city}" is not closed with }}',
		'<p>Hello {{city\n<p>and {{email}}': '1:10: "{{city" is not closed with }}',
		'<p>Hello {{city}, {{email}}': '1:10: "{{city}" is not closed with }}',
		'<p>Hello {{{city}} x': '1:10: "{{{city}}" is not closed with }}}',
		'<p>{{default city "x}}\n{{email}}': '1:4: a quote is opened in "{{default city "x}}" and not closed',
		'<p>{{!-- x }}\n{{email}}': '1:4: the comment "{{!-- x }}" is not closed with --}}',
		'<p style="a{b:{{city}}}">': '1:15: {{city}}} ends with }}} and begins with {{; put a space before the third }',
		'<p>{{ }}': '1:4: {{ }} is empty; write the name of a column in it',
		'<p>\\{{#if x}} {{! {{/if}} }}{{"{{" city}}{{/with}}': '1:42: {{/with}} closes nothing',
	};
	for (const [body, problem] of Object.entries(cases)) {
		const error = await refusal(body, columns);
		assert.equal(error.exitCode, 65);
		assert.equal(error.message, `news.hbs:${problem}`, body);
		assert.equal(error.hint, '', body);
	}
	assert.equal(
		(await refusal('From: a@b.example\nSubject: Hi\n  {{a\n\n<p>x', columns)).message,
		'news.hbs:3:3: "{{a" is not closed with }}',
	);
});

test('another syntax error shows its line, also where a later mistake has a name', async () => {
	for (const body of ['<p>\n<p>{{default city b=}} {{#if x}}', '<p>\n<p>{{default city b=}}'])
		assert.match(
			(await refusal(body, columns)).message,
			/^news\.hbs:2:\d+: syntax error in: <p>\{\{default city b=\}\}/,
		);
});

test('no text that Handlebars refuses is explained with anything but a place inside it', async () => {
	const piece = fc.constantFrom(
		'{{',
		'}}',
		'{',
		'}',
		'#if ',
		'/if',
		'else',
		'"',
		'|',
		'~',
		'\n',
		'city',
		'!--',
		'\\',
		'[',
		']',
		'^',
		'>',
	);
	await fc.assert(
		fc.asyncProperty(fc.array(piece, { maxLength: 14 }), async (pieces) => {
			const text = `x${pieces.join('')}`;
			const parsed = parseTemplate({ text, place: { file: 'n.hbs', line: 1, column: 1 } });
			if (parsed.kind === 'parsed') return;
			const { place, message } = parsed.problem;
			assert.ok(message.length > 10, message);
			assert.ok(place.column - 1 <= (text.split('\n')[place.line - 1] ?? '').length, `${place.line}:${place.column}`);
		}),
		{ numRuns: 2000 },
	);
});
