/** Reads a reply that someone wrote down (a bounce, a log, a test) back into lines and codes (RFC 5321 §4.2, RFC 2034). */
import type { Reply } from '../smtp/reply.ts';

const codeAndText = /^\s*([2-5]\d\d)(?:[ -]|$)(.*)$/s;
const enhancedCode = /^\s*#?([245]\.\d{1,3}\.\d{1,3})(?![.\d])/;
/** What stands before a reply that is quoted: `smtp; 550 ...`, `host mx.example.org[192.0.2.1] said: 550 ...`, `<<< 550 ...`. */
const quoting =
	/(?:\b(?:said|says|responded|response|replied|answered|returned|smtp|was|talk to me)\s?[:;]|<<<|->|[:;]\s["'])\s?["'<]?(?=[45]\d\d[ -])/i;
const longestQuoting = 1000;

/**
 * `550-5.1.1 No such user\n550 5.1.1 Sorry` as a Reply. Text without a reply code gets `fallbackCode`, or 450 when it begins with an enhanced code of
 * class 4. A class of the enhanced code that contradicts the reply code makes it '', as with replies read from the wire.
 */
export function replyFromText(text: string, fallbackCode = 550): Reply {
	const lines: string[] = [];
	let code = 0;
	for (const line of withoutQuoting(text).split(/\r\n|\n|\r/)) {
		const match = codeAndText.exec(line);
		if (match !== null && code === 0) code = Number(match[1]);
		lines.push(match !== null && Number(match[1]) === code ? (match[2] ?? '') : line);
	}
	const found = enhancedCode.exec(lines[0] ?? '')?.[1] ?? '';
	if (code === 0) code = found.startsWith('4') ? 450 : fallbackCode;
	return { code, enhancedCode: found.startsWith(String(code).charAt(0)) ? found : '', lines };
}

function withoutQuoting(text: string): string {
	if (codeAndText.test(text)) return text;
	const beginning = text.slice(0, longestQuoting);
	const found = quoting.exec(beginning);
	return found === null ? text : text.slice(found.index + found[0].length);
}
