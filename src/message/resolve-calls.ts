/** Helper calls and the values that are given to them, to blocks and to partials: which there are, and what their arguments stand for. */
import { foldName } from '../recipients/columns.ts';
import { cleanText } from '../support/clean-text.ts';
import { nearest } from '../support/nearest.ts';
import { type Call, isPath, isString, isSubExpression, pathText } from './ast-nodes.ts';
import type { PathContext, PathResolver, Uses } from './resolve-paths.ts';
import { asMustache, type TemplateNames } from './template-names.ts';
import type { Scope, Value } from './template-scope.ts';

export const blockHelpers: readonly string[] = ['if', 'unless', 'each', 'with'];
const inlineHelpers = ['default', 'lookup'];

interface ExpressionOptions {
	/** The row is not used as a whole: something in it is named. */
	readonly isOwner?: boolean;
}

export class CallResolver {
	readonly #paths: PathResolver;
	readonly #names: TemplateNames;
	readonly #uses: Uses;

	constructor(paths: PathResolver, { names, uses }: PathContext) {
		this.#paths = paths;
		this.#names = names;
		this.#uses = uses;
	}

	/** What an argument stands for; null when a problem was noted. */
	expression(node: hbs.AST.Expression, scope: Scope, { isOwner = false }: ExpressionOptions = {}): Value | null {
		if (isPath(node)) return this.#paths.resolve(node, scope, { isOwner });
		if (isSubExpression(node)) this.call(node, scope);
		return { kind: 'text', node };
	}

	/** `name=value` of a call. */
	hash(hash: hbs.AST.Hash | undefined, scope: Scope): void {
		for (const pair of hash?.pairs ?? []) pair.value = this.#textArgument(pair.value, scope);
	}

	/** Rewrites the arguments in place. */
	call(node: Call, scope: Scope): void {
		const name = isPath(node.path) ? node.path.original : '';
		if (inlineHelpers.includes(name)) {
			this.#uses.helpers.add(name);
			if (node.params.length !== 2) this.#paths.problem(node, `{{${name}}} needs two values: ${examples[name] ?? ''}`);
			if (name === 'lookup' && node.params.length >= 2) this.#lookup(node, scope);
			else node.params = node.params.map((param) => this.#textArgument(param, scope));
			this.hash(node.hash, scope);
			return;
		}
		const words = [name, ...node.params.map(pathText)].join(' ');
		const column = this.#names.find(words);
		if (column !== null) this.#paths.problem(node, `{{${words}}} has a space in it; write {{${asMustache(column)}}}`);
		else if (name === 'log') this.#paths.problem(node, '{{log}} is switched off: rows do not go to the terminal');
		else if (blockHelpers.includes(name))
			this.#paths.problem(node, `{{${name}}} is a block: {{#${name} ...}} ... {{/${name}}}`);
		else this.#paths.problem(node, `"${cleanText(name)}" is no helper; ${knownHelpers(name, inlineHelpers)}`);
		if (column === null) for (const param of node.params) this.expression(param, scope);
	}

	// {{lookup this "First Name"}}: a name in quotes is checked here; one from a cell is looked up in the whole row, and may be missing.
	#lookup(node: Call, scope: Scope): void {
		const [owner, key, ...rest] = node.params;
		if (owner === undefined || key === undefined) return;
		const row = this.expression(owner, scope, { isOwner: true });
		if (row?.kind === 'text') this.#paths.problem(owner, '{{lookup}} needs the row: {{lookup this "column"}}');
		const wanted = this.#textArgument(key, scope);
		node.params = [row?.node ?? owner, wanted, ...rest];
		if (row?.kind !== 'row') return;
		if (!isString(wanted)) {
			this.#uses.wholeRow = true;
			return;
		}
		if (isPath(owner) && !owner.data && scope.args.has(foldName(wanted.value))) {
			this.#paths.problem(
				node,
				`"${cleanText(wanted.value)}" is given to this partial by its call; write {{${asMustache(wanted.value)}}}`,
			);
			return;
		}
		const name = this.#names.find(wanted.value);
		if (name === null) this.#paths.unknown(key, wanted.value, scope);
		else {
			wanted.value = name;
			this.#uses.names.add(name);
		}
	}

	#textArgument(node: hbs.AST.Expression, scope: Scope): hbs.AST.Expression {
		const value = this.expression(node, scope);
		if (value?.kind === 'row')
			this.#paths.problem(node, `"${cleanText(pathText(node))}" is the whole row, not a value`);
		return value?.node ?? node;
	}
}

/** `did you mean with?`, or those that there are. */
export function knownHelpers(name: string, helpers: readonly string[]): string {
	const close = nearest(name, helpers);
	return close === null ? `there are ${helpers.join(', ')}` : `did you mean ${close}?`;
}

const examples: Readonly<Record<string, string>> = {
	default: '{{default first_name "there"}}',
	lookup: '{{lookup this "column"}}',
};
