/**
 * The text part of an HTML template, made once: its tags become placeholder characters, the HTML becomes text, the tags are put back
 * (reference/ecosystem.md §1.5 traps 7 and 8). It works on the resolved tree, so partials are part of it. Where that is not sound, each rendered HTML
 * has to be converted.
 */
import { isPresent } from './ast-nodes.ts';
import type { Program } from './parse-template.ts';
import { placeholder, programFrom, type Tag, TagSheet } from './tag-sheet.ts';

export type HtmlToText = (html: string) => string;

export type TextTemplate =
	| { readonly kind: 'template'; readonly program: Program; readonly sizeBytes: number }
	/** The HTML shows nothing but pictures. */
	| { readonly kind: 'empty' }
	| { readonly kind: 'unsound'; readonly why: string };

// A conversion takes about a millisecond.
const maxCombined = 6;
const maxTried = 60;

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

/** `html`: a resolved tree, whose nodes the text template takes over. */
export function textTemplateFrom(html: Program, htmlToText: HtmlToText): TextTemplate {
	const sheet = new TagSheet(html);
	const { tags } = sheet;
	if (tags.some((tag) => tag.kind === 'value' && !tag.node.escaped)) return unsound('a {{{...}}} value may hold HTML');
	if (sheet.isTaken) return unsound('it has characters that stand for tags here');
	const text = htmlToText(sheet.text);
	const problem = problemOf(text, sheet, htmlToText);
	if (problem !== null) return unsound(problem);
	const trimmed = withoutGaps(text, tags).trim();
	if (trimmed === '') return { kind: 'empty' };
	const made = programFrom(`${trimmed}\n`, tags);
	return made === null ? unsound('its blocks do not fit together without the HTML') : { kind: 'template', ...made };
}

function unsound(why: string): TextTemplate {
	return { kind: 'unsound', why };
}

function problemOf(text: string, { text: html, tags }: TagSheet, htmlToText: HtmlToText): string | null {
	const kept = [...text.matchAll(placeholder)]
		.map((match) => Number(match[1]))
		.filter((number) => isBlockTag(tags[number]));
	if (kept.some((number, at) => at > 0 && number <= (kept[at - 1] ?? 0))) return 'blocks change their order';
	const keptSet = new Set(kept);
	for (const block of blocksOf(tags)) {
		const count = block.filter((number) => keptSet.has(number)).length;
		if (count !== 0 && count !== block.length) return 'a block begins where text is shown and ends where it is not';
	}
	for (const shows of trials(tags)) {
		const [once, anew] = [chooseBlocks(text, tags, shows), htmlToText(chooseBlocks(html, tags, shows))];
		if (letters(once) !== letters(anew)) return 'an {{#if}} or the like changes how the HTML around it is read';
	}
	return null;
}

// A block may cut through elements in ways that nobody can list, so it is tried: every combination of a few blocks; of many, all shown, none, all but one.
function* trials(tags: readonly Tag[]): Iterable<(block: number) => boolean> {
	const opened = [...tags.keys()].filter((number) => isOpening(tags[number]));
	if (opened.length === 0) return;
	if (opened.length <= maxCombined) {
		for (let choice = 0; choice < 2 ** opened.length; choice++) {
			yield (number) => ((choice >> opened.indexOf(number)) & 1) === 1;
		}
		return;
	}
	yield () => true;
	yield () => false;
	for (const one of opened.slice(0, maxTried)) yield (number) => number !== one;
}

/** What is left of a sheet's text when of each block one side is shown. */
function chooseBlocks(text: string, tags: readonly Tag[], shows: (block: number) => boolean): string {
	let chosen = '';
	let from = 0;
	let isShown = true;
	const around: { readonly isShown: boolean; isDecided: boolean }[] = [];
	for (const match of text.matchAll(placeholder)) {
		const number = Number(match[1]);
		const tag = tags[number];
		if (tag === undefined || tag.kind === 'value') continue;
		if (isShown) chosen += text.slice(from, match.index);
		from = match.index + match[0].length;
		if (tag.kind === 'open') around.push({ isShown, isDecided: false });
		const block = around.at(-1);
		if (block === undefined) continue;
		if (tag.kind === 'close') {
			isShown = block.isShown;
			around.pop();
			continue;
		}
		// {{^if x}} shows what follows it when a plain block would not.
		const isWanted = tag.node === null || shows(number) === isPresent(tag.node.program);
		isShown = block.isShown && !block.isDecided && isWanted;
		block.isDecided ||= isWanted;
	}
	return isShown ? chosen + text.slice(from) : chosen;
}

function letters(text: string): string {
	return text.replace(/\s+/g, '');
}

function isBlockTag(tag: Tag | undefined): boolean {
	return tag !== undefined && tag.kind !== 'value';
}

function isOpening(tag: Tag | undefined): boolean {
	return tag !== undefined && tag.kind !== 'value' && tag.node !== null;
}

/** The tags of each block, by number; outer blocks before those in them. */
function blocksOf(tags: readonly Tag[]): readonly (readonly number[])[] {
	const blocks = new Map<number, number[]>();
	for (const [number, tag] of tags.entries()) {
		if (tag.kind === 'open') blocks.set(number, [number]);
		else if (tag.kind !== 'value') blocks.get(tag.block)?.push(number);
	}
	return [...blocks.values()];
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
			found.every(([, number]) => isBlockTag(tags[Number(number)]));
	}
	return lines.join('\n');
}
