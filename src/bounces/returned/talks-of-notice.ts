/** Tells a mail that quotes a notice (a question, a ticket, a list, a newsletter) from the notice: the words are the same, who writes is not. */
import { isDaemon, senderRole } from './families/sender-role.ts';
import type { MailParts } from './mail-parts.ts';

const listFields = ['list-id', 'list-unsubscribe', 'list-post', 'mailing-list', 'x-mailing-list'];
const programs =
	/thunderbird|apple mail|iphone|ipad|mutt|evolution|kmail|k-9|airmail|roundcube|squirrelmail|horde|\bimp\b|outlook (?:express|1\d)|microsoft outlook|webmail|zimbra|gmail|otrs|zammad|zendesk|freshdesk|osticket|jira|redmine|request tracker|mailchimp|sendgrid|phplist|wordpress|phpmailer/i;
const subjects =
	/^\s*(?:re|aw|fw|fwd|wg|rv|tr|sv|vs|antw|odp|enc|回复|转发|答复)\s?(?:\[\d{1,3}\])?\s?[:：]|\bticket\b|\[[^\]]{0,40}#\s?\d{2,}[^\]]{0,10}\]|\bcase #?\d{3,}|^\s*(?:cron <|anacron|logwatch|contact form|form submission)|\b(?:daily|weekly|monthly|nightly)\b.{0,60}\b(?:report|summary|digest|statistics)\b|\?\s*$/i;
const greeting =
	/^\s*(?:hi|hello|hey|dear|hallo|liebe[rs]?|bonjour|hola|ciao|salut|olá|привет|добрый день)[ ,]+(?!(?:e?mail|user|customer|sender|sir|client|subscriber|postmaster|kunde|absender|kundin|nutzer)\b)(?:[\p{L}'-]{2,20}(?: [\p{L}'-]{2,20})?)\s?[,!.]/imu;
const words = new RegExp(
	[
		/\b(?:i|we) (?:just |always |still |often )?(?:get|got|(?:am|are|keep) getting|keep seeing)\b/,
		/\b(?:what (?:does|should|do|can|is)|why (?:do|does|did|is|am|are)|can (?:you|anyone|anybody|somebody)|could you|how (?:do|can|should) (?:i|we)|did you|any ideas?)\b[^?\n]{0,80}\?/,
		/\bsee below\b|\b(?:an|for) example\b|\bour guide\b|\bticket (?:was|has been)\b|\bnew (?:ticket|request|comment|issue)\b|\b[\w.]{2,40} wrote:\s*$|\bplease (?:help|advise|look into)\b/,
		/\b(?:ich bekomme|wir bekommen|habe ich bekommen|was bedeutet|siehe unten|können sie|zum beispiel|je reçois|voir ci-dessous|que signifie|recibo este|ver abajo|qué significa|ricevo questo|vedi sotto)\b/,
	]
		.map((pattern) => pattern.source)
		.join('|'),
	'im',
);
/** Names that nobody bears but what carries mail. */
const carrier = /mailer-?daemon|mail-?daemon|mail delivery|delivery (?:sub)?system|microsoftexchange/i;
/** What a mail system writes to the people who run it, or who have a mailbox there. */
const toAdministrator = /^\s*(?:postfix )?smtp server: errors from/i;
const ownMailbox = /\byour (?:mail ?box|inbox|account|e?mail account|quota|storage)\b/i;

/** A person says so at once. */
const beginning = 1500;

/** Nobody doubts a sender called MAILER-DAEMON, a report of a type that people do not write, or X-Failed-Recipients. */
export function talksOfNotice({ headers, type, text, original }: MailParts): boolean {
	const subject = headers.get('subject').slice(0, 500);
	if (toAdministrator.test(subject)) return true;
	const isReport = type === 'multipart/report' && senderRole(headers) !== 'person';
	if (isReport || carrier.test(headers.get('from').slice(0, 500)) || headers.get('x-failed-recipients') !== '')
		return false;
	if (listFields.some((name) => headers.get(name) !== '') || /^list$/i.test(headers.get('precedence'))) return true;
	if (programs.test(`${headers.get('x-mailer').slice(0, 200)} ${headers.get('user-agent').slice(0, 200)}`)) return true;
	if (subjects.test(subject)) return true;
	if (isDaemon(headers)) return false;
	if (headers.get('in-reply-to') !== '' || headers.get('references') !== '') return true;
	const start = text.slice(0, beginning);
	const role = senderRole(headers);
	// Whoever gives nothing back must at least name somebody: novels and parcels fail to arrive, too.
	if (role === 'unsure' && original === null && !text.includes('@')) return true;
	if (role !== 'machine') return greeting.test(start) || words.test(start);
	// A postmaster is a program or a person, and only persons want an answer.
	return headers.get('return-path').replace(/\s/g, '') !== '<>' && greeting.test(start);
}

/** "Your mailbox is nearly full": it names nobody, gives nothing back, and speaks to whom it is sent. */
export function isToOwner({ headers, text, original }: MailParts): boolean {
	return original === null && ownMailbox.test(`${headers.get('subject').slice(0, 500)} ${text.slice(0, beginning)}`);
}
