/** Every name a template may use: columns of the list, `--set` values, and `@` data of the run. */
import { type Columns, foldName } from '../recipients/columns.ts';
import { UsageError } from '../support/errors.ts';
import { nearest } from '../support/nearest.ts';

/** `{{@email}}` and its kin: they cannot collide with columns. */
export const runDataNames = ['email', 'row', 'campaign', 'unsubscribe_url', 'message_id', 'date'] as const;
export type RunDataName = (typeof runDataNames)[number];

export function isRunDataName(name: string): name is RunDataName {
	return runDataNames.some((known) => known === name);
}

export class TemplateNames {
	readonly columns: Columns;
	readonly #set = new Map<string, string>();

	/** Throws UsageError when a `--set` name is a column as well, or is given twice in two spellings. */
	constructor(columns: Columns, set: ReadonlyMap<string, string>) {
		this.columns = columns;
		for (const [name, value] of set) {
			const column = columns.names[columns.find(name)];
			if (column !== undefined) {
				throw new UsageError(`--set ${name}=... is also the column "${column}" of the list`, {
					hint: 'choose another name and use it in the template',
				});
			}
			if (value.includes('\0')) throw new UsageError(`--set ${name}=... holds a NUL`);
			if (this.#set.has(foldName(name))) throw new UsageError(`--set ${name}=... is given twice`);
			this.#set.set(foldName(name), value);
		}
	}

	/** The one spelling that rendering uses, or null when there is no such name. */
	find(name: string): string | null {
		const column = this.columns.names[this.columns.find(name)];
		if (column !== undefined) return column;
		return this.#set.has(foldName(name)) ? foldName(name) : null;
	}

	/** The value of a `--set` name as `find` spells it. */
	setValue(name: string): string | undefined {
		return this.#set.get(name);
	}

	setNames(): readonly string[] {
		return [...this.#set.keys()];
	}

	/** Every name as `find` spells it. */
	all(): readonly string[] {
		return [...this.columns.names, ...this.#set.keys()];
	}

	/** `; did you mean {{first_name}}?`, or ''. */
	suggestion(name: string, prefix = ''): string {
		const close = this.columns.nearest(name) ?? nearest(name, this.#set.keys(), { fold: foldName });
		return close === null ? '' : `; did you mean {{${prefix}${asMustache(close)}}}?`;
	}
}

/** How a column is best written in a template: `First Name` as `first_name`. */
export function asMustache(name: string): string {
	const plain = name
		.trim()
		.toLowerCase()
		.replace(/[\s-]+/g, '_');
	return /^[\p{L}\p{N}_]+$/u.test(plain) ? plain : `[${name}]`;
}
