/** Every name a template may use: columns of the list, `--set` values, and `@` data of the run. */
import { type Columns, foldName } from '../recipients/columns.ts';
import { UsageError } from '../support/errors.ts';
import { nearest } from '../support/nearest.ts';

/** `{{@email}}` and its kin: they cannot collide with columns. */
export const runDataNames = [
	'email',
	'row',
	'campaign',
	'unsubscribe_url',
	'unsubscribe_token',
	'message_id',
	'date',
] as const;
export type RunDataName = (typeof runDataNames)[number];

export function isRunDataName(name: string): name is RunDataName {
	return runDataNames.some((known) => known === name);
}

interface Alias {
	readonly alias: string;
	/** As it stands in the file. */
	readonly column: string;
}

export class TemplateNames {
	readonly columns: Columns;
	readonly emailColumn: number;
	readonly #set = new Map<string, string>();
	/** By folded alias. */
	readonly #aliases: ReadonlyMap<string, Alias>;

	/** `emailColumn`: index of the address column. Throws UsageError when a `--set` name is a column as well, or is given twice in two spellings. */
	constructor(columns: Columns, set: ReadonlyMap<string, string>, { emailColumn }: { readonly emailColumn: number }) {
		this.columns = columns;
		this.emailColumn = emailColumn;
		this.#aliases = aliasesOf(columns, emailColumn);
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

	/** The one spelling that rendering uses, of an alias too its column's, or null when there is no such name. */
	find(name: string): string | null {
		const column = this.columns.names[this.columns.find(name)];
		if (column !== undefined) return column;
		const folded = foldName(name);
		return this.#set.has(folded) ? folded : (this.#aliases.get(folded)?.column ?? null);
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
		const others = [...this.#set.keys(), ...[...this.#aliases.values()].map(({ alias }) => alias)];
		const close = this.columns.nearest(name) ?? nearest(name, others, { fold: foldName });
		return close === null ? '' : `; did you mean {{${prefix}${asMustache(close)}}}?`;
	}
}

// What other programs call them (reference/ecosystem.md §3.5).
const nameAliases: Readonly<Record<string, readonly string[]>> = {
	first_name: ['FNAME', 'Given Name', 'Vorname', 'Prénom', 'Nombre'],
	last_name: ['LNAME', 'Surname', 'Family Name', 'Nachname', 'Nom', 'Apellido'],
};

/** `{{email}}` is the address column, `{{first_name}}` the one column of that meaning; where two could be meant, neither is. */
function aliasesOf(columns: Columns, emailColumn: number): ReadonlyMap<string, Alias> {
	const aliases: Alias[] = [];
	const address = columns.names[emailColumn];
	if (address !== undefined) aliases.push({ alias: 'email', column: address });
	for (const [alias, others] of Object.entries(nameAliases)) {
		const [column, second] = others.flatMap((other) => columns.names[columns.find(other)] ?? []);
		if (column !== undefined && second === undefined) aliases.push({ alias, column });
	}
	return new Map(aliases.map((found) => [foldName(found.alias), found]));
}

/** How a column is best written in a template: `First Name` as `first_name`. */
export function asMustache(name: string): string {
	const plain = name
		.trim()
		.toLowerCase()
		.replace(/[\s-]+/g, '_');
	return /^[\p{L}\p{N}_]+$/u.test(plain) ? plain : `[${name}]`;
}
