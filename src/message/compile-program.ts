/** Handlebars trees to functions, in an environment that has nothing but the helpers that they call. */
import Handlebars from 'handlebars';
import type { Program } from './parse-template.ts';
import type { RowValues } from './row-context.ts';

/** `{{@...}}`: run data by name, and the row as `@root`. */
export interface TemplateData {
	root: RowValues;
	email: string;
	row: number;
	campaign: string;
	unsubscribe_url: string;
	unsubscribe_token: string;
	message_id: string;
	date: string;
}

export interface RenderOptions {
	data: TemplateData;
}

export type Render = (values: RowValues, options: RenderOptions) => string;

/** `isHtml`: values are escaped. */
export type CompileProgram = (program: Program, options: { readonly isHtml: boolean }) => Render;

const everyHelper = ['if', 'unless', 'each', 'with', 'lookup', 'default'];

/** `helpers`: those that the programs call. Programs are compiled on their first rendering. */
export function makeCompiler(helpers: ReadonlySet<string>): CompileProgram {
	const environment = Handlebars.create();
	environment.registerHelper('default', (value: unknown, fallback: unknown) =>
		value === undefined || value === null || String(value).trim() === '' ? fallback : value,
	);
	// Handlebars wraps every registered helper anew for each rendering, which costs more than rendering a subject.
	for (const name of Object.keys(environment.helpers)) if (!helpers.has(name)) environment.unregisterHelper(name);
	const knownHelpers: Record<string, boolean> = {};
	for (const name of everyHelper) knownHelpers[name] = helpers.has(name);
	return (program, { isHtml }) =>
		environment.compile<RowValues>(program, {
			noEscape: !isHtml,
			knownHelpers,
			knownHelpersOnly: true,
			// Standalone tags were dealt with when the tree was parsed.
			ignoreStandalone: true,
		});
}
