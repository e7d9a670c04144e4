/** Makes every character of a text visible: what would move a cursor or fake a line is written as `\x1b`, `\u202e`. */

// As in support/clean-text.ts, which drops them: C0, DEL, C1, bidirectional marks, zero-width characters, separators.
const invisible = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** One line, whatever was in it. */
export function escapeControls(text: string): string {
	return text.replace(invisible, (character) => {
		const code = character.charCodeAt(0);
		return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
	});
}
