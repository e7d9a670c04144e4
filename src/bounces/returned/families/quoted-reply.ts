/** Finds the SMTP reply that a notice quotes, with its code, all its lines and who said it (RFC 5321 §4.2, RFC 3463). */

export interface QuotedReply {
	/** Begins with the reply code, or with the enhanced code where no other is given; one line. */
	readonly reply: string;
	readonly enhancedCode: string;
	/** '' when unknown. */
	readonly server: string;
}

const maxReplyLength = 1_500;
const maxReplyLines = 25;

const code = String.raw`(?:4(?:2[0-2]|3[0-2]|5\d|7[0-2])|5(?:0[0-4]|1\d|2\d|3[0-8]|4\d|5\d|7[0-3]))`;
const codeAtStart = new RegExp(
	String.raw`^[\s<>#*"'(\[|-]{0,40}(?:smtp; ?|error:? |x-unix; ?)?(${code})(?=[ -]|$|: )`,
	'i',
);
const codeAfterWord = new RegExp(
	String.raw`(?:[:;=,>]|\bsaid|\bresponse|\breply|\berror|\bcode|\bstatus|\breturned|\bwith|\bwas)\s{0,4}["'<(\[#]{0,2}(${code})(?=(?: |-|: )["'<(\[#]{0,2}[^\s\d]|[ -]#?[245]\.\d|[ -]\d{3}[ -]|["')\]]?\s*$)`,
	'i',
);
const codeBeforeEnhanced = new RegExp(String.raw`(?:^|[\s("'\[<#;:-])(${code})[ -]{1,3}\(?#?[245]\.\d\.\d`);
const enhancedAtStart =
	/^[\s<>#*"'([|-]{0,40}(?:smtp; ?|(?:reason|status|error|diagnostic(?: code)?):\s{0,10})?#?([245]\.\d\.\d{1,3})(?![\d.])/i;
const enhancedAnywhere = /(?<![\d.])([245]\.\d\.\d{1,3})(?!\.?\d)/;
const amount = /^\d{3} (?:kb|mb|gb|[km]?bytes?|messages?|seconds?|minutes?|hours?|days?|%)\b/i;

const serverPatterns: readonly RegExp[] = [
	/\bhost:? "?<?([a-z0-9_.-]{3,253})/i,
	/\btalking to "?<?([a-z0-9_.-]{3,253})/i,
	/\bconnect(?:ing|ion)? (?:to|with) ([a-z0-9_.-]{3,253})/i,
	/\bserver:? "?<?([a-z0-9_-]{1,63}\.[a-z0-9_.-]{2,253})/i,
	/\bby ([a-z0-9_-]{1,63}\.[a-z0-9_.-]{2,253})/i,
	/\bremote-mta: (?:dns; ?)?<?([a-z0-9_.-]{3,253})/i,
	/^\s{0,20}([a-z0-9_-]{1,63}\.[a-z0-9_.-]{2,253}) \[[\d.:a-f]{2,45}\]/i,
	/(\[?\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\]? (?:does not like|failed|said)/i,
];

/** The first reply that says something; what follows are replies that it quotes itself, or the next recipient's. Null when there is none. */
export function findReply(lines: readonly string[]): QuotedReply | null {
	let index = -1;
	for (const [at, line] of lines.entries()) {
		const offset = replyOffset(line);
		if (offset === -1) continue;
		if (index === -1) index = at;
		// "Status code: 550 5.1.1" is told in words further down.
		if (isBare(line.slice(offset))) continue;
		index = at;
		break;
	}
	const line = lines[index];
	if (line === undefined) return null;
	const offset = replyOffset(line);
	const reply = wholeReply(lines, index, offset);
	const before = lines.slice(Math.max(0, index - 6), index).reverse();
	return { reply, enhancedCode: enhancedCodeIn(reply), server: serverIn([line.slice(0, offset), ...before]) };
}

function isBare(reply: string): boolean {
	return /^[\d. #;:>\])-]*$/.test(reply);
}

/** Where in a line a reply begins, or -1. */
export function replyOffset(line: string): number {
	for (const pattern of [codeBeforeEnhanced, codeAtStart, codeAfterWord]) {
		const match = pattern.exec(line);
		if (match === null) continue;
		const offset = match.index + match[0].indexOf(match[1] ?? '');
		if (!amount.test(line.slice(offset, offset + 20))) return offset;
	}
	const bare = enhancedAtStart.exec(line);
	return bare === null ? -1 : bare[0].lastIndexOf(bare[1] ?? '');
}

/** `5.1.1` of a text, '' when it has none. */
export function enhancedCodeIn(text: string): string {
	const cut = text.slice(0, 4_000);
	const replyCode = /^\d/.exec(cut)?.[0];
	const first = enhancedAnywhere.exec(cut)?.[1] ?? '';
	return replyCode !== undefined && first !== '' && first.charAt(0) !== replyCode && /^\d{3}/.test(cut) ? '' : first;
}

/** Who said it, looked for in the lines that lead to a reply, the nearest first. */
export function serverIn(lines: readonly string[]): string {
	for (const line of lines) {
		for (const pattern of serverPatterns) {
			const name = (pattern.exec(line.slice(0, 1_000))?.[1] ?? '').replace(/[.:-]+$/, '').replace(/^\[/, '');
			if (name.includes('.')) return name.toLowerCase();
		}
	}
	return '';
}

/** Lines as one, without blanks at the ends or twice in a row. */
export function joinLines(lines: readonly string[]): string {
	let joined = '';
	for (const line of lines) {
		const trimmed = line.trim();
		if (trimmed !== '') joined += joined === '' ? trimmed : ` ${trimmed}`;
		if (joined.length > maxReplyLength) break;
	}
	return joined.replace(/\s+/g, ' ').slice(0, maxReplyLength);
}

// What follows a reply without belonging to it.
const trailer =
	/^\s{0,20}(?:-{3}|={3}|\*{3}|_{3}|>>>|Reporting-MTA|Remote-MTA|Final-Recipient|Action:|Status:|Message details|If you (?:have|need|wish|would)|Questions|Additional information|The message (?:was|subject|date|headers)|Giving up|\[?Message-ID|Last-Attempt|I'm not going|This has been|Giving up on|No action is required|\d{1,2} more)/i;

function wholeReply(lines: readonly string[], index: number, offset: number): string {
	const first = (lines[index] ?? '').slice(offset);
	const parts = [first];
	const isTranscript = /<<< ?$/.test((lines[index] ?? '').slice(0, offset));
	for (let next = index + 1; next < lines.length && next - index < maxReplyLines; next += 1) {
		let line = lines[next] ?? '';
		if (isTranscript) {
			const spoken = /^\s{0,20}<<< ?(?=\d{3})/.exec(line);
			if (spoken === null || line.slice(spoken[0].length, spoken[0].length + 3) !== first.slice(0, 3)) break;
			line = line.slice(spoken[0].length);
		} else if (line.trim() === '' || trailer.test(line)) break;
		parts.push(line);
	}
	const joined = joinLines(parts).replace(/^(\d{3})[ -]+(?=\1[ -])/, '');
	return withoutOpenBracket(joined);
}

/** `(550 no such user)`, `[550 ...]`, `<550 ...>` and `'550 ...'` lose the bracket that was opened before the code. */
function withoutOpenBracket(reply: string): string {
	const last = reply.charAt(reply.length - 1);
	if (last === "'" && reply.indexOf("'") === reply.length - 1) return reply.slice(0, -1);
	const opening = last === ']' ? '[' : last === ')' ? '(' : last === '>' ? '<' : '';
	if (opening === '') return reply;
	return reply.split(opening).length < reply.split(last).length ? reply.slice(0, -1) : reply;
}
