/**
 * fml, the list server of Japan: what it does not distribute it sends back from `<list>-admin@`, with a sentence in front ("You are not a member of this mailing list
 * <news@example.jp>."). The recipient is the list.
 */
import type { TextReport } from '../text-family.ts';
import { firstAddress } from './find-addresses.ts';
import { type NoticeFamily, reportOf } from './notice-family.ts';

const refused =
	/not (?:a )?member|NOT MEMBER article|reject(?:ed)? mail|permission denied|loop (?:back|condition)|security alert|rejected|too large|size of/i;

export const fml: NoticeFamily = {
	id: 'fml',
	read({ mail, text }) {
		if (mail.headers.get('x-mlserver') === '') return null;
		const from = firstAddress(mail.headers.get('from').slice(0, 500));
		const list = from.replace(/-(?:admin|owner|ctl)@/i, '@');
		const lines = text.split('\n');
		const index = lines.findIndex((line) => refused.test(line.slice(0, 500)));
		if (list === from || (index === -1 && !refused.test(mail.headers.get('subject').slice(0, 500)))) return null;
		const why = index === -1 ? [mail.headers.get('subject').slice(0, 500)] : lines.slice(index);
		const report: TextReport = { ...reportOf(list, why, { isDelay: false }), recipient: list };
		return [report];
	},
};
