/** Finds what a TypeScript source imports and which forbidden words it uses, without a compiler. */

export interface Import {
	readonly specifier: string;
	/** Vanishes when compiled: `import type`, or every name in it is marked `type`. */
	readonly typeOnly: boolean;
	readonly line: number;
}

const staticImport = /^[ \t]*(?:import|export)\s+(?:(type)\s+)?(?:([\w*\s{},$]+?)\s+from\s+)?(['"])([^'"\n]+)\3/gm;
const dynamicImport = /\b(?:import|require)\(\s*(['"`])([^'"`\n]+)\1/g;

/** Static imports, re-exports and `import('...')` of `source`, in the order of their kinds. */
export function readImports(source: string): Import[] {
	const code = withoutComments(source);
	const imports: Import[] = [];
	for (const match of code.matchAll(staticImport)) {
		const [, type, names = '', , specifier = ''] = match;
		imports.push({
			specifier,
			typeOnly: type !== undefined || allNamesAreTypes(names),
			line: lineAt(code, match.index),
		});
	}
	for (const match of code.matchAll(dynamicImport)) {
		imports.push({ specifier: match[2] ?? '', typeOnly: false, line: lineAt(code, match.index) });
	}
	return imports;
}

/** Lines (from 1) on which `pattern` (with the flags g and m) matches outside comments and strings. */
export function linesWith(source: string, pattern: RegExp): number[] {
	const code = withoutStrings(withoutComments(source));
	return [...code.matchAll(pattern)].map((match) => lineAt(code, match.index));
}

function allNamesAreTypes(names: string): boolean {
	const inBraces = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
	if (inBraces === undefined) return false;
	const each = inBraces.split(',').map((name) => name.trim());
	return each.filter((name) => name !== '').every((name) => name.startsWith('type '));
}

/** Comments become blanks of the same length, so that lines keep their numbers; strings are left alone. */
function withoutComments(source: string): string {
	const token = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
	return source.replace(token, (text) => (text.startsWith('/') ? blank(text) : text));
}

/** Template literals stay: code hides in their `${}`. */
function withoutStrings(code: string): string {
	return code.replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, blank);
}

function blank(text: string): string {
	return text.replace(/[^\n]/g, ' ');
}

function lineAt(code: string, index: number): number {
	return code.slice(0, index).split('\n').length;
}
