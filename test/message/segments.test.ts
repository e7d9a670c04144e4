/** The promise of the fast path: what a mail program shows is the same as when everything is encoded for each row, and as Handlebars itself would have it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import Handlebars from 'handlebars';
import PostalMime from 'postal-mime';
import { checkTemplate } from '../../src/message/check-template.ts';
import { maxSegments } from '../../src/message/quoted-printable.ts';
import { compileSegments } from '../../src/message/segment-template.ts';
import { TemplateNames } from '../../src/message/template-names.ts';
import { Columns } from '../../src/recipients/columns.ts';
import { needs } from '../helpers/needs.ts';
import { assertContract, noPartials } from './given.ts';
import { bothWays, columns, type SegmentCase, segmentCase } from './segment-cases.ts';

test('with its fixed text encoded once, a message parses to what it parses to with everything encoded anew', async () => {
	await fc.assert(
		fc.asyncProperty(segmentCase, async (given) => {
			const { once, anew } = await bothWays(given);

			assertContract(once);
			const [one, other] = [await PostalMime.parse(once.content), await PostalMime.parse(anew)];
			assert.equal(one.html, other.html);
			assert.equal(one.text, other.text);
			assert.deepEqual(one, other);
		}),
		{ numRuns: 300, includeErrorInReport: true },
	);
});

test('the bodies are those that Handlebars renders from the same template and the same partials', async () => {
	await fc.assert(
		fc.asyncProperty(segmentCase, async (given) => {
			const { once } = await bothWays(given);

			const read = await PostalMime.parse(once.content);

			for (const kind of ['html', 'text'] as const)
				assert.equal(plain(read[kind]), plain(plainlyRendered(given, kind)));
		}),
		{ numRuns: 300, includeErrorInReport: true },
	);
});

function plainlyRendered({ html, text, partials, fields }: SegmentCase, kind: 'html' | 'text'): string {
	const handlebars = Handlebars.create();
	handlebars.registerHelper('default', (value: unknown, other: unknown) =>
		String(value ?? '').trim() === '' ? other : value,
	);
	for (const [name, source] of Object.entries(partials)) {
		handlebars.registerPartial(name, handlebars.compile(withoutIndents(source), { noEscape: kind === 'text' }));
	}
	const values = Object.fromEntries(
		columns.map((name, at) => [name, (fields[at] ?? '').replace(/\r\n?/g, '\n').replaceAll('\0', '\ufffd')]),
	);
	const data = { email: fields[0], row: 3, campaign: 'november' };
	return handlebars.compile(withoutIndents(kind === 'html' ? html : text), { noEscape: kind === 'text' })(values, {
		data,
	});
}

/** What stands before a partial alone on its line is dropped: Handlebars puts it before each line of the partial. */
function withoutIndents(source: string): hbs.AST.Program {
	const program = Handlebars.parse(source);
	const visitor = new Handlebars.Visitor();
	visitor.PartialStatement = (partial) => {
		partial.indent = '';
	};
	visitor.accept(program);
	return program;
}

function plain(text: string | undefined): string {
	return Buffer.from((text ?? '').replace(/\r\n?/g, '\n').replace(/\n+$/, '')).toString('utf8');
}

const compareInPython = `
import sys, json, email, email.policy
def bodies(message):
	m = email.message_from_bytes(message.encode('ascii'), policy=email.policy.default)
	return [m.defects == [], m['subject']] + [(p.get_content_type(), p.get_payload(decode=True).hex(), str(p.defects)) for p in m.walk() if not p.is_multipart()]
different = [at for at, (one, other) in enumerate(json.load(sys.stdin)) if bodies(one) != bodies(other) or len(bodies(one)) != 4 or bodies(one)[0] is not True]
print(json.dumps(different))`;

test("python's email package finds no difference between the two either", needs('python3'), async () => {
	const cases = fc.sample(segmentCase, { numRuns: 300, seed: 5 });
	const pairs: (readonly [string, string])[] = [];
	for (const given of cases) {
		const { once, anew } = await bothWays(given);
		pairs.push([once.content, anew]);
	}

	const read: unknown = JSON.parse(
		execFileSync('python3', ['-c', compareInPython], {
			input: JSON.stringify(pairs),
			maxBuffer: 1 << 26,
			encoding: 'utf8',
		}),
	);

	assert.deepEqual(read, []);
	assert.ok(pairs.filter(([one, other]) => one !== other).length > 50, 'the two ways differ in the octets');
});

const forms: readonly (readonly [what: string, template: string])[] = [
	['a raw block', '{{{{if a}}}} {{raw}} x. \n.{{b}} {{{{/if}}}}'],
	['escaped mustaches', '\\{{a}} \\\\{{a}} \\{{{b}}}'],
	['whitespace control', 'x \n {{~#if a~}} . \n {{~else~}} . {{~/if~}} \n .'],
	['comments', 'x {{! {{a}} }}\n{{!-- {{b}} }} --}}\n{{~! x ~}} .'],
	[
		'each with its data, and a value in it',
		'{{#each this}}{{@index}}{{#if @first}}.{{else if @last}}!{{/if}}{{#with this}}{{this}}{{/with}}{{/each}}',
	],
	['a helper in a helper', '{{default (lookup this "a") (default b "y")}}'],
	['blocks in attribute values', '<p class="{{#if a}}x {{b}}{{else}}{{#unless b}}.{{/unless}}{{/if}}" id={{a}}>'],
	['no line end at the end', 'x\n.{{a}}'],
	['nothing but a value', '{{a}}'],
	['blanks before a value and at the end', 'x {{a}} \t{{b}}\t\n {{a}} '],
	[
		'lines without blanks, longer than a line may be',
		`${'x'.repeat(300)}{{a}}${'é'.repeat(300)}{{b}}${'='.repeat(300)}`,
	],
	['blocks that show nothing', '{{#if a}}{{/if}}{{#unless a}}{{else}}{{/unless}}.'],
];

for (const [what, template] of forms) {
	test(`on the fast path, and the same: ${what}`, async () => {
		for (const [a, b] of [
			['', ''],
			['.', '\n.\n'],
			['x ', 'é '.repeat(40)],
		] as const) {
			const given = {
				html: `<i>${template}`,
				text: `T${template}`,
				partials: {},
				fields: ['zoe@example.com', a, b, ''],
			};

			const { once, anew } = await bothWays(given);

			assertContract(once);
			const [one, other] = [await PostalMime.parse(once.content), await PostalMime.parse(anew)];
			assert.deepEqual(one, other);
			for (const kind of ['html', 'text'] as const) assert.equal(plain(one[kind]), plain(plainlyRendered(given, kind)));
		}
	});
}

test('a template with more texts than there are marks is encoded anew for each row', () => {
	const statements = Array.from({ length: maxSegments + 1 }, (_, at) => `${at}{{a}}`).join('');
	const names = new TemplateNames(new Columns(columns), new Map(), { emailColumn: 0 });
	const text = { text: statements, place: { file: 'n.txt', line: 1, column: 1 } };
	const checked = checkTemplate(text, [], { names, part: { kind: 'text', partials: noPartials } });

	const compile = () => assert.fail('it is not compiled');
	assert.equal(compileSegments(checked?.program() ?? assert.fail('it is sound'), compile), null);
});
