/** The parts of a message (RFC 2046 §5.1.4): each body template to a function that writes it encoded, the text part made from the HTML where there is none. */
import { type CheckedTemplate, checkTemplate } from './check-template.ts';
import type { CompileProgram } from './compile-program.ts';
import type { TemplateBody } from './load-template.ts';
import type { Program } from './parse-template.ts';
import { compileSegments, compileWhole, type WriteBody } from './segment-template.ts';
import type { TemplateNames } from './template-names.ts';
import type { Problem } from './template-problem.ts';
import { type HtmlToText, loadHtmlToText, textTemplateFrom } from './text-from-html.ts';

export interface MessagePart {
	readonly kind: 'html' | 'text';
	/** Octets of its template. */
	readonly sizeBytes: number;
	readonly origin: 'template' | 'sibling' | 'made_from_html';
}

export interface Body {
	readonly part: MessagePart;
	readonly write: WriteBody;
	/** Why it is rendered and encoded in full for each row; '' when its fixed text was encoded once. */
	readonly slowReason: string;
}

export interface BodiesRequest {
	readonly html: { readonly checked: CheckedTemplate; readonly body: TemplateBody } | null;
	readonly text: { readonly checked: CheckedTemplate; readonly body: TemplateBody } | null;
	readonly names: TemplateNames;
	readonly compile: CompileProgram;
	readonly warnings: string[];
}

export async function compileBodies({ html, text, names, compile, warnings }: BodiesRequest): Promise<readonly Body[]> {
	const bodies: Body[] = [];
	if (html !== null) bodies.push(compileBody('html', html.checked, html.body.origin, compile));
	if (text !== null) bodies.push(compileBody('text', text.checked, text.body.origin, compile));
	if (html !== null && text === null) {
		const made = makeText(html.checked, { names, compile, warnings, htmlToText: await loadHtmlToText() });
		if (made !== null) bodies.push(made);
	}
	return bodies;
}

function compileBody(
	kind: MessagePart['kind'],
	checked: CheckedTemplate,
	origin: MessagePart['origin'],
	compile: CompileProgram,
): Body {
	const part = { kind, sizeBytes: Buffer.byteLength(checked.source.text), origin };
	const compilePart = (program: Program) => compile(program, { isHtml: kind === 'html' });
	const segments = compileSegments(checked.program(), compilePart);
	if (segments !== null) return { part, write: segments, slowReason: '' };
	const slowReason = `the ${kind} part has too many tags`;
	return { part, write: compileWhole(compilePart(checked.program())), slowReason };
}

interface TextRequest {
	readonly names: TemplateNames;
	readonly compile: CompileProgram;
	readonly warnings: string[];
	readonly htmlToText: HtmlToText;
}

function makeText(html: CheckedTemplate, { names, compile, warnings, htmlToText }: TextRequest): Body | null {
	const made = textTemplateFrom(html.source.text, htmlToText);
	const problems: Problem[] = [];
	if (made.kind === 'template') {
		if (made.text.trim() === '') {
			warnings.push('the HTML shows no text (pictures only?), so the message has no text part');
			return null;
		}
		const source = { text: made.text, place: html.source.place };
		const checked = checkTemplate(source, problems, { names, isHeader: false });
		if (checked !== null) return compileBody('text', checked, 'made_from_html', compile);
	}
	const why = made.kind === 'unsound' ? made.why : 'its blocks do not fit together without the HTML';
	const slowReason = `the text part is made anew from the HTML of each row: ${why}`;
	warnings.push(`${slowReason}; a text file beside the template makes sending several times faster`);
	const renderHtml = compile(html.program(), { isHtml: true });
	return {
		part: { kind: 'text', sizeBytes: Buffer.byteLength(html.source.text), origin: 'made_from_html' },
		write: compileWhole((values, options) => `${htmlToText(renderHtml(values, options)).replaceAll('\0', '\ufffd')}\n`),
		slowReason,
	};
}
