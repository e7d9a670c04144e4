/**
 * Reads a mail that came back: what it is, and what it says of whom (RFC 3464, RFC 5965, RFC 8098, and the words of servers that know none of them).
 *
 *     complaint? -> receipt? -> delivery status -> families of text -> unsubscribe? auto-reply? -> a notice in unknown words -> a mail within
 *
 * Anybody can quote a bounce, so a machine must have written what counts as one.
 */
import { type Classify, classify } from '../classify.ts';
import { isDaemon, senderRole } from './families/sender-role.ts';
import { findAutoReply } from './find-auto-reply.ts';
import { holdsUnsubscribeToken, isUnsubscribe } from './find-unsubscribe.ts';
import { addressesIn, addressIn } from './mail-addresses.ts';
import type { MailParts } from './mail-parts.ts';
import { nestedMail } from './nested-mail.ts';
import { readArf } from './read-arf.ts';
import { type DeliveryStatus, readDsn } from './read-dsn.ts';
import { readMdn } from './read-mdn.ts';
import { type DsnContext, plainReport, reportOfDsn, reportOfText, wordsOfFamilies } from './recipient-reports.ts';
import type { MailKind, OriginalMessage, RecipientReport, ReturnedMail } from './returned-mail.ts';
import { takeApart } from './take-apart.ts';
import { isToOwner, talksOfNotice } from './talks-of-notice.ts';
import { readWordlessNotice } from './wordless-notice.ts';

interface Reading {
	readonly kind: MailKind;
	readonly reports: readonly RecipientReport[];
	readonly reader: string;
	readonly envelopeId?: string;
	/** Where the report itself names it. */
	readonly messageId?: string;
}

/** A mail, what families make of it, and who judges. */
type Asked = Omit<DsnContext, 'isAlone'>;

const maxNesting = 2;
const ordinary: Reading = { kind: 'none', reports: [], reader: '' };

/** Never throws. Reads 1 MB of the mail at most, in time linear in that. A classifier with rules of its own may judge what was said. */
export async function readReturnedMail(octets: Uint8Array, judge: Classify = classify): Promise<ReturnedMail> {
	try {
		return await readNested(octets, { judge, depth: maxNesting });
	} catch {
		// One mail among a million, made to break readers, must not end the run; it is no bounce that anybody could read.
		return { ...ordinary, original: unknownOriginal, envelopeId: '', arrivedFor: [], date: '', subject: '' };
	}
}

async function readNested(
	octets: Uint8Array,
	{ judge, depth }: { readonly judge: Classify; readonly depth: number },
): Promise<ReturnedMail> {
	const mail = await takeApart(octets);
	const words = talksOfNotice(mail) ? () => null : wordsOfFamilies(mail);
	const reading = read({ mail, words, classify: judge });
	const within = reading.kind === 'none' && depth > 0 ? nestedMail(mail) : null;
	if (within !== null) {
		const inner = await readNested(within, { judge, depth: depth - 1 });
		if (isReport(inner.kind)) return { ...inner, arrivedFor: [...inner.arrivedFor, ...arrivedFor(mail)] };
	}
	return {
		kind: reading.kind,
		reports: reading.reports,
		original: originalOf(mail, reading),
		envelopeId: reading.envelopeId ?? '',
		arrivedFor: arrivedFor(mail),
		date: mail.headers.get('date'),
		subject: mail.headers.get('subject'),
		reader: reading.reader,
	};
}

/** A vacation note that was forwarded is mail between people. */
function isReport(kind: MailKind): boolean {
	return kind === 'bounce' || kind === 'delay' || kind === 'delivered' || kind === 'complaint';
}

function read(asked: Asked): Reading {
	return readFeedback(asked.mail) ?? readStatus(asked) ?? readDisposition(asked) ?? readWords(asked) ?? ordinary;
}

function readFeedback(mail: MailParts): Reading | null {
	const report = readArf(mail);
	if (report === null || isForward(mail)) return null;
	const { kind, isUndo, reader, envelopeId, messageId } = report;
	const reports = report.recipients.map((recipient) => ({ ...plainReport(kind, recipient), isUndo }));
	return { kind, reports, reader, envelopeId, messageId };
}

function readStatus(asked: Asked): Reading | null {
	const { mail } = asked;
	const status = readDsn(mail);
	if (status === null || isPersons(mail, status)) return null;
	const recipients = status.recipients;
	const reports = recipients.map((one) => reportOfDsn(one, { ...asked, isAlone: recipients.length === 1 }));
	const { envelopeId } = status;
	const byStatus = { kind: kindOfAll(reports), reports, reader: 'dsn', envelopeId };
	if (reports.some(({ recipient }) => recipient !== '')) return byStatus;
	const byWords = readWords(asked);
	if (byWords !== null) return { ...byWords, envelopeId };
	return reports.length > 0 ? byStatus : null;
}

function readDisposition(asked: Asked): Reading | null {
	const { mail } = asked;
	const receipt = readMdn(mail);
	if (receipt === null || isForward(mail)) return null;
	const { kind, said, messageId, finalRecipient } = receipt;
	const recipient = receipt.recipient || addressIn(mail.headers.get('from'));
	const text = { recipient, reply: said, enhancedCode: '', server: '', isDelay: false };
	const report = kind === 'bounce' ? reportOfText(text, asked) : plainReport(kind, recipient);
	return { kind, reports: [{ ...report, finalRecipient }], reader: 'mdn', messageId };
}

function readWords(asked: Asked): Reading | null {
	// Before the families: the person who sends our token may write about mail that did not arrive.
	if (holdsUnsubscribeToken(asked.mail) && !isDaemon(asked.mail.headers)) return unsubscription(asked.mail);
	const family = asked.words();
	if (family !== null) {
		const reports = family.reports.map((report) => reportOfText(report, asked));
		if (reports.every(({ recipient }) => recipient === '') && isToOwner(asked.mail)) return null;
		return { kind: kindOfAll(reports), reports, reader: `text:${family.family}` };
	}
	return readPersonal(asked.mail) ?? readWordless(asked);
}

function readPersonal(mail: MailParts): Reading | null {
	if (isUnsubscribe(mail)) return unsubscription(mail);
	// Postfix sends bounces as Auto-Submitted: auto-replied, like a vacation note.
	const sign = isDaemon(mail.headers) ? null : findAutoReply(mail);
	if (sign === null) return null;
	return fromAuthor(mail, { kind: 'auto-reply', reader: `auto-reply:${sign}` });
}

function unsubscription(mail: MailParts): Reading {
	return fromAuthor(mail, { kind: 'unsubscribe', reader: 'unsubscribe' });
}

function fromAuthor({ headers }: MailParts, { kind, reader }: Pick<Reading, 'kind' | 'reader'>): Reading {
	return { kind, reports: [plainReport(kind, addressIn(headers.get('from')))], reader };
}

function readWordless(asked: Asked): Reading | null {
	const notice = readWordlessNotice(asked.mail);
	if (notice === null) return null;
	const { kind, recipients } = notice;
	const reports = recipients.map((recipient) =>
		kind === 'delivered'
			? plainReport(kind, recipient)
			: reportOfText({ recipient, reply: '', enhancedCode: '', server: '', isDelay: false }, asked),
	);
	return { kind, reports, reader: 'wordless' };
}

/** A mail with a delivery status in it that a person passes on. */
function isPersons(mail: MailParts, { isDisguised }: DeliveryStatus): boolean {
	const isPerson = senderRole(mail.headers) === 'person';
	return isDisguised ? isPerson || talksOfNotice(mail) : isForward(mail);
}

const forwarded = /^\s*(?:re|aw|fw|fwd|wg|tr|rv|sv|vs|antw|enc)\s*:/i;

function isForward({ headers }: MailParts): boolean {
	if (senderRole(headers) !== 'person') return false;
	return forwarded.test(headers.get('subject')) || headers.get('in-reply-to') !== '';
}

const strongest: readonly MailKind[] = ['bounce', 'delay', 'delivered'];

function kindOfAll(reports: readonly RecipientReport[]): MailKind {
	return strongest.find((kind) => reports.some((report) => report.kind === kind)) ?? 'bounce';
}

const unknownOriginal: OriginalMessage = { messageId: '', subject: '', date: '', from: '', to: [] };

/** Who sends back no header often answers to the Message-ID. */
function originalOf({ headers, original }: MailParts, { messageId = '', kind }: Reading): OriginalMessage {
	if (kind === 'none') return unknownOriginal;
	const answersTo =
		messageIdIn(messageId) || messageIdIn(headers.get('in-reply-to')) || messageIdIn(headers.get('references'));
	if (original === null) return { ...unknownOriginal, messageId: answersTo };
	return {
		messageId: messageIdIn(original.get('message-id')) || answersTo,
		subject: original.get('subject'),
		date: original.get('date'),
		from: original.get('from'),
		to: addressesIn(original.get('to')).map((address) => address.toLowerCase()),
	};
}

function messageIdIn(value: string): string {
	const inAngles = /<[^<>\s]{1,990}>/.exec(value)?.[0];
	if (inAngles !== undefined) return inAngles;
	return /^[^<>\s]{1,990}@[^<>\s]{1,255}$/.test(value.trim()) ? `<${value.trim()}>` : '';
}

const arrivalFields = ['delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to', 'x-delivered-to', 'to'];

function arrivedFor({ headers }: MailParts): readonly string[] {
	const found = new Set<string>();
	for (const { name, value } of headers.all) {
		if (!arrivalFields.includes(name)) continue;
		for (const address of addressesIn(value)) found.add(address.toLowerCase());
	}
	return [...found];
}
