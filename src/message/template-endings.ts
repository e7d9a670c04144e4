/** What a file name says about its contents: HTML or text. */

export type BodyKind = 'html' | 'text';

export const endingsOf: Readonly<Record<BodyKind, readonly string[]>> = {
	html: ['.hbs', '.handlebars', '.html', '.htm', '.html.hbs', '.htm.hbs', '.html.handlebars'],
	text: ['.txt', '.text', '.txt.hbs', '.text.hbs', '.txt.handlebars'],
};

// Longest first: `news.txt.hbs` is text.
const allEndings = [...endingsOf.html, ...endingsOf.text].sort((one, other) => other.length - one.length);

/** The ending of a file name that makes it a template, as it is written there; null for any other file. */
export function endingOf(fileName: string): string | null {
	const ending = allEndings.find((candidate) => fileName.toLowerCase().endsWith(candidate));
	return ending === undefined ? null : fileName.slice(-ending.length);
}

export function kindOfEnding(ending: string): BodyKind {
	return endingsOf.text.includes(ending.toLowerCase()) ? 'text' : 'html';
}
