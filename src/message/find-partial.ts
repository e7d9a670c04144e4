/** What `{{> name}}` calls: an inline partial, a file, or nothing, and then why. Rows are data and choose no code, so a name is a word of the template. */
import { cleanText } from '../support/clean-text.ts';
import { nearest } from '../support/nearest.ts';
import { isPath, type PartialNode, pathText, programsIn } from './ast-nodes.ts';
import type { Partials } from './load-partials.ts';
import { type Program, parseTemplate, type TemplateText } from './parse-template.ts';
import type { BodyKind } from './template-endings.ts';
import type { Problem } from './template-problem.ts';
import { copyOf, type PartialCall, type Scope } from './template-scope.ts';

export interface Partial {
	readonly name: string;
	/** Where its text is, for messages. */
	readonly source: TemplateText;
	/** Statements in it, as written. */
	readonly size: number;
	/** Octets of its file; 0 for an inline one, which is part of another. */
	readonly sizeBytes: number;
	readonly isInline: boolean;
	/** A tree of its own for each call. */
	program(): Program;
}

export function makePartial(
	name: string,
	program: Program,
	source: TemplateText,
	{ isInline }: { readonly isInline: boolean },
): Partial {
	const sizeBytes = isInline ? 0 : Buffer.byteLength(source.text);
	return { name, source, size: statementsIn(program), sizeBytes, isInline, program: () => copyOf(program) };
}

export function statementsIn(program: Program): number {
	return program.body.reduce(
		(sum, node) => programsIn(node).reduce((below, inner) => below + statementsIn(inner), sum + 1),
		0,
	);
}

export type FoundPartial =
	| { readonly kind: 'partial'; readonly partial: Partial }
	| { readonly kind: 'partial_block'; readonly block: NonNullable<PartialCall['block']> }
	/** Nothing of that name: what stands in `{{#> name}}...{{/name}}` is shown instead. */
	| { readonly kind: 'fallback' }
	/** `problem`: at its own place when the partial itself is wrong. */
	| { readonly kind: 'wrong'; readonly why: string | Problem };

/** The partials that the parts of one message may call. */
export class PartialFinder {
	readonly #partials: Partials;
	readonly #kind: BodyKind;
	readonly #parsed = new Map<string, FoundPartial>();

	constructor(partials: Partials, kind: BodyKind) {
		this.#partials = partials;
		this.#kind = kind;
	}

	find(node: PartialNode, scope: Scope): FoundPartial {
		if (node.name.type === 'SubExpression') {
			return wrong('a partial is called by its name: nothing in a row chooses what is part of the template');
		}
		const name = pathText(node.name);
		if (isPath(node.name) && node.name.data) return name === '@partial-block' ? blockOf(scope) : wrong(noName(name));
		const inline = scope.inlines.get(name);
		if (inline !== undefined) return { kind: 'partial', partial: inline };
		const found = this.#partials.find(name, this.#kind);
		if (found === null) return this.#missing(name, scope, { hasFallback: node.type === 'PartialBlockStatement' });
		if (found.kind === 'refused') return wrong(`{{> ${cleanText(name)}}} ${found.why}`);
		const before = this.#parsed.get(found.file.name);
		if (before !== undefined) return before;
		const parsed = parseTemplate(found.file);
		const partial: FoundPartial =
			parsed.kind === 'wrong'
				? { kind: 'wrong', why: parsed.problem }
				: {
						kind: 'partial',
						partial: makePartial(name, parsed.program, found.file, { isInline: false }),
					};
		this.#parsed.set(found.file.name, partial);
		return partial;
	}

	#missing(name: string, scope: Scope, { hasFallback }: { readonly hasFallback: boolean }): FoundPartial {
		const { folder, known } = this.#partials;
		// A name in the list that is not found is a link to nothing, or written in other letters than its file.
		const others = known.filter((each) => each !== name);
		const close = nearest(name, [...others, ...scope.inlines.keys()]);
		if (hasFallback && close === null) return { kind: 'fallback' };
		const where =
			folder === null ? 'there is no folder partials beside the template' : `there is none in ${cleanText(folder)}`;
		const listed = folder === null || others.length === 0 ? '' : `, which has ${listOf(others)}`;
		const better =
			close === null ? `${listed}; --partials names another folder` : `; did you mean {{> ${cleanText(close)}}}?`;
		return wrong(`{{> ${cleanText(name)}}}: ${where}${better}`);
	}
}

function blockOf({ call }: Scope): FoundPartial {
	if (call?.block) return { kind: 'partial_block', block: call.block };
	return wrong(
		'{{> @partial-block}} has a meaning only in a partial that is called with a block: {{#> name}}...{{/name}}',
	);
}

function listOf(names: readonly string[]): string {
	const shown = names.slice(0, 5).map((name) => cleanText(name, 60));
	return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ');
}

function noName(name: string): string {
	return `{{> ${cleanText(name)}}}: a partial is called by its name`;
}

function wrong(why: string): FoundPartial {
	return { kind: 'wrong', why };
}
