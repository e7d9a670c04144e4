/** What is left when no family knows the words: a notice that names the recipient in its header or gives the message back without a reason, and receipts. */
import { noticeOf } from './families/notice.ts';
import { recipientsBeside } from './families/notice-family.ts';
import { isDaemon } from './families/sender-role.ts';
import { addressesIn } from './mail-addresses.ts';
import type { MailParts } from './mail-parts.ts';

export interface WordlessNotice {
	readonly kind: 'bounce' | 'delivered';
	/** At least one; '' when nobody is named. */
	readonly recipients: readonly string[];
}

const receiptWords =
	/successful(?:ly)? (?:mail )?(?:deliver|relayed)|(?:was|has been|were) (?:successfully )?(?:delivered|relayed)|return receipt|delivery receipt|wurde (?:erfolgreich )?zugestellt|a été (?:remis|distribué)|ha sido entregado|è stato (?:recapitato|consegnato)|доставлено|已送达|配信されました/i;

/** Null when the mail is no notice, as far as anybody can tell. */
export function readWordlessNotice(mail: MailParts): WordlessNotice | null {
	const { headers, original, reportType } = mail;
	const notice = noticeOf(mail);
	if (notice.role !== 'machine') return null;
	const recipients = orNobody(recipientsBeside(notice));
	if (headers.get('x-failed-recipients') !== '') return { kind: 'bounce', recipients };
	const isReport = reportType === 'delivery-status';
	if (!isReport && !isDaemon(headers)) return null;
	if (receiptWords.test(`${headers.get('subject').slice(0, 300)} ${notice.phrases.slice(0, 2000)}`)) {
		const named = addressesIn(notice.text, 100).filter((address) => !notice.ours.has(address.toLowerCase()));
		return { kind: 'delivered', recipients: named.length > 0 ? named : recipients };
	}
	return original === null && !isReport ? null : { kind: 'bounce', recipients };
}

function orNobody(recipients: readonly string[]): readonly string[] {
	return recipients.length > 0 ? recipients : [''];
}
