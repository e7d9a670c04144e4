/** Random templates with partials and hostile cells, and the two ways to a message: fixed text encoded once, or everything for each row. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkTemplate } from '../../src/message/check-template.ts';
import { makeCompiler } from '../../src/message/compile-program.ts';
import { QuotedPrintableWriter } from '../../src/message/quoted-printable.ts';
import { joinUses } from '../../src/message/resolve-paths.ts';
import { makeRowContext } from '../../src/message/row-context.ts';
import { compileWhole } from '../../src/message/segment-template.ts';
import { TemplateNames } from '../../src/message/template-names.ts';
import { compiled, type MessageText, options, partialsOf, rendered, row, source } from './given.ts';

export const columns = ['email', 'a', 'b', 'First Name'] as const;

/** Octets that quoted-printable, mail and Handlebars each have a reason to treat badly. */
const hostileText = fc.constantFrom(
	'Hello ',
	'.',
	'..',
	'\n.',
	'.\n',
	'\n',
	'\n\n',
	' \n',
	'\t\n',
	'x \n.',
	'  ',
	'\t',
	'=',
	'= =',
	'=3D',
	'é ',
	'ü',
	'😀',
	'שלום',
	'\u2028',
	'<p class="x">',
	'</p>\n',
	'&amp;',
	'-- \n',
	'\nFrom me\n',
	'--=_mailshot',
	`${'long '.repeat(30)}\n`,
	'x'.repeat(74),
	'x'.repeat(75),
	'x'.repeat(76),
	'x'.repeat(77),
	'ü'.repeat(13),
	'Z'.repeat(1200),
	'\n{{! a comment }}\n',
	'{{!-- }} --}}',
	'\\{{kept}} ',
	'\\\\{{a}}',
	' } }} { ',
	'{{"a"}}',
);

const value = fc.constantFrom(
	'{{a}}',
	'{{b}}',
	'{{[First Name]}}',
	'{{{a}}}',
	'{{&b}}',
	'{{~a~}}',
	'{{~b}}',
	'{{a~}}',
	'{{default a "there = é"}}',
	'{{default (lookup this "b") "."}}',
	'{{lookup this "b"}}',
	'{{@root.a}}',
	'{{this.b}}',
	'{{./a}}',
	'{{@email}}',
	'{{@row}}',
	'{{@campaign}}',
);

const partialCall = fc.constantFrom(
	'{{> plain}}',
	'{{~> plain~}}',
	'\n{{> plain}}\n',
	'{{> dots}}',
	'{{> blocks/nested}}',
	'{{> button label="Buy = ü" url=a}}',
	'{{> button label=(default a ".") url=@email}}',
	'{{> cell b}}',
	'{{> written}}',
	'{{> deep x=a y=(default b ".")}}',
	'\n{{#> layout}}\nin {{a}}{{> plain}}\n{{/layout}}\n',
	'{{#> layout}}.{{#if b}}{{b}}{{/if}}{{/layout}}',
	'{{#> slots}}{{#*inline "head"}}H {{b}}{{/inline}}{{#*inline "foot"}}.\n{{> cell a}}{{/inline}}{{/slots}}',
	'{{#> slots}}{{/slots}}',
);

const { body } = fc.letrec<{ body: string; block: string }>((tie) => ({
	body: fc
		.array(
			fc.oneof(
				{ weight: 5, arbitrary: hostileText },
				{ weight: 4, arbitrary: value },
				{ weight: 3, arbitrary: partialCall },
				{ weight: 2, arbitrary: tie('block') },
			),
			{ maxLength: 8 },
		)
		.map((pieces) => pieces.join('')),
	block: fc
		.tuple(
			fc.constantFrom(
				'if',
				'ifElse',
				'unless',
				'not',
				'elseIf',
				'strip',
				'lines',
				'each',
				'with',
				'withRow',
				'attribute',
			),
			tie('body'),
			tie('body'),
		)
		.map(([form, one, other]) => {
			if (form === 'if') return `{{#if a}}${one}{{/if}}`;
			if (form === 'ifElse') return `{{#if b}}${one}{{else}}${other}{{/if}}`;
			if (form === 'unless') return `{{#unless a}}${one}{{/unless}}`;
			if (form === 'not') return `{{^if a}}${one}{{else}}${other}{{/if}}`;
			if (form === 'elseIf') return `{{#if a}}${one}{{else if b}}${other}{{else}}.neither{{/if}}`;
			if (form === 'strip') return `{{#if a~}} ${one} {{~else~}} ${other} {{~/if}}`;
			if (form === 'lines') return `\n  {{#if b}}\n${one}\n  {{else}}\n${other}\n  {{/if}}\n`;
			if (form === 'withRow') return `{{#with this as |r|}}{{r.b}}${one}{{/with}}`;
			if (form === 'attribute') return `<a title="{{#if a}}{{b}}{{else}}.{{/if}}" href="{{a}}">`;
			// Names mean something else inside these two, so their insides are fixed.
			if (form === 'each')
				return `{{#each this as |cell|}}\n.{{@index}} {{#if @first}}first{{/if}}{{@key}}: {{cell}}{{> loop}}{{> cell this}}{{> cell @root.a}}{{> named it=this up=../b}}{{#unless @last}}, {{/unless}}\n{{/each}}`;
			return `{{#with a as |x|}} .{{x}}{{#with @root.b}}{{this}}{{x}}{{> cell x}}{{> row @root}}{{/with}}\n{{this}} {{../b}} {{else}}${one}{{/with}}`;
		}),
}));

/** Those that the bodies call; `written` is made anew for each case. */
const files = {
	plain: 'foot {{a}}\n',
	dots: '.\n..{{b}}.\n.',
	'blocks/nested': '{{#if a}}{{> plain}}{{else}}{{~> dots}}{{/if}}{{> button label=b url="x y="}}',
	button: '[{{label}}]({{url}}){{#if label}}{{default label "?"}}{{/if}} ',
	cell: '<{{this}}{{#if this}}.{{/if}}>',
	row: '{{b}}={{lookup this "a"}}',
	loop: '{{this}}{{@key}}{{#with @root.b as |cell|}}{{cell}}{{/with}}',
	named: '{{it}}{{up}}{{#with @root.a as |it|}}{{it}}{{/with}} ',
	deep: '{{x}}{{#with @root.b}}{{this}}{{../x}}{{#with ../x}}{{this}}{{/with}}{{../y}}{{/with}}{{> row}}',
	layout: 'TOP\n{{#if a}}{{> @partial-block}}{{/if}}\n.{{> @partial-block}}END ',
	slots: '{{#> head}}no head{{/head}}|{{#> foot}}no foot {{a}}{{/foot}}',
} as const;

const cell = fc.oneof(
	fc.constant(''),
	fc.string({ maxLength: 12 }),
	fc.string({ unit: 'binary', maxLength: 20 }),
	fc.string({ unit: 'grapheme', maxLength: 60 }),
	fc.constantFrom(
		'.',
		'..',
		'\n.\n',
		'\r.\r',
		'\r\n.\r\n',
		' ',
		'x ',
		'\t',
		'=',
		'=3D',
		'a\0b',
		'\0',
		'\0\u0001\0',
		'<b>&"',
		'{{a}}',
	),
	fc.constantFrom('x'.repeat(75), 'x'.repeat(1100), 'é'.repeat(300), '\ud800', 'a\udc00b', '\u2028', 'a\u001b[1m'),
);

export interface SegmentCase {
	readonly html: string;
	readonly text: string;
	readonly partials: Readonly<Record<string, string>>;
	readonly fields: readonly string[];
}

export const segmentCase: fc.Arbitrary<SegmentCase> = fc
	.record({
		html: body,
		text: body,
		// Without blocks that could call it again.
		written: fc
			.array(fc.oneof(hostileText, value), { minLength: 1, maxLength: 5 })
			.map((pieces) => `|${pieces.join('')}`),
		cells: fc.tuple(cell, cell, cell),
	})
	.map(({ html, text, written, cells }) => ({
		html: `<i>${html}`,
		text: `T${text}`,
		partials: { ...files, written },
		fields: ['zoe@example.com', ...cells],
	}));

export interface BothWays {
	readonly once: MessageText;
	/** `once` with both bodies encoded anew. */
	readonly anew: string;
}

export async function bothWays({ html, text, partials: texts, fields }: SegmentCase): Promise<BothWays> {
	const partials = partialsOf(Object.fromEntries(Object.entries(texts).map(([name, one]) => [`${name}.hbs`, one])));
	const message = await compiled(html, columns, { text, partials });
	assert.equal(message.slowPathReason, '');
	const recipient = row(fields);
	const once = rendered(message, recipient);

	const { html: htmlBody, text: textBody } = source(html, { text, partials });
	assert.ok(htmlBody !== null && textBody !== null);
	const { columns: listed } = options(columns);
	const names = new TemplateNames(listed, new Map(), { emailColumn: 0 });
	const checked = (['html', 'text'] as const).map((kind) => {
		const found = checkTemplate(kind === 'html' ? htmlBody : textBody, [], { names, part: { kind, partials } });
		assert.ok(found !== null);
		return { kind, found };
	});
	const uses = joinUses(checked.map(({ found }) => found.uses));
	const values = makeRowContext(names, { uses, headerUses: joinUses([]) }).valuesOf(recipient);
	const data = { root: values, email: recipient.address, row: recipient.row, campaign: 'november' };
	const compile = makeCompiler(uses.helpers);
	const parts = once.content.split(/(?<=quoted-printable\r\n\r\n)|(?=\r\n--=_mailshot-(?:ab){16}-Part_1)/);
	for (const { kind, found } of checked) {
		const writer = new QuotedPrintableWriter();
		const write = compileWhole(compile(found.program(), { isHtml: kind === 'html' }));
		write(values, { data: { ...data, unsubscribe_url: '', unsubscribe_token: '', message_id: '', date: '' } }, writer);
		const at = parts.findIndex((part) => part.includes(`Content-Type: text/${kind === 'html' ? 'html' : 'plain'}`)) + 1;
		assert.ok(at > 0);
		parts[at] = writer.take().toString('latin1');
	}
	return { once, anew: parts.join('') };
}
