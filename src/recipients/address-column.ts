/** Which column holds the addresses: found by name, or said by the user. Cells may suggest one, they never decide. */
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import type { Columns } from './columns.ts';
import { parseAddress } from './parse-address.ts';

// How the programs that people export from call it (reference/ecosystem.md §3.5); the first one that is there is taken.
const knownNames = [
	'email',
	'e-mail',
	'email address',
	'e-mail address',
	'mail',
	'to',
	'recipient',
	'primary email',
	'e-mail 1 - value',
	'email (work)',
	'correo electrónico',
	'adresse e-mail',
	'e-mail-adresse',
	'メールアドレス',
];

/** Index of the address column by its name, or -1. */
export function knownAddressColumn(columns: Columns): number {
	for (const name of knownNames) {
		const index = columns.find(name);
		if (index !== -1) return index;
	}
	return -1;
}

/** Index of the column that a flag names. RunError 65 with the nearest name when there is none. */
export function namedColumn(
	columns: Columns,
	name: string,
	{ flag, displayName }: { readonly flag: string; readonly displayName: string },
): number {
	const index = columns.find(name);
	if (index !== -1) return index;
	const guess = columns.nearest(name);
	throw new RunError(
		exitCodes.badInput,
		`${displayName} has no column "${cleanText(name, 80)}". Its columns: ${listColumns(columns)}`,
		{ hint: guess === null ? `${flag} takes one of them.` : `Did you mean ${flag} ${quoted(guess)}?` },
	);
}

/** The error for a list without an address column; `rows` are the first ones (cells), for the suggestion. */
export function noAddressColumn(
	columns: Columns,
	displayName: string,
	{ rows }: { readonly rows: readonly (readonly string[])[] },
): RunError {
	const message = `${displayName} has no address column. Its columns: ${listColumns(columns)}`;
	const likely = likelyColumn(columns, rows);
	if (likely !== null) {
		const name = columns.names[likely.index] ?? '';
		return new RunError(exitCodes.badInput, message, {
			hint: `"${cleanText(name, 80)}" looks like addresses in ${likely.count} of ${rows.length} rows:  --email-column ${quoted(name)}`,
		});
	}
	return new RunError(exitCodes.badInput, message, {
		hint:
			columns.names.length === 1
				? 'Only one column: is something else between the cells? Name it with --delimiter.'
				: 'Name it with --email-column NAME.',
	});
}

function likelyColumn(
	columns: Columns,
	rows: readonly (readonly string[])[],
): { readonly index: number; readonly count: number } | null {
	let best: { readonly index: number; readonly count: number } | null = null;
	for (const index of columns.names.keys()) {
		const count = rows.filter((cells) => parseAddress(cells[index] ?? '').kind === 'address').length;
		if (count > rows.length / 2 && count > (best?.count ?? 0)) best = { index, count };
	}
	return best;
}

const shownColumns = 20;

function listColumns(columns: Columns): string {
	const shown = columns.names.slice(0, shownColumns).map((name) => cleanText(name, 40));
	const more = columns.names.length - shown.length;
	return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** As it is typed in a shell. */
function quoted(name: string): string {
	const clean = cleanText(name, 80);
	return /^[\w.-]+$/.test(clean) ? clean : `'${clean.replaceAll("'", "'\\''")}'`;
}
