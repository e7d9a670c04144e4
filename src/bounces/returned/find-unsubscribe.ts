/** Tells whether a mail is the one that a List-Unsubscribe mailto address gets (RFC 2369 §3.2), or what people write by hand to the same end. */
import { parseAddress } from '../../recipients/parse-address.ts';
import { findUnsubscribeToken } from '../../recipients/tokens/unsubscribe-token.ts';
import { findWish } from './find-wish.ts';
import { addressesIn } from './mail-addresses.ts';
import type { MailParts } from './mail-parts.ts';

/** A request is short; who writes more wants to say something. */
const maxWordsOfBody = 40;
/** Mail programs write nothing of weight to the address of a List-Unsubscribe; what people write to it is an answer or longer. */
const maxWordsBesideAddress = 12;
const prefix = /^\s*(?:(?:re|aw|sv|antw|rv|res|vs|odp)\s*:\s*)+/i;

/** Whether the subject holds a token of ours: nobody writes one by chance, so that length and wording of the mail do not matter. It may be forged. */
export function holdsUnsubscribeToken({ headers }: MailParts): boolean {
	const token = findUnsubscribeToken(headers.get('subject'));
	if (token === null) return false;
	// A long file name has the form of a token, and no address at its end.
	const address = Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url').toString('utf8');
	return parseAddress(address).kind !== 'invalid';
}

export function isUnsubscribe({ headers, text }: MailParts): boolean {
	if (
		headers.get('list-unsubscribe') !== '' ||
		headers.get('list-id') !== '' ||
		headers.get('auto-submitted').startsWith('auto-repl')
	)
		return false;
	const whole = headers.get('subject').slice(0, 300).trim();
	const subject = whole.replace(prefix, '').trim();
	const own = ownWords(text);
	const words = own === '' ? 0 : own.split(/\s+/).length;
	if (words > maxWordsOfBody) return false;
	const isAnswer = subject !== whole;
	const firstLine = (own.split('\n')[0] ?? '').trim();
	const wish = findWish(subject);
	const firstWish = findWish(firstLine);
	if (wish === 'clear') return !isAnswer || firstWish === 'clear' || words <= maxWordsBesideAddress;
	if (firstWish === 'clear') return true;
	if (addressesIn(headers.get('to')).some(saysUnsubscribe)) {
		return wish !== null || firstWish !== null || (words <= maxWordsBesideAddress && !isAnswer);
	}
	return wish === 'command' && !isAnswer && (own === '' || findWish(own) !== null);
}

const unsubscribeWord =
	/(?:^|[-+._=])(?:unsub(?:scribe)?|opt-?out|abmelden|abbestellen|d[ée]sabonne(?:ment|r)|d[ée]sinscription|desuscribir|descadastrar|disiscrizione|uitschrijven|afmelden)(?:$|[-+._=])/i;
/** `news-leave@` and `leave-4711-x@` are of lists; `annual-leave@` and `leave-request@` are of people who work. */
const leaveOfList =
	/^(?:leave|(?:[\w.-]{0,60}[-_.])?(?:news\w{0,10}|lists?|mail\w{0,10}|announce\w{0,6}|digest|updates?|users?|members)-leave|leave-(?:\d|news|list|mail|announce|digest|updates?)[\w.-]{0,60})(?:\+.{0,200})?$/i;

function saysUnsubscribe(address: string): boolean {
	const local = address.slice(0, address.lastIndexOf('@'));
	return unsubscribeWord.test(local) || leaveOfList.test(local);
}

const quoteBegins =
	/^(?:>|-{2,} ?$|_{5,}|-{3,}|on .{1,200} wrote:|am .{1,200} schrieb|le .{1,200} a écrit|el .{1,200} escribió|il .{1,200} ha scritto|sent from my |von meinem |envoyé de mon |von: |from: |\S{1,20} -----)/i;

/** Without signature and quoted mail; at most 4 KB are looked at. */
function ownWords(text: string): string {
	const lines: string[] = [];
	for (const line of text.slice(0, 4096).split('\n')) {
		if (quoteBegins.test(line.trim().slice(0, 300))) break;
		lines.push(line.trim());
	}
	return lines.join('\n').trim();
}
