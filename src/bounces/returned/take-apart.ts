/** Takes a returned mail apart (RFC 5322, RFC 2045-2049): postal-mime reads the MIME, this mends what it cannot know and keeps what could tell who failed. */
import PostalMime, { type Attachment, type Email } from 'postal-mime';
import { findOriginal } from './find-original.ts';
import { headerFields, linesOf, readable, readHeaderFields } from './header-fields.ts';
import { htmlWords } from './html-words.ts';
import type { HeaderFields, MailPart, MailParts } from './mail-parts.ts';
import { mendedBoundary, tidied } from './tidy-octets.ts';
import { withoutBulk } from './without-bulk.ts';

/** What lies behind is the message that came back with its pictures: who failed, and why, stands before it. */
const maxOctets = 1_048_576;
const maxTextLength = 262_144;
const maxPartLength = 1_048_576;
const limits = { forceRfc822Attachments: true, maxNestingDepth: 30, maxHeadersSize: 262_144 };

/** Takes anything for a mail. Reads at most 1 MB of it; gives the beginning of texts and of what came back. */
export async function takeApart(octets: Uint8Array): Promise<MailParts> {
	const tidy = withoutBulk(tidied(octets.subarray(0, maxOctets)));
	const email = await parsed(tidy);
	if (email === null) return withoutMime(tidy);
	const headers = headerFields(email.headers.map(({ key, value }) => ({ name: key, value: readable(value) })));
	const type = typeOf(headers.get('content-type'));
	const found = partsOf(email);
	const text = textOf(found);
	const isBroken = found.length === 0 || (found.length === 1 && !type.startsWith('multipart/'));
	const mended = isBroken ? mendedBoundary(tidy) : null;
	const inner = mended === null ? null : await parsed(mended);
	const parts = inner === null || partsOf(inner).length === 0 ? found : partsOf(inner);
	const words = inner === null ? text : textOf(parts);
	const whole = { headers, type, reportType: reportTypeOf(headers), parts };
	if (words === '' && parts.length === 0) return { ...withoutMime(tidy), ...whole };
	return { ...whole, text: words, original: findOriginal(parts, words) };
}

async function parsed(octets: Uint8Array): Promise<Email | null> {
	try {
		return await PostalMime.parse(octets, limits);
	} catch {
		// Nested too deep, or headers without end: what people would read is still to be had without MIME.
		return null;
	}
}

function withoutMime(octets: Uint8Array): MailParts {
	const text = decoded(octets);
	const headers = readHeaderFields(linesOf(text));
	const end = text.indexOf('\n\n');
	const body = end === -1 ? '' : text.slice(end + 2, end + 2 + maxTextLength);
	const parts: readonly MailPart[] = [{ type: 'text/plain', text: body, fileName: '' }];
	const type = typeOf(headers.get('content-type'));
	return { headers, type, reportType: reportTypeOf(headers), text: body, parts, original: findOriginal(parts, body) };
}

/** `multipart/report`, without parameters and comments. */
export function typeOf(contentType: string): string {
	return /^[\s"]*([\w.+-]+\/[\w.+-]+)/.exec(contentType)?.[1]?.toLowerCase() ?? 'text/plain';
}

function reportTypeOf(headers: HeaderFields): string {
	return /\breport-type\s*=\s*"?\s*([\w-]+)/i.exec(headers.get('content-type'))?.[1]?.toLowerCase() ?? '';
}

function partsOf(email: Email): readonly MailPart[] {
	const parts: MailPart[] = [];
	if (email.text !== undefined && email.text.trim() !== '') {
		parts.push({ type: 'text/plain', text: cleaned(email.text).slice(0, maxTextLength), fileName: '' });
	}
	if (email.html !== undefined) {
		parts.push({ type: 'text/html', text: cleaned(email.html).slice(0, maxTextLength), fileName: '' });
	}
	for (const attachment of email.attachments) parts.push(partOf(attachment));
	return parts;
}

function partOf({ mimeType, filename, content }: Attachment): MailPart {
	const type = mimeType === '' ? 'text/plain' : mimeType;
	const fileName = filename ?? '';
	const isText = /^(?:text|message)\//.test(type) || /\.(?:eml|txt|msg|dat|html?)$/i.test(fileName);
	if (!isText) return { type, text: '', fileName };
	const octets =
		typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content).subarray(0, maxPartLength);
	return { type, text: cleaned(decoded(octets)), fileName };
}

/** HTML counts where nobody wrote text, or one line to say that there is HTML. */
function textOf(parts: readonly MailPart[]): string {
	const plain = parts.find(({ type }) => type === 'text/plain')?.text ?? '';
	const html = parts.find(({ type }) => type === 'text/html')?.text ?? '';
	if (plain.trim().length > 200 || html === '') return plain;
	const words = htmlWords(html);
	return words.length > plain.length * 2 ? words : plain;
}

/** QUIRK: Japanese in iso-2022-jp (seven bits, after an ESC) whose Content-Type tells of no charset. */
function cleaned(text: string): string {
	const readable = text.includes('\u001b$') ? decoded(Buffer.from(text, 'latin1')) : text;
	return readable.includes('\r') ? readable.replace(/\r\n?/g, '\n') : readable;
}

function decoded(octets: Uint8Array): string {
	const text = new TextDecoder('utf-8').decode(octets);
	if (text.includes('\u001b$')) return new TextDecoder('iso-2022-jp').decode(octets);
	return text.includes('\ufffd') ? new TextDecoder('windows-1252').decode(octets) : text;
}
