/** What a compiled template sees of a row: an object of strings, nothing inherited, only what the template uses. */
import { trimCell } from '../recipients/parse-address.ts';
import type { Recipient } from '../recipients/row.ts';
import type { Uses } from './resolve-paths.ts';
import type { TemplateNames } from './template-names.ts';

export type RowValues = Record<string, string>;

export interface RowContext {
	/**
	 * The values by name, the address without spaces around it. Line ends inside are LF (a break written as CR LF is one break) and there is no NUL, whatever the cell holds:
	 * bodies are encoded with NUL as a mark.
	 */
	valuesOf(recipient: Recipient): RowValues;
	/** Name of the first of these columns whose cell has a line break or NUL, or null. */
	columnWithBreak(recipient: Recipient, names: ReadonlySet<string>): string | null;
	/** A cell that a header uses has a NUL, which `valuesOf` does not show. */
	hasHiddenNul(recipient: Recipient): boolean;
}

/** `uses`: of the whole message; `headerUses`: of its header lines. */
export function makeRowContext(
	names: TemplateNames,
	{ uses, headerUses }: { readonly uses: Uses; readonly headerUses: Uses },
): RowContext {
	// An instance has a fast shape, unlike Object.create(null). Its prototype has no `__proto__` setter, so that is a column name like any other.
	class Values {
		[name: string]: string;
		// Handlebars compares contexts with `!=`, which asks an object beside a string for a primitive. No cell equals this one.
		[Symbol.toPrimitive](): string {
			return '\0row';
		}
	}
	Object.setPrototypeOf(Values.prototype, null);
	Reflect.deleteProperty(Values.prototype, 'constructor');

	const isIn =
		({ wholeRow, names: used }: Uses) =>
		(name: string): boolean =>
			wholeRow || used.has(name);
	const columnNames = names.columns.names.filter(isIn(uses));
	const indexes = columnNames.map((name) => names.columns.find(name));
	const headerIndexes = names.columns.names.filter(isIn(headerUses)).map((name) => names.columns.find(name));
	const constants = names
		.setNames()
		.filter(isIn(uses))
		.map((name) => [name, withPlainBreaks(names.setValue(name) ?? '')] as const);

	return {
		valuesOf(recipient) {
			const values = new Values();
			for (let at = 0; at < columnNames.length; at++) {
				const index = indexes[at] ?? -1;
				const written = recipient.fields[index] ?? '';
				const cell = index === names.emailColumn ? trimCell(written) : written;
				const name = columnNames[at] ?? '';
				values[name] = cell.includes('\r') || cell.includes('\0') ? withPlainBreaks(cell) : cell;
			}
			for (const [name, value] of constants) values[name] = value;
			return values;
		},
		columnWithBreak(recipient, wanted) {
			for (const name of wanted) {
				const cell = recipient.fields[names.columns.find(name)] ?? names.setValue(name) ?? '';
				if (/[\r\n\0]/.test(cell)) return name;
			}
			return null;
		},
		hasHiddenNul(recipient) {
			for (const index of headerIndexes) {
				const cell = recipient.fields[index] ?? '';
				if (cell.includes('\0')) return true;
			}
			return false;
		},
	};
}

function withPlainBreaks(cell: string): string {
	return cell.replace(/\r\n?/g, '\n').replaceAll('\0', '\ufffd');
}
