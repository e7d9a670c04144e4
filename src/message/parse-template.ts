/** Handlebars source to its tree; a syntax error becomes a problem with file, line, column and the line itself. */
import Handlebars from 'handlebars';
import { cleanText } from '../support/clean-text.ts';
import { explainSyntax } from './explain-syntax.ts';
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
		return { kind: 'wrong', problem: explain(error, source) };
	}
}

function explain(error: unknown, { text, place }: TemplateText): Problem {
	const position = errorPosition(error);
	const lines = text.split('\n');
	const placeAt = (at: number): Place => {
		const before = text.slice(0, at).split('\n');
		return placeWithin(place, { line: before.length, column: before.at(-1)?.length ?? 0 });
	};
	const placeOf = (at: number): string => {
		const { line, column } = placeAt(at);
		return `${line}:${column}`;
	};
	// An Exception carries the place of the block, not of the tag that does not fit it.
	const failedAt = error instanceof Handlebars.Exception ? text.length : indexOf(lines, position);
	const mistake = explainSyntax(text, { failedAt, placeOf });
	if (mistake !== null) return { place: placeAt(mistake.at), message: mistake.message };
	const line = lines[position.line - 1] ?? '';
	return { place: placeWithin(place, position), message: `${causeOf(error)}: ${cleanText(line.trim(), 120)}` };
}

function indexOf(lines: readonly string[], { line, column }: Position): number {
	return lines.slice(0, line - 1).reduce((index, before) => index + before.length + 1, column);
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
function causeOf(error: unknown): string {
	if (error instanceof Handlebars.Exception) return `syntax error, ${error.message.replace(/ - \d+:\d+$/, '')}`;
	return 'syntax error in';
}
