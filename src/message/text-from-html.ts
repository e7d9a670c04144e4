/**
 * The text part of an HTML template, made once: tags become placeholder characters, the HTML becomes text, the tags are put back
 * (reference/ecosystem.md §1.5 traps 7 and 8). Where that is not sound, each rendered HTML has to be converted.
 */
import { scanTags, type Tag } from './scan-tags.ts';

export type HtmlToText = (html: string) => string;

export type TextTemplate =
	| { readonly kind: 'template'; readonly text: string }
	| { readonly kind: 'unsound'; readonly why: string };

// Private use characters (Unicode §23.5): no HTML or text converter gives them a meaning.
const open = '\ue000';
const close = '\ue001';
const placeholder = /\ue000(\d+)\ue001/g;

/** html-to-text with the settings that mail wants. Loaded only where HTML comes without text: it takes 65 ms. */
export async function loadHtmlToText(): Promise<HtmlToText> {
	const { compile } = await import('html-to-text');
	const cell = { leadingLineBreaks: 1, trailingLineBreaks: 1 };
	const convert = compile({
		wordwrap: false,
		selectors: [
			...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
			{ selector: 'a', options: { hideLinkHrefIfSameAsText: true, linkBrackets: ['[', ']'], ignoreHref: false } },
			...['td', 'th'].map((selector) => ({ selector, format: 'block', options: cell })),
			{ selector: 'img', format: 'alternative' },
			// A preheader hidden from the eye is for the list of messages, not for the text part.
			...['head', 'title', 'style', 'script', '[style*="display:none"]', '[style*="display: none"]'].map(
				(selector) => ({
					selector,
					format: 'skip',
				}),
			),
		],
		formatters: {
			alternative: (element, _walk, builder) => builder.addInline(element.attribs?.alt ?? ''),
		},
	});
	return (html) => convert(html);
}

/** `html`: template source that Handlebars has parsed without complaint. */
export function textTemplateFrom(html: string, htmlToText: HtmlToText): TextTemplate {
	const tags = scanTags(html);
	if (tags === null || html.includes(open) || html.includes(close)) return unsound('it has escaped or raw tags');
	if (tags.some((tag) => tag.kind === 'raw')) return unsound('a {{{...}}} value may hold HTML');
	const text = htmlToText(withPlaceholders(html, tags));
	const problem = problemOf(text, html, tags);
	if (problem !== null) return unsound(problem);
	return { kind: 'template', text: withTags(withoutGaps(text, tags), tags) };
}

function unsound(why: string): TextTemplate {
	return { kind: 'unsound', why };
}

// Equal value tags share a number, so that a link whose text is its address is seen as such.
function withPlaceholders(html: string, tags: readonly Tag[]): string {
	let protectedHtml = '';
	let from = 0;
	for (const [index, tag] of tags.entries()) {
		const same = tag.kind === 'value' ? tags.findIndex((other) => other.source === tag.source) : index;
		protectedHtml += html.slice(from, tag.start) + (tag.kind === 'comment' ? '' : `${open}${same}${close}`);
		from = tag.end;
	}
	return protectedHtml + html.slice(from);
}

function problemOf(text: string, html: string, tags: readonly Tag[]): string | null {
	// Entities may have become braces or backslashes, which would change the meaning of a tag beside them.
	if (/\{\{|\\\ue000|\{\ue000|\ue001\}/.test(text)) return 'it has braces in its text';
	if (hasBlockInsideElementTag(html, tags)) return 'an {{#if}} or the like changes an HTML tag';
	const kept = [...text.matchAll(placeholder)]
		.map((match) => Number(match[1]))
		.filter((index) => isBlockTag(tags[index]));
	if (kept.some((index, at) => at > 0 && index <= (kept[at - 1] ?? 0))) return 'blocks change their order';
	const keptSet = new Set(kept);
	for (const block of blocksOf(tags)) {
		const count = block.filter((index) => keptSet.has(index)).length;
		if (count !== 0 && count !== block.length) return 'a block begins where text is shown and ends where it is not';
	}
	return null;
}

function isBlockTag(tag: Tag | undefined): boolean {
	return tag?.kind === 'open' || tag?.kind === 'else' || tag?.kind === 'close';
}

function hasBlockInsideElementTag(html: string, tags: readonly Tag[]): boolean {
	const elementTag = /<[a-z!/\ue000][^<>]*>/gi;
	const bare = withPlaceholders(html, tags);
	for (const [tag] of bare.matchAll(elementTag)) {
		const outsideQuotes = tag.replace(/"[^"]*"|'[^']*'/g, '');
		for (const [, index] of outsideQuotes.matchAll(placeholder)) if (isBlockTag(tags[Number(index)])) return true;
	}
	return false;
}

/** The tags of each block, by number. */
function blocksOf(tags: readonly Tag[]): readonly (readonly number[])[] {
	const blocks: number[][] = [];
	const stack: number[][] = [];
	for (const [index, tag] of tags.entries()) {
		if (tag.kind === 'open') {
			const block = [index];
			blocks.push(block);
			stack.push(block);
		} else if (tag.kind === 'else') stack.at(-1)?.push(index);
		else if (tag.kind === 'close') stack.pop()?.push(index);
	}
	return blocks;
}

// A block tag between two paragraphs is a paragraph of its own; Handlebars takes its line away and would leave the blank lines on both sides.
function withoutGaps(text: string, tags: readonly Tag[]): string {
	const lines: string[] = [];
	let afterBlockTag = false;
	for (const line of text.split('\n')) {
		if (afterBlockTag && line.trim() === '') continue;
		lines.push(line);
		const found = [...line.matchAll(placeholder)];
		afterBlockTag =
			found.length > 0 &&
			line.replace(placeholder, '').trim() === '' &&
			found.every(([, index]) => isBlockTag(tags[Number(index)]));
	}
	return lines.join('\n');
}

function withTags(text: string, tags: readonly Tag[]): string {
	return `${text.replace(placeholder, (_, index: string) => tags[Number(index)]?.source ?? '').trim()}\n`;
}
