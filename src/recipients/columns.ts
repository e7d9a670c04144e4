/** The header of a list: names in order, and lookup that ignores case, spaces, `-` and `_`. */
import { nearest } from '../support/nearest.ts';

export class Columns {
	readonly names: readonly string[];
	// A Map, not an object: `__proto__` and `constructor` are names like any other.
	readonly #indexes = new Map<string, number>();

	/** Names as they stand in the file, trimmed; they must not fold together (see clash). */
	constructor(names: readonly string[]) {
		this.names = names;
		for (const [index, name] of names.entries()) this.#indexes.set(foldName(name), index);
	}

	/** Index of the column, or -1. */
	find(name: string): number {
		return this.#indexes.get(foldName(name)) ?? -1;
	}

	/** The column that a mistyped name may have meant, as it stands in the file. */
	nearest(name: string): string | null {
		return nearest(name, this.names, { fold: foldName });
	}

	/** Positions (from 0) of the first two names that would be the same column, or null. */
	static clash(names: readonly string[]): readonly [number, number] | null {
		const seen = new Map<string, number>();
		for (const [index, name] of names.entries()) {
			const folded = foldName(name);
			const first = seen.get(folded);
			if (first !== undefined) return [first, index];
			seen.set(folded, index);
		}
		return null;
	}
}

/** `E-Mail Address`, `email_address` and `emailAddress` are one column. Accents are kept. */
export function foldName(name: string): string {
	return name
		.normalize('NFC')
		.toLowerCase()
		.replace(/[\s_-]+/g, '');
}
