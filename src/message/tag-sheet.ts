/**
 * A resolved template with a numbered placeholder for each tag, and back: so that a program that knows no Handlebars can work on the text around them.
 * A tree has neither comments nor partials nor `\\{{`, so nothing has to be left out.
 */
import { isBlock, isContent, isMustache, isPath, isPresent } from './ast-nodes.ts';
import { type Program, parseTemplate } from './parse-template.ts';
import { copyOf } from './template-scope.ts';

// Private use characters (Unicode §23.5): no HTML or text converter gives them a meaning.
const open = '\ue000';
const close = '\ue001';
// What would be markup for Handlebars stands for itself in text.
const disguises: readonly (readonly [plain: string, disguise: string])[] = [
	['{', '\ue002'],
	['}', '\ue003'],
	['\\', '\ue004'],
];
const taken = /[\ue000-\ue004]|&#(?:x0*e00[0-4]|0*5734[4-8])(?![0-9a-f])/i;
/** Stands for the tag of that number. */
export const placeholder = /\ue000(\d+)\ue001/g;

export interface BlockTag {
	readonly kind: 'open' | 'else' | 'close';
	/** Number of the tag that opened it; those of a chain of `{{else if}}` belong together. */
	readonly block: number;
	/** What it opens; null for a plain else and for the end. */
	readonly node: hbs.AST.BlockStatement | null;
}

/** With the place of its placeholder. */
export type Tag = ({ readonly kind: 'value'; readonly node: hbs.AST.MustacheStatement } | BlockTag) & {
	readonly start: number;
	readonly end: number;
};

export class TagSheet {
	readonly tags: Tag[] = [];
	/** The text with the placeholders in it. */
	text = '';
	/** Its text has characters that mean something else here. */
	isTaken = false;
	readonly #values = new Map<string, number>();

	constructor(program: Program) {
		this.#program(program);
	}

	#program({ body }: Program): void {
		for (const node of body) {
			if (isContent(node)) {
				this.isTaken ||= taken.test(node.value);
				this.text += node.value;
			} else if (isMustache(node)) this.#value(node);
			else if (isBlock(node)) this.#block(node, this.tags.length);
		}
	}

	// Equal value tags share a number, so that a link whose text is its address is seen as such.
	#value(node: hbs.AST.MustacheStatement): void {
		const { path, params, hash } = node;
		const key = JSON.stringify([path, params, hash], (name, value: unknown) => (name === 'loc' ? undefined : value));
		const number = this.#values.get(key) ?? this.tags.length;
		this.#values.set(key, number);
		this.tags.push({ kind: 'value', node, ...this.#mark(number) });
	}

	#block(node: hbs.AST.BlockStatement, block: number): void {
		const isChained = block !== this.tags.length;
		this.#blockTag({ kind: isChained ? 'else' : 'open', block, node });
		const { program, inverse } = node;
		if (isPresent(program)) this.#program(program);
		const chained = isPresent(program) && isPresent(inverse) ? chainedBlock(inverse) : null;
		if (chained !== null) this.#block(chained, block);
		else if (isPresent(inverse)) {
			// {{^if x}} has nothing before its else.
			if (isPresent(program)) this.#blockTag({ kind: 'else', block, node: null });
			this.#program(inverse);
		}
		if (!isChained) this.#blockTag({ kind: 'close', block, node: null });
	}

	#blockTag(tag: BlockTag): void {
		this.tags.push({ ...tag, ...this.#mark(this.tags.length) });
	}

	#mark(number: number): { readonly start: number; readonly end: number } {
		const start = this.text.length;
		this.text += `${open}${number}${close}`;
		return { start, end: this.text.length };
	}
}

/** `{{else}}{{#if x}}...{{/if}}{{/if}}` is `{{else if x}}...{{/if}}`. */
function chainedBlock({ body }: Program): hbs.AST.BlockStatement | null {
	const [only] = body;
	return body.length === 1 && only !== undefined && isBlock(only) && isPresent(only.program) ? only : null;
}

/** The tree of what became of a sheet's text, every tag in it as it was; null when blocks do not fit together any more. */
export function programFrom(
	text: string,
	tags: readonly Tag[],
): { readonly program: Program; readonly sizeBytes: number } | null {
	const source = sourceOf(text, tags);
	const parsed = parseTemplate({ text: source, place: { file: '', line: 1, column: 1 } });
	if (parsed.kind === 'wrong') return null;
	restore(parsed.program, tags);
	return { program: parsed.program, sizeBytes: Buffer.byteLength(source) };
}

/** Handlebars source in which the tags have numbers for names: so Handlebars does with their lines what it does in any text. */
function sourceOf(text: string, tags: readonly Tag[]): string {
	let source = text;
	for (const [plain, disguise] of disguises) source = source.replaceAll(plain, disguise);
	source = source.replace(placeholder, (_, number: string) => tagSource(Number(number), tags[Number(number)]));
	return source;
}

function tagSource(number: number, tag: Tag | undefined): string {
	if (tag === undefined) return '';
	if (tag.kind === 'value') return `{{t${number}}}`;
	if (tag.kind === 'close') return `{{/t${tag.block}}}`;
	if (tag.kind === 'else') return tag.node === null ? '{{else}}' : `{{else t${number}}}`;
	return tag.node !== null && isPresent(tag.node.program) ? `{{#t${number}}}` : `{{^t${number}}}`;
}

/** Puts what the numbers stand for in their places. */
function restore(program: Program, tags: readonly Tag[]): void {
	for (const node of program.body) {
		if (isContent(node)) {
			for (const [plain, disguise] of disguises) node.value = node.value.replaceAll(disguise, plain);
		} else if (isMustache(node)) {
			const tag = tagNamed(node.path, tags);
			if (tag?.kind === 'value') Object.assign(node, copyOf(tag.node));
		} else if (isBlock(node)) {
			const tag = tagNamed(node.path, tags);
			if (tag?.kind !== 'open' && tag?.kind !== 'else') continue;
			const { path, params, hash, program: block } = copyOf(tag.node ?? node);
			Object.assign(node, { path, params, hash });
			if (isPresent(node.program) && isPresent(block?.blockParams)) node.program.blockParams = block.blockParams;
			if (isPresent(node.program)) restore(node.program, tags);
			if (isPresent(node.inverse)) restore(node.inverse, tags);
		}
	}
}

function tagNamed(path: hbs.AST.Node, tags: readonly Tag[]): Tag | undefined {
	return isPath(path) ? tags[Number(path.original.slice(1))] : undefined;
}
