/** Reads `NAME=value` lines, as in a .env file, and says where each stands. Nothing is expanded and nothing is run. */
import { exitCodes, RunError } from '../../support/errors.ts';

export interface EnvLine {
	readonly value: string;
	/** From 1. */
	readonly line: number;
}

const assignment = /^(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)$/;
const doubleQuoted = /^"((?:[^"\\]|\\.)*)"[ \t]*(?:#.*)?$/;
const singleQuoted = /^'([^']*)'[ \t]*(?:#.*)?$/;
const prefix = 'MAILSHOT_';

/**
 * Variables of mailshot only; the others are for other programs. In 'single' quotes everything stands for itself, in "double" quotes
 * \n, \" and \\ do not, and without quotes the value ends at a space and `#`. Throws RunError 78; no message repeats a value.
 */
export function parseEnvFile(text: string, path: string): ReadonlyMap<string, EnvLine> {
	const variables = new Map<string, EnvLine>();
	for (const [index, raw] of text.split(/\r?\n/).entries()) {
		const line = raw.trim();
		if (line === '' || line.startsWith('#')) continue;
		const refuse = (what: string, hint = '') =>
			new RunError(exitCodes.badConfiguration, `${path}:${index + 1} ${what}`, { hint });
		const [, name, rest = ''] = assignment.exec(line) ?? [];
		if (name === undefined) throw refuse('is not NAME=value', 'MAILSHOT_RATE=14/s');
		if (!name.startsWith(prefix)) continue;
		if (variables.has(name)) throw refuse(`sets ${name} again`, 'Take one of the lines out.');
		const value = readValue(rest);
		if (value === null) {
			throw refuse(`has a quote in ${name} that is not closed, or something behind it`, `${name}='value'`);
		}
		variables.set(name, { value, line: index + 1 });
	}
	return variables;
}

function readValue(text: string): string | null {
	const single = singleQuoted.exec(text)?.[1];
	if (single !== undefined) return single;
	const double = doubleQuoted.exec(text)?.[1];
	if (double !== undefined) return double.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
	if (/^['"]/.test(text)) return null;
	return text.replace(/(?:^|[ \t]+)#.*$/, '').trimEnd();
}
