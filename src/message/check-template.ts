/** One template text, parsed and with its names resolved, before anything is compiled. */
import { type Program, parseTemplate, type TemplateText } from './parse-template.ts';
import { newUses, type Uses } from './resolve-paths.ts';
import { resolveVariables } from './resolve-variables.ts';
import type { TemplateNames } from './template-names.ts';
import type { Problem } from './template-problem.ts';

/** A template with its names resolved: what the compiling of it starts from. It is compiled from a fresh tree each time, because compiling changes the tree. */
export interface CheckedTemplate {
	readonly source: TemplateText;
	readonly uses: Uses;
	program(): Program;
}

/** Parses and resolves; null when `problems` got entries. */
export function checkTemplate(
	source: TemplateText,
	problems: Problem[],
	{ names, isHeader }: { readonly names: TemplateNames; readonly isHeader: boolean },
): CheckedTemplate | null {
	const uses = newUses();
	const read = (): Program | Problem[] => {
		const parsed = parseTemplate(source, { isHeader });
		if (parsed.kind === 'wrong') return [parsed.problem];
		const found = resolveVariables(parsed.program, source, { names, uses });
		return found.length > 0 ? found : parsed.program;
	};
	const first = read();
	if (Array.isArray(first)) {
		problems.push(...first);
		return null;
	}
	return {
		source,
		uses,
		program() {
			const again = read();
			if (Array.isArray(again)) throw new Error('a template that was checked has problems now');
			return again;
		},
	};
}
