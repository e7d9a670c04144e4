/** Which texts a pattern cannot do without: lets the matcher pass over rules that cannot fit, so that a hundred patterns cost a few microseconds. */

interface Cursor {
	readonly source: string;
	at: number;
}

/** Any one of these is in every text that the pattern matches; null when nothing telling is known. */
type Literals = readonly string[] | null;

/** Three characters, or one beyond ASCII: most replies have none of those. */
const usefulLength = 3;
const beyondAscii = /[^\x00-\x7f]/;

/** Reads what the rules use: groups, alternatives, classes, quantifiers, look-around. What it does not know only makes it give up on that part. */
export function requiredLiterals(pattern: RegExp): Literals {
	return alternatives({ source: pattern.source, at: 0 });
}

function alternatives(cursor: Cursor): Literals {
	const all: string[] = [];
	let open = false;
	for (;;) {
		const branch = sequence(cursor);
		if (branch === null) open = true;
		else all.push(...branch);
		if (cursor.source.charAt(cursor.at) !== '|') return open ? null : all;
		cursor.at += 1;
	}
}

/** Up to the next `|`, `)` or the end; of all its parts the best one is enough. */
function sequence(cursor: Cursor): Literals {
	let best: Literals = null;
	let run = '';
	const endRun = (): void => {
		best = better(best, [run]);
		run = '';
	};
	while (cursor.at < cursor.source.length && !'|)'.includes(cursor.source.charAt(cursor.at))) {
		const item = nextItem(cursor);
		const optional = skipQuantifier(cursor);
		if (item.kind === 'letter' && optional === 'once') {
			run += item.letter;
			continue;
		}
		endRun();
		if (optional === 'maybe') continue;
		if (item.kind === 'group') best = better(best, item.literals);
	}
	endRun();
	return best;
}

type Item =
	| { readonly kind: 'letter'; readonly letter: string }
	| { readonly kind: 'group'; readonly literals: Literals }
	| { readonly kind: 'other' };

function nextItem(cursor: Cursor): Item {
	const character = cursor.source.charAt(cursor.at);
	cursor.at += 1;
	if (character === '(') return group(cursor);
	if (character === '[') {
		while (cursor.source.charAt(cursor.at) !== ']') cursor.at += cursor.source.charAt(cursor.at) === '\\' ? 2 : 1;
		cursor.at += 1;
		return { kind: 'other' };
	}
	if (character === '\\') {
		const escaped = cursor.source.charAt(cursor.at);
		cursor.at += 1;
		return /\w/.test(escaped) ? { kind: 'other' } : { kind: 'letter', letter: escaped };
	}
	return '.^$'.includes(character) ? { kind: 'other' } : { kind: 'letter', letter: character };
}

function group(cursor: Cursor): Item {
	const lookAround =
		cursor.source.charAt(cursor.at) === '?' && /^\?(?:[=!]|<[=!])/.test(cursor.source.slice(cursor.at, cursor.at + 3));
	if (cursor.source.startsWith('?:', cursor.at)) cursor.at += 2;
	else if (lookAround) cursor.at += cursor.source.charAt(cursor.at + 1) === '<' ? 3 : 2;
	const literals = alternatives(cursor);
	cursor.at += 1;
	return lookAround ? { kind: 'other' } : { kind: 'group', literals };
}

/** `maybe`: it need not be there; `often`: it is, but what follows need not touch it. */
function skipQuantifier(cursor: Cursor): 'once' | 'maybe' | 'often' {
	if (!'?*+{'.includes(cursor.source.charAt(cursor.at) || ' ')) return 'once';
	const found = /^(?:[?*+]|\{(\d+),?\d*\})\??/.exec(cursor.source.slice(cursor.at, cursor.at + 12));
	if (found === null) return 'once';
	cursor.at += found[0].length;
	return found[0].startsWith('+') || Number(found[1] ?? 0) > 0 ? 'often' : 'maybe';
}

/** Longer beats shorter, then fewer beats more. */
function better(one: Literals, other: Literals): Literals {
	if (other === null || shortest(other) < usefulLength) return one;
	if (one === null) return other;
	const gain = Math.min(6, shortest(other)) - Math.min(6, shortest(one));
	return gain > 0 || (gain === 0 && other.length < one.length) ? other : one;
}

function shortest(literals: readonly string[]): number {
	return Math.min(...literals.map((literal) => (beyondAscii.test(literal) ? 2 * usefulLength : literal.length)));
}
