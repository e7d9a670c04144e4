/** What is reported of one recipient: the status and the words of the notice brought together (reference/bounces.md §1, rule 8). */
import type { Classify } from '../classify.ts';
import { type ReadNotice, readNotice } from './families/text-families.ts';
import { addressesIn, addressIn, isSameAddress } from './mail-addresses.ts';
import type { HeaderFields, MailParts } from './mail-parts.ts';
import type { DsnRecipient } from './read-dsn.ts';
import { type Meaning, meaningOf } from './refusal-of.ts';
import type { MailKind, RecipientReport } from './returned-mail.ts';
import type { TextReport } from './text-family.ts';
import { wholeReply } from './whole-reply.ts';

/** Asks the families once, and only when somebody wants to know. */
export function wordsOfFamilies(mail: MailParts): () => ReadNotice | null {
	let known: ReadNotice | null | undefined;
	return () => {
		if (known === undefined) known = readNotice(mail);
		return known;
	};
}

export interface DsnContext {
	readonly mail: MailParts;
	readonly words: () => ReadNotice | null;
	readonly classify: Classify;
	/** The only recipient of the report. */
	readonly isAlone: boolean;
}

export function reportOfDsn(one: DsnRecipient, { mail, words, classify, isAlone }: DsnContext): RecipientReport {
	const recipient = one.recipient || (isAlone ? namedIn(words()) || addressee(mail) : '');
	if (one.kind === 'delivered')
		return { ...plainReport('delivered', recipient), enhancedCode: one.status, reply: one.diagnostic };
	const { kind, status } = one;
	const provider = `${one.server} ${domainOf(recipient)}`;
	const said = wholeReply(one.diagnostic, mail.text);
	const byReport = meaningOf({ said, status, kind, provider }, classify);
	const text = byReport.isByText || saysEnough(one.diagnostic, byReport) ? null : textAbout(one, { words, isAlone });
	const byText =
		text === null
			? null
			: meaningOf({ said: text.reply, status: status || text.enhancedCode, kind, provider }, classify);
	const better = byText !== null && (byText.isByText || one.diagnostic === '') ? byText : byReport;
	return {
		...failureReport(kind, recipient, better),
		finalRecipient: one.finalRecipient,
		server: better.reply.server || one.server,
	};
}

/** Words that no rule knows, under a number that is clear: the sentences around them are about less. */
function saysEnough(diagnostic: string, { refusal }: Meaning): boolean {
	return (
		refusal.category !== 'unknown' &&
		/\p{L}{3,}\P{L}+\p{L}{2,}\P{L}+\p{L}{2,}/u.test(diagnostic.slice(0, 500)) &&
		refusal.rule.startsWith('enhanced:')
	);
}

function namedIn(words: ReadNotice | null): string {
	const [first, ...more] = words?.reports ?? [];
	return first === undefined || more.length > 0 ? '' : first.recipient;
}

/** What people were told about this recipient, where the report says only a number. */
function textAbout(one: DsnRecipient, { words, isAlone }: Pick<DsnContext, 'words' | 'isAlone'>): TextReport | null {
	const reports = words()?.reports ?? [];
	const own = reports.find(
		({ recipient }) => isSameAddress(recipient, one.recipient) || isSameAddress(recipient, one.finalRecipient),
	);
	const [first] = reports;
	const found = own ?? (isAlone && reports.length === 1 ? first : undefined);
	return found === undefined || found.reply === '' ? null : found;
}

export function reportOfText(
	text: TextReport,
	{ mail, classify }: Pick<DsnContext, 'mail' | 'classify'>,
): RecipientReport {
	const kind = text.isDelay ? 'delay' : 'bounce';
	const recipient = text.recipient || addressee(mail);
	const provider = `${text.server} ${domainOf(recipient)}`;
	const meaning = meaningOf({ said: text.reply, status: text.enhancedCode, kind, provider }, classify);
	return { ...failureReport(kind, recipient, meaning), server: meaning.reply.server || text.server };
}

function failureReport(
	kind: 'bounce' | 'delay',
	recipient: string,
	{ refusal, reply, enhancedCode }: Meaning,
): RecipientReport {
	return { ...plainReport(kind, recipient), enhancedCode, reply: reply.text, server: reply.server, refusal };
}

export function plainReport(kind: MailKind, recipient: string): RecipientReport {
	return { kind, recipient, finalRecipient: '', enhancedCode: '', reply: '', server: '', refusal: null, isUndo: false };
}

/**
 * Whom the message was for, where the notice does not say: X-Failed-Recipients (Exim, Gmail), else the only recipient of what came back, else the one its trace
 * (RFC 5321 §4.4, FOR) names; '' otherwise.
 */
export function addressee({ headers, original }: MailParts): string {
	const failed = addressIn(headers.get('x-failed-recipients'));
	if (failed !== '') return failed;
	if (original === null) return besideText(headers);
	for (const name of ['x-original-to', 'x-envelope-to', 'envelope-to', 'to']) {
		const [first, ...more] = addressesIn(original.get(name), 2);
		if (first !== undefined && more.length === 0) return first;
	}
	const trace = original.all.find(({ name, value }) => name === 'received' && /\bfor <[^<>\s]{3,320}>/.test(value));
	return trace === undefined ? besideText(headers) : addressIn(trace.value.slice(trace.value.search(/\bfor </)));
}

/** QUIRK: MDaemon names it in the subject, DragonFly in an X-Original-To of its own. */
function besideText(headers: HeaderFields): string {
	const ours = addressesIn(`${headers.get('to')} ${headers.get('delivered-to')} ${headers.get('from')}`);
	const named = addressesIn(`${headers.get('subject')} ${headers.get('x-original-to')}`, 5);
	return named.find((address) => !ours.some((each) => isSameAddress(each, address))) ?? '';
}

function domainOf(address: string): string {
	return address.slice(address.lastIndexOf('@') + 1);
}
