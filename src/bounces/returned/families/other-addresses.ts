/** Which addresses in a notice are no recipients: ours, those of mail systems, and those of people who can be asked. */
import { findAddresses } from './find-addresses.ts';
import type { Notice } from './notice.ts';

/** Lines that name whom to ask, who sent, and what the message was called. */
export const namesOthers =
	/contact|assistance|please (?:send|write|forward|e-?mail|reply)|questions|support@|help@|abuse@|report (?:this|it|to)|postmaster@|mailer-daemon@|^\s{0,20}(?:from|sender|original sender|mail from|return-path|reply-to|sent by|subject|date|message-id|von|de|da|absender|expéditeur|remitente|mittente|remetente|afzender|отправитель|差出人|送信元|发件人|寄件者|보낸 ?사람)\s?[:：]|kontakt|wenden sie sich|contactez|contacte|contatt|問い合わせ|联系|聯絡|문의|обратитесь/i;

/** Ours is a recipient only where we wrote to ourselves. */
export function isStranger(notice: Notice, address: string): boolean {
	const lower = address.toLowerCase();
	if (/^(?:mailer-daemon|postmaster|abuse|support|help|helpdesk|no-?reply)@/.test(lower))
		return isWrittenTo(notice, lower);
	return !notice.ours.has(lower) || isWrittenTo(notice, lower);
}

function isWrittenTo({ mail }: Notice, address: string): boolean {
	const writtenTo = `${mail.headers.get('x-failed-recipients')} ${mail.original?.get('to') ?? ''}`.slice(0, 4_000);
	return findAddresses(writtenTo, 50).some((found) => found.address.toLowerCase() === address);
}
