/** Where a `{{...}}` tag ends and what kind it is, for text that Handlebars could not parse. */

/** `value` is replaced by something; `raw` is a value that is not escaped. */
export type TagKind = 'value' | 'raw' | 'comment' | 'open' | 'else' | 'close';

/** Index behind the tag that begins at `start`, or -1. Of a tag that is not closed it may be the end of a later one. */
export function endOfTag(text: string, start: number): number {
	const comment = /^\{\{~?!(?:--)?/.exec(text.slice(start, start + 6));
	if (comment !== null) return endOfComment(text, start, comment[0].endsWith('--') ? /--~?\}\}/g : /\}\}/g);
	const closing = text.startsWith('{{{', start) || text.startsWith('{{~{', start) ? /\}~?\}\}/y : /\}\}/y;
	for (let at = start + 2; at < text.length; at++) {
		closing.lastIndex = at;
		const match = closing.exec(text);
		if (match !== null) return at + match[0].length;
		const quote = text[at];
		if (quote === '"' || quote === "'") at = endOfString(text, at, quote);
		else if (quote === '[') at = text.indexOf(']', at);
		if (at === -1) return -1;
	}
	return -1;
}

// `{{!-- ... --}}` may hold `}}`; it ends at `--}}` or `--~}}`.
function endOfComment(text: string, start: number, closing: RegExp): number {
	closing.lastIndex = start + 3;
	return closing.exec(text) === null ? -1 : closing.lastIndex;
}

function endOfString(text: string, start: number, quote: string): number {
	let at = text.indexOf(quote, start + 1);
	while (at !== -1 && text[at - 1] === '\\') at = text.indexOf(quote, at + 1);
	return at;
}

/** `source`: the whole tag. */
export function kindOfTag(source: string): TagKind {
	const inner = source.replace(/^\{\{~?/, '').replace(/~?\}\}$/, '');
	if (inner.startsWith('!')) return 'comment';
	if (inner.startsWith('#')) return 'open';
	if (inner.startsWith('/')) return 'close';
	if (inner.startsWith('{') || inner.startsWith('&')) return 'raw';
	// `{{^if x}}` opens a block, `{{^}}` is an else.
	if (inner.startsWith('^')) return inner.length === 1 || inner.trim() === '^' ? 'else' : 'open';
	return /^\s*else\b/.test(inner) ? 'else' : 'value';
}
