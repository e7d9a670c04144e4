/**
 * Finds every variable of a template before anything is sent, also in `#if`, helper arguments, subexpressions and block parameters
 * (Handlebars' own strict mode checks none of these: reference/ecosystem.md §1.5 trap 6), and rewrites each path to the one name that rendering uses.
 */
import { cleanText } from '../support/clean-text.ts';
import { nearest } from '../support/nearest.ts';
import {
	type Call,
	isBlock,
	isCall,
	isMustache,
	isPath,
	isPresent,
	isString,
	isSubExpression,
	literalPath,
	pathText,
} from './ast-nodes.ts';
import type { Program, TemplateText } from './parse-template.ts';
import { type Kind, PathResolver, type Scope, type Uses } from './resolve-paths.ts';
import { asMustache, type TemplateNames } from './template-names.ts';
import type { Problem } from './template-problem.ts';

const blockHelpers = ['if', 'unless', 'each', 'with'];
const inlineHelpers = ['default', 'lookup'];

/** Rewrites the paths in `program` in place, adds what it needs to `uses`, and returns every problem found. */
export function resolveVariables(
	program: Program,
	source: TemplateText,
	{ names, uses }: { readonly names: TemplateNames; readonly uses: Uses },
): Problem[] {
	const resolver = new Resolver(source, names, uses);
	resolver.program(program, { kind: 'row', parent: null, inEach: false, blockParams: new Map(), opened: '' });
	return resolver.problems();
}

class Resolver {
	readonly #paths: PathResolver;
	readonly #names: TemplateNames;
	readonly #uses: Uses;

	constructor(source: TemplateText, names: TemplateNames, uses: Uses) {
		this.#paths = new PathResolver(source, names, uses);
		this.#names = names;
		this.#uses = uses;
	}

	problems(): Problem[] {
		return this.#paths.problems;
	}

	program(program: Program, scope: Scope): void {
		for (const statement of program.body) this.#statement(statement, scope);
	}

	#statement(node: hbs.AST.Statement, scope: Scope): void {
		if (isMustache(node)) this.#mustache(node, scope);
		else if (isBlock(node)) this.#block(node, scope);
		else if (node.type !== 'ContentStatement' && node.type !== 'CommentStatement') {
			this.#paths.problem(node, 'partials ({{> ...}}, {{#*inline}}) are not supported yet');
		}
	}

	#mustache(node: hbs.AST.MustacheStatement, scope: Scope): void {
		const written = pathText(node.path);
		if (!node.escaped && !written.startsWith('@')) this.#uses.unescaped.add(`{{{${written}}}}`);
		if (isCall(node)) {
			this.#call(node, scope);
			return;
		}
		const path = isPath(node.path) ? node.path : literalPath(node.path);
		node.path = path;
		if (this.#paths.resolve(path, scope) === 'row')
			this.#paths.problem(node, `{{${written}}} is the whole row, not a value`);
	}

	#block(node: hbs.AST.BlockStatement, scope: Scope): void {
		const name = String(node.path.original);
		const tag = `{{#${name}}}`;
		if (!blockHelpers.includes(name)) {
			const isColumn = node.params.length === 0 && this.#names.find(name) !== null;
			const better = isColumn ? `write {{#if ${name}}} or {{#unless ${name}}}` : this.#knownHelpers(name, blockHelpers);
			this.#paths.problem(node, `${tag} is no block helper; ${better}`);
			return;
		}
		const [subject] = node.params;
		if (subject === undefined || node.params.length !== 1) {
			this.#paths.problem(node, `${tag} needs exactly one value`);
			return;
		}
		this.#uses.helpers.add(name === 'unless' ? 'if' : name).add(name);
		this.#hash(node.hash, scope);
		// Before the path is rewritten.
		const opened = `{{#${name} ${pathText(subject)}}}`;
		const kind = this.#expression(subject, scope);
		// {{^if x}} has an inverse program only.
		if (isPresent(node.program)) this.program(node.program, this.#inner(node, scope, { kind, opened }));
		// Chained `{{else if}}` blocks are statements of the inverse program, which keeps the outer context.
		if (isPresent(node.inverse)) this.program(node.inverse, scope);
	}

	#inner(
		node: hbs.AST.BlockStatement,
		scope: Scope,
		{ kind, opened }: { readonly kind: Kind | null; readonly opened: string },
	): Scope {
		const name = String(node.path.original);
		if (name === 'if' || name === 'unless') return scope;
		const isEach = name === 'each';
		if (isEach && kind === 'text') {
			this.#paths.problem(
				node,
				`${opened}: a cell is text, there is nothing to walk over; {{#each this}} walks over the columns`,
			);
		}
		// A row of twenty columns walked over inside itself five times deep is 3 MB (reference/reliability.md §3 fault 78).
		if (isEach && scope.inEach) this.#paths.problem(node, `${opened} inside another {{#each}} is not possible`);
		const kinds: Kind[] = isEach ? ['text', 'text'] : [kind ?? 'text'];
		const params = isPresent(node.program.blockParams) ? node.program.blockParams : [];
		const blockParams = new Map(params.map((param, index) => [param, kinds[index] ?? 'text'] as const));
		const inner = isEach ? 'text' : (kind ?? 'text');
		// Handlebars pushes no context when it is the one it has already.
		const parent = inner === 'row' && scope.kind === 'row' ? scope.parent : scope;
		return {
			kind: inner,
			parent,
			inEach: isEach || scope.inEach,
			blockParams: new Map([...scope.blockParams, ...blockParams]),
			opened,
		};
	}

	#call(node: Call, scope: Scope): void {
		const name = isPath(node.path) ? node.path.original : '';
		if (inlineHelpers.includes(name)) {
			this.#uses.helpers.add(name);
			if (node.params.length !== 2) this.#paths.problem(node, `{{${name}}} needs two values: ${examples[name] ?? ''}`);
			const [owner, key] = node.params;
			if (name === 'lookup' && owner !== undefined && key !== undefined) this.#lookup(owner, key, scope);
			else for (const param of node.params) this.#textArgument(param, scope);
			this.#hash(node.hash, scope);
			return;
		}
		const words = [name, ...node.params.map(pathText)].join(' ');
		const column = this.#names.find(words);
		if (column !== null) this.#paths.problem(node, `{{${words}}} has a space in it; write {{${asMustache(column)}}}`);
		else if (name === 'log') this.#paths.problem(node, '{{log}} is switched off: rows do not go to the terminal');
		else if (blockHelpers.includes(name))
			this.#paths.problem(node, `{{${name}}} is a block: {{#${name} ...}} ... {{/${name}}}`);
		else this.#paths.problem(node, `"${cleanText(name)}" is no helper; ${this.#knownHelpers(name, inlineHelpers)}`);
		if (column === null) for (const param of node.params) this.#expression(param, scope);
	}

	// {{lookup this "First Name"}}: a name in quotes is checked here; one from a cell is looked up in the whole row, and may be missing.
	#lookup(owner: hbs.AST.Expression, key: hbs.AST.Expression, scope: Scope): void {
		const kind = this.#expression(owner, scope, { isOwner: true });
		if (kind !== 'row') {
			if (kind === 'text') this.#paths.problem(owner, '{{lookup}} needs the row: {{lookup this "column"}}');
			return;
		}
		if (!isString(key)) {
			this.#uses.wholeRow = true;
			this.#textArgument(key, scope);
			return;
		}
		const name = this.#names.find(key.value);
		if (name === null) this.#paths.unknown(key, key.value);
		else {
			key.value = name;
			this.#uses.names.add(name);
		}
	}

	#textArgument(node: hbs.AST.Expression, scope: Scope): void {
		if (this.#expression(node, scope) === 'row')
			this.#paths.problem(node, `"${pathText(node)}" is the whole row, not a value`);
	}

	#expression(node: hbs.AST.Expression, scope: Scope, { isOwner = false } = {}): Kind | null {
		if (isPath(node)) return this.#paths.resolve(node, scope, { isOwner });
		if (isSubExpression(node)) this.#call(node, scope);
		return 'text';
	}

	#hash(hash: hbs.AST.Hash | undefined, scope: Scope): void {
		for (const pair of hash?.pairs ?? []) this.#textArgument(pair.value, scope);
	}

	#knownHelpers(name: string, helpers: readonly string[]): string {
		const close = nearest(name, helpers);
		return close === null ? `there are ${helpers.join(', ')}` : `did you mean ${close}?`;
	}
}

const examples: Readonly<Record<string, string>> = {
	default: '{{default first_name "there"}}',
	lookup: '{{lookup this "column"}}',
};
