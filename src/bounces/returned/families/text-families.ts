/** Every family that can be told by its text, the special before the general. */
import type { MailParts } from '../mail-parts.ts';
import type { TextFamily, TextReport } from '../text-family.ts';
import { amazonJson } from './amazon-json.ts';
import { asianHosts } from './asian-hosts.ts';
import { domino } from './domino.ts';
import { exchange2003, exchange2007 } from './exchange.ts';
import { exim } from './exim.ts';
import { fml } from './fml.ts';
import { brands, gateways } from './gateways.ts';
import { general } from './general.ts';
import { gmail, gmailOld } from './gmail.ts';
import { googleGroups } from './google-groups.ts';
import { hosterBrands, hosters } from './hosters.ts';
import { imail } from './imail.ts';
import { labelled, mailMarshal, messagingServer } from './labelled.ts';
import { mobileCarriers } from './mobile-carriers.ts';
import { noticeOf } from './notice.ts';
import type { NoticeFamily } from './notice-family.ts';
import { microsoftSmtp, office365 } from './office-365.ts';
import { postfix, postfixLike } from './postfix.ts';
import { qmail, yahoo } from './qmail.ts';
import { sendmail } from './sendmail.ts';
import { isReceipt } from './success-words.ts';
import { withTellingReply } from './telling-reply.ts';
import { unixServers } from './unix-servers.ts';
import { windowsServers } from './windows-servers.ts';

const noticeFamilies: readonly NoticeFamily[] = [
	amazonJson,
	messagingServer,
	mailMarshal,
	fml,
	gmail,
	...unixServers,
	...gateways,
	...windowsServers,
	gmailOld,
	googleGroups,
	exchange2007,
	exchange2003,
	office365,
	domino,
	...hosters,
	exim,
	yahoo,
	qmail,
	sendmail,
	postfix,
	microsoftSmtp,
	...brands,
	...hosterBrands,
	...mobileCarriers,
	...asianHosts,
	imail,
	postfixLike,
	labelled,
	general,
];

export interface ReadNotice {
	/** `exim`, `general`. */
	readonly family: string;
	readonly reports: readonly TextReport[];
}

/** What the first family that knows the notice reads in it, null for a mail of no family. Prepares the text once, which asking `textFamilies` one by one does not. */
export function readNotice(mail: MailParts): ReadNotice | null {
	const notice = noticeOf(mail);
	if (isReceipt(notice)) return null;
	for (const family of noticeFamilies) {
		const reports = family.read(notice);
		if (reports !== null && reports.length > 0)
			return { family: family.id, reports: withTellingReply(notice, reports) };
	}
	return null;
}

/** The same families one by one. */
export const textFamilies: readonly TextFamily[] = noticeFamilies.map((family) => ({
	id: family.id,
	read: (mail) => {
		const notice = noticeOf(mail);
		const reports = isReceipt(notice) ? null : family.read(notice);
		return reports === null || reports.length === 0 ? null : withTellingReply(notice, reports);
	},
}));
