/** What a template makes of a message, as far as it is the same for everybody: so that a run can tell whether an earlier run sent the same. */
import { createHash } from 'node:crypto';
import { chooseHeaders, type HeaderFlags } from './compile-headers.ts';
import type { TemplateBody, TemplateHeader, TemplateSource } from './load-template.ts';

/**
 * From and Subject as written, the rest as SHA-256: `headers`, `html`, `text`, and `partial <file>` for each partial that is used. `--set` values are not
 * part of it: a date given on the command line is no other message. Nor is the folder that the partials are in.
 */
export interface MessageIdentity {
	readonly From: string;
	readonly Subject: string;
	readonly headers: string;
	readonly html: string;
	readonly text: string;
	readonly [partial: `partial ${string}`]: string;
}

/** Throws RunError 65 when there is no From or Subject. */
export function identifyMessage(source: TemplateSource, flags: HeaderFlags): MessageIdentity {
	const headers = chooseHeaders(source, flags);
	const partials = source.partials.used.map(({ name, text }) => [`partial ${name}`, digest(text)] as const);
	const others = headers.filter(({ name }) => name !== 'From' && name !== 'Subject');
	return {
		From: lineOf(headers, 'From'),
		Subject: lineOf(headers, 'Subject'),
		headers: digest(JSON.stringify(others.map(({ name, text }) => [name, text]))),
		html: bodyDigest(source.html),
		text: bodyDigest(source.text),
		...Object.fromEntries(partials),
	};
}

function lineOf(headers: readonly TemplateHeader[], wanted: string): string {
	return headers
		.filter(({ name }) => name === wanted)
		.map(({ text }) => text.trim())
		.join('\n');
}

/** '' when the message has no such part of its own. */
function bodyDigest(body: TemplateBody | null): string {
	return body === null ? '' : digest(body.text);
}

function digest(text: string): string {
	return createHash('sha256').update(text).digest('hex');
}
