/** Handlebars source to its tree; a syntax error becomes a problem with file, line, column and the line itself. */
import Handlebars from 'handlebars';
import { cleanText } from '../support/clean-text.ts';
import { type Place, type Problem, placeWithin } from './template-problem.ts';

export type Program = hbs.AST.Program;

/** A stretch of template text and where it begins. Line ends are LF. */
export interface TemplateText {
	readonly text: string;
	readonly place: Place;
}

export type ParsedTemplate =
	| { readonly kind: 'parsed'; readonly program: Program }
	| { readonly kind: 'wrong'; readonly problem: Problem };

/** `isHeader`: a tag alone on a continuation line is no standalone line, and the fold around it is one space. */
export function parseTemplate(
	source: TemplateText,
	{ isHeader }: { readonly isHeader: boolean } = { isHeader: false },
): ParsedTemplate {
	try {
		const program = Handlebars.parse(source.text, { ignoreStandalone: isHeader });
		return { kind: 'parsed', program };
	} catch (error) {
		const position = errorPosition(error);
		const line = source.text.split('\n')[position.line - 1] ?? '';
		const problem = `${explain(error)}: ${cleanText(line.trim(), 120)}`;
		return { kind: 'wrong', problem: { place: placeWithin(source.place, position), message: problem } };
	}
}

interface Position {
	readonly line: number;
	readonly column: number;
}

// Handlebars' own checks carry the position; its generated parser leaves it in the lexer, where the token in question begins.
function errorPosition(error: unknown): Position {
	const line = member(error, 'lineNumber');
	const column = member(error, 'column');
	if (typeof line === 'number' && typeof column === 'number') return { line, column };
	const location = member(member(member(Handlebars, 'Parser'), 'lexer'), 'yylloc');
	const tokenLine = member(location, 'first_line');
	const tokenColumn = member(location, 'first_column');
	if (typeof tokenLine === 'number' && typeof tokenColumn === 'number') return { line: tokenLine, column: tokenColumn };
	return { line: 1, column: 0 };
}

function member(owner: unknown, name: string): unknown {
	return (typeof owner === 'object' && owner !== null) || typeof owner === 'function'
		? Reflect.get(owner, name)
		: undefined;
}

// `if doesn't match each - 3:5` says it all; the generated parser's list of token names says nothing to anybody.
function explain(error: unknown): string {
	if (error instanceof Handlebars.Exception) return `syntax error, ${error.message.replace(/ - \d+:\d+$/, '')}`;
	return 'syntax error in';
}
