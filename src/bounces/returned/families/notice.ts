/** A returned mail as the families read it: only what the server itself wrote, without the message that came back. */
import type { HeaderFields, MailParts } from '../mail-parts.ts';
import { speaksOfFailure } from './failure-words.ts';
import { findAddresses } from './find-addresses.ts';
import { isAdministrator, isDaemon, type SenderRole, senderRole } from './sender-role.ts';

export interface Notice {
	readonly mail: MailParts;
	readonly role: SenderRole;
	/** Called as only mail systems are, or an administrator who comes to the point like one. */
	readonly isDaemon: boolean;
	/** LF lines without blanks at their end, quoted-printable leftovers undone, cut where the returned message begins. */
	readonly text: string;
	/** The text in lower case with straight apostrophes; as long as `text`, so that offsets fit both. */
	readonly lower: string;
	/** `lower` with one space for each stretch of white space: sentences can be looked up however they were wrapped. */
	readonly phrases: string;
	/** Addresses that are ours, lower-case: whoever sent the message that came back. They are no recipients. */
	readonly ours: ReadonlySet<string>;
}

// Notices are short; what follows so much text is the message that came back, or an attack.
const maxNoticeLength = 65_536;
const maxLineLength = 4_000;
const maxLines = 2_000;

// Lines that stand before the returned message.
const returnedMessageMarkers: readonly string[] = [
	'below this line is a copy of',
	'a copy of the original message below this line',
	'this is a copy of the message',
	'this is a copy of your message',
	'this is a copy of the headers',
	'this is the header of the original',
	'the body of the message is',
	'unsent message follows',
	'original message follows',
	'original message headers',
	'original message header follows',
	'message headers follow',
	'message header follows',
	'message text follows',
	'returned message follows',
	'header of the original message',
	'headers of the original message follow',
	'copy of the message header',
	'copy of the original message:',
	'copy of your message:',
	'copy of the original message follows',
	'returned message -',
	'original message -',
	'original mail -',
	'-original message',
	'-original mail',
	'- original message',
	'- message header',
	'- returned message',
	'- unsent message',
	'- original mail',
	'- message text',
	'here is a copy of the header',
	'the message header is',
	'-- message contents',
	'content of the original message',
	'urspr\u00fcngliche nachrichtenkopf',
	'urspr\u00fcngliche nachricht -',
	'kopfzeilen der urspr\u00fcnglichen',
	'kopie der nachricht',
	"en-t\u00eates de message d'origine",
	"en-t\u00eates du message d'origine",
	'encabezados de mensaje originales',
	'encabezados del mensaje original',
	'encabezados de mensajes originales',
	'intestazioni originali del messaggio',
	'oorspronkelijke berichtkop',
	'cabe\u00e7alhos originais da mensagem',
	'cabe\u00e7alhos de mensagem originais',
	'元のメッセージヘッダー',
	'原始邮件头',
	'原始郵件標頭',
	'исходные заголовки сообщения',
];

// Fields that no notice writes about itself, at the start of a line: the returned message begins.
const headerLine =
	/^(?:received|return-path|dkim-signature|x-original-to|delivered-to|arc-seal|authentication-results|mime-version|domainkey-signature):/i;

export function noticeOf(mail: MailParts): Notice {
	const text = serversOwnWords(mail.text);
	const lower = lowerCase(text);
	const phrases = lower.replace(/\s+/g, ' ');
	const isPlain = isAdministrator(mail.headers) && comesToThePoint(phrases);
	return {
		mail,
		role: isPlain ? 'machine' : senderRole(mail.headers),
		isDaemon: isPlain || isDaemon(mail.headers),
		text,
		lower,
		phrases,
		ours: ourAddresses(mail),
	};
}

/** Its first words tell of the failure, without "Dear". */
function comesToThePoint(phrases: string): boolean {
	const beginning = phrases.trimStart().slice(0, 120);
	return (
		speaksOfFailure(beginning) &&
		!/^(?:dear|hello|hi|hallo|liebe|sehr geehrte|bonjour|hola|estimad|caro|gentile|prezad|уважаем|здравствуй)\b/.test(
			beginning,
		)
	);
}

/** Everything up to the returned message, tidied. With `keepHeaders` a quoted header ends nothing: some servers quote it first. */
export function serversOwnWords(whole: string, keepHeaders = false): string {
	const lines: string[] = [];
	let length = 0;
	let isEmpty = true;
	const source = whole.slice(0, maxNoticeLength).split('\n', maxLines);
	for (let index = 0; index < source.length; index += 1) {
		let raw = source[index] ?? '';
		// Quoted-printable that nobody decoded: a line of full length that ends in `=` goes on.
		while (raw.length < maxLineLength && raw.length >= 68 && /[^=]=$/.test(raw) && index + 1 < source.length) {
			index += 1;
			raw = raw.slice(0, -1) + (source[index] ?? '');
		}
		const line = tidy(raw.slice(0, maxLineLength));
		if (!isEmpty && isReturnedMessageMarker(line)) break;
		if (!isEmpty && !keepHeaders && headerLine.test(line)) break;
		if (line !== '') isEmpty = false;
		lines.push(line);
		length += line.length;
		if (length > maxNoticeLength) break;
	}
	return lines.join('\n');
}

function isReturnedMessageMarker(line: string): boolean {
	if (line.length < 8 || line.length > 300) return false;
	const lower = line.toLowerCase();
	return returnedMessageMarkers.some((marker) => lower.includes(marker));
}

/** `=3D` and `=20` are left where a notice lost its Content-Transfer-Encoding. */
function tidy(line: string): string {
	let result = line.trimEnd();
	if (result.includes('=')) {
		result = result
			.replace(/=(?:20|09)$/, '')
			.replaceAll('=3D', '=')
			.replaceAll('=3C', '<')
			.replaceAll('=3E', '>')
			.replaceAll('=40', '@')
			.trimEnd();
	}
	// MessageLabs writes what qmail said as one word.
	if (result.includes('_said:_')) result = result.replaceAll('_', ' ');
	return result.replaceAll('\u00a0', ' ').replaceAll('\t', ' ').replaceAll('\r', '');
}

function lowerCase(text: string): string {
	const lower = text.toLowerCase();
	// A few letters grow when lowered; then offsets would not fit.
	const fitting = lower.length === text.length ? lower : text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
	return fitting.replace(/[\u2018\u2019\u00b4\u0060]/g, "'");
}

function ourAddresses(mail: MailParts): ReadonlySet<string> {
	const ours = new Set<string>();
	// Not X-Original-To: DragonFly names the recipient that failed in it.
	addFrom(ours, mail.headers, ['to', 'delivered-to', 'envelope-to']);
	if (mail.original !== null) addFrom(ours, mail.original, ['from', 'sender', 'return-path', 'reply-to', 'errors-to']);
	return ours;
}

function addFrom(ours: Set<string>, headers: HeaderFields, names: readonly string[]): void {
	for (const name of names) {
		for (const { address } of findAddresses(headers.get(name).slice(0, 2_000), 20)) ours.add(address.toLowerCase());
	}
}
