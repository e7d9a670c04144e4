/** What a recipient address asks the sandbox to do: the last `+tag` of its local part, as in `zoe+bounce-550-5-1-1@example.com`. */
import { replyTextFor } from './reply-texts.ts';

export interface SandboxReply {
	/** 400 to 599. */
	readonly code: number;
	/** Enhanced code, when there is one, and text; one line. */
	readonly text: string;
}

export type AskedBehaviour =
	| { readonly kind: 'accept' }
	/** `once`: only the first time that this address is seen. */
	| { readonly kind: 'refuse'; readonly at: 'rcpt' | 'verdict'; readonly once: boolean; readonly reply: SandboxReply }
	| { readonly kind: 'slow'; readonly delayMs: number }
	/** Without a reply: at RCPT, or after the dot, with the message taken. */
	| { readonly kind: 'close'; readonly at: 'rcpt' | 'verdict' };

/** The list for `--help` and the README, in the order in which people need it. */
export const sandboxAddresses: readonly { readonly address: string; readonly effect: string }[] = [
	{ address: 'name+bounce@example.com', effect: 'refused: 550 5.1.1 User unknown' },
	{ address: 'name+bounce-550-5-2-1@example.com', effect: 'refused with that code (500 to 559) and enhanced code' },
	{ address: 'name+bounce-554@example.com', effect: 'refused with that code and no enhanced code' },
	{ address: 'name+bounce-data-550-5-7-1@example.com', effect: 'refused after the message, at the final dot' },
	{ address: 'name+defer@example.com', effect: 'greylisted: 450 4.2.0 the first time, then accepted' },
	{ address: 'name+defer-452-4-2-2@example.com', effect: 'deferred with that code (421, 450 to 459) every time' },
	{ address: 'name+defer-data-451-4-3-0@example.com', effect: 'deferred after the message, at the final dot' },
	{ address: 'name+slow-2000@example.com', effect: 'accepted 2000 ms after the final dot (at most 60000)' },
	{ address: 'name+close@example.com', effect: 'connection closed at RCPT, without a reply' },
	{ address: 'name+close-after-dot@example.com', effect: 'message taken, connection closed without a reply' },
];

const maxDelayMs = 60_000;
const accept: AskedBehaviour = { kind: 'accept' };
const tagOfAddress = /\+((?:bounce|defer|slow|close)(?:-[^+]*)?)$/i;
const codesOfTag = /^(data-)?([245]\d\d)(?:-([245])-(\d{1,3})-(\d{1,3}))?$/;

/** Ordinary plus addresses (`zoe+news@`, `zoe+bouncer@`) are accepted; a tag that almost asks for something is refused with 501 and the reason. */
export function askedBehaviour(address: string): AskedBehaviour {
	const tag = tagOfAddress.exec(address.slice(0, address.lastIndexOf('@')))?.[1]?.toLowerCase();
	if (tag === undefined) return accept;
	const dash = tag.indexOf('-');
	const verb = dash < 0 ? tag : tag.slice(0, dash);
	const details = dash < 0 ? '' : tag.slice(dash + 1);
	switch (verb) {
		case 'slow':
			return slow(tag, details);
		case 'close':
			if (dash < 0) return { kind: 'close', at: 'rcpt' };
			if (details === 'after-dot') return { kind: 'close', at: 'verdict' };
			return notUnderstood(tag, 'use +close or +close-after-dot');
		case 'defer':
			if (dash < 0) return refuse(450, '4.2.0', { at: 'rcpt', once: true });
			return withCodes(tag, details, {
				isFitting: isDeferral,
				advice: 'use 421 or 450 to 459, as in +defer-452-4-2-2',
			});
		default:
			if (dash < 0) return refuse(550, '5.1.1', { at: 'rcpt', once: false });
			return withCodes(tag, details, { isFitting: isRefusal, advice: 'use 500 to 559, as in +bounce-550-5-1-1' });
	}
}

function slow(tag: string, details: string): AskedBehaviour {
	const delayMs = /^\d{1,9}$/.test(details) ? Number(details) : Number.NaN;
	if (!(delayMs <= maxDelayMs)) return notUnderstood(tag, `use milliseconds up to ${maxDelayMs}, as in +slow-2000`);
	return { kind: 'slow', delayMs };
}

function withCodes(
	tag: string,
	details: string,
	options: { readonly isFitting: (code: number) => boolean; readonly advice: string },
): AskedBehaviour {
	const [, data, codeText, codeClass, subject, detail] = codesOfTag.exec(details) ?? [];
	const code = Number(codeText);
	if (!options.isFitting(code)) return notUnderstood(tag, options.advice);
	// RFC 2034 §4: the class of the enhanced code is the first digit of the reply.
	if (codeClass !== undefined && codeClass !== codeText?.[0]) {
		return notUnderstood(tag, `the enhanced code of a ${code} begins with ${codeText?.[0]}`);
	}
	const enhancedCode = codeClass === undefined ? '' : `${codeClass}.${Number(subject)}.${Number(detail)}`;
	return refuse(code, enhancedCode, { at: data === undefined ? 'rcpt' : 'verdict', once: false });
}

function refuse(
	code: number,
	enhancedCode: string,
	options: { readonly at: 'rcpt' | 'verdict'; readonly once: boolean },
): AskedBehaviour {
	const text = `${enhancedCode} ${replyTextFor(code, enhancedCode)}`.trim();
	return { kind: 'refuse', at: options.at, once: options.once, reply: { code, text } };
}

function notUnderstood(tag: string, advice: string): AskedBehaviour {
	const text = `5.5.4 The sandbox does not understand +${tag.slice(0, 40)}: ${advice}`;
	return { kind: 'refuse', at: 'rcpt', once: false, reply: { code: 501, text } };
}

// RFC 5321 §4.2.1: the second digit is 0 to 5.
const isRefusal = (code: number) => code >= 500 && code <= 559;
const isDeferral = (code: number) => code === 421 || (code >= 450 && code <= 459);
