/** One line of `mailshot bounces --json`: what a mail or an event says of one recipient. */
import type { RecipientReport } from '../bounces/returned/returned-mail.ts';
import { cleanText } from '../support/clean-text.ts';

export interface ReportedRecipient {
	readonly file: string;
	readonly report: RecipientReport;
	/** '' when it is not known. */
	readonly messageId: string;
	/** The log knows the message. */
	readonly isMatched: boolean;
}

/** As in the log. */
const longestReply = 1024;
// What JSON leaves as it is and a terminal would obey, as in support/clean-text.ts.
const unsafe = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Every field in every line, '' for none; ends in a line feed. */
export function bouncesJson({ file, report, messageId, isMatched }: ReportedRecipient): string {
	const { kind, recipient, enhancedCode, reply, refusal, isUndo } = report;
	const line = JSON.stringify({
		file,
		kind,
		recipient,
		enhanced_code: enhancedCode,
		bounce_type: refusal?.type ?? '',
		bounce_category: refusal?.category ?? '',
		bounce_action: refusal?.action ?? '',
		bounce_rule: refusal?.rule ?? '',
		message_id: messageId,
		matched: isMatched,
		reply: cleanText(reply, longestReply),
		undo: isUndo,
	});
	return `${line.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
