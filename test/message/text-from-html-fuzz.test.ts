/** A text part made once from the template says what converting each rendered HTML would say, or it is not made once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeCompiler } from '../../src/message/compile-program.ts';
import { loadHtmlToText, textTemplateFrom } from '../../src/message/text-from-html.ts';
import { checkedHtml } from './given.ts';

const columns = ['a', 'b', 'yes', 'no'] as const;

// Odd on purpose: tags that do not fit, blocks across them, text where none is shown.
const fragment = fc.constantFrom(
	...[
		'one ',
		'two',
		' ',
		'\n',
		'.{.',
		'.}.',
		'\\\\ ',
		'&amp;',
		'&lt;b&gt;',
		'&#123;',
		'<br>',
		'<p>',
		'</p>',
		'<div>',
		'</div>',
	],
	...['<b>', '</b>', '<ul><li>', '</li></ul>', '<table><tr><td>', '</td><td>', '</td></tr></table>', '<h1>', '</h1>'],
	...[
		'<style>',
		'</style>',
		'<title>',
		'</title>',
		'<!-- ',
		' -->',
		'<p title="',
		'<p style="display:none',
		'">',
		'<img alt="',
	],
	...['<a href="https://x.example/', '<a href="{{a}}">', '</a>', '<head>', '</head>', "<p class='", "'>", '<p ', '>'],
	...['{{a}}', '{{b}}', '{{default no "fallback"}}', '{{~a~}}'],
);

const { html } = fc.letrec<{ html: string; block: string }>((tie) => ({
	html: fc
		.array(fc.oneof({ weight: 5, arbitrary: fragment }, { weight: 2, arbitrary: tie('block') }), { maxLength: 9 })
		.map((pieces) => pieces.join(' ')),
	block: fc
		.tuple(
			fc.constantFrom('yes', 'no'),
			fc.constantFrom('if', 'else', 'not', 'chain', 'with'),
			tie('html'),
			tie('html'),
		)
		.map(([name, form, one, other]) => {
			if (form === 'if') return `{{#if ${name}}}${one}{{/if}}`;
			if (form === 'not') return `{{^if ${name}}}${one}{{/if}}`;
			if (form === 'with') return `{{#with ${name}}}<i>{{this}}</i>{{else}}${one}{{/with}}`;
			if (form === 'chain') return `{{#if no}}never{{else if ${name}}}${one}{{else}}${other}{{/if}}`;
			return `\n{{#if ${name}}}\n${one}\n{{else}}\n${other}\n{{/if}}\n`;
		}),
}));

const row = { a: 'Anna<i>', b: '{{Bob}}', yes: 'y', no: '' };
const data = {
	root: row,
	email: '',
	row: 1,
	campaign: '',
	unsubscribe_url: '',
	unsubscribe_token: '',
	message_id: '',
	date: '',
};

const letters = (text: string): string => text.replace(/\s+/g, '');

test('whatever the HTML, the words are those of the converted rendering, or the conversion is left to each row', async () => {
	const convert = await loadHtmlToText();
	let made = 0;
	fc.assert(
		fc.property(html, (source) => {
			// Of more, not every combination is tried.
			if (source.split(/\{\{(?:[#^]|else )/).length > 7) return;
			const checked = checkedHtml(source, columns);
			const template = textTemplateFrom(checked.program(), convert);
			if (template.kind !== 'template') return;
			made++;
			const compile = makeCompiler(checked.uses.helpers);

			const once = compile(template.program, { isHtml: false })(row, { data });

			const anew = convert(compile(checked.program(), { isHtml: true })(row, { data }));
			assert.equal(letters(once), letters(anew));
		}),
		{ numRuns: 2000 },
	);
	assert.ok(made > 300, `${made} were made once`);
});
