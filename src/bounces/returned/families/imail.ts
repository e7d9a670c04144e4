/**
 * IMail (Ipswitch), and others that say it in one line: `Unknown user: jo@example.org`, `User mailbox exceeds allowed size: jo@example.org`,
 * `undeliverable to jo@example.org`, `Delivery failed 20 attempts: jo@example.org`; then "Original message follows." or "Body of message generated response:".
 */
import type { TextReport } from '../text-family.ts';
import { findAddresses } from './find-addresses.ts';
import { withoutRepetitions } from './forwarded-recipient.ts';
import { type NoticeFamily, reportOf } from './notice-family.ts';
import { findReply } from './quoted-reply.ts';

const sentence =
	/^\s{0,20}(unknown (?:user|host|domain|recipient|mailbox|address)|no such user|invalid (?:user|recipient|mailbox|address|final delivery userid)|user (?:mailbox exceeds allowed size|unknown|mailbox full|over quota|account (?:is )?(?:disabled|expired|inactive))|mailbox (?:is )?(?:full|unknown|disabled|exceeds allowed size)|undeliverable to|delivery failed(?: \d{1,5} attempts)?|could not (?:be )?deliver(?:ed)?(?: (?:mail|message))?(?: to)?|account (?:disabled|expired|inactive)):?\s{1,5}["'<(]?$/i;

export const imail: NoticeFamily = {
	id: 'imail',
	read(notice) {
		if (notice.role !== 'machine') return null;
		const lines = notice.text.split('\n');
		const reports: TextReport[] = [];
		for (const [index, line] of lines.slice(0, 100).entries()) {
			const found = findAddresses(line, 1)[0];
			if (found === undefined) continue;
			const said = sentence.exec(line.slice(0, found.start))?.[1];
			if (said === undefined) continue;
			const quoted = findReply(lines.slice(index + 1));
			const report = reportOf(found.address, quoted === null ? [said] : lines.slice(index + 1), { isDelay: false });
			reports.push({ ...report, recipient: found.address });
		}
		return reports.length === 0 ? null : withoutRepetitions(reports);
	},
};
