/** What is wrong with a template, with its place, so that everything can be shown at once. */
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';

/** Where a stretch of template text begins. `file` is a path, or the flag that the text came from (`--subject`). Line and column count from 1. */
export interface Place {
	readonly file: string;
	readonly line: number;
	readonly column: number;
}

export interface Problem {
	readonly place: Place;
	readonly message: string;
}

/** The one kind of problem for which it helps to see the columns of the list. */
export interface UnknownName extends Problem {
	readonly unknownName: string;
}

export function isUnknownName(problem: Problem): problem is UnknownName {
	return 'unknownName' in problem;
}

// More would scroll the first ones, which are often the cause of the rest, off the screen.
const shownProblems = 20;

/** The place of a Handlebars position (line from 1, column from 0) inside text that begins at `start`. */
export function placeWithin(start: Place, position: { readonly line: number; readonly column: number }): Place {
	return {
		file: start.file,
		line: start.line + position.line - 1,
		column: position.column + (position.line === 1 ? start.column : 1),
	};
}

/** Exit 65 with one line per problem: `news.hbs:12:8: {{frist_name}} is ...`. */
export function templateError(problems: readonly Problem[], hint = ''): RunError {
	const files = problems.map(({ place }) => place.file);
	const inOrder = [...problems].sort(
		({ place: one }, { place: other }) =>
			files.indexOf(one.file) - files.indexOf(other.file) || one.line - other.line || one.column - other.column,
	);
	// A partial that is used twice has its problems twice.
	const all = [...new Set(inOrder.map(({ place, message }) => `${show(place)}: ${message}`))];
	const lines = all.slice(0, shownProblems);
	if (all.length > shownProblems) lines.push(`and ${all.length - shownProblems} more`);
	return new RunError(exitCodes.badInput, lines.join('\n'), { hint });
}

function show({ file, line, column }: Place): string {
	return file.startsWith('--') ? file : `${cleanText(file)}:${line}:${column}`;
}
