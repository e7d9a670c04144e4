/** At which command a refusal was said, when a notice or a log quotes it with the words of the server that had to hear it (Postfix, Exim, Sendmail, mailshot). */
import type { Stage } from '../smtp/outcome.ts';

const marks: readonly { readonly pattern: RegExp; readonly stage: Stage }[] = [
	{ pattern: /in reply to end of data|after end of data|reply to bdat|while sending end of data/, stage: 'verdict' },
	{ pattern: /in reply to rcpt to|after rcpt to|while sending rcpt to|>>> rcpt to/, stage: 'rcpt' },
	{ pattern: /in reply to mail from|after mail from|while sending mail from|>>> mail from/, stage: 'mail' },
	{ pattern: /in reply to data|after data|while sending data|after pipelined (?:data|end)|>>> data/, stage: 'data' },
	{ pattern: /in reply to (?:ehlo|helo)|after (?:ehlo|helo)|while sending (?:ehlo|helo)/, stage: 'ehlo' },
	{ pattern: /in reply to starttls|after starttls/, stage: 'starttls' },
	{ pattern: /in reply to auth|after auth /, stage: 'auth' },
	{ pattern: /after initial connection|while receiving the initial server greeting/, stage: 'greeting' },
];
const longestText = 8192;

/** Null when the text does not say it. Exim's `after pipelined MAIL FROM` and `after MAIL FROM` are one. */
export function stageFromText(text: string): Stage | null {
	const quoted = text.slice(0, longestText).toLowerCase().replaceAll('pipelined mail from', 'mail from');
	return marks.find(({ pattern }) => pattern.test(quoted))?.stage ?? null;
}
