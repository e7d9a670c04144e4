/** The header lines of a message: those of the template and the flags, those that mailshot makes, in their order. */
import type { Address } from '../recipients/row.ts';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { compileAddressField, compileSender, plainTo, type Sender } from './address-field.ts';
import { type CheckedTemplate, checkTemplate } from './check-template.ts';
import { compileInline, countOpened, staticText, unfoldProgram } from './compile-inline.ts';
import type { CompileProgram, Render } from './compile-program.ts';
import {
	emptySubject,
	firstHttpsUrl,
	type HeaderField,
	type RenderedLine,
	textField,
	valueFailure,
} from './header-field.ts';
import { headerRank } from './header-names.ts';
import type { TemplateHeader, TemplateSource } from './load-template.ts';
import type { Program } from './parse-template.ts';
import type { RenderFailure } from './rendered-message.ts';
import { asMustache, type TemplateNames } from './template-names.ts';
import { type Problem, templateError } from './template-problem.ts';
import { compileUnsubscribe, type UnsubscribeFlags, unsubscribeLines } from './unsubscribe-header.ts';

/** Header lines that flags make, or stand in for. */
export interface HeaderFlags extends UnsubscribeFlags {
	readonly from?: string;
	readonly subject?: string;
}

export interface CheckedHeader {
	readonly header: TemplateHeader;
	readonly checked: CheckedTemplate;
}

export interface CompiledHeader {
	readonly field: HeaderField;
	/** Names of columns and `--set` values that it uses. */
	readonly names: ReadonlySet<string>;
}

export interface CompiledHeaders {
	/** Without those that are made anew for each message: Date, Message-ID. */
	readonly lines: readonly CompiledHeader[];
	/** List-Unsubscribe's value; null when nothing asks for it. */
	readonly unsubscribe: Render | null;
	readonly from: Address;
	readonly fromDomain: string;
}

/** The template's header lines with those of the flags in their place. Throws RunError when From or Subject is missing, or a line is made twice. */
export function chooseHeaders(source: TemplateSource, flags: HeaderFlags): readonly TemplateHeader[] {
	const headers = source.headers.filter(
		({ name }) =>
			!(name === 'From' && flags.from !== undefined) && !(name === 'Subject' && flags.subject !== undefined),
	);
	if (flags.from !== undefined) headers.push(fromFlag('From', 'sender', { flag: '--from', text: flags.from }));
	if (flags.subject !== undefined)
		headers.push(fromFlag('Subject', 'text', { flag: '--subject', text: flags.subject }));
	for (const [name, hint] of required) {
		if (headers.some((header) => header.name === name && header.text.trim() !== '')) continue;
		throw new RunError(exitCodes.badInput, `${cleanText(source.path)}: there is no ${name}: line`, { hint });
	}
	for (const line of unsubscribeLines(flags)) {
		refuseSecond(line, headers);
		headers.push(line);
	}
	return headers.sort((one, other) => headerRank(one.name) - headerRank(other.name));
}

const required = [
	['From', '--from "Acme News <news@acme.example>", or a From: line at the top of the template'],
	['Subject', '--subject "Your November update", or a Subject: line at the top of the template'],
] as const;

/** A template that was written for --unsubscribe-url and one that was not look alike to whoever types the command. */
function refuseSecond({ name, place }: TemplateHeader, headers: readonly TemplateHeader[]): void {
	const own = headers.find((header) => header.name === name);
	if (own === undefined) return;
	const { file, line } = own.place;
	throw new RunError(
		exitCodes.badInput,
		`${cleanText(file)}:${line}: there is a ${name} line already, and ${place.file} makes one`,
		{ hint: `Leave one of them out: the line of the template, or ${place.file}.` },
	);
}

function fromFlag(
	name: string,
	kind: TemplateHeader['kind'],
	{ flag, text }: { readonly flag: string; readonly text: string },
): TemplateHeader {
	return { name, kind, text, place: { file: flag, line: 1, column: 1 } };
}

export function checkHeaders(
	headers: readonly TemplateHeader[],
	problems: Problem[],
	names: TemplateNames,
): readonly CheckedHeader[] {
	const checkedHeaders: CheckedHeader[] = [];
	for (const header of headers) {
		if (header.place.file.startsWith('--') && /[\r\n\0]/.test(header.text)) {
			problems.push({ place: header.place, message: 'has a line break or NUL in it' });
			continue;
		}
		const checked = checkTemplate(header, problems, { names, part: 'header' });
		if (checked === null) continue;
		if (header.name === 'List-Unsubscribe' && checked.uses.runData.has('unsubscribe_url')) {
			problems.push({
				place: header.place,
				message: '{{@unsubscribe_url}} is taken from this header and cannot be used in it',
			});
		}
		checkedHeaders.push({ header, checked });
	}
	return checkedHeaders;
}

/** Throws RunError with every header that cannot be what the template says. */
export function compileHeaders(
	headers: readonly CheckedHeader[],
	compile: CompileProgram,
	{ names, needsUnsubscribe }: { readonly names: TemplateNames; readonly needsUnsubscribe: boolean },
): CompiledHeaders {
	const compileText = (program: Program): Render => compile(program, { isHtml: false });
	const problems: Problem[] = [];
	const lines: CompiledHeader[] = [];
	let sender: Sender | null = null;
	let unsubscribe: Render | null = null;
	for (const { header, checked } of headers) {
		const { name, kind, place } = header;
		const program = checked.program();
		unfoldProgram(program);
		let field: HeaderField | string;
		if (kind === 'sender') {
			const compiled = compileSender(name, program, compileText);
			if (typeof compiled !== 'string') sender = compiled;
			field = typeof compiled === 'string' ? compiled : compiled.field;
		} else if (kind === 'own' || kind === 'address') {
			field = compileAddressField(name, program, { compile: compileText, isOwn: kind === 'own' });
		} else if (kind === 'link') {
			const compiled = compileUnsubscribe(header, program, { names, needsUrl: needsUnsubscribe });
			field = typeof compiled === 'string' ? compiled : compiled.field;
			if (typeof compiled !== 'string' && needsUnsubscribe) unsubscribe = compiled.render;
		} else {
			const fixed = staticText(program);
			const render = compileInline(program, compileText);
			const isUnsubscribe = name === 'List-Unsubscribe' && needsUnsubscribe;
			if (isUnsubscribe) unsubscribe = render;
			const lacksUrl = isUnsubscribe && fixed !== null && firstHttpsUrl(fixed) === '';
			field = lacksUrl
				? noUrl
				: textField(name, kind, {
						render,
						fixed,
						opened: countOpened(program),
						whenEmpty: emptyLine(header, fixed, checked.uses.names),
					});
		}
		// What is wrong for every row is wrong with the template.
		if (typeof field === 'string') problems.push({ place, message: withName(header, field) });
		else if (isFailure(field.constant)) problems.push({ place, message: withName(header, field.constant.message) });
		else lines.push({ field, names: checked.uses.wholeRow ? new Set(names.all()) : checked.uses.names });
	}
	const hasTo = headers.some(({ header }) => header.name === 'To');
	if (!hasTo) lines.splice(1, 0, { field: plainTo, names: new Set() });
	if (problems.length > 0 || sender === null) throw templateError(problems);
	return { lines, unsubscribe, from: sender.address, fromDomain: sender.domain };
}

/** `From: ...`; `--from:` stands before it already when it came from there. */
function withName({ name, place }: TemplateHeader, message: string): string {
	const start = `${name}: `;
	const bare = message.startsWith(start) ? message.slice(start.length) : message;
	return place.file.startsWith('--') ? bare : start + bare;
}

function emptyLine({ name, kind }: TemplateHeader, fixed: string | null, names: ReadonlySet<string>): RenderedLine {
	if (name !== 'Subject') return kind === 'text' ? '' : valueFailure(name, 'is empty');
	const [column] = names;
	return fixed === null ? emptySubject(column === undefined ? '' : asMustache(column)) : valueFailure(name, 'is empty');
}

const noUrl = '{{@unsubscribe_url}} is used, but there is no <https://...> here';

function isFailure(line: RenderedLine | null): line is RenderFailure {
	return line !== null && typeof line !== 'string';
}
