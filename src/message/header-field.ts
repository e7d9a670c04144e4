/** One header line of the message, per row: rendered, checked, encoded (RFC 2047), folded (RFC 5322 §2.2.3). */
import type { Recipient } from '../recipients/row.ts';
import { assertNever } from '../support/assert-never.ts';
import { cleanText } from '../support/clean-text.ts';
import type { Render, RenderOptions } from './compile-program.ts';
import {
	appendToken,
	encodePhrase,
	encodeUnstructured,
	hasForbiddenCharacter,
	isPrintableAscii,
} from './encode-header-text.ts';
import type { HeaderKind } from './header-names.ts';
import type { RenderFailure } from './rendered-message.ts';
import type { RowValues } from './row-context.ts';

/** What a header line is made from. */
export interface RowFacts {
	readonly recipient: Recipient;
	readonly values: RowValues;
	readonly options: RenderOptions;
}

/** A line with its CRLF ('' when the value is empty, so that the header is left out), or why the row fails. */
export type RenderedLine = string | RenderFailure;

export interface HeaderField {
	readonly name: string;
	/** The line when it is the same for every row, else null. */
	readonly constant: RenderedLine | null;
	render(facts: RowFacts): RenderedLine;
}

type TextKind = Exclude<HeaderKind, 'own' | 'sender' | 'address' | 'link'>;
type EncodeValue = (value: string, used: number) => string | null;

export interface TextTemplate {
	readonly render: Render;
	/** The value when no part of it depends on the row, or null. */
	readonly fixed: string | null;
	/** How many "<" the template has, where that is known, so that a cell adds none. */
	readonly opened: number | null;
	/** What to make of an empty value. */
	readonly whenEmpty: RenderedLine;
}

/** A header whose value is one text: everything but addresses. */
export function textField(
	name: string,
	kind: TextKind,
	{ render, fixed, opened, whenEmpty }: TextTemplate,
): HeaderField {
	const encode = encoderOf(kind);
	const start = `${name}: `;
	const line = (rendered: string): RenderedLine => {
		const value = rendered.trim();
		if (hasForbiddenCharacter(value)) return lineBreakFailure(name, null);
		if (value === '') return whenEmpty;
		const encoded = encode(value, start.length);
		const isOpenedTooOften = kind !== 'text' && opened !== null && opened > 0 && value.split('<').length - 1 !== opened;
		if (encoded === null || isOpenedTooOften)
			return valueFailure(name, `cannot hold "${cleanText(value, 200)}": ${limitOf(kind, value)}`);
		return `${start}${encoded}\r\n`;
	};
	return {
		name,
		constant: fixed === null ? null : line(fixed),
		render: ({ values, options }) => line(render(values, options)),
	};
}

/** Why a value is refused. */
function limitOf(kind: TextKind, value: string): string {
	if (kind === 'listId') return 'it takes <news.acme.example>, in ASCII, and a name before that';
	if (kind !== 'urls') return 'it takes ASCII, in words that fit on a line';
	const isAsciiUrl = (value.match(/<[^>]*>?/g) ?? []).every((item) => isPrintableAscii(item) && !item.includes(' '));
	return isAsciiUrl
		? 'it takes <https://...> and <mailto:...>, with commas between them'
		: 'a URL in a header takes ASCII without spaces';
}

/** What a subject comes to that is empty for one row; `column`: one that it uses, or ''. */
export function emptySubject(column: string): RenderFailure {
	const example = column === '' ? '' : `; give it a fallback: {{default ${column} "..."}}`;
	return { kind: 'failed', errorType: 'template.header_value', message: `the subject is empty for this row${example}` };
}

export function lineBreakFailure(name: string, column: string | null): RenderFailure {
	const where = column === null ? 'a value' : `column "${cleanText(column, 80)}"`;
	return {
		kind: 'failed',
		errorType: 'template.header_line_break',
		message: `${name}: ${where} has a line break or NUL in it`,
	};
}

export function valueFailure(name: string, problem: string): RenderFailure {
	return { kind: 'failed', errorType: 'template.header_value', message: `${name}: ${problem}` };
}

function encoderOf(kind: TextKind): EncodeValue {
	switch (kind) {
		case 'text':
			return encodeUnstructured;
		case 'token':
			return (value, used) => (isPrintableAscii(value) ? encodeAscii(value, used) : null);
		case 'urls':
			return (value, used) => (urls.test(value) ? encodeUrls(value, used) : null);
		case 'listId':
			return encodeListId;
		default:
			return assertNever(kind);
	}
}

// RFC 2369 §2: `<url>, <url>`; printable ASCII without space and angle brackets, so that a cell cannot end the URL and begin another.
const url = '<(?:https?://[!-;=?-~]+|mailto:[!-;=?-~]+)>';
const urls = new RegExp(`^${url}(?:[ ]*,[ ]*${url})*$`, 'i');
const oneUrl = new RegExp(url, 'gi');

const webUrl = /<(https:\/\/[!-;=?-~]+|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/][!-;=?-~]*)>/i;

/** The first https URL in a List-Unsubscribe value as rendered, or one of this machine, for trying it out; ''. */
export function firstHttpsUrl(value: string): string {
	return webUrl.exec(value)?.[1] ?? '';
}

function encodeUrls(value: string, used: number): string | null {
	const items = (value.match(oneUrl) ?? []).map((item, index, all) => (index < all.length - 1 ? `${item},` : item));
	let line: string | null = `${'x'.repeat(used - 2)}:`;
	for (const item of items) line = line === null ? null : appendToken(line, item);
	return line === null ? null : line.slice(used);
}

function encodeAscii(value: string, used: number): string | null {
	const encoded = encodeUnstructured(value, used);
	// An encoded word has no meaning in a structured field.
	return encoded.includes('=?') ? null : encoded;
}

// RFC 2919 §2: an optional phrase and `<list.label.domain>`.
const listIdForm = /^([^<>]*)<([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+)>$/;

function encodeListId(value: string, used: number): string | null {
	const [, phrase = '', id] = listIdForm.exec(value) ?? [];
	if (id === undefined) return null;
	const name = phrase.trim().replace(/^"(.*)"$/, '$1');
	if (name === '') return `<${id}>`;
	const line = appendToken('x'.repeat(used) + encodePhrase(name, used), `<${id}>`);
	return line === null ? null : line.slice(used);
}
