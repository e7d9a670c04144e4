/** A template file into header lines and body (design.md §7): mail's own form, or the same lines between two lines of `---`. */
import { cleanText } from '../support/clean-text.ts';
import { isHeaderName } from './header-names.ts';
import type { TemplateText } from './parse-template.ts';
import type { Problem } from './template-problem.ts';

/** One header line, continuation lines included: `text` is the value with the line breaks and indents it has in the file. */
export interface HeaderLine extends TemplateText {
	/** As written. */
	readonly name: string;
}

export interface SplitTemplate {
	readonly headers: readonly HeaderLine[];
	readonly body: TemplateText;
	readonly problems: readonly Problem[];
}

const headerLine = /^([!-9;-~]+)[ \t]*:[ \t]*/;
// A first line like `Dear {{name}}:` or `http://...` has no header name before its colon.
const firstHeaderLine = /^[A-Za-z][A-Za-z0-9-]*[ \t]*:(?!\/\/)/;

/**
 * `text` has LF line ends and no byte order mark; places are in `file`. `isSibling`: the file beside the named one, where a first block counts as
 * headers only if all its names are header names: the named file may have them all, and `Note: please read` is what it looks like.
 */
export function splitHeaderBlock(text: string, file: string, { isSibling = false } = {}): SplitTemplate {
	const lines = text.split('\n');
	const first = lines[0] ?? '';
	if (first.trimEnd() === '---') return splitFenced(lines, file);
	if (/^\s*</.test(text)) return { headers: [], body: bodyFrom(lines, 0, file), problems: [] };
	// An empty first line is a header block without headers.
	if (first.trim() === '') return { headers: [], body: bodyFrom(lines, 1, file), problems: [] };
	if (!firstHeaderLine.test(first)) return { headers: [], body: bodyFrom(lines, 0, file), problems: [] };
	const blank = lines.findIndex((line) => line.trim() === '');
	const end = blank === -1 ? lines.length : blank;
	const { headers, problems } = readHeaders(lines.slice(0, end), file, { firstLine: 1 });
	const isBody = isSibling && (problems.length > 0 || !headers.every(({ name }) => isHeaderName(name)));
	if (isBody) return { headers: [], body: bodyFrom(lines, 0, file), problems: [] };
	return { headers, body: bodyFrom(lines, end + 1, file), problems };
}

function splitFenced(lines: readonly string[], file: string): SplitTemplate {
	const close = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---');
	if (close === -1) {
		const place = { file, line: 1, column: 1 };
		const problem = { place, message: 'the "---" that begins the header lines has no second "---" after them' };
		return { headers: [], body: bodyFrom(lines, lines.length, file), problems: [problem] };
	}
	const { headers, problems } = readHeaders(lines.slice(1, close), file, { firstLine: 2 });
	const bodyStart = lines[close + 1]?.trim() === '' ? close + 2 : close + 1;
	return { headers, body: bodyFrom(lines, bodyStart, file), problems };
}

function bodyFrom(lines: readonly string[], start: number, file: string): TemplateText {
	return { text: lines.slice(start).join('\n'), place: { file, line: start + 1, column: 1 } };
}

function readHeaders(
	lines: readonly string[],
	file: string,
	{ firstLine }: { readonly firstLine: number },
): { readonly headers: HeaderLine[]; readonly problems: Problem[] } {
	const headers: HeaderLine[] = [];
	const problems: Problem[] = [];
	for (const [index, line] of lines.entries()) {
		const place = { file, line: firstLine + index, column: 1 };
		const last = headers.at(-1);
		const match = headerLine.exec(line);
		if (/^[ \t]/.test(line)) {
			if (line.trim() === '') continue;
			if (last === undefined) problems.push({ place, message: 'the first header line is indented' });
			else headers[headers.length - 1] = { ...last, text: `${last.text}\n${line.trimEnd()}` };
		} else if (match?.[1] !== undefined) {
			const text = line.slice(match[0].length).trimEnd();
			headers.push({ name: match[1], text, place: { ...place, column: match[0].length + 1 } });
		} else if (line.trim() !== '') {
			problems.push({ place, message: notHeader(line) });
		}
	}
	return { headers, problems };
}

function notHeader(line: string): string {
	return `"${cleanText(line, 60)}" is neither a header ("Name: value") nor an indented line that goes on with one; a blank line ends the headers`;
}
