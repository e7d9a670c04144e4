/** What stands between the cells: one ASCII character, taken from the flag, Excel's `sep=` line, or counted in the header line. */
import { UsageError } from '../support/errors.ts';

const words: Readonly<Record<string, string>> = {
	tab: '\t',
	'\\t': '\t',
	comma: ',',
	semicolon: ';',
	pipe: '|',
	space: ' ',
};

/** Reads `--delimiter`. UsageError when it cannot be one. */
export function readDelimiter(text: string): string {
	const word = text.toLowerCase();
	const delimiter = (Object.hasOwn(words, word) ? words[word] : undefined) ?? text;
	if (isDelimiter(delimiter)) return delimiter;
	throw new UsageError(`--delimiter: "${text}" cannot stand between cells`, {
		hint: 'It is one character: --delimiter ";" or --delimiter tab',
	});
}

/** One ASCII character that is no letter, digit, quote or line end. */
export function isDelimiter(text: string): boolean {
	return /^[\t !#-/:-@[-`{-~]$/.test(text);
}

/** Excel's own first line, `sep=;`, also in quotes: the character, or '' when the line is something else. */
export function readSeparatorLine(line: string): string {
	const separator = /^"?sep=(.|\\t)"?$/i.exec(line)?.[1] ?? '';
	return separator === '\\t' ? '\t' : separator;
}

// csv-parse's own `delimiter_auto` cuts a file of one column in two (reference/ecosystem.md §1.5 trap 3).
const candidates = [',', ';', '\t', '|'];

/** The candidate that occurs most often outside quotes in the header; a comma when none does. The first one wins a tie. */
export function sniffDelimiter(header: string): string {
	const outside = header.replace(/"(?:[^"]|"")*"/g, '');
	let best = ',';
	let bestCount = 0;
	for (const candidate of candidates) {
		const count = outside.split(candidate).length - 1;
		if (count > bestCount) {
			best = candidate;
			bestCount = count;
		}
	}
	return best;
}

/** How messages call it. */
export function delimiterName(delimiter: string): string {
	return delimiter === '\t' ? 'tab' : delimiter === ' ' ? 'space' : delimiter;
}
