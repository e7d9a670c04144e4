/** What a partial sees, and what is refused before anything is sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileMessage } from '../../src/message/compile-message.ts';
import { compiled, options, partialsOf, refusal, rendered, row, source } from './given.ts';

const columns = ['email', 'city', 'first_name', 'url'] as const;
const fields = ['zoe@example.com', 'Köln & co', 'Zoë', 'https://x.example/?a=b'] as const;

function decoded(body: string): string {
	return body
		.replace(/=\r\n/g, '')
		.replace(/(?:=[0-9A-F]{2})+/g, (octets) => decodeURIComponent(octets.replaceAll('=', '%')));
}

async function textOf(text: string, files: Readonly<Record<string, string>>): Promise<string> {
	const message = await compiled('<i>', columns, { text, partials: partialsOf(files) });
	assert.ok(message.fastPath);
	const { content } = rendered(message, row(fields));
	return decoded(/quoted-printable\r\n\r\n([\s\S]*?)\r\n--/.exec(content)?.[1] ?? '').replaceAll('\r\n', '\n');
}

async function problemsIn(text: string, files: Readonly<Record<string, string>> = {}): Promise<string[]> {
	return (await refusal('<i>', columns, { text, partials: partialsOf(files) })).message.split('\n');
}

test('a partial sees what is seen where it is called', async () => {
	const cases: [text: string, partial: string, shows: string][] = [
		['A {{> p}} B', 'in {{city}}', 'A in Köln & co B'],
		[
			'{{#each this}}{{> p}};{{/each}}',
			'{{@index}}{{this}}',
			'0zoe@example.com;1Köln & co;2Zoë;3https://x.example/?a=b;',
		],
		['{{#with city}}{{> p}}{{/with}}', '{{this}} {{@root.first_name}}', 'Köln & co Zoë'],
		['{{> p city}}', '{{this}}{{#if this}}!{{/if}}', 'Köln & co!'],
		['{{#with city}}{{> p @root}}{{/with}}', '{{first_name}} {{lookup this "url"}}', 'Zoë https://x.example/?a=b'],
		['{{#with city}}{{> p ..}}{{/with}}', '{{first_name}}', 'Zoë'],
	];
	for (const [text, partial, shows] of cases) assert.equal(await textOf(text, { 'p.txt': partial }), shows, text);
});

test('an argument stands for a column, a text, a helper, or the value at hand, however deep the partial uses it', async () => {
	const deep = '{{x}} {{#with @root.city}}{{this}} {{../x}}{{#with ../x}} {{this}}{{/with}}{{/with}}';
	const cases: [text: string, partial: string, shows: string][] = [
		['{{> p label="Buy & go" n=3 yes=true none=undefined}}', '{{label}} {{n}} {{yes}} {{none}}|', 'Buy & go 3 true |'],
		['{{> p label=(default first_name "x")}}', '{{label}}{{#if label}}!{{/if}} {{default label "?"}}', 'Zoë! Zoë'],
		['{{> p x=url}}', deep, 'https://x.example/?a=b Köln & co https://x.example/?a=b https://x.example/?a=b'],
		['{{#with first_name}}{{> p x=this}}{{/with}}', deep, 'Zoë Köln & co Zoë Zoë'],
		[
			'{{#with first_name as |x|}}{{> p x=x}}{{/with}}',
			'{{#with @root.city as |x|}}{{x}}{{/with}} {{x}}',
			'Köln & co Zoë',
		],
		['{{#with first_name}}{{#with @root.city}}{{> p x=..}}{{/with}}{{/with}}', '{{x}}', 'Zoë'],
		[
			'{{> p who=this}}',
			'{{who.first_name}} {{#with who}}{{city}}{{/with}} {{lookup who "city"}}',
			'Zoë Köln & co Köln & co',
		],
		['{{> p column="city"}}', '{{lookup this column}}', 'Köln & co'],
		['{{> p first_name="X"}}', '{{firstName}} {{> q}} {{> q this}} {{> q @root}}', 'X X X Zoë'],
		['{{> p x="é" y=@email}}', '{{{x}}}{{y}}', 'ézoe@example.com'],
	];
	for (const [text, partial, shows] of cases) {
		assert.equal(await textOf(text, { 'p.txt': partial, 'q.txt': '{{first_name}}' }), shows, text + partial);
	}
});

test('a text argument is escaped in HTML like any value', async () => {
	const partials = partialsOf({ 'p.hbs': '<b>{{x}}</b>{{{x}}}' });
	const message = await compiled('<p>{{> p x="<&>"}}', columns, { partials });

	assert.match(rendered(message, row(fields)).content, /<p><b>&lt;&amp;&gt;<\/b><&>/);
	assert.deepEqual(message.warnings, []);
});

test('`../` counts what the template says, also when two values around it are equal', async () => {
	assert.equal(
		await textOf('{{#with city}}{{#with @root.city}}{{../../first_name}} {{..}}{{/with}}{{/with}}', {}),
		'Zoë Köln & co',
	);
});

test('layouts: a block is put where the layout says, and sees what it sees where it is written', async () => {
	const layout = { 'layout.txt': 'TOP\n{{> @partial-block}}\n{{#with city}}{{> @partial-block}}{{/with}}|END' };
	assert.equal(await textOf('{{#> layout}}{{first_name}}\n{{/layout}}', layout), 'TOP\nZoë\nZoë\n|END');
	assert.equal(
		await textOf('{{#with first_name}}{{#> layout x=1}}{{this}} {{@root.url}}{{/layout}}{{/with}}', {
			'layout.txt': '{{#with @root.city}}{{this}}: {{> @partial-block}}{{/with}}',
		}),
		'Köln & co: Zoë https://x.example/?a=b',
	);
	assert.equal(
		await textOf('{{#> outer}}{{city}}{{/outer}}', {
			'outer.txt': '<{{#> inner}}({{> @partial-block}}){{/inner}}>',
			'inner.txt': '[{{> @partial-block}}]',
		}),
		'<[(Köln & co)]>',
	);
});

test('inline partials fill the places that a layout leaves, and count wherever they stand among their neighbours', async () => {
	const layout = { 'layout.txt': '{{#> hero}}no hero{{/hero}}|{{#> aside}}no aside{{/aside}}|{{> @partial-block}}' };
	const text = '{{#> layout}}{{#*inline "hero"}}HERO {{city}}{{/inline}}body{{/layout}}';
	assert.equal(await textOf(text, layout), 'HERO Köln & co|no aside|body');
	assert.equal(await textOf('{{> x}}{{#*inline "x"}}<{{city}}>{{/inline}}', {}), '<Köln & co>');
	assert.equal(await textOf('{{> x}}{{#*inline "x"}}in{{/inline}}', { 'x.txt': 'file' }), 'in');
});

test('a call alone on its line takes the line with it, and its indentation is not put before the lines of the partial', async () => {
	assert.equal(await textOf('a\n    {{> p}}\nb', { 'p.txt': 'one\n  two\n' }), 'a\none\n  two\nb');
	assert.equal(await textOf('a {{> p}} b', { 'p.txt': 'one\n' }), 'a one\n b');
});

test('whitespace control in a partial ends at its edge, and around a call reaches no further than the call', async () => {
	assert.equal(await textOf('Hello {{> p}} !', { 'p.txt': '{{~city~}}' }), 'Hello Köln & co !');
	assert.equal(await textOf('Hello {{~> p~}} !', { 'p.txt': ' x ' }), 'Hello x !');
});

test('a problem in a partial has the place in its file, once, and says what it was given', async () => {
	const cases: [text: string, partial: string, problem: string][] = [
		['{{> p}}{{> p}}', 'a\n{{ctiy}}', 'partials/p.txt:2:3: {{ctiy}} is no column of the list; did you mean {{city}}?'],
		[
			' {{> p label="x"}}',
			'{{labl}}',
			'partials/p.txt:1:3: {{labl}} is no column of the list, and {{> p}} of news.txt:1:2 gives none of that name',
		],
		['{{> p}}', '{{#if city}}x', 'partials/p.txt:1:1: {{#if city}} is never closed'],
		[
			'{{> p col="ctiy"}}',
			'{{lookup this col}}',
			'partials/p.txt:1:15: {{ctiy}} is no column of the list, and {{> p}} of news.txt:1:1 gives none of that name; did you mean {{city}}?',
		],
		[
			'{{#with city}}{{> p}}{{/with}}',
			'{{city}}',
			'partials/p.txt:1:3: {{city}} is inside {{#with city}} around {{> p}} of news.txt:1:15, where names mean parts of that value; write {{@root.city}}',
		],
		[
			'{{> p city}}',
			'{{url}}',
			'partials/p.txt:1:3: {{url}} is inside {{> p}} of news.txt:1:1, where names mean parts of that value; write {{@root.url}}',
		],
		[
			'{{> p x=url}}',
			'{{#with city}}{{x}}{{/with}}',
			'partials/p.txt:1:17: {{x}} is inside {{#with city}}, where names mean parts of that value; write {{../x}}',
		],
		[
			'{{#with city}}{{> p}}{{/with}}',
			'{{../url}}',
			'partials/p.txt:1:3: {{../url}} leads out of the partial, which sees what {{> p}} gives it; give it with a name: {{> ... city=city}}',
		],
		['{{> p x=city}}', '{{x.y}}', 'partials/p.txt:1:3: {{x.y}}: the value of {{x}} is text and has no parts'],
		['{{> p x=this}}', '{{x}}', 'partials/p.txt:1:1: {{x}} is the whole row, not a value'],
	];
	for (const [text, partial, problem] of cases) {
		assert.deepEqual(await problemsIn(text, { 'p.txt': partial }), [problem], text + partial);
	}
});

test('what a partial cannot be is refused with its place', async () => {
	const files = { 'p.txt': 'x', 'block.txt': '{{> @partial-block x=1}}' };
	const cases = {
		'{{> (lookup this "city")}}':
			'a partial is called by its name: nothing in a row chooses what is part of the template',
		'{{> @root.city}}': '{{> @root.city}}: a partial is called by its name',
		'{{> @partial-block}}':
			'{{> @partial-block}} has a meaning only in a partial that is called with a block: {{#> name}}...{{/name}}',
		'{{> p city url}}': 'a partial takes one value and named ones: {{> name this label="x"}}',
		'{{> p x=ctiy}}': '{{ctiy}} is no column of the list; did you mean {{city}}?',
		'{{#> p}}lost{{/p}}': '{{> p}} has no {{> @partial-block}}: what stands in its block would be lost',
		'{{#> pp}}x{{/pp}}': '{{> pp}}: there is none in partials; did you mean {{> p}}?',
		'{{#*inline city}}x{{/inline}}': '{{#*inline "name"}}...{{/inline}} is all that can be written with *',
		'{{#*other "x"}}x{{/other}}': '{{#*inline "name"}}...{{/inline}} is all that can be written with *',
		'{{* other}}': '{{#*inline "name"}}...{{/inline}} is all that can be written with *',
		'{{#each this}}{{> each}}{{/each}}':
			'{{> each}}: there is none in partials, which has p, block; --partials names another folder',
	};
	for (const [text, problem] of Object.entries(cases)) {
		assert.deepEqual(
			(await problemsIn(text, files)).map((line) => line.replace(/^news\.txt:1:\d+: /, '')),
			[problem],
			text,
		);
	}
	assert.deepEqual(await problemsIn('{{#> block}}x{{/block}}', files), [
		'partials/block.txt:1:1: {{> @partial-block}} takes nothing: the block sees what it sees where it is written',
		'news.txt:1:1: {{> block}} has no {{> @partial-block}}: what stands in its block would be lost',
	]);
	assert.deepEqual(await problemsIn('{{#each this}}{{> p}}{{/each}}', { 'p.txt': '{{#each @root}}x{{/each}}' }), [
		'partials/p.txt:1:1: {{#each @root}} inside another {{#each}} is not possible',
	]);
});

test('a header line has no partials', async () => {
	const error = await refusal('From: a@b.example\nSubject: {{> p}}\n\n<i>', columns, {
		partials: partialsOf({ 'p.txt': 'x' }),
	});

	assert.equal(error.message, 'news.hbs:2:10: partials are for the body: a header line stands in the template itself');
});

test('partials that call each other in a circle are named', async () => {
	const files = { 'a.txt': 'x {{> b}}', 'b.txt': '{{#if city}}{{> c}}{{/if}}', 'c.txt': '\n{{> a}}' };
	assert.deepEqual(await problemsIn('{{> a}}', files), [
		'partials/c.txt:2:1: partials that call each other in a circle never end: a → b → c → a',
	]);
	assert.deepEqual(await problemsIn('{{> me}}', { 'me.txt': '{{> me}}' }), [
		'partials/me.txt:1:1: partials that call each other in a circle never end: me → me',
	]);
	assert.deepEqual(await problemsIn('{{#*inline "i"}}{{> i}}{{/inline}}{{> i}}'), [
		'news.txt:1:17: partials that call each other in a circle never end: i → i',
	]);
	// Without a circle of names: each time round another block is put in.
	assert.match(
		(
			await problemsIn('{{#> l}}{{> l2}}{{/l}}', {
				'l.txt': '{{> @partial-block}}',
				'l2.txt': '{{#> l}}{{> l2}}{{/l}}',
			})
		).join(),
		/in a circle/,
	);
});

test('partials that multiply stop at a bound, with one message and at once', async () => {
	const chain = (size: number, call: (to: number) => string) =>
		Object.fromEntries(Array.from({ length: size }, (_, at) => [`p${at}.txt`, at === size - 1 ? 'x' : call(at + 1)]));

	const doubled = await problemsIn(
		'{{> p0}}',
		chain(40, (to) => `{{> p${to}}}{{> p${to}}}`),
	);
	assert.equal(doubled.length, 1);
	assert.match(doubled[0] ?? '', /with this partial there would be more than 20000 tags and texts from partials/);

	const nested = await problemsIn(
		'{{> p0}}',
		chain(60, (to) => `{{> p${to}}}`),
	);
	assert.deepEqual(nested, ['partials/p49.txt:1:1: partials in partials more than 50 deep']);

	const big = await problemsIn('{{> big}}'.repeat(9), { 'big.txt': 'x'.repeat(1024 * 1024) });
	assert.deepEqual(big, ['news.txt:1:73: with this partial there would be more than 8 MiB from partials']);
});

test('the text part that is made from HTML has the text of the partials', async () => {
	const partials = partialsOf({
		'footer.hbs': '<p>Acme &amp; {{city}}</p>\n',
		'layout.hbs':
			'<html><head><style>p{}</style></head><body><h1>{{title}}</h1>{{> @partial-block}}{{> footer}}</body></html>',
		'button.hbs': '<a href="{{url}}">{{label}}</a>',
	});
	const html = '{{#> layout title="Hi"}}<p>Dear {{first_name}}, {{> button label="Buy <it>" url=url}}</p>{{/layout}}';
	const message = await compileMessage(source(html, { partials }), options(columns));

	const { content } = rendered(message, row(fields));

	assert.ok(message.fastPath);
	assert.deepEqual(message.partials, ['partials/footer.hbs', 'partials/layout.hbs', 'partials/button.hbs']);
	const text = decoded(/quoted-printable\r\n\r\n([\s\S]*?)\r\n--/.exec(content)?.[1] ?? '').replaceAll('\r\n', '\n');
	assert.equal(text, 'Hi\n\nDear Zoë, Buy <it> [https://x.example/?a=b]\n\nAcme & Köln & co\n');
});

test('what a partial needs is counted to the message: a warning for {{{...}}}, the unsubscribe link, its size and values', async () => {
	const partials = partialsOf({ 'p.hbs': '{{{city}}}<a href="{{@unsubscribe_url}}">x</a>' });
	const message = await compiled(
		'From: a@b.example\nSubject: s\nList-Unsubscribe: <https://x.example/{{city}}>\n\n<p>{{> p}}{{> p}}',
		columns,
		{ partials },
	);

	assert.match(message.warnings.join(), /\{\{\{city\}\}\} puts a value into the HTML as it is/);
	assert.deepEqual(message.parts[0], {
		kind: 'html',
		sizeBytes: 17 + 2 * 46,
		origin: 'template',
		values: 4,
		slowReason: '',
	});
	assert.match(rendered(message, row(['a@b.example', 'c', '', ''])).content, /<a href=3D"https:\/\/x\.example\/c">/);
});

test('{{lookup this}} for a name that the call gives is refused: it would show the column', async () => {
	const [problem] = await problemsIn('{{> p city="Berlin"}}', { 'p.txt': '{{city}} {{lookup this "City"}}' });
	assert.match(problem ?? '', /p\.txt:1:\d+: "City" is given to this partial by its call; write \{\{city\}\}/);
	assert.equal(
		await textOf('{{> p city="Berlin"}}', { 'p.txt': '{{city}} {{lookup @root "city"}}' }),
		'Berlin Köln & co',
	);
});
