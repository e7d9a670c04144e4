/** What one path of a template stands for: a column, a `--set` value, run data, a block parameter, an argument, the row itself, or a mistake. */
import { foldName } from '../recipients/columns.ts';
import { cleanText } from '../support/clean-text.ts';
import { nearest } from '../support/nearest.ts';
import { isPath, pathTo } from './ast-nodes.ts';
import type { TemplateText } from './parse-template.ts';
import { asMustache, isRunDataName, type RunDataName, runDataNames, type TemplateNames } from './template-names.ts';
import { type Place, type Problem, placeWithin, type UnknownName } from './template-problem.ts';
import { copyOf, type Scope, type Value } from './template-scope.ts';

/** What a template needs of the row and the run. */
export interface Uses {
	/** Columns and `--set` names, as TemplateNames.find spells them. */
	readonly names: Set<string>;
	readonly runData: Set<RunDataName>;
	readonly helpers: Set<string>;
	/** It walks over the row or looks names up in it: every column is needed. */
	wholeRow: boolean;
	/** Tags that print a value of the row without escaping, as written. */
	readonly unescaped: Set<string>;
}

export function newUses(): Uses {
	return { names: new Set(), runData: new Set(), helpers: new Set(), wholeRow: false, unescaped: new Set() };
}

const eachData = ['index', 'key', 'first', 'last'];

interface PathOptions {
	/** The row is not used as a whole: something in it is named. */
	readonly isOwner?: boolean;
}

export class PathResolver {
	readonly #source: TemplateText;
	readonly #names: TemplateNames;
	readonly #uses: Uses;
	readonly #problems: Problem[];

	constructor(source: TemplateText, { names, uses, problems }: PathContext) {
		this.#source = source;
		this.#names = names;
		this.#uses = uses;
		this.#problems = problems;
	}

	/** What the path stands for, or null when a problem was noted. */
	resolve(path: hbs.AST.PathExpression, scope: Scope, { isOwner = false }: PathOptions = {}): Value | null {
		if (path.data) return this.#data(path, scope, { isOwner });
		const [first] = path.parts;
		const isScoped = path.depth > 0 || /^\.|this\b/.test(path.original);
		const param = first === undefined || isScoped ? undefined : scope.blockParams.get(first);
		if (param !== undefined && first !== undefined) return this.#partOf(param, path, scope, { isOwner });
		let owner: Scope | null = scope;
		for (let depth = path.depth; depth > 0 && owner !== null; depth--) owner = owner.parent;
		if (owner === null) return this.problem(path, `{{${cleanText(path.original)}}} ${nothingAbove(scope)}`);
		if (first === undefined) return this.#subject(path, { owner, scope, isOwner });
		const argument = owner.args.get(foldName(first));
		if (argument !== undefined) return this.#partOf(argument, path, scope, { isOwner });
		if (owner.subject.kind === 'row') return this.#column(path, path.parts, scope);
		return this.problem(
			path,
			`{{${cleanText(path.original)}}} is inside ${owner.opened}, where names mean parts of that value; write ${fromInside(path.parts, scope)}`,
		);
	}

	#subject(
		path: hbs.AST.PathExpression,
		{ owner, scope, isOwner }: { readonly owner: Scope; readonly scope: Scope; readonly isOwner: boolean },
	): Value {
		const { subject } = owner;
		const isRow = subject.kind === 'row';
		if (isRow && !isOwner) this.#uses.wholeRow = true;
		const isHere = subject === scope.here || (isRow && scope.here.kind === 'row');
		return {
			kind: subject.kind,
			node: isHere ? pathTo([], path.loc, { original: 'this' }) : subject.node(path.loc),
		};
	}

	/** A block parameter or an argument, or a part of one. */
	#partOf(
		{ kind, node }: Value,
		path: hbs.AST.PathExpression,
		scope: Scope,
		{ isOwner }: { readonly isOwner: boolean },
	): Value | null {
		const [first = '', ...rest] = path.parts;
		if (rest.length > 0) return kind === 'row' ? this.#column(path, rest, scope) : this.#noParts(path, first);
		if (kind === 'row' && !isOwner) this.#uses.wholeRow = true;
		const column = columnOf(node);
		return { kind, node: column === null ? copyOf(node) : columnPath(column, path.loc, scope) };
	}

	#column(path: hbs.AST.PathExpression, parts: readonly string[], scope: Scope): Value | null {
		const wanted = parts.join('.');
		const name = this.#names.find(wanted);
		if (name === null) {
			const [first] = parts;
			if (parts.length > 1 && first !== undefined && this.#names.find(first) !== null)
				return this.#noParts(path, first);
			return this.unknown(path, wanted, scope);
		}
		this.#uses.names.add(name);
		return { kind: 'text', node: columnPath(name, path.loc, scope) };
	}

	#data(path: hbs.AST.PathExpression, scope: Scope, { isOwner }: { readonly isOwner: boolean }): Value | null {
		const [first = '', ...rest] = path.parts;
		if (first === 'root') {
			if (rest.length > 0) return this.#column(path, rest, scope);
			if (!isOwner) this.#uses.wholeRow = true;
			return { kind: 'row', node: path };
		}
		const isLoop = eachData.includes(first);
		if (isLoop && !scope.hasLoopData) return this.problem(path, `{{@${first}}} has a meaning inside {{#each}} only`);
		if (!isLoop && !isRunDataName(first)) {
			const close = nearest(first, [...runDataNames, 'root', ...(scope.hasLoopData ? eachData : [])]);
			const column = this.#names.find(first);
			const better = column === null ? close && `{{@${close}}}` : `{{${asMustache(column)}}}`;
			return this.problem(path, `{{@${first}}} is nothing mailshot knows${better ? `; did you mean ${better}?` : ''}`);
		}
		if (path.depth > 0) return this.problem(path, `{{${path.original}}}: write {{@${first}}}`);
		if (rest.length > 0) return this.#noParts(path, `@${first}`);
		if (isRunDataName(first)) this.#uses.runData.add(first);
		return { kind: 'text', node: path };
	}

	/** Notes that there is no such name. */
	unknown(node: hbs.AST.Node, name: string, { call }: Scope): null {
		const given = call?.hasArgs ? `, and ${call.tag} of ${showPlace(call.place)} gives none of that name` : '';
		const message = `{{${cleanText(name)}}} is no column of the list${given}${this.#names.suggestion(name)}`;
		const unknown: UnknownName = { place: this.placeOf(node), message, unknownName: name };
		this.#problems.push(unknown);
		return null;
	}

	#noParts(path: hbs.AST.PathExpression, owner: string): null {
		return this.problem(path, `{{${cleanText(path.original)}}}: the value of {{${owner}}} is text and has no parts`);
	}

	/** Notes a problem at the node's place. */
	problem(node: hbs.AST.Node, message: string): null {
		this.#problems.push({ place: this.placeOf(node), message });
		return null;
	}

	placeOf(node: hbs.AST.Node): Place {
		return placeWithin(this.#source.place, node.loc.start);
	}
}

// From the root when the row is not at hand: `../` counts contexts, and Handlebars pushes none for a value that equals the last one.
function columnPath(name: string, loc: hbs.AST.SourceLocation, { here }: Scope): hbs.AST.PathExpression {
	return here.kind === 'row'
		? // `./name` is never taken for a helper, whatever the column is called.
			pathTo([name], loc, { original: `./${name}` })
		: pathTo(['root', name], loc, { original: `@root.${name}`, isData: true });
}

/** The column that a path names from the root, or null. */
function columnOf(node: hbs.AST.Expression): string | null {
	return isPath(node) && node.data && node.parts[0] === 'root' ? (node.parts[1] ?? null) : null;
}

export interface PathContext {
	readonly names: TemplateNames;
	readonly uses: Uses;
	readonly problems: Problem[];
}

function nothingAbove({ call }: Scope): string {
	if (call === null) return 'leads out of the template: there is nothing above';
	return `leads out of the partial, which sees what ${call.tag} gives it; give it with a name: {{> ... city=city}}`;
}

/** How a name outside of a block over one value is written in it. */
function fromInside(parts: readonly string[], from: Scope): string {
	const [first = ''] = parts;
	let up = '';
	for (let scope: Scope | null = from; scope !== null; scope = scope.parent, up += '../') {
		if (scope.args.has(foldName(first))) return `{{${up}${parts.join('.')}}}`;
	}
	return `{{@root.${parts.join('.')}}}`;
}

/** `news.hbs:4:2` */
export function showPlace({ file, line, column }: Place): string {
	return `${cleanText(file)}:${line}:${column}`;
}

/** What several templates need together. */
export function joinUses(all: readonly Uses[]): Uses {
	const joined = newUses();
	for (const uses of all) {
		for (const name of uses.names) joined.names.add(name);
		for (const name of uses.runData) joined.runData.add(name);
		for (const name of uses.helpers) joined.helpers.add(name);
		for (const tag of uses.unescaped) joined.unescaped.add(tag);
		if (uses.wholeRow) joined.wholeRow = true;
	}
	return joined;
}
