/** Makes text from outside (CSV cells, server replies) safe to print: it can move no cursor, ring no bell, fake no line. */

// C0, DEL, C1, bidirectional overrides and isolates, zero-width characters, line and paragraph separators, BOM.
const unsafeCharacters = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const escapeSequences = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

/** One line of printable text of at most `maxLength` UTF-16 units (an ellipsis marks the cut); terminal escape sequences are removed, other controls become spaces. */
export function cleanText(text: string, maxLength = 512): string {
	// The cut comes first: a hostile 10 MB cell must not be scanned as a whole.
	const cut = text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
	if (!unsafeCharacters.test(cut)) return cut;
	return cut.replace(escapeSequences, '').replace(new RegExp(unsafeCharacters, 'g'), ' ').trim();
}
