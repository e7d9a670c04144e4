/** List-Unsubscribe and List-Unsubscribe-Post from --unsubscribe-url and --unsubscribe-mailto (RFC 2369 §3.2, RFC 8058 §3.1). */
import { isCall, isContent, isMustache, isPath } from './ast-nodes.ts';
import type { Render } from './compile-program.ts';
import { type HeaderField, textField, valueFailure } from './header-field.ts';
import type { TemplateHeader } from './load-template.ts';
import type { Program } from './parse-template.ts';
import { asMustache, isRunDataName, type RunDataName, type TemplateNames } from './template-names.ts';

export interface UnsubscribeFlags {
	/** Template text, https; http on this machine only. */
	readonly unsubscribeUrl?: string;
	/** One address, ASCII. */
	readonly unsubscribeMailto?: string;
}

const name = 'List-Unsubscribe';

/** The header lines that the flags make; none without them. */
export function unsubscribeLines({ unsubscribeUrl, unsubscribeMailto }: UnsubscribeFlags): TemplateHeader[] {
	const urls = [
		...(unsubscribeUrl === undefined ? [] : [`<${unsubscribeUrl}>`]),
		...(unsubscribeMailto === undefined ? [] : [`<${mailtoUrl(unsubscribeMailto)}>`]),
	];
	if (urls.length === 0) return [];
	const file = unsubscribeUrl === undefined ? '--unsubscribe-mailto' : '--unsubscribe-url';
	const place = { file, line: 1, column: 1 };
	const lines: TemplateHeader[] = [{ name, kind: 'link', text: urls.join(', '), place }];
	// RFC 8058 §3.1: it belongs to an https URL, and means nothing without one.
	if (/^https:/i.test(unsubscribeUrl ?? '')) {
		lines.push({ name: 'List-Unsubscribe-Post', kind: 'token', text: 'List-Unsubscribe=One-Click', place });
	}
	return lines;
}

/** RFC 6068: the token is in the subject, since most programs send nothing else of a mailto URL unchanged. */
function mailtoUrl(address: string): string {
	const at = address.lastIndexOf('@');
	const local = encodeURIComponent(address.slice(0, at)).replaceAll('%2B', '+');
	return `mailto:${local}${address.slice(at)}?subject=unsubscribe%20{{@unsubscribe_token}}`;
}

interface Piece {
	/** A column or `--set` value, or run data. */
	readonly value:
		| { readonly kind: 'row'; readonly name: string }
		| { readonly kind: 'run'; readonly name: RunDataName };
	readonly textBehind: string;
}

/**
 * The line that unsubscribeLines made, with its names resolved. What a row or the run puts into it is percent-encoded, so that no cell can end the URL, begin
 * another, or change what the link asks for. A row whose link would not say who it is fails. Gives what is wrong as text.
 */
export function compileUnsubscribe(
	header: TemplateHeader,
	program: Program,
	{ names, needsUrl }: { readonly names: TemplateNames; readonly needsUrl: boolean },
): { readonly field: HeaderField; readonly render: Render } | string {
	if (needsUrl && !/^<http/i.test(header.text))
		return '{{@unsubscribe_url}} is used, and only --unsubscribe-url says what it is';
	const read = readPieces(program);
	if (read === null) return 'takes {{@unsubscribe_token}} and columns: no {{#if}} and no helpers';
	const { textBefore, pieces } = read;
	const render: Render = (values, { data }) => {
		let text = textBefore;
		for (const { value, textBehind } of pieces) {
			const plain = value.kind === 'row' ? (values[value.name] ?? '') : String(data[value.name]);
			text += (value.name === 'unsubscribe_token' ? plain : encodeURIComponent(plain)) + textBehind;
		}
		return text;
	};
	const line = textField(name, 'urls', { render, fixed: null, opened: null, whenEmpty: '' });
	if (saysWho(header)) return { field: line, render };
	const columns = pieces.flatMap(({ value }) =>
		value.kind === 'row' && names.columns.find(value.name) !== -1 ? [value.name] : [],
	);
	const [first] = columns;
	if (first === undefined) return 'everybody would have the same link: {{@unsubscribe_token}} says who leaves';
	return {
		render,
		field: {
			...line,
			render(facts) {
				for (const column of columns) if ((facts.values[column] ?? '').trim() !== '') return line.render(facts);
				return valueFailure(name, `{{${asMustache(first)}}} is empty in this row, and the link needs it`);
			},
		},
	};
}

/** Without a look at the row. Of two URLs the first is the one that a click takes. */
function saysWho({ text }: TemplateHeader): boolean {
	return /@(?:unsubscribe_token|email|message_id)\b/.test(text.split('>', 1)[0] ?? '');
}

/** Null when there is more in it than text and names. */
function readPieces(program: Program): { readonly textBefore: string; readonly pieces: readonly Piece[] } | null {
	let textBefore = '';
	const pieces: Piece[] = [];
	for (const statement of program.body) {
		if (isContent(statement)) {
			const last = pieces.pop();
			if (last === undefined) textBefore += statement.value;
			else pieces.push({ ...last, textBehind: last.textBehind + statement.value });
			continue;
		}
		if (!isMustache(statement) || isCall(statement) || !isPath(statement.path)) return null;
		const { data, depth, parts } = statement.path;
		const [part = '', ...others] = parts;
		if (depth > 0 || others.length > 0) return null;
		if (!data) pieces.push({ value: { kind: 'row', name: part }, textBehind: '' });
		else if (isRunDataName(part)) pieces.push({ value: { kind: 'run', name: part }, textBehind: '' });
		else return null;
	}
	return { textBefore, pieces };
}
