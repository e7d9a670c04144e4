/** Brings two refusals that were given for one reason to one text, so that they can be counted (reference/bounces.md §1, rule 5). */
import type { Stage } from '../../smtp/outcome.ts';
import type { Reply } from '../../smtp/reply.ts';

// The cut comes first: a hostile reply of a megabyte must not be scanned as a whole.
const maxTextLength = 2048;
/** Where ids of different length stand before a cut, the texts would end differently; so much of the beginning is the same. */
const maxReasonLength = 512;

const spaces = /[\s\u0000-\u001f\u007f-\u009f]+/g;
const webAddress = /\bhttps?:\/\/([^\s<>"'()[\],;]{0,512})/gi;
/** By hand-limited lengths, because a pattern for the whole of RFC 5321 is quadratic. */
const address = /(?:"[^"]{0,64}"|[^\s<>()[\]{},;:"|]{0,128})@[^\s<>()[\]{},;:"|]{0,255}/g;
/** `550-Reject` in the middle: a server quotes another one. */
const quotedCode = /(?<=^|\s)[245]\d\d-(?=\S)/g;
const clockOrIpv6 =
	/(?<![\w:.])(?=[\da-f.]{0,15}:[\da-f.:]{0,45}\d|[\da-f]{1,4}:[\da-f]{0,4}:)[\da-f:.]{3,45}(?![\w:])/gi;
const word = /[^\s<>()[\]{}"',;:=|!?*]+/g;
const edges = /^[-_.~/\\&#%+$]+|[-_.~/\\&#%+$]+$/g;

const hasDigit = /\d/;
const hasOtherLetter = /[^\x00-\x7f]/;
const number = /^[-+]?\d[\d.\-/_+%]*$/;
const hostName = /^(?:[^\s./@\\]{1,63}\.){1,10}(?:[a-z]{2,24}|[A-Z]{2,24}|xn--[a-z\d-]{2,59}|[^\x00-\x7f]{1,24})$/;
/** `TSS04`, `DOC-1369`, `8BITMIME`, `SMTPUTF8`: a word with a number. Of the letters A to F alone it is rather a piece of an id. */
const wordWithNumber = /^(?:([A-Z]{1,8}|[A-Z]?[a-z]{2,5})[-_]?\d{1,12}|\d{1,12}[-_]?([A-Z]{1,8}|[a-z]{2,5}))$/;
const hexadecimal = /^[\da-f]+$/i;
/** base64 may hold slashes, plus signs and letters alone in between. Long words of a language have no digits. */
const encodedId = /^(?=\S*\d)(?=\S*[a-z])(?=\S*[A-Z])[\w+/=.~-]{16,}$/;
const padding = /#={1,2}(?= |$)/g;

const runOfNumbers = /#(?:[ ]?[.,:;/_+-]?[ ]?#)+/g;
const date =
	/(?:\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? )?(?:# (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6} #|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6} #)/g;
const zone = /# (?:[ap]m|utc|gmt|z|[ce]e?s?t|[ep][sd]t)\b/g;

/**
 * The same text for the same reason, whoever the recipient is: without addresses, host names, numbers, times, IP addresses, ids and what follows the `?` of
 * a URL. It begins with the stage, the reply code and the enhanced code. Lower case, at most about 550 characters; for comparing, not for people.
 */
export function normaliseRefusal(stage: Stage, reply: Reply): string {
	const text = textOf(reply).replace(spaces, ' ').trim();
	const named = text.replace(webAddress, withoutQuery).replace(address, '@').replace(quotedCode, '');
	const masked = named.replace(clockOrIpv6, '#').replace(word, maskWord).replace(padding, '#').toLowerCase();
	const reason = masked.replace(runOfNumbers, '#').replace(date, '#').replace(zone, '#').replace(runOfNumbers, '#');
	return `${stage} ${reply.code} ${reply.enhancedCode} ${reason.slice(0, maxReasonLength)}`.trimEnd();
}

/** Gmail repeats the enhanced code on every line, and where its lines break depends on the length of the domain. */
function textOf({ lines, enhancedCode, code }: Reply): string {
	let text = '';
	for (const line of lines) {
		if (text.length >= maxTextLength) break;
		let rest = line.slice(0, maxTextLength).trimStart();
		const repeated = rest.startsWith(String(code)) && (rest[3] === ' ' || rest[3] === '-');
		if (repeated) rest = rest.slice(4).trimStart();
		if (enhancedCode !== '' && rest.startsWith(enhancedCode)) rest = rest.slice(enhancedCode.length);
		text += `${rest.trim()} `;
	}
	return text.slice(0, maxTextLength);
}

function withoutQuery(_url: string, rest: string): string {
	const end = rest.search(/[?#]/);
	return (end === -1 ? rest : rest.slice(0, end)).replaceAll('/', ' ');
}

function maskWord(found: string): string {
	if (found === '@') return found;
	const bare = found.replace(edges, '');
	if (!hasDigit.test(bare)) return hostName.test(bare) ? found.replace(bare, '@') : found;
	if (number.test(bare)) return '#';
	if (hostName.test(bare)) return '@';
	if (encodedId.test(bare)) return '#';
	if (bare.includes('/')) return bare.split('/').map(maskWord).join('/');
	return hasOtherLetter.test(bare) ? bare.replace(/[\da-z.-]*\d[\da-z.-]*/gi, '#') : maskId(bare);
}

function maskId(bare: string): string {
	const match = wordWithNumber.exec(bare);
	const letters = match?.[1] ?? match?.[2] ?? '';
	const isPieceOfId = letters === '' || (bare.length >= 6 && hexadecimal.test(bare));
	return isPieceOfId ? '#' : bare.replace(/\d+/, '#');
}
