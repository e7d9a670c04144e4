/**
 * Gmail, old and new. Old (until about 2016), a delay says "has been delayed" and "Message will be retried for 2 more day(s)":
 *
 *     Delivery to the following recipient failed permanently:
 *
 *          jo@example.org
 *
 *     Technical details of permanent failure:
 *     Google tried to deliver your message, but it was rejected by the server for the recipient domain example.org by mx.example.org. [192.0.2.1].
 *
 *     The error that the other server returned was:
 *     550 550 5.1.1 <jo@example.org>: Recipient address rejected (state 14).
 *
 * New, in the language of the account: a title between asterisks, one sentence with the address, a link, and the server's words below a line that ends in a colon.
 *
 *     ** Address not found **
 *
 *     Your message wasn't delivered to jo@example.org because the address couldn't be found, or is unable to receive mail.
 *
 *     The response was:
 *
 *     550 5.1.1 The email account that you tried to reach does not exist. ...
 */
import type { TextReport } from '../text-family.ts';
import { isDelayNotice } from './delay-words.ts';
import { findAddresses } from './find-addresses.ts';
import type { Notice } from './notice.ts';
import { type NoticeFamily, recipientsBeside, reportOf } from './notice-family.ts';
import { findReply } from './quoted-reply.ts';
import { shapedFamily } from './shaped-family.ts';

export const gmailOld = shapedFamily({
	id: 'gmail-old',
	signs: [
		['technical details of permanent failure'],
		['technical details of temporary failure'],
		['delivery to the following recipient failed permanently'],
		['delivery to the following recipients failed permanently'],
		['delivery to the following recipient has been delayed'],
		['google tried to deliver your message'],
	],
	from: [
		'following recipient failed permanently:',
		'following recipients failed permanently:',
		'following recipient has been delayed:',
		'following recipients has been delayed:',
		'following recipients have been delayed:',
	],
	delay: ['technical details of temporary failure'],
});

const title = /^\s{0,10}\*\* ?[^*\n]{3,120} ?\*\*\s*$/m;
const stillTrying =
	/delivery incomplete|gmail will retry|temporary problem|unvollständig|vorübergehend|incomplète|temporaire|incompleta|temporal|temporane|temporári|onvolledig|tijdelijk|не завершена|временн|一時的|临时|暫時|未完成|일시적|geçici|tymczasow|tillfällig|midlertidig|dočasn|átmeneti|temporară|προσωρινό|tạm thời|sementara|ชั่วคราว|مؤقت|זמנית/;

export const gmail: NoticeFamily = {
	id: 'gmail',
	read(notice) {
		if (notice.role !== 'machine' || !isGmail(notice)) return null;
		const found = title.exec(notice.text);
		if (found === null) return null;
		const lines = notice.text.slice(found.index).split('\n');
		const named = namedIn(notice, lines);
		const isDelay = isDelayNotice(notice) || stillTrying.test(notice.lower.slice(found.index, found.index + 600));
		const said = serversAnswer(lines);
		return (named.length === 0 ? [''] : named).map((recipient): TextReport => reportOf(recipient, said, { isDelay }));
	},
};

function isGmail(notice: Notice): boolean {
	const { headers } = notice.mail;
	return (
		/google|gmail/i.test(
			`${headers.get('from')} ${headers.get('x-gm-message-state')} ${headers.get('message-id')}`.slice(0, 2_000),
		) || notice.phrases.includes('google')
	);
}

function namedIn(notice: Notice, lines: readonly string[]): readonly string[] {
	const failed = notice.mail.headers.get('x-failed-recipients') === '' ? [] : recipientsBeside(notice);
	if (failed.length > 0) return failed;
	for (const line of lines) {
		const stranger = findAddresses(line, 5).find(({ address }) => !/^(?:mailer-daemon|postmaster)@/i.test(address));
		if (stranger !== undefined) return [stranger.address];
	}
	return recipientsBeside(notice);
}

/** What stands below the last line that ends in a colon; otherwise the sentence below the title. */
function serversAnswer(lines: readonly string[]): readonly string[] {
	if (findReply(lines) !== null) return lines;
	const colon = lines.findLastIndex((line) => /[:：]\s*$/.test(line) && line.length < 200);
	const below = lines.slice(colon + 1).filter((line) => line.trim() !== '');
	if (colon !== -1 && below.length > 0) return below;
	return lines.filter((line) => !title.test(line));
}
