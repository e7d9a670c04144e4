/** Says what is wrong with a template that Handlebars could not parse: its own parser only says which token it did not expect, often at the end. */
import { cleanText } from '../support/clean-text.ts';
import { endOfTag, kindOfTag } from './scan-tags.ts';

export interface SyntaxMistake {
	/** Index in the text. */
	readonly at: number;
	readonly message: string;
}

interface OpenBlock {
	readonly at: number;
	readonly source: string;
	readonly name: string;
	readonly hasElse: boolean;
}

/**
 * The first mistake that we know by name, or null. `failedAt`: where the parser stopped; what stands behind it is not its reason. `placeOf` writes
 * an index as `5:4`.
 */
export function explainSyntax(
	text: string,
	{ failedAt, placeOf }: { readonly failedAt: number; readonly placeOf: (at: number) => string },
): SyntaxMistake | null {
	const blocks: OpenBlock[] = [];
	for (let at = nextTag(text, 0); at !== -1 && at <= failedAt; ) {
		// Raw blocks have rules of their own.
		if (text.startsWith('{{{{', at)) return null;
		const end = endOfTag(text, at);
		const source = text.slice(at, end === -1 ? text.length : end);
		const unfinished = unfinishedTag(source, end !== -1);
		if (unfinished !== null) return { at, message: unfinished };
		const message = mistakeInside(source, text[end] === '}') ?? mistakeBetween(source, blocks, { at, placeOf });
		if (message !== null) return { at, message };
		at = nextTag(text, end);
	}
	const innermost = blocks.at(-1);
	// Only the end of the text shows that a block is open.
	if (innermost === undefined || nextTag(text, failedAt) !== -1) return null;
	return text.slice(failedAt).trim() === ''
		? { at: innermost.at, message: `${shown(innermost.source)} is never closed` }
		: null;
}

/** `\{{` is text, `\\{{` is a backslash and a tag. */
function nextTag(text: string, from: number): number {
	let at = text.indexOf('{{', from);
	while (at > 0 && text[at - 1] === '\\' && text[at - 2] !== '\\') at = text.indexOf('{{', at + 2);
	return at;
}

function unfinishedTag(source: string, hasEnd: boolean): string | null {
	const comment = /^\{\{~?!(--)?/.exec(source);
	if (comment !== null) {
		return hasEnd ? null : `the comment "${firstLine(source)}" is not closed with ${comment[1] ?? ''}}}`;
	}
	const bare = withoutStrings(source);
	if (hasEnd && !bare.includes('{{', 2)) return null;
	const closing = /^\{\{~?\{/.test(source) ? '}}}' : '}}';
	const [start = source] = /^\{\{~?\{?[^{}\n]*\}{0,2}/.exec(source) ?? [];
	// `{{default city "x}}`: the end is inside the string.
	const hasOpenQuote = withoutStrings(start.replace(/\}+$/, '')).match(/["']/) !== null;
	if (hasOpenQuote) return `a quote is opened in "${firstLine(start)}" and not closed`;
	return `"${firstLine(start)}" is not closed with ${closing}`;
}

function mistakeInside(source: string, isFollowedByBrace: boolean): string | null {
	const kind = kindOfTag(source);
	if (kind === 'comment') return null;
	const bare = withoutStrings(source);
	if (kind !== 'raw' && isFollowedByBrace) {
		return `${shown(source)}} ends with }}} and begins with {{; put a space before the third }`;
	}
	if (/^\{+~?\s*~?\}+$/.test(source)) return `${shown(source)} is empty; write the name of a column in it`;
	if (bare.replace(/\bas\s+\|[^|]*\|/, '').includes('|')) {
		return `${shown(source)}: filters are Liquid's; mailshot has helpers, for example {{default city "there"}}`;
	}
	return null;
}

/** Keeps `blocks` up to date with the tag, and says why it cannot stand here. */
function mistakeBetween(
	source: string,
	blocks: OpenBlock[],
	{ at, placeOf }: { readonly at: number; readonly placeOf: (at: number) => string },
): string | null {
	const kind = kindOfTag(source);
	const block = blocks.at(-1);
	if (kind === 'open') {
		blocks.push({ at, source, name: nameOf(source), hasElse: false });
	} else if (kind === 'else') {
		if (block === undefined) return `${shown(source)} stands in no block`;
		if (block.hasElse) return `${shown(source)} follows the {{else}} of ${shown(block.source)} of ${placeOf(block.at)}`;
		blocks[blocks.length - 1] = { ...block, hasElse: /^\{\{~?\s*(?:\^|else\s*~?\}\})/.test(source) };
	} else if (kind === 'close') {
		if (block === undefined) return `${shown(source)} closes nothing`;
		if (block.name !== nameOf(source)) {
			return `${shown(source)} closes ${shown(block.source)} of ${placeOf(block.at)}`;
		}
		blocks.pop();
	}
	return null;
}

function nameOf(source: string): string {
	return /^\{\{~?[#^/][*>]?\s*([^\s~}]+)/.exec(source)?.[1] ?? '';
}

function withoutStrings(source: string): string {
	return source.replace(/"(?:\\"|[^"])*"|'(?:\\'|[^'])*'|\[[^\]]*\]/g, '""');
}

function shown(source: string): string {
	return cleanText(source, 60);
}

function firstLine(source: string): string {
	return shown(source.split('\n')[0]?.trimEnd() ?? '');
}
