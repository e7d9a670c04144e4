/** Reads --unsubscribe-url, --unsubscribe-mailto and --verp; what would make a link or a bounce go astray is refused before anything is sent. */
import { parseAddress } from '../recipients/parse-address.ts';
import { verpProblem } from '../recipients/tokens/verp.ts';
import { cleanText } from '../support/clean-text.ts';
import { UsageError } from '../support/errors.ts';
import { parseText } from './flag-values.ts';
import { type Given, typed } from './settings/origin.ts';

const exampleUrl = 'https://acme.example/u/{{@unsubscribe_token}}';
const tags = /\{\{\{?[^{}]*\}?\}\}/g;
/** Run data that is the same for everybody, or says nothing about who somebody is. */
const nobody: ReadonlySet<string> = new Set(['@campaign', '@date', '@row']);

/**
 * Template text: `https://acme.example/u/{{@unsubscribe_token}}`. Which columns there are is judged with the template. RFC 8058 §3.1 wants https; a URL of this
 * machine may do without, for trying it out.
 */
export function parseUnsubscribeUrl(given: Given): string {
	const text = parseText(given).trim();
	const refuse = (problem: string, hint = exampleUrl): UsageError =>
		new UsageError(`${given.origin}: ${problem}: ${cleanText(text, 200)}`, { hint: typed(given.origin, `"${hint}"`) });
	if (/^\{\{/.test(text)) {
		throw new UsageError(`${given.origin}: a column that holds whole links belongs into the template`, {
			hint: `List-Unsubscribe: <${text}>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click`,
		});
	}
	// What stands in the tags is not part of the URL yet, and may hold spaces.
	const outline = text.replace(tags, 'x');
	const wrong = /[^!-;=?-~]|[{}"\\^`|]/.exec(outline);
	if (wrong !== null) throw refuse(`"${cleanText(wrong[0])}" has no place in a URL in a header: percent-encode it`);
	const url = parseUrl(outline);
	if (url === null || !['https:', 'http:'].includes(url.protocol)) throw refuse('it is no URL');
	if (url.protocol === 'http:' && !isThisMachine(url.hostname)) {
		throw refuse('mail programs unsubscribe with https only (RFC 8058)', text.replace(/^http:/i, 'https:'));
	}
	if (url.username !== '' || url.password !== '')
		throw refuse('everybody who gets the message would read the login in it');
	if (hostHasTag(text)) throw refuse('the host is the same for everybody: a row may only change what comes behind it');
	if (url.hash !== '') {
		throw refuse('what stands behind # never reaches the server', text.replace('#', ''));
	}
	if (namesOf(text).every((name) => nobody.has(name))) {
		throw refuse('everybody would have the same link, and nobody would know who leaves', withToken(text));
	}
	return text;
}

/** One address, ASCII. */
export function parseUnsubscribeMailto(given: Given): string {
	const text = parseText(given).trim();
	const hint = typed(given.origin, 'unsubscribe@acme.example');
	const refuse = (problem: string) => new UsageError(`${given.origin}: "${cleanText(text, 120)}" ${problem}`, { hint });
	if (/^mailto:/i.test(text)) throw refuse('is a URL: give the address alone, the subject is made for each recipient');
	if (text.includes('{'))
		throw refuse('holds a variable: the address is the same for everybody, the token is in the subject');
	const parsed = parseAddress(text);
	if (parsed.kind === 'invalid') throw refuse(parsed.problem);
	if (parsed.smtpUtf8) throw refuse('has letters before the @ that are not ASCII');
	return parsed.address;
}

/** An address that envelope senders can be made from. */
export function parseVerp(given: Given): string {
	const text = parseText(given).trim();
	const problem = verpProblem(text);
	if (problem === '') return text;
	throw new UsageError(`${given.origin}: "${cleanText(text, 120)}" ${problem}`, {
		hint: `${typed(given.origin, 'bounces@acme.example')}   makes bounces+(token)@acme.example`,
	});
}

function parseUrl(text: string): URL | null {
	return URL.canParse(text) ? new URL(text) : null;
}

function isThisMachine(host: string): boolean {
	return host === '127.0.0.1' || host === 'localhost' || host === '[::1]';
}

function hostHasTag(text: string): boolean {
	return (/^https?:\/\/[^/?#]*/i.exec(text)?.[0] ?? '').includes('{{');
}

/** `@unsubscribe_token`, `id`: the first word of each tag. */
function namesOf(text: string): string[] {
	return (text.match(tags) ?? []).map((tag) => tag.replace(/[{}]/g, '').trim().split(/\s/, 1)[0] ?? '');
}

function withToken(text: string): string {
	if (/[/=]$/.test(text)) return `${text}{{@unsubscribe_token}}`;
	return text.includes('?') ? `${text}&u={{@unsubscribe_token}}` : `${text}/{{@unsubscribe_token}}`;
}
