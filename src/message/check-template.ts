/** One template text, parsed, its partials put in and its names resolved, before anything is compiled. */
import { type Program, parseTemplate, type TemplateText } from './parse-template.ts';
import { newUses, type Uses } from './resolve-paths.ts';
import { type ResolveOptions, resolveVariables } from './resolve-variables.ts';
import type { Problem } from './template-problem.ts';

/** A template with its names resolved: what the compiling of it starts from. It is compiled from a fresh tree each time, because compiling changes the tree. */
export interface CheckedTemplate {
	readonly uses: Uses;
	/** Octets of the template, with its partials as often as they are used. */
	readonly sizeBytes: number;
	program(): Program;
}

/** Parses and resolves; null when `problems` got entries. */
export function checkTemplate(
	source: TemplateText,
	problems: Problem[],
	options: Omit<ResolveOptions, 'uses'>,
): CheckedTemplate | null {
	const uses = newUses();
	let partialBytes = 0;
	const read = (): Program | readonly Problem[] => {
		const parsed = parseTemplate(source, { isHeader: options.part === 'header' });
		if (parsed.kind === 'wrong') return [parsed.problem];
		const resolved = resolveVariables(parsed.program, source, { ...options, uses });
		partialBytes = resolved.partialBytes;
		return resolved.problems.length > 0 ? resolved.problems : parsed.program;
	};
	const first = read();
	if (!('body' in first)) {
		problems.push(...first);
		return null;
	}
	return {
		uses,
		sizeBytes: Buffer.byteLength(source.text) + partialBytes,
		program() {
			const again = read();
			if (!('body' in again)) throw new Error('a template that was checked has problems now');
			return again;
		},
	};
}
