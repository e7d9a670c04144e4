/**
 * Finds every variable of a template before anything is sent, also in `#if`, helper arguments, subexpressions, block parameters and partials
 * (Handlebars' own strict mode checks none of these: reference/ecosystem.md §1.5 trap 6), and rewrites each path to the one name that rendering uses.
 * What is left has no partials, no comments, and no whitespace control, which has done its work when the tree was parsed.
 */
import Handlebars from 'handlebars';
import { foldName } from '../recipients/columns.ts';
import { cleanText } from '../support/clean-text.ts';
import {
	contentOf,
	isBlock,
	isCall,
	isContent,
	isLiteral,
	isMustache,
	isPartial,
	isPath,
	isPresent,
	isSubExpression,
	literalPath,
	literalText,
	type PartialNode,
	pathText,
	pathTo,
} from './ast-nodes.ts';
import { PartialFinder } from './find-partial.ts';
import { type Arguments, PartialInserter, withInlines } from './insert-partials.ts';
import type { Partials } from './load-partials.ts';
import type { Program, TemplateText } from './parse-template.ts';
import { blockHelpers, CallResolver, knownHelpers } from './resolve-calls.ts';
import { type PathContext, PathResolver, type Uses } from './resolve-paths.ts';
import type { BodyKind } from './template-endings.ts';
import type { TemplateNames } from './template-names.ts';
import type { Problem } from './template-problem.ts';
import {
	blockSubject,
	fromAfar,
	innerScope,
	rowSubject,
	type Scope,
	templateScope,
	type Value,
} from './template-scope.ts';

export interface ResolveOptions {
	readonly names: TemplateNames;
	readonly uses: Uses;
	/** A header line has no partials. */
	readonly part: 'header' | { readonly kind: BodyKind; readonly partials: Partials };
}

export interface ResolvedTemplate {
	readonly problems: readonly Problem[];
	/** Octets of the partials, each counted as often as it is used. */
	readonly partialBytes: number;
}

/** Rewrites `program` in place, adds what it needs to `uses`, and returns every problem found. */
export function resolveVariables(program: Program, source: TemplateText, options: ResolveOptions): ResolvedTemplate {
	const problems: Problem[] = [];
	const { part, names, uses } = options;
	let lastName = 0;
	const inserter =
		part === 'header'
			? null
			: new PartialInserter({
					finder: new PartialFinder(part.partials, part.kind),
					problems,
					resolve: (inner, text, scope) => new Resolver(text, context).program(inner, scope),
				});
	const context: Context = {
		names,
		uses,
		problems,
		inserter,
		isHtml: part !== 'header' && part.kind === 'html',
		newName: () => `value ${++lastName}`,
	};
	new Resolver(source, context).program(program, templateScope);
	return { problems, partialBytes: inserter?.sizeBytes ?? 0 };
}

interface Context extends PathContext {
	readonly inserter: PartialInserter | null;
	readonly isHtml: boolean;
	/** For a block parameter: like no other, whatever is put inside its block. */
	readonly newName: () => string;
}

/** Resolves what one file says. */
class Resolver {
	readonly #source: TemplateText;
	readonly #context: Context;
	readonly #paths: PathResolver;
	readonly #calls: CallResolver;

	constructor(source: TemplateText, context: Context) {
		this.#source = source;
		this.#context = context;
		this.#paths = new PathResolver(source, context);
		this.#calls = new CallResolver(this.#paths, context);
	}

	program(program: Program, scope: Scope): void {
		const inner = withInlines(program, scope, { paths: this.#paths, source: this.#source });
		program.body = joinContents(program.body.flatMap((statement) => this.#statement(statement, inner)));
	}

	#statement(node: hbs.AST.Statement, scope: Scope): hbs.AST.Statement | hbs.AST.Statement[] {
		if (isMustache(node)) return this.#mustache(node, scope);
		if (isPartial(node)) return this.#partial(node, scope);
		if (isBlock(node)) this.#block(node, scope);
		return isBlock(node) || isContent(node) ? node : [];
	}

	#mustache(node: hbs.AST.MustacheStatement, scope: Scope): hbs.AST.Statement {
		node.strip = noStrip;
		const written = pathText(node.path);
		if (isCall(node)) {
			if (!node.escaped) this.#context.uses.unescaped.add(`{{{${written}}}}`);
			this.#calls.call(node, scope);
			return node;
		}
		const path = isPath(node.path) ? node.path : literalPath(node.path);
		const value = this.#paths.resolve(path, scope);
		if (value === null) return node;
		if (value.kind === 'row') {
			this.#paths.problem(node, `{{${cleanText(written)}}} is the whole row, not a value`);
			return node;
		}
		if (isLiteral(value.node)) return this.#content(value.node, node);
		if (!node.escaped && !(isPath(value.node) && isRunData(value.node))) {
			this.#context.uses.unescaped.add(`{{{${written}}}}`);
		}
		if (isPath(value.node)) node.path = value.node;
		else if (isSubExpression(value.node)) Object.assign(node, pick(value.node));
		return node;
	}

	/** An argument that is written in the template, where it is printed. */
	#content(literal: hbs.AST.Literal, node: hbs.AST.MustacheStatement): hbs.AST.Statement {
		const text = literalText(literal);
		const isEscaped = this.#context.isHtml && node.escaped;
		return contentOf(isEscaped ? Handlebars.escapeExpression(text) : text, node.loc);
	}

	#block(node: hbs.AST.BlockStatement, scope: Scope): void {
		for (const strip of ['openStrip', 'inverseStrip', 'closeStrip'] as const) {
			if (isPresent(node[strip])) node[strip] = noStrip;
		}
		const name = pathText(node.path);
		const tag = `{{#${cleanText(name)}}}`;
		if (!blockHelpers.includes(name)) {
			const isColumn = node.params.length === 0 && this.#context.names.find(name) !== null;
			const better = isColumn ? `write {{#if ${name}}} or {{#unless ${name}}}` : knownHelpers(name, blockHelpers);
			this.#paths.problem(node, `${tag} is no block helper; ${better}`);
			return;
		}
		const [subject] = node.params;
		if (subject === undefined || node.params.length !== 1) {
			this.#paths.problem(node, `${tag} needs exactly one value`);
			return;
		}
		this.#context.uses.helpers.add(name === 'unless' ? 'if' : name).add(name);
		this.#calls.hash(node.hash, scope);
		// Before the path is rewritten.
		const opened = `{{#${name} ${cleanText(pathText(subject))}}}`;
		const value = this.#calls.expression(subject, scope, { isOwner: name === 'with' });
		if (value !== null) node.params = [value.node];
		// {{^if x}} has an inverse program only.
		if (isPresent(node.program)) this.program(node.program, this.#inner(node, scope, { value, opened }));
		// Chained `{{else if}}` blocks are statements of the inverse program, which keeps the outer context.
		if (isPresent(node.inverse)) this.program(node.inverse, scope);
	}

	#inner(
		node: hbs.AST.BlockStatement,
		scope: Scope,
		{ value, opened }: { readonly value: Value | null; readonly opened: string },
	): Scope {
		const name = pathText(node.path);
		if (name === 'if' || name === 'unless') return scope;
		const isEach = name === 'each';
		const kind = value?.kind ?? 'text';
		if (isEach && value?.kind === 'text') {
			this.#paths.problem(
				node,
				`${opened}: a cell is text, there is nothing to walk over; {{#each this}} walks over the columns`,
			);
		}
		// A row of twenty columns walked over inside itself five times deep is 3 MB (reference/reliability.md §3 fault 78).
		if (isEach && scope.isRepeated) this.#paths.problem(node, `${opened} inside another {{#each}} is not possible`);
		const { newName } = this.#context;
		const blockParams = new Map(scope.blockParams);
		const written = isPresent(node.program.blockParams) ? node.program.blockParams : [];
		// Names of their own, so that a partial's `as |x|` does not hide another `x` of its caller.
		const renamed = written.map(newName);
		if (renamed.length > 0) node.program.blockParams = renamed;
		for (const [at, param] of written.entries()) {
			const own = renamed[at] ?? '';
			blockParams.set(param, { kind: isEach ? 'text' : kind, node: pathTo([own], node.loc, { original: own }) });
		}
		const isRow = kind === 'row' && !isEach;
		const subject = isRow ? rowSubject : blockSubject(node.program, newName);
		return { ...innerScope(scope, { subject, opened, isEach }), blockParams };
	}

	#partial(node: PartialNode, scope: Scope): hbs.AST.Statement[] {
		const { inserter } = this.#context;
		if (inserter === null) {
			this.#paths.problem(node, 'partials are for the body: a header line stands in the template itself');
			return [];
		}
		const named = new Map<string, Value>();
		for (const { key, value } of isPresent(node.hash) ? node.hash.pairs : []) {
			const argument = this.#calls.expression(value, fromAfar(scope), { isOwner: true });
			if (argument !== null) named.set(foldName(key), argument);
		}
		const args = { context: this.#partialContext(node, scope), named };
		return inserter.insert(node, scope, { args, paths: this.#paths, source: this.#source });
	}

	#partialContext(node: PartialNode, scope: Scope): Arguments['context'] {
		const [param, second] = node.params;
		if (second !== undefined)
			this.#paths.problem(node, 'a partial takes one value and named ones: {{> name this label="x"}}');
		if (param === undefined) return null;
		const value = this.#calls.expression(param, fromAfar(scope), { isOwner: true });
		if (value === null) return null;
		let owner: Scope | null = null;
		if (isPath(param) && !param.data && param.parts.length === 0) {
			owner = scope;
			for (let depth = param.depth; depth > 0 && owner !== null; depth--) owner = owner.parent;
		}
		return { ...value, scope: owner };
	}
}

// Done when the tree was parsed; a second time it would reach over the edge of a partial.
const noStrip: hbs.AST.StripFlags = { open: false, close: false };

function pick({ path, params, hash }: hbs.AST.SubExpression): Pick<hbs.AST.SubExpression, 'path' | 'params' | 'hash'> {
	return { path, params, hash };
}

function isRunData(path: hbs.AST.PathExpression): boolean {
	return path.data && path.parts[0] !== 'root';
}

/** Texts side by side are one: a longer stretch to encode, fewer to put together. */
function joinContents(statements: readonly hbs.AST.Statement[]): hbs.AST.Statement[] {
	const joined: hbs.AST.Statement[] = [];
	let texts: string[] = [];
	const endText = (loc: hbs.AST.SourceLocation) => {
		const text = texts.join('');
		if (text !== '') joined.push(contentOf(text, loc));
		texts = [];
	};
	for (const statement of statements) {
		if (isContent(statement)) texts.push(statement.value);
		else {
			endText(statement.loc);
			joined.push(statement);
		}
	}
	const last = statements.at(-1);
	if (last !== undefined) endText(last.loc);
	return joined;
}
