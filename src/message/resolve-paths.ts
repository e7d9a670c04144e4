/** What one path of a template stands for: a column, a `--set` value, run data, a block parameter, the row itself, or a mistake. */
import { cleanText } from '../support/clean-text.ts';
import { nearest } from '../support/nearest.ts';
import type { TemplateText } from './parse-template.ts';
import { asMustache, isRunDataName, type RunDataName, runDataNames, type TemplateNames } from './template-names.ts';
import { type Place, type Problem, placeWithin, type UnknownName } from './template-problem.ts';

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

/** `row`: names are columns. `text`: the value of one cell, which has no names. */
export type Kind = 'row' | 'text';

export interface Scope {
	readonly kind: Kind;
	readonly parent: Scope | null;
	readonly inEach: boolean;
	readonly blockParams: ReadonlyMap<string, Kind>;
	/** The tag that opened it, for messages. */
	readonly opened: string;
}

export function newUses(): Uses {
	return { names: new Set(), runData: new Set(), helpers: new Set(), wholeRow: false, unescaped: new Set() };
}

const eachData = ['index', 'key', 'first', 'last'];

export class PathResolver {
	readonly problems: Problem[] = [];
	readonly #source: TemplateText;
	readonly #names: TemplateNames;
	readonly #uses: Uses;

	constructor(source: TemplateText, names: TemplateNames, uses: Uses) {
		this.#source = source;
		this.#names = names;
		this.#uses = uses;
	}

	/** What the path stands for, or null when a problem was noted. */
	resolve(path: hbs.AST.PathExpression, scope: Scope, { isOwner = false } = {}): Kind | null {
		if (path.data) return this.#data(path, scope);
		const [first] = path.parts;
		const isScoped = path.depth > 0 || /^\.|this\b/.test(path.original);
		const param = first === undefined || isScoped ? undefined : scope.blockParams.get(first);
		if (param !== undefined && first !== undefined) {
			if (path.parts.length === 1) return param;
			if (param === 'row') return this.#column(path, path.parts.slice(1), { before: [first], isLocal: false });
			return this.#noParts(path, first);
		}
		let owner: Scope | null = scope;
		for (let depth = path.depth; depth > 0 && owner !== null; depth--) owner = owner.parent;
		if (owner === null)
			return this.problem(path, `{{${path.original}}} leads out of the template: there is nothing above`);
		if (first === undefined) {
			if (owner.kind === 'row' && !isOwner) this.#uses.wholeRow = true;
			return owner.kind;
		}
		if (owner.kind === 'row') return this.#column(path, path.parts, { before: [], isLocal: path.depth === 0 });
		return this.problem(
			path,
			`{{${path.original}}} is inside ${owner.opened}, where names mean parts of that value; write {{@root.${path.parts.join('.')}}}`,
		);
	}

	#column(
		path: hbs.AST.PathExpression,
		parts: readonly string[],
		{ before, isLocal }: { readonly before: readonly string[]; readonly isLocal: boolean },
	): Kind | null {
		const wanted = parts.join('.');
		const name = this.#names.find(wanted);
		if (name === null) {
			const [first] = parts;
			if (parts.length > 1 && first !== undefined && this.#names.find(first) !== null)
				return this.#noParts(path, first);
			return this.unknown(path, wanted);
		}
		this.#uses.names.add(name);
		path.parts = [...before, name];
		// `./name` is never taken for a helper, whatever the column is called.
		if (isLocal) path.original = `./${name}`;
		return 'text';
	}

	#data(path: hbs.AST.PathExpression, scope: Scope): Kind | null {
		const [first = '', ...rest] = path.parts;
		if (first === 'root') {
			if (rest.length > 0) return this.#column(path, rest, { before: ['root'], isLocal: false });
			this.#uses.wholeRow = true;
			return 'row';
		}
		const isLoop = eachData.includes(first);
		if (isLoop && !scope.inEach) return this.problem(path, `{{@${first}}} has a meaning inside {{#each}} only`);
		if (!isLoop && !isRunDataName(first)) {
			const close = nearest(first, [...runDataNames, 'root', ...(scope.inEach ? eachData : [])]);
			const column = this.#names.find(first);
			const better = column === null ? close && `{{@${close}}}` : `{{${asMustache(column)}}}`;
			return this.problem(path, `{{@${first}}} is nothing mailshot knows${better ? `; did you mean ${better}?` : ''}`);
		}
		if (path.depth > 0) return this.problem(path, `{{${path.original}}}: write {{@${first}}}`);
		if (rest.length > 0) return this.#noParts(path, `@${first}`);
		if (isRunDataName(first)) this.#uses.runData.add(first);
		return 'text';
	}

	/** Notes that there is no such name. */
	unknown(node: hbs.AST.Node, name: string): null {
		const message = `{{${cleanText(name)}}} is no column of the list${this.#names.suggestion(name)}`;
		const unknown: UnknownName = { place: this.#placeOf(node), message, unknownName: name };
		this.problems.push(unknown);
		return null;
	}

	#noParts(path: hbs.AST.PathExpression, owner: string): null {
		return this.problem(path, `{{${cleanText(path.original)}}}: the value of {{${owner}}} is text and has no parts`);
	}

	/** Notes a problem at the node's place. */
	problem(node: hbs.AST.Node, message: string): null {
		this.problems.push({ place: this.#placeOf(node), message });
		return null;
	}

	#placeOf(node: hbs.AST.Node): Place {
		return placeWithin(this.#source.place, node.loc.start);
	}
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
