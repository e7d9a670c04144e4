import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import Handlebars from 'handlebars';
import MailComposer from 'nodemailer/lib/mail-composer';
import PostalMime from 'postal-mime';
import { assertContract, compiled, failure, rendered, row, someTime } from './given.ts';

const columns = ['email', 'a', 'b', 'First Name'] as const;

const fixedText = fc.constantFrom(
	'Hello ',
	'.',
	'\n.',
	'.\n',
	'\n',
	'\n\n',
	' \n',
	'\t\n',
	'  ',
	'= =',
	'é ',
	'😀',
	'שלום',
	'<p class="x">',
	'</p>\n',
	'&amp;',
	`${'long '.repeat(30)}\n`,
	'x'.repeat(80),
	'ü'.repeat(40),
	'Z'.repeat(1200),
	'\n{{! a comment }}\n',
	'{{!-- }} --}}',
	'\\{{kept}} ',
);

const mustache = fc.constantFrom(
	'{{a}}',
	'{{b}}',
	'{{First_Name}}',
	'{{[First Name]}}',
	'{{{a}}}',
	'{{~a~}}',
	'{{~b}}',
	'{{default a "there"}}',
	'{{lookup this "b"}}',
	'{{@root.a}}',
	'{{this.b}}',
	'{{@email}}',
	'{{@row}}',
	'{{@campaign}}',
);

const { body } = fc.letrec<{ body: string; block: string }>((tie) => ({
	body: fc
		.array(
			fc.oneof(
				{ weight: 4, arbitrary: fixedText },
				{ weight: 4, arbitrary: mustache },
				{ weight: 2, arbitrary: tie('block') },
			),
			{ maxLength: 8 },
		)
		.map((pieces) => pieces.join('')),
	block: fc
		.tuple(
			fc.constantFrom(...['if', 'ifElse', 'unless', 'each', 'with', 'strip', 'lines', 'elseIf']),
			tie('body'),
			tie('body'),
		)
		.map(([form, one, other]) => {
			// Names mean something else in {{#each}} and {{#with}}, so their insides are fixed.
			if (form === 'if') return `{{#if a}}${one}{{/if}}`;
			if (form === 'ifElse') return `{{#if b}}${one}{{else}}${other}{{/if}}`;
			if (form === 'unless') return `{{#unless a}}${one}{{/unless}}`;
			if (form === 'each')
				return `{{#each this as |cell|}}\n{{@index}} {{@key}}: {{cell}} {{../a}}{{#unless @last}}, {{/unless}}\n{{/each}}`;
			if (form === 'with') return `{{#with a as |x|}} .{{x}}\n{{this}} {{../b}} {{else}}${one}{{/with}}`;
			if (form === 'strip') return `{{#if a~}} ${one} {{~else~}} ${other} {{~/if}}`;
			if (form === 'lines') return `\n  {{#if b}}\n${one}\n  {{else}}\n${other}\n  {{/if}}\n`;
			return `{{#if a}}${one}{{else if b}}${other}{{else}}neither{{/if}}`;
		}),
}));

const inlineTemplate = fc
	.array(
		fc.oneof(
			fc.constantFrom('Hi ', 'é', '  ', ', ', '"', "O'Hara", '.', `${'word '.repeat(20)}`),
			fc.constantFrom('{{a}}', '{{b}}', '{{#if a}}{{a}}!{{else}}none{{/if}}'),
		),
		{ maxLength: 5 },
	)
	.map((pieces) => `S${pieces.join('')}`);

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
		'=?UTF-8?Q?x?=',
		'"quoted"',
		'a\0b',
		'\0',
		'<b>&"',
		'{{a}}',
		'𝒳'.repeat(30),
	),
	fc.constantFrom(
		'x'.repeat(1100),
		`${'é'.repeat(1100)}`,
		`${'word '.repeat(250)}`,
		'עברית '.repeat(20),
		'\ud800',
		'a\udc00b',
		'\u2028',
		'a\u0007b\u001b[1m',
	),
);

/** Without what fails a header. */
const headerCell = cell.map((text) => text.replace(/[\r\n\0]/g, ''));

const plainHandlebars = Handlebars.create();
plainHandlebars.registerHelper('default', (value: unknown, other: unknown) =>
	String(value ?? '').trim() === '' ? other : value,
);

function plainlyRendered(
	template: string,
	values: Readonly<Record<string, string>> & { readonly email?: string },
	{ isHtml }: { isHtml: boolean },
): string {
	const source = template.replaceAll('{{First_Name}}', '{{[First Name]}}');
	const data = { email: values.email, row: 3, campaign: 'november' };
	return plainHandlebars.compile(source, { noEscape: !isHtml })(values, { data });
}

function asBodyValue(text: string): string {
	return text.replace(/\r\n?/g, '\n').replaceAll('\0', '\ufffd');
}

function sameLineEnds(text: string | undefined): string {
	return Buffer.from((text ?? '').replace(/\r\n?/g, '\n').replace(/\n+$/, '')).toString('utf8');
}

test('the spliced message and the one that nodemailer composes from the plainly rendered strings parse to the same', async () => {
	await fc.assert(
		fc.asyncProperty(
			body,
			body,
			inlineTemplate,
			headerCell,
			headerCell,
			cell,
			async (html, text, subject, a, b, firstName) => {
				const template = `From: {{b}} News <news@acme.example>\nTo: {{a}} {{b}} <{{email}}>\nSubject: ${subject}\n\n<i>${html}`;
				const message = await compiled(template, columns, { text: `T${text}` });
				assert.ok(message.fastPath);
				const fields = ['zoe@example.com', a, b, firstName];

				const ours = rendered(message, row(fields));

				assertContract(ours);
				const values = Object.fromEntries(columns.map((name, index) => [name, asBodyValue(fields[index] ?? '')]));
				const plain = {
					html: plainlyRendered(`<i>${html}`, values, { isHtml: true }),
					text: plainlyRendered(`T${text}`, values, { isHtml: false }),
					subject: plainlyRendered(subject, values, { isHtml: false }).trim(),
				};
				const composed = await new MailComposer({
					from: { name: `${b} News`.trim(), address: 'news@acme.example' },
					to: { name: `${a} ${b}`.trim(), address: 'zoe@example.com' },
					date: new Date(someTime),
					messageId: ours.messageId,
					encoding: 'quoted-printable',
					...plain,
				})
					.compile()
					.build();
				const one = await PostalMime.parse(ours.content);
				const other = await PostalMime.parse(composed);
				assert.equal(sameLineEnds(one.html), sameLineEnds(plain.html));
				assert.equal(sameLineEnds(one.text), sameLineEnds(plain.text));
				assert.equal(sameLineEnds(one.html), sameLineEnds(other.html));
				assert.equal(sameLineEnds(one.text), sameLineEnds(other.text));
				assert.equal(one.messageId, other.messageId);
				assert.equal(one.date, other.date);
				assert.equal(one.to?.[0]?.address, 'zoe@example.com');
				assert.equal(one.to?.length, 1);
				assert.equal(one.from?.address, 'news@acme.example');
				// nodemailer lets what looks like an encoded word through, so that it is decoded on the other side.
				if (`${a}${b}`.includes('=?')) return;
				assert.equal(one.subject, other.subject);
				assert.deepEqual(one.to, other.to);
				assert.deepEqual(one.from, other.from);
			},
		),
		{ numRuns: 400, includeErrorInReport: true },
	);
});

test('a line break or NUL in a cell that a header uses fails the row, whatever else it holds', async () => {
	const message = await compiled(
		'From: {{b}} <news@acme.example>\nTo: {{a}} <{{email}}>\nSubject: {{b}}\n\n<p>{{a}}',
		columns,
	);
	fc.assert(
		fc.property(cell, fc.constantFrom('\r', '\n', '\r\n', '\0'), cell, fc.boolean(), (before, bad, after, isFirst) => {
			const hostile = `x${before}${bad}${after}x`;

			const failed = failure(message, row(['zoe@example.com', isFirst ? hostile : 'A', isFirst ? 'B' : hostile, '']));

			assert.equal(failed.errorType, 'template.header_line_break');
			assert.match(failed.message, isFirst ? /^To: column "a"/ : /^(?:From|Subject): column "b"/);
		}),
	);
});

const hasPython = spawnSync('python3', ['-c', 'import email'], { stdio: 'ignore' }).status === 0;

test("python's email package reads the same subject, names and bodies", {
	skip: !hasPython && 'python3 is missing',
}, async () => {
	const message = await compiled(
		'From: Åcme <news@acme.example>\nTo: "{{b}}, {{a}}" <{{email}}>\nSubject: {{a}} – {{b}}, your update on everything that happened in the long month of November\n\n<p>{{a}} & {{b}}</p>\n.\n',
		columns,
		{ text: '.{{a}}\n{{b}} \nend' },
	);
	// Python puts spaces between the encoded words of a long name (not of a subject), so names are short here.
	const cases = [
		['zoe@example.com', 'Zoë 😀', 'O"Hara', ''],
		['zoe@example.com', '你好'.repeat(4), 'Å'.repeat(3), ''],
		['zoe@example.com', '=?UTF-8?Q?no?=', 'a b', ''],
		['zoe@example.com', 'Bob', '.', ''],
	];
	for (const fields of cases) {
		const { content } = rendered(message, row(fields));

		const script = `
import sys, json, email, email.policy
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
print(json.dumps([m['subject'], m['to'].addresses[0].display_name, m['to'].addresses[0].addr_spec, m['from'].addresses[0].display_name, m.get_body(('html',)).get_content().replace('\\r\\n', '\\n'), m.get_body(('plain',)).get_content().replace('\\r\\n', '\\n'), len(m.defects)]))`;
		const read: unknown = JSON.parse(execFileSync('python3', ['-c', script], { input: content, encoding: 'utf8' }));

		const [, a = '', b = ''] = fields;
		const inHtml = (text: string) => Handlebars.escapeExpression(text);
		assert.deepEqual(read, [
			`${a} – ${b}, your update on everything that happened in the long month of November`,
			`${b}, ${a}`,
			'zoe@example.com',
			'Åcme',
			`<p>${inHtml(a)} & ${inHtml(b)}</p>\n.\n`,
			`.${a}\n${b} \nend`,
			0,
		]);
	}
});
