/**
 * Puts a partial's tree in the place of its call, so that its names are found before anything is sent, and its fixed text is encoded once like any
 * other. The partial sees what Handlebars would show it: `{{this}}` of the call or the value it is given, its arguments, no `../` beyond it.
 */
import { cleanText } from '../support/clean-text.ts';
import { isContent, isDecoratorBlock, isPartialBlock, isString, type PartialNode, pathText } from './ast-nodes.ts';
import { makePartial, type Partial, type PartialFinder, statementsIn } from './find-partial.ts';
import type { Program, TemplateText } from './parse-template.ts';
import { type PathResolver, showPlace } from './resolve-paths.ts';
import type { Problem } from './template-problem.ts';
import { copyOf, type PartialCall, rowSubject, type Scope, type Subject, type Value } from './template-scope.ts';

// Partials that call two that call two ... A newsletter has some hundred statements.
const maxStatements = 20_000;
// As for a template.
const maxBytes = 8 * 1024 * 1024;
// Each is a file that names the next one, or a block in a block.
const maxDepth = 50;

export interface Arguments {
	/** `this` of `{{> name this}}`; null when it is the caller's. */
	readonly context: (Value & { readonly scope: Scope | null }) | null;
	readonly named: ReadonlyMap<string, Value>;
}

export interface PartialInserterParts {
	readonly finder: PartialFinder;
	readonly problems: Problem[];
	/** Resolves a tree in place, whose text is in `source`. */
	readonly resolve: (program: Program, source: TemplateText, scope: Scope) => void;
}

/** For one part of the message: what its partials come to is bounded. */
export class PartialInserter {
	readonly #parts: PartialInserterParts;
	readonly #shownBlocks = new Set<PartialCall['block']>();
	#statements = 0;
	#sizeBytes = 0;
	#depth = 0;

	constructor(parts: PartialInserterParts) {
		this.#parts = parts;
	}

	/** Octets of all partials, each counted as often as it is used. */
	get sizeBytes(): number {
		return this.#sizeBytes;
	}

	/** The resolved statements that stand for `node`; none when a problem was noted. */
	insert(
		node: PartialNode,
		scope: Scope,
		{ args, paths, source }: { readonly args: Arguments; readonly paths: PathResolver; readonly source: TemplateText },
	): hbs.AST.Statement[] {
		const found = this.#parts.finder.find(node, scope);
		if (found.kind === 'wrong') {
			if (typeof found.why === 'string') paths.problem(node, found.why);
			else this.#parts.problems.push(found.why);
			return [];
		}
		const tag = `{{> ${cleanText(pathText(node.name), 60)}}}`;
		const block = isPartialBlock(node) ? { program: node.program, source, scope } : null;
		if (found.kind === 'fallback' && block !== null) return this.#resolved(block.program, source, scope);
		if (found.kind === 'partial_block') {
			if (block !== null || args.context !== null || args.named.size > 0) {
				paths.problem(node, `${tag} takes nothing: the block sees what it sees where it is written`);
				return [];
			}
			this.#shownBlocks.add(found.block);
			const { program, source: text, scope: written } = found.block;
			const { here, isRepeated } = scope;
			return this.#grown(node, paths, { statements: statementsIn(program), bytes: 0 })
				? this.#resolved(copyOf(program), text, { ...written, here, isRepeated })
				: [];
		}
		if (found.kind !== 'partial') return [];
		const { partial } = found;
		const cycle = cycleTo(partial, scope);
		if (cycle !== null) {
			paths.problem(node, `partials that call each other in a circle never end: ${cycle}`);
			return [];
		}
		if (!this.#grown(node, paths, { statements: partial.size, bytes: partial.sizeBytes })) return [];
		const call = { partial, tag, place: paths.placeOf(node), hasArgs: args.named.size > 0, caller: scope, block };
		const statements = this.#resolved(partial.program(), partial.source, partialScope(call, args));
		// An inline partial is what stands in for a block that has none.
		if (block !== null && !partial.isInline && showsText(block.program) && !this.#shownBlocks.has(block)) {
			paths.problem(node, `${tag} has no {{> @partial-block}}: what stands in its block would be lost`);
		}
		return statements;
	}

	#resolved(program: Program, source: TemplateText, scope: Scope): hbs.AST.Statement[] {
		this.#depth++;
		this.#parts.resolve(program, source, scope);
		this.#depth--;
		return program.body;
	}

	#grown(
		node: PartialNode,
		paths: PathResolver,
		{ statements, bytes }: { readonly statements: number; readonly bytes: number },
	): boolean {
		const isOver = this.#statements > maxStatements || this.#sizeBytes > maxBytes;
		// Said once; what is over stays over.
		if (isOver) return false;
		this.#statements += statements;
		this.#sizeBytes += bytes;
		if (this.#statements > maxStatements) {
			paths.problem(node, `with this partial there would be more than ${maxStatements} tags and texts from partials`);
		} else if (this.#sizeBytes > maxBytes) {
			paths.problem(node, 'with this partial there would be more than 8 MiB from partials');
		} else if (this.#depth >= maxDepth) {
			paths.problem(node, `partials in partials more than ${maxDepth} deep`);
		} else return true;
		return false;
	}
}

/** Inline partials in a block are there to be called. */
function showsText({ body }: Program): boolean {
	return body.some((node) =>
		isContent(node) ? node.value.trim() !== '' : node.type !== 'DecoratorBlock' && node.type !== 'CommentStatement',
	);
}

/** A scope in which the inline partials of `program` are known, wherever they stand in it; those statements are taken out. */
export function withInlines(
	program: Program,
	scope: Scope,
	{ paths, source }: { readonly paths: PathResolver; readonly source: TemplateText },
): Scope {
	const inlines = inlinesIn(program, source);
	program.body = program.body.filter((node) => {
		if (node.type !== 'DecoratorBlock' && node.type !== 'Decorator') return true;
		if (inlineOf(node, source) === null) {
			paths.problem(node, '{{#*inline "name"}}...{{/inline}} is all that can be written with *');
		}
		return false;
	});
	return inlines.length === 0 ? scope : { ...scope, inlines: new Map([...scope.inlines, ...inlines]) };
}

function inlinesIn(program: Program, source: TemplateText): (readonly [string, Partial])[] {
	return program.body.flatMap((node) => {
		const inline = inlineOf(node, source);
		return inline === null ? [] : [[inline.name, inline] as const];
	});
}

function inlineOf(node: hbs.AST.Statement, source: TemplateText): Partial | null {
	if (!isDecoratorBlock(node) || node.path.original !== 'inline') return null;
	const [name] = node.params;
	return name !== undefined && isString(name) && node.params.length === 1
		? makePartial(name.value, node.program, source, { isInline: true })
		: null;
}

function partialScope(call: PartialCall, { context, named }: Arguments): Scope {
	const { caller, tag, place, block } = call;
	const inherited = context === null ? caller.args : (context.scope?.args ?? []);
	const inlines = block === null ? [] : inlinesIn(block.program, block.source);
	return {
		...caller,
		subject: context === null ? caller.subject : subjectOf(context),
		parent: null,
		blockParams: new Map(),
		args: new Map([...inherited, ...named]),
		opened: `${context === null && caller.opened !== '' ? `${caller.opened} around ` : ''}${tag} of ${showPlace(place)}`,
		inlines: new Map([...caller.inlines, ...inlines]),
		call,
	};
}

function subjectOf({ kind, node }: Value): Subject {
	return kind === 'row' ? rowSubject : { kind, node: () => copyOf(node) };
}

/** `footer → social → footer`, or null when the partial is not under way already. */
function cycleTo(partial: Partial, scope: Scope): string | null {
	const names = [partial.name];
	for (let { call } = scope; call !== null; call = call.caller.call) {
		names.push(call.partial.name);
		if (call.partial === partial)
			return names
				.reverse()
				.map((name) => cleanText(name))
				.join(' → ');
	}
	return null;
}
