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

export function isContent(node: hbs.AST.Node): node is hbs.AST.ContentStatement {
	return node.type === 'ContentStatement';
}
