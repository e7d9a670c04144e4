/** An SMTP reply on one line of at most 1,024 characters, as the log keeps it. */
import { cleanText } from '../support/clean-text.ts';
import type { Reply } from './result.ts';

const maxLength = 1024;

/** Code once, the enhanced code once, then the text of all lines. */
export function replyLine(reply: Reply): string {
	const { code, enhancedCode, lines } = reply;
	const [first = ''] = lines;
	// Nearly every reply has one line, and this is on the way of each message: no arrays for it.
	if (lines.length === 1) return cleanText(`${code} ${first}`.trimEnd(), maxLength);
	let text = `${code} ${first.trim()}`;
	for (let index = 1; index < lines.length && text.length <= maxLength; index += 1) {
		const line = lines[index] ?? '';
		const repeats = enhancedCode !== '' && line.startsWith(`${enhancedCode} `);
		text += ` ${(repeats ? line.slice(enhancedCode.length) : line).trim()}`;
	}
	return cleanText(text.trimEnd(), maxLength);
}
