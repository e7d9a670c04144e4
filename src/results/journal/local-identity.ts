/** What makes a row that came to nothing here (skipped, failed) the same in the next run: then it is not written again. */

/** `who`: the key, or the cell of a malformed row. The text is for a KeyTable only. */
export function localIdentity(reason: string, who: string, line: number): string {
	// A reason is one of our own words and a line a number: neither has a NUL, so that no two of them make the same text.
	return `${reason}\0${line}\0${who}`;
}
