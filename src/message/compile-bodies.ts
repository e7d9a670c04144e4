/** The parts of a message (RFC 2046 §5.1.4): each body template to a function that writes it encoded, the text part made from the HTML where there is none. */
import type { CheckedTemplate } from './check-template.ts';
import type { CompileProgram } from './compile-program.ts';
import type { TemplateBody } from './load-template.ts';
import type { Program } from './parse-template.ts';
import { compileSegments, compileWhole, countValues, type WriteBody } from './segment-template.ts';
import { copyOf } from './template-scope.ts';
import { type HtmlToText, loadHtmlToText, textTemplateFrom } from './text-from-html.ts';

export interface MessagePart {
	readonly kind: 'html' | 'text';
	/** Octets of its template, with the partials in it. */
	readonly sizeBytes: number;
	readonly origin: 'template' | 'sibling' | 'made_from_html';
	/** Places where a value is put in. */
	readonly values: number;
	/** Why it is rendered and encoded in full for each row; '' when its fixed text was encoded once. */
	readonly slowReason: string;
}

export interface Body {
	readonly part: MessagePart;
	readonly write: WriteBody;
}

interface CheckedBody {
	readonly checked: CheckedTemplate;
	readonly body: TemplateBody;
}

export interface BodiesRequest {
	readonly html: CheckedBody | null;
	readonly text: CheckedBody | null;
	readonly compile: CompileProgram;
	readonly warnings: string[];
}

export async function compileBodies({ html, text, compile, warnings }: BodiesRequest): Promise<readonly Body[]> {
	const bodies: Body[] = [];
	if (html !== null) bodies.push(compileTemplate('html', html, compile));
	if (text !== null) bodies.push(compileTemplate('text', text, compile));
	if (html !== null && text === null) {
		const made = makeText(html.checked, { compile, warnings, htmlToText: await loadHtmlToText() });
		if (made !== null) bodies.push(made);
	}
	return bodies;
}

function compileTemplate(kind: MessagePart['kind'], { checked, body }: CheckedBody, compile: CompileProgram): Body {
	const { sizeBytes } = checked;
	return compileBody({ kind, sizeBytes, origin: body.origin }, () => checked.program(), compile);
}

/** `program`: a tree of its own at each call. */
function compileBody(
	shape: Pick<MessagePart, 'kind' | 'sizeBytes' | 'origin'>,
	program: () => Program,
	compile: CompileProgram,
): Body {
	const compilePart = (tree: Program) => compile(tree, { isHtml: shape.kind === 'html' });
	const tree = program();
	const values = countValues(tree);
	const segments = compileSegments(tree, compilePart);
	if (segments !== null) return { part: { ...shape, values, slowReason: '' }, write: segments };
	const slowReason = 'it has too many tags';
	return { part: { ...shape, values, slowReason }, write: compileWhole(compilePart(program())) };
}

interface TextRequest {
	readonly compile: CompileProgram;
	readonly warnings: string[];
	readonly htmlToText: HtmlToText;
}

function makeText(html: CheckedTemplate, { compile, warnings, htmlToText }: TextRequest): Body | null {
	const made = textTemplateFrom(html.program(), htmlToText);
	if (made.kind === 'empty') {
		warnings.push('the HTML shows no text (pictures only?), so the message has no text part');
		return null;
	}
	if (made.kind === 'template') {
		const { program, sizeBytes } = made;
		return compileBody({ kind: 'text', sizeBytes, origin: 'made_from_html' }, () => copyOf(program), compile);
	}
	warnings.push(
		`the text part is made anew from the HTML of each row: ${made.why}; a text file beside the template makes sending several times faster`,
	);
	const slowReason = `it is made from the HTML of each row, since ${made.why}`;
	const program = html.program();
	const values = countValues(program);
	const renderHtml = compile(program, { isHtml: true });
	return {
		part: { kind: 'text', sizeBytes: html.sizeBytes, origin: 'made_from_html', values, slowReason },
		write: compileWhole((row, options) => `${htmlToText(renderHtml(row, options)).replaceAll('\0', '\ufffd')}\n`),
	};
}
