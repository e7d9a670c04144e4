/** Reads a reply that someone wrote down (a bounce, a log, a test) back into lines and codes (RFC 5321 §4.2, RFC 2034). */
import type { Reply } from '../smtp/reply.ts';

const codeAndText = /^\s*([2-5]\d\d)(?:[ -]|$)(.*)$/s;
const enhancedCode = /^\s*#?([245]\.\d{1,3}\.\d{1,3})(?![.\d])/;

/**
 * `550-5.1.1 No such user\n550 5.1.1 Sorry` as a Reply. Text without a reply code gets `fallbackCode`. A class of the enhanced code that
 * contradicts the reply code makes it '', as with replies read from the wire.
 */
export function replyFromText(text: string, fallbackCode = 550): Reply {
	const lines: string[] = [];
	let code = 0;
	for (const line of text.split(/\r\n|\n|\r/)) {
		const match = codeAndText.exec(line);
		if (match !== null && code === 0) code = Number(match[1]);
		lines.push(match !== null && Number(match[1]) === code ? (match[2] ?? '') : line);
	}
	if (code === 0) code = fallbackCode;
	const found = enhancedCode.exec(lines[0] ?? '')?.[1] ?? '';
	return { code, enhancedCode: found.startsWith(String(code).charAt(0)) ? found : '', lines };
}
