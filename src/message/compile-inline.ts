/** A one-line template (a header value) to a function. Most are text and columns in a row: those are joined without Handlebars, to the same effect. */
import { isBlock, isCall, isContent, isMustache, isPath, isPresent } from './ast-nodes.ts';
import type { Render } from './compile-program.ts';
import type { Program } from './parse-template.ts';

/** Folds in the source are one space each: the line break and the blanks around it. */
export function unfoldProgram(program: Program): void {
	for (const statement of program.body) {
		if (isContent(statement)) statement.value = statement.value.replace(/[ \t]*\n[ \t]*/g, ' ');
		else if (isBlock(statement)) {
			if (isPresent(statement.program)) unfoldProgram(statement.program);
			if (isPresent(statement.inverse)) unfoldProgram(statement.inverse);
		}
	}
}

/** The value when no part of it depends on the row, or null. */
export function staticText(program: Program): string | null {
	let text = '';
	for (const statement of program.body) {
		if (isContent(statement)) text += statement.value;
		else if (statement.type !== 'CommentStatement') return null;
	}
	return text;
}

/** How many "<" the fixed text has; null when blocks make that depend on the row. */
export function countOpened(program: Program): number | null {
	let count = 0;
	for (const statement of program.body) {
		if (isBlock(statement)) return null;
		if (isContent(statement)) count += statement.value.split('<').length - 1;
	}
	return count;
}

/** Paths must be resolved already. `compile` serves what is more than text and columns. */
export function compileInline(program: Program, compile: (program: Program) => Render): Render {
	// Text at even places, names at odd ones.
	const pieces = [''];
	for (const statement of program.body) {
		if (isContent(statement)) pieces[pieces.length - 1] += statement.value;
		else if (isMustache(statement) && !isCall(statement) && isPath(statement.path) && isRowName(statement.path)) {
			pieces.push(statement.path.parts[0] ?? '', '');
		} else if (statement.type !== 'CommentStatement') return compile(program);
	}
	return (values) => {
		let text = pieces[0] ?? '';
		for (let at = 1; at < pieces.length; at += 2) text += (values[pieces[at] ?? ''] ?? '') + (pieces[at + 1] ?? '');
		return text;
	};
}

function isRowName(path: hbs.AST.PathExpression): boolean {
	return !path.data && path.depth === 0 && path.parts.length === 1;
}
