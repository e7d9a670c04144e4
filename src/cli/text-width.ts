/** How many columns of a terminal a text takes, and how to make it fit. */

// East Asian Wide and Fullwidth, as far as names and subjects use them, and emoji that terminals draw two columns wide.
const wide =
	/[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
const printableAscii = /^[ -~]*$/;

// Made when a text needs it: loading its tables takes 8 ms, which `--help` has no use for.
const graphemes = (text: string) => new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text);

/** Columns; the text holds no control characters (cleanText). */
export function textWidth(text: string): number {
	if (printableAscii.test(text)) return text.length;
	let width = 0;
	for (const { segment } of graphemes(text)) width += wide.test(segment) ? 2 : 1;
	return width;
}

/** The text itself, or its beginning with an ellipsis, at most `width` columns wide. */
export function fitText(text: string, width: number): string {
	if (textWidth(text) <= width) return text;
	let cut = '';
	let used = 0;
	for (const { segment } of graphemes(text)) {
		used += wide.test(segment) ? 2 : 1;
		if (used > width - 1) break;
		cut += segment;
	}
	return width > 0 ? `${cut.trimEnd()}…` : '';
}

/** Lines of at most `width` columns, broken at spaces; a longer word is cut. */
export function wrapText(text: string, width: number): string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ')) {
		const longer = line === '' ? word : `${line} ${word}`;
		if (textWidth(longer) <= width) {
			line = longer;
			continue;
		}
		if (line !== '') lines.push(line);
		line = fitText(word, width);
	}
	return [...lines, line];
}

/** Spaces after the text up to `width` columns. */
export function padText(text: string, width: number): string {
	return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** As many whole items as fit, then `rest(n)` for the n others: half a domain name is another domain. */
export function joinFitting(
	items: readonly string[],
	width: number,
	options: { readonly separator: string; readonly rest: (hidden: number) => string },
): string {
	const { separator, rest } = options;
	for (let shown = items.length; shown > 0; shown -= 1) {
		const hidden = rest(items.length - shown);
		const text = [...items.slice(0, shown), ...(hidden === '' ? [] : [hidden])].join(separator);
		if (textWidth(text) <= width) return text;
	}
	return fitText(rest(items.length), width);
}

const defaultColumns = 80;
const fewestColumns = 40;
const mostColumns = 120;

/** Columns to lay out for: 80 when the stream does not know (a pipe, or a pseudo-terminal that says 0), never a line that nobody can follow. */
export function layoutWidth(stream: { readonly columns?: number | undefined }): number {
	const { columns } = stream;
	if (columns === undefined || columns === 0) return defaultColumns;
	return Math.min(Math.max(columns, fewestColumns), mostColumns);
}
