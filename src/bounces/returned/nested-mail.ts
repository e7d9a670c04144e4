/** A returned mail that somebody's mailbox passed on: as an attachment, or quoted below "Forwarded message", without a word of its own. */
import { isReturnedMessage } from './find-original.ts';
import { addressIn } from './mail-addresses.ts';
import type { MailParts } from './mail-parts.ts';

const forwardSubject = /^\s*(?:fwd?|wg|tr|rv|vs|i|enc|转发|轉寄|転送)\s*[:：]/i;
const forwardBegins =
	/^[> \t]{0,40}(?:-{2,40} ?(?:forwarded message|original message|ursprüngliche nachricht|weitergeleitete nachricht|message transféré|message d'origine|mensaje reenviado|messaggio inoltrato|doorgestuurd bericht|пересылаемое сообщение)[^\n]{0,60}|begin forwarded message:|anfang der weitergeleiteten (?:nachricht|e-mail):)[ \t]*$/im;

/** Octets of the mail within, to be read in place of this one; null when there is none, or when a person says something about it. */
export function nestedMail(mail: MailParts): Uint8Array | null {
	const attached = mail.parts.find((part) => isReturnedMessage(part) && part.text !== '');
	if (attached !== undefined && ownWords(mail.text) === '') return Buffer.from(attached.text);
	if (!forwardSubject.test(mail.headers.get('subject'))) return null;
	const found = forwardBegins.exec(mail.text);
	if (found === null || ownWords(mail.text.slice(0, found.index)) !== '') return null;
	const quoted = mail.text
		.slice(found.index + found[0].length)
		.replace(/^(?:> ?)+/gm, '')
		.trimStart();
	return addressIn(quoted.slice(0, 2000)) === '' ? null : Buffer.from(quoted);
}

/** Signatures and "sent from my phone" are no words. */
function ownWords(text: string): string {
	const [before = ''] = text.split(/^(?:-- ?|_{5,}|-{5,})$/m, 1);
	return before.replace(/^[ \t]{0,20}(?:sent from my |von meinem ).{0,60}$/gim, '').trim();
}
