/** What the names at one place of a template mean, and what stands for them when that text is put somewhere else, as partials are. */
import { pathTo } from './ast-nodes.ts';
import type { Partial } from './find-partial.ts';
import type { Program, TemplateText } from './parse-template.ts';
import type { Place } from './template-problem.ts';

/** `row`: names are columns. `text`: the value of one cell, which has no names. */
export type Kind = 'row' | 'text';

/** What a name or an argument stands for. `node` says the same wherever inside its block it is put. */
export interface Value {
	readonly kind: Kind;
	readonly node: hbs.AST.Expression;
}

/** What `{{this}}` is in a scope. */
export interface Subject {
	readonly kind: Kind;
	/** How it is said where something else is Handlebars' own context. */
	node(loc: hbs.AST.SourceLocation): hbs.AST.Expression;
}

export interface Scope {
	readonly subject: Subject;
	/** Handlebars' own context at that place. */
	readonly here: Subject;
	readonly parent: Scope | null;
	/** `{{@index}}` and its kin have a meaning. */
	readonly hasLoopData: boolean;
	/** It is rendered several times, whether the template at hand says so or one that it is put into. */
	readonly isRepeated: boolean;
	readonly blockParams: ReadonlyMap<string, Value>;
	/** By folded name: `label` of `{{> button label="Buy"}}`. */
	readonly args: ReadonlyMap<string, Value>;
	/** The tag that opened it, for messages. */
	readonly opened: string;
	readonly inlines: ReadonlyMap<string, Partial>;
	/** The call of the partial that the text belongs to; null in the template itself. */
	readonly call: PartialCall | null;
}

export interface PartialCall {
	readonly partial: Partial;
	/** `{{> button}}` */
	readonly tag: string;
	readonly place: Place;
	readonly hasArgs: boolean;
	readonly caller: Scope;
	/** What stands between `{{#> layout}}` and `{{/layout}}`, for `{{> @partial-block}}`. */
	readonly block: { readonly program: Program; readonly source: TemplateText; readonly scope: Scope } | null;
}

export const rowSubject: Subject = {
	kind: 'row',
	node: (loc) => pathTo(['root'], loc, { original: '@root', isData: true }),
};

/** The scope for what is written there and used somewhere else: nothing is at hand, every name is said from the root or by a block parameter. */
export function fromAfar(scope: Scope): Scope {
	return { ...scope, here: nowhere };
}

const nowhere: Subject = {
	kind: 'text',
	node: () => {
		throw new Error('there is nothing at hand');
	},
};

export const templateScope: Scope = {
	subject: rowSubject,
	here: rowSubject,
	parent: null,
	hasLoopData: false,
	isRepeated: false,
	blockParams: new Map(),
	args: new Map(),
	opened: '',
	inlines: new Map(),
	call: null,
};

/** Below `scope` what `{{this}}` is changes, and Handlebars' context with it. */
export function innerScope(
	scope: Scope,
	{ subject, opened, isEach }: { readonly subject: Subject; readonly opened: string; readonly isEach: boolean },
): Scope {
	return {
		...scope,
		subject,
		here: subject,
		// Handlebars pushes no context when it is the one it has already.
		parent: subject.kind === 'row' && scope.subject.kind === 'row' ? scope.parent : scope,
		hasLoopData: isEach || scope.hasLoopData,
		isRepeated: isEach || scope.isRepeated,
		args: new Map(),
		opened,
	};
}

/** The value that a block works on. Its program gets a block parameter when a partial needs to name the value. */
export function blockSubject(program: Program, newName: () => string): Subject {
	return {
		kind: 'text',
		node: (loc) => {
			const name = program.blockParams?.[0] ?? newName();
			if (program.blockParams?.[0] === undefined) program.blockParams = [name];
			return pathTo([name], loc, { original: name });
		},
	};
}

/** The expression again, to stand in another place. */
export function copyOf<Node extends hbs.AST.Node>(node: Node): Node {
	return structuredClone(node);
}
