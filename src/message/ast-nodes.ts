/** Handlebars' tree told apart by its `type` fields. */

export type Call = hbs.AST.MustacheStatement | hbs.AST.SubExpression;

export function isMustache(node: hbs.AST.Node): node is hbs.AST.MustacheStatement {
	return node.type === 'MustacheStatement';
}

export function isBlock(node: hbs.AST.Node): node is hbs.AST.BlockStatement {
	return node.type === 'BlockStatement';
}

export function isPath(node: hbs.AST.Node): node is hbs.AST.PathExpression {
	return node.type === 'PathExpression';
}

export function isSubExpression(node: hbs.AST.Node): node is hbs.AST.SubExpression {
	return node.type === 'SubExpression';
}

export function isString(node: hbs.AST.Node): node is hbs.AST.StringLiteral {
	return node.type === 'StringLiteral';
}

/** It has arguments: a helper is called. */
export function isCall(node: hbs.AST.MustacheStatement): boolean {
	return node.params.length > 0 || isPresent(node.hash);
}

/** Handlebars' types promise what its parser leaves out. */
export function isPresent<T>(value: T | undefined | null): value is T {
	return value !== undefined && value !== null;
}

/** An expression as it stands in the source, for messages. */
export function pathText(node: hbs.AST.Expression | undefined): string {
	return node !== undefined && 'original' in node ? String(node.original) : '...';
}

/** `{{12}}` and `{{true}}` are names too: columns may be called so. */
export function literalPath(node: hbs.AST.Literal): hbs.AST.PathExpression {
	const original = pathText(node);
	return { type: 'PathExpression', data: false, depth: 0, parts: [original], original, loc: node.loc };
}

export type PartialNode = hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement;

/** `{{> name}}` or `{{#> name}}...{{/name}}`. */
export function isPartial(node: hbs.AST.Node): node is PartialNode {
	return node.type === 'PartialStatement' || isPartialBlock(node);
}

export function isPartialBlock(node: hbs.AST.Node): node is hbs.AST.PartialBlockStatement {
	return node.type === 'PartialBlockStatement';
}

/** `{{#*inline "name"}}...{{/inline}}` */
export function isDecoratorBlock(node: hbs.AST.Node): node is hbs.AST.DecoratorBlock {
	return node.type === 'DecoratorBlock';
}

/** A string, number, boolean, null or undefined that stands in the template. */
export function isLiteral(node: hbs.AST.Node): node is hbs.AST.Literal {
	return node.type.endsWith('Literal');
}

/** What a literal prints. */
export function literalText(node: hbs.AST.Literal): string {
	return 'value' in node && isPresent(node.value) ? String(node.value) : '';
}

/** A path to `@data` (`isData`) or to a name, as the parser would make it. */
export function pathTo(
	parts: readonly string[],
	loc: hbs.AST.SourceLocation,
	{ original, isData = false }: { readonly original: string; readonly isData?: boolean },
): hbs.AST.PathExpression {
	return { type: 'PathExpression', data: isData, depth: 0, parts: [...parts], original, loc };
}

export function contentOf(value: string, loc: hbs.AST.SourceLocation): hbs.AST.ContentStatement {
	const node = { type: 'ContentStatement' as const, value, original: value, loc };
	// The types say that the original text is a pair of flags; the compiler reads it as text.
	return node as unknown as hbs.AST.ContentStatement;
}

/** The programs inside a statement: of a block, of what it says otherwise, of a partial's block. */
export function programsIn(node: hbs.AST.Statement): readonly hbs.AST.Program[] {
	if (isBlock(node) || isDecoratorBlock(node)) return [node.program, node.inverse].filter(isPresent);
	return isPartialBlock(node) ? [node.program] : [];
}

export function isContent(node: hbs.AST.Node): node is hbs.AST.ContentStatement {
	return node.type === 'ContentStatement';
}
