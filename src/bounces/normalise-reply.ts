/** Brings the text of a reply into the one form that the rules are written for (reference/bounces.md §1, rule 4). */
import type { Reply } from '../smtp/reply.ts';

/** No rule ever sees more: the first line tells who speaks, the last one often why (GMX), the middle of a huge text is nobody's reason. */
export const maxTextLength = 2048;
const headLength = 1536;
const tailLength = maxTextLength - headLength - 1;

const nonAscii = /[^\x00-\x7f]/;
const latinAccents = /([a-z])[\u0300-\u036f]+/g;
const spaces = /[\s\u0000-\u001f\u007f-\u009f\u200b-\u200f\ufeff]+/g;
const curlyQuotes = /[\u2018\u2019\u02bc\u0060\u00b4]/g;
const localPartCharacter = /[^\s<>()[\],;:"'|=/]/;
const enhancedCodeAtStart = /^(?:\S{0,12} )?[([<]?#?([245]\.\d{1,3}\.\d{1,3})(?![.\d])/;
const enhancedCodeInBrackets = /[#([]([245]\.\d{1,3}\.\d{1,3})(?![.\d])/;

export interface NormalisedReply {
	/** Lower case, at most `maxTextLength`. */
	readonly text: string;
	/** Subject and detail of the enhanced code, `7.1` of `5.7.1`; '' when there is none. Its class is the reply code's. */
	readonly enhanced: string;
}

export function normaliseReply(reply: Reply): NormalisedReply {
	const raw = capped(reply.lines);
	let text = raw.toLowerCase().replace(curlyQuotes, "'");
	if (nonAscii.test(text)) text = foldLetters(text);
	text = withoutRepeatedCodes(text.replace(spaces, ' '), reply);
	if (text.includes('@')) text = withoutLocalParts(text);
	const code = reply.enhancedCode !== '' ? reply.enhancedCode : codeInText(text);
	return { text: text.length > maxTextLength ? text.slice(0, maxTextLength) : text, enhanced: code.slice(2) };
}

/** All lines as one text. The cut comes first: a hostile reply of a megabyte must not be scanned as a whole. */
function capped(lines: readonly string[]): string {
	const total = lines.reduce((sum, line) => sum + line.length + 1, -1);
	if (total <= maxTextLength) return lines.join(' ');
	let head = '';
	for (let index = 0; head.length < headLength && index < lines.length; index += 1) {
		head += `${(lines[index] ?? '').slice(0, headLength)} `;
	}
	let tail = '';
	for (let index = lines.length - 1; tail.length < tailLength && index >= 0; index -= 1) {
		tail = `${(lines[index] ?? '').slice(-tailLength)} ${tail}`;
	}
	return `${head.slice(0, headLength)} ${tail.slice(-tailLength)}`;
}

/** Full-width letters become plain ones and Latin letters lose their accents; the accents of other scripts are letters and stay. */
function foldLetters(text: string): string {
	return text.normalize('NFKD').replace(latinAccents, '$1').normalize('NFC').replaceAll('ł', 'l').replaceAll('ı', 'i');
}

/** Gmail says its codes on every line, and quoted replies carry them in the middle of the text. */
function withoutRepeatedCodes(text: string, reply: Reply): string {
	const code = String(reply.code);
	let result = ` ${text}`;
	if (result.includes(code)) result = result.replaceAll(` ${code}-`, ' ').replaceAll(` ${code} `, ' ');
	if (reply.enhancedCode !== '') result = result.replaceAll(` ${reply.enhancedCode} `, ' ');
	return result.trim();
}

/** `<full@example.org>` must not read as "full"; the domain stays, some rules need it. By hand, because a pattern for it is quadratic. */
function withoutLocalParts(text: string): string {
	let result = '';
	let from = 0;
	for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
		let start = at;
		while (start > from && localPartCharacter.test(text.charAt(start - 1))) start -= 1;
		result += text.slice(from, start);
		from = at;
	}
	return result + text.slice(from);
}

/** qmail and others put it at the end, as in `(#5.1.1)`. An IP address is none. */
function codeInText(text: string): string {
	return enhancedCodeAtStart.exec(text)?.[1] ?? enhancedCodeInBrackets.exec(text)?.[1] ?? '';
}
