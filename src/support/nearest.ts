/** "Did you mean": the candidate that is a slip of the finger away from what somebody typed. */

const maxLength = 100;

/**
 * The closest candidate, or null when none is close enough to be meant (a third of the word may differ, three letters at most).
 * Both sides are compared after `fold` (lower case by default); the candidate comes back as it is written.
 */
export function nearest(
	word: string,
	candidates: Iterable<string>,
	{ fold = (text: string) => text.toLowerCase() }: { readonly fold?: (text: string) => string } = {},
): string | null {
	const wanted = fold(word);
	if (wanted === '' || wanted.length > maxLength) return null;
	let best: string | null = null;
	let bestDistance = Math.min(3, Math.max(1, Math.floor(wanted.length / 3))) + 1;
	for (const candidate of candidates) {
		const offered = fold(candidate);
		// A word that shares no letter with the offer is no slip of the finger.
		const limit = Math.min(bestDistance, Math.max(wanted.length, offered.length));
		if (Math.abs(offered.length - wanted.length) >= limit) continue;
		const distance = editDistance(wanted, offered);
		if (distance < limit) {
			best = candidate;
			bestDistance = distance;
		}
	}
	return best;
}

/** Damerau-Levenshtein (optimal string alignment): insertions, deletions, replacements and swaps of neighbours, each 1. */
export function editDistance(from: string, to: string): number {
	let beforeLast: number[] = [];
	let last = Array.from({ length: to.length + 1 }, (_, column) => column);
	for (let row = 1; row <= from.length; row++) {
		const current = [row];
		for (let column = 1; column <= to.length; column++) {
			const replaced = from[row - 1] === to[column - 1] ? 0 : 1;
			let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + replaced);
			const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
			if (swapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1);
			current.push(cost);
		}
		beforeLast = last;
		last = current;
	}
	return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
	return row[column] ?? Number.POSITIVE_INFINITY;
}
