/** How much trying a pattern may cost at one place of a text, read from its source: rules of users must not be able to stop a run. */

export type PatternCost =
	| { readonly kind: 'known'; readonly tries: number }
	/** `problem` goes on after "the pattern": `repeats a group ...`. */
	| { readonly kind: 'refused'; readonly problem: string };

interface Cursor {
	readonly source: string;
	at: number;
}

class Refused extends Error {}

/** The number of ways in which the pattern may be tried at one place. Refuses what has no bound, and what multiplies. The source must compile. */
export function patternCost(pattern: RegExp): PatternCost {
	try {
		return { kind: 'known', tries: alternatives({ source: pattern.source, at: 0 }) };
	} catch (error) {
		if (!(error instanceof Refused)) throw error;
		return { kind: 'refused', problem: error.message };
	}
}

function alternatives(cursor: Cursor): number {
	let tries = 0;
	for (;;) {
		tries += sequence(cursor);
		if (cursor.source.charAt(cursor.at) !== '|') return tries;
		cursor.at += 1;
	}
}

function sequence(cursor: Cursor): number {
	let tries = 1;
	while (cursor.at < cursor.source.length && !'|)'.includes(cursor.source.charAt(cursor.at))) {
		const item = nextItem(cursor);
		tries *= repeated(item, quantifier(cursor));
	}
	return tries;
}

interface Item {
	readonly isGroup: boolean;
	readonly tries: number;
}

function nextItem(cursor: Cursor): Item {
	const character = cursor.source.charAt(cursor.at);
	cursor.at += 1;
	if (character === '(') return group(cursor);
	if (character === '[') {
		while (cursor.source.charAt(cursor.at) !== ']') cursor.at += cursor.source.charAt(cursor.at) === '\\' ? 2 : 1;
		cursor.at += 1;
	}
	if (character === '\\') {
		if (/[1-9k]/.test(cursor.source.charAt(cursor.at))) {
			throw new Refused('refers back to a group (\\1), which can take forever: write the text out');
		}
		cursor.at += 1;
	}
	return { isGroup: false, tries: 1 };
}

function group(cursor: Cursor): Item {
	const opening = /^\?(?:[:=!]|<[=!]|<[^>]{1,60}>)/.exec(cursor.source.slice(cursor.at, cursor.at + 64));
	cursor.at += opening?.[0].length ?? 0;
	const tries = alternatives(cursor);
	cursor.at += 1;
	return { isGroup: true, tries };
}

interface Quantifier {
	readonly min: number;
	readonly max: number;
}

function quantifier(cursor: Cursor): Quantifier {
	const found = /^(?:([?*+])|\{(\d{1,9})(,?)(\d{0,9})\})\??/.exec(cursor.source.slice(cursor.at, cursor.at + 24));
	if (found === null) return { min: 1, max: 1 };
	cursor.at += found[0].length;
	const [, sign, from, comma, to] = found;
	if (sign !== undefined) return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Number.POSITIVE_INFINITY };
	const min = Number(from);
	if (comma === '') return { min, max: min };
	return { min, max: to === '' ? Number.POSITIVE_INFINITY : Number(to) };
}

function repeated({ isGroup, tries }: Item, { min, max }: Quantifier): number {
	if (max === Number.POSITIVE_INFINITY) {
		throw new Refused('repeats without bound (* or +), which can take forever: write {0,60} or {1,60} instead');
	}
	if (isGroup && tries > 1 && max > 1) {
		throw new Refused('repeats a group that holds a repeat or a choice, which can take forever: write it out');
	}
	return tries * (max - min + 1);
}
