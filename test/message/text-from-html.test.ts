import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBlock, isContent, isMustache, isPresent, isString, pathText } from '../../src/message/ast-nodes.ts';
import { compileMessage } from '../../src/message/compile-message.ts';
import type { Program } from '../../src/message/parse-template.ts';
import { loadHtmlToText, textTemplateFrom } from '../../src/message/text-from-html.ts';
import { assertContract, checkedHtml, options, rendered, row, source } from './given.ts';

const convert = await loadHtmlToText();

const columns = ['a', 'b', 'first_name', 'name', 'url', 'vip'] as const;

const resolvedHtml = (html: string): Program => checkedHtml(html, columns).program();

/** With the tags as they would be written. */
function textFrom(html: string): string {
	const made = textTemplateFrom(resolvedHtml(html), convert);
	assert.ok(made.kind === 'template', JSON.stringify(made));
	return written(made.program);
}

function written({ body }: Program): string {
	return body
		.map((node) => {
			if (isContent(node)) return node.value;
			if (isMustache(node)) return `{{${[node.path, ...node.params].map(wordOf).join(' ')}}}`;
			assert.ok(isBlock(node));
			const inverse = isPresent(node.inverse) ? `{{else}}${written(node.inverse)}` : '';
			const name = wordOf(node.path);
			return `{{#${name} ${node.params.map(wordOf).join(' ')}}}${written(node.program)}${inverse}{{/${name}}}`;
		})
		.join('');
}

function wordOf(node: hbs.AST.Node): string {
	return isString(node) ? JSON.stringify(node.value) : pathText(node).replace('./', '');
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

	assert.equal(textFrom(html), 'One\n\n{{#if a}}Two\n\n{{/if}}Three\n');
});

test('cells of a layout table are lines of their own', () => {
	assert.equal(
		textFrom('<table><tr><td>Name</td><td>{{a}}</td></tr>{{#if b}}<tr><td>{{b}}</td></tr>{{/if}}</table>').replace(
			/\n+/g,
			'|',
		),
		'Name|{{a}}|{{#if b}}{{b}}|{{/if}}',
	);
});

test('braces and backslashes in the text are text, and tags beside them tags', () => {
	assert.equal(
		textFrom('<p>\\{{a}} &#123;&#123;a}}</p>{{b}} &#92;{{b}} {&#123;}'),
		'{{a}} {{a}}\n\n{{b}} \\{{b}} {{}\n',
	);
});

test('a block in a style, an attribute or the head goes with it', () => {
	const html =
		'<head>{{#if a}}<style>p{}</style>{{/if}}</head><p style="{{#if a}}color:{{b}}{{else}}x{{/if}}">Hi {{name}}</p>';
	assert.equal(textFrom(html), 'Hi {{name}}\n');
});

test('chains of else, and what stands in no {{#if}} but in its else', () => {
	assert.equal(
		textFrom('<p>{{#if a}}A{{else if b}}B{{else}}C{{/if}}</p><p>{{#unless a}}{{else}}{{#if b}}b{{/if}}{{/unless}}</p>'),
		'{{#if a}}A{{else}}{{#if b}}B{{else}}C{{/if}}{{/if}}\n\n{{#unless a}}{{else}}{{#if b}}b{{/if}}{{/unless}}\n',
	);
});

test('what cannot be converted once says why', () => {
	const cases = {
		'<p>{{{a}}}': /may hold HTML/,
		'<p>x{{#if a}}</p><title>{{/if}}</title><p>y</p>': /a block begins where/,
		'<a {{#if a}}href="x"{{/if}}>y</a>': /changes how the HTML around it is read/,
		'<p title="{{#if a}}">x</p><p title="{{/if}}">y': /changes how the HTML around it is read/,
		'<style>{{#if a}}</style>x<style>{{/if}}</style>y': /changes how the HTML around it is read/,
		'<p>\ue0001\ue001{{a}}': /stand for tags/,
		'<p>&#xE000;1&#57345;{{a}}': /stand for tags/,
	};
	for (const [html, why] of Object.entries(cases)) {
		const made = textTemplateFrom(resolvedHtml(html), convert);
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
