import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileMessage } from '../../src/message/compile-message.ts';
import { loadHtmlToText, textTemplateFrom } from '../../src/message/text-from-html.ts';
import { assertContract, options, rendered, row, source } from './given.ts';

const convert = await loadHtmlToText();

function textFrom(html: string): string {
	const made = textTemplateFrom(html, convert);
	assert.ok(made.kind === 'template', JSON.stringify(made));
	return made.text;
}

test('headings keep their case, links show where they lead, tags stay as they are', () => {
	assert.equal(
		textFrom(
			'<h1>Hello {{default first_name "there"}}</h1><p>See <a href="{{url}}">our &lt;site&gt;</a> &amp; {{#if vip}}more{{else}}less{{/if}}.</p>',
		),
		'Hello {{default first_name "there"}}\n\nSee our <site> [{{url}}] & {{#if vip}}more{{else}}less{{/if}}.\n',
	);
});

test('a link whose text is its address is shown once', () => {
	assert.equal(textFrom('<p><a href="{{url}}">{{url}}</a></p>'), '{{url}}\n');
});

test('comments, styles, titles and pictures leave no trace but the text of the picture', () => {
	assert.equal(
		textFrom(
			'<html><head><title>{{a}}</title><style>p{}</style></head><body>{{!-- {{x}} --}}<p>One</p><img src="x" alt="Logo {{b}}"></body></html>',
		),
		'One\n\nLogo {{b}}\n',
	);
});

test('a block of paragraphs leaves one blank line, shown or not', () => {
	const html = '<p>One</p>\n{{#if a}}\n<p>Two</p>\n{{/if}}\n<p>Three</p>';

	assert.equal(textFrom(html), 'One\n\n{{#if a}}\nTwo\n\n{{/if}}\nThree\n');
});

test('cells of a layout table are lines of their own', () => {
	assert.equal(
		textFrom('<table><tr><td>Name</td><td>{{a}}</td></tr>{{#if b}}<tr><td>{{b}}</td></tr>{{/if}}</table>').replace(
			/\n+/g,
			'|',
		),
		'Name|{{a}}|{{#if b}}|{{b}}|{{/if}}|',
	);
});

test('what cannot be converted once says why', () => {
	const cases = {
		'<p>{{{a}}}': /may hold HTML/,
		'<p>\\{{a}}': /escaped or raw/,
		'<p>x{{#if a}}</p><title>{{/if}}</title><p>y</p>': /a block begins where/,
		'<a {{#if a}}href="x"{{/if}}>y</a>': /changes an HTML tag/,
		'<p>&#123;&#123;a}}</p>{{b}}': /braces/,
		'<p>&#92;{{b}}</p>': /braces/,
	};
	for (const [html, why] of Object.entries(cases)) {
		const made = textTemplateFrom(html, convert);
		assert.ok(made.kind === 'unsound', html);
		assert.match(made.why, why);
	}
});

test('HTML without a text file sends a text part made once, unescaped', async () => {
	const message = await compileMessage(
		source('<h1>Hi {{name}}</h1>\n<p>{{#if name}}Yes{{/if}}</p>'),
		options(['email', 'name']),
	);

	const one = rendered(message, row(['a@b.example', "O'Hara & <Co>"]));

	assertContract(one);
	assert.equal(message.fastPath, true);
	assert.deepEqual(
		message.parts.map(({ kind, origin }) => [kind, origin]),
		[
			['html', 'template'],
			['text', 'made_from_html'],
		],
	);
	assert.match(one.content, /\r\n\r\nHi O'Hara & <Co>\r\n\r\nYes\r\n/);
	assert.match(one.content, /<h1>Hi O&#x27;Hara &amp; &lt;Co&gt;<\/h1>/);
});

test('HTML in a value makes the text from each rendered HTML, with a warning', async () => {
	const message = await compileMessage(source('<p>Hi {{{name}}}</p>'), options(['email', 'name']));

	const one = rendered(message, row(['a@b.example', '<b>Zoë</b><br>&amp; \0co']));

	assertContract(one);
	assert.equal(message.fastPath, false);
	assert.match(message.slowPathReason, /a \{\{\{\.\.\.\}\}\} value may hold HTML/);
	assert.equal(message.warnings.length, 2);
	assert.match(one.content, /\r\n\r\nHi Zo=C3=AB\r\n& =EF=BF=BDco\r\n/);
});

test('HTML that shows no text is sent without a text part', async () => {
	const message = await compileMessage(source('<img src="x">'), options(['email']));

	const one = rendered(message, row(['a@b.example']));

	assert.deepEqual(
		message.parts.map(({ kind }) => kind),
		['html'],
	);
	assert.match(one.content, /^Content-Type: text\/html; charset=utf-8\r$/m);
	assert.match(message.warnings[0] ?? '', /shows no text/);
});

test('a preheader that is hidden from the eye is not in the text part', () => {
	for (const style of ['display:none;max-height:0', 'color: red; display: none']) {
		assert.equal(textFrom(`<div style="${style}">Peek</div><p>Hello {{name}}</p>`), 'Hello {{name}}\n');
	}
});
