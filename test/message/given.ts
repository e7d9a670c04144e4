/** Builders for the tests of this room: a template without files, a row without a list. */
import assert from 'node:assert/strict';
import { type CheckedTemplate, checkTemplate } from '../../src/message/check-template.ts';
import { type CompiledMessage, type CompileOptions, compileMessage } from '../../src/message/compile-message.ts';
import { judgeHeaderName } from '../../src/message/header-names.ts';
import type { Partials } from '../../src/message/load-partials.ts';
import type { TemplateSource } from '../../src/message/load-template.ts';
import type { RenderedMessage, RenderFailure } from '../../src/message/rendered-message.ts';
import { splitHeaderBlock } from '../../src/message/split-header-block.ts';
import { TemplateNames } from '../../src/message/template-names.ts';
import type { Problem } from '../../src/message/template-problem.ts';
import { Columns } from '../../src/recipients/columns.ts';
import { parseAddress } from '../../src/recipients/parse-address.ts';
import type { Recipient } from '../../src/recipients/row.ts';
import { RunError, UsageError } from '../../src/support/errors.ts';

export const someSecret = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');

/** 2025-11-04 10:00:00 UTC. */
export const someTime = Date.UTC(2025, 10, 4, 10);

export const standingClock: CompileOptions['clock'] = {
	now: () => someTime,
	monotonicMs: () => 0,
	after: () => assert.fail('rendering starts no timer'),
	every: () => assert.fail('rendering starts no timer'),
};

const headerBlock = 'From: Acme News <news@acme.example>\nSubject: Hello\n';

/** No folder, no files. */
export const noPartials: Partials = { folder: null, find: () => null, used: [], known: [] };

/** Partials without a folder: text by file name, for example `footer.hbs`. */
export function partialsOf(files: Readonly<Record<string, string>>): Partials {
	const used = Object.entries(files).map(([name, text]) => ({
		name,
		text,
		place: { file: `partials/${name}`, line: 1, column: 1 },
	}));
	const bare = (name: string) => name.replace(/\.(?:hbs|txt)$/, '');
	return {
		folder: 'partials',
		find: (name, kind) => {
			const matching = used.filter((file) => bare(file.name) === name);
			const file = matching.find((one) => one.name.endsWith('.txt') === (kind === 'text')) ?? matching[0];
			return file === undefined ? null : { kind: 'found', file };
		},
		used,
		known: used.map(({ name }) => bare(name)),
	};
}

/** `template` with header lines of its own, or with a From and a Subject that do not matter. */
export function source(
	template: string,
	{ text = null, partials = noPartials }: { readonly text?: string | null; readonly partials?: Partials } = {},
): TemplateSource {
	const split = splitHeaderBlock(template, 'news.hbs');
	const lines = split.headers.length > 0 ? split.headers : splitHeaderBlock(`${headerBlock}\nx`, 'news.hbs').headers;
	const headers = lines.map((line) => {
		const verdict = judgeHeaderName(line.name);
		assert.ok(verdict.kind === 'known', line.name);
		return { ...line, name: verdict.name, kind: verdict.value };
	});
	const place = { file: 'news.txt', line: 1, column: 1 };
	return {
		path: 'news.hbs',
		headers,
		html: { ...split.body, origin: 'template' },
		text: text === null ? null : { text, place, origin: 'sibling' },
		partials,
		warnings: [],
	};
}

export function options(columns: readonly string[], more: Partial<CompileOptions> = {}): CompileOptions {
	return {
		columns: new Columns(columns),
		emailColumn: 0,
		set: new Map(),
		campaign: 'november',
		campaignId: someSecret,
		clock: standingClock,
		randomBytes: (size) => Buffer.alloc(size, 0xab),
		...more,
	};
}

export function compiled(
	template: string,
	columns: readonly string[],
	more: Partial<CompileOptions> & { readonly text?: string | null; readonly partials?: Partials } = {},
): Promise<CompiledMessage> {
	const { text = 'text part', partials = noPartials } = more;
	return compileMessage(source(template, { text: text ?? 'text part', partials }), options(columns, more));
}

/** An HTML body alone, as the text part is made from it. */
export function checkedHtml(html: string, columns: readonly string[]): CheckedTemplate {
	const names = new TemplateNames(new Columns(columns), new Map(), { emailColumn: -1 });
	const text = { text: html, place: { file: 'n.html', line: 1, column: 1 } };
	const problems: Problem[] = [];
	const checked = checkTemplate(text, problems, { names, part: { kind: 'html', partials: noPartials } });
	assert.ok(checked !== null, JSON.stringify(problems));
	return checked;
}

/** What `compiled` refuses with. */
export async function refusal(
	template: string,
	columns: readonly string[],
	more: Parameters<typeof compiled>[2] = {},
): Promise<RunError | UsageError> {
	try {
		await compiled(template, columns, more);
	} catch (error) {
		assert.ok(error instanceof RunError || error instanceof UsageError, String(error));
		return error;
	}
	return assert.fail('nothing was refused');
}

/** A row whose address is its first field. */
export function row(fields: readonly string[], address = fields[0] ?? ''): Recipient {
	const parsed = parseAddress(address);
	assert.ok(parsed.kind === 'address', address);
	return { kind: 'recipient', key: address.toLowerCase(), row: 3, line: 4, address: parsed.address, fields };
}

/** A message with its content as text: each octet one character. */
export type MessageText = Omit<RenderedMessage, 'content'> & { readonly content: string };

export function rendered(message: CompiledMessage, recipient: Recipient): MessageText {
	const result = message.render(recipient);
	assert.ok(result.kind === 'rendered', JSON.stringify(result));
	return { ...result.message, content: result.message.content.toString('latin1') };
}

export function failure(message: CompiledMessage, recipient: Recipient): RenderFailure {
	const result = message.render(recipient);
	assert.ok(result.kind === 'failed', 'the row should fail');
	return result;
}

/** The contract of RenderedMessage.content. */
export function assertContract(message: MessageText): void {
	const { content } = message;
	assert.ok(content.endsWith('\r\n'), 'the last line ends');
	assert.equal(message.sizeBytes, content.length);
	const lines = content.slice(0, -2).split('\r\n');
	for (const line of lines) {
		assert.match(line, /^[\t\x20-\x7e]*$/, 'seven bits, no bare CR or LF, no NUL');
		assert.ok(line.length <= 998, `a line of ${line.length}`);
		assert.ok(!line.startsWith('.'), 'no line begins with a dot');
	}
	const bodyStart = content.indexOf('\r\n\r\n');
	for (const line of content.slice(bodyStart).split('\r\n')) {
		assert.ok(line.length <= 76, `a body line of ${line.length}`);
		// RFC 2045 §6.7 rule 3: relays take such blanks away.
		assert.doesNotMatch(line, /[ \t]$/, 'a body line ends with a blank');
	}
	for (const line of content.slice(0, bodyStart).split('\r\n'))
		assert.doesNotMatch(line, /^[ \t]*$/, 'no header line is blank');
}

/** The header lines of one name, unfolded. */
export function headerOf(message: MessageText, name: string): string[] {
	const head = message.content.slice(0, message.content.indexOf('\r\n\r\n')).replace(/\r\n([ \t])/g, '$1');
	const start = `${name.toLowerCase()}: `;
	return head
		.split('\r\n')
		.filter((line) => line.toLowerCase().startsWith(start))
		.map((line) => line.slice(start.length));
}
