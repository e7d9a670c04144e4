/** What a family is made of: how it is recognised, and how its notice is read; and the reports that most of them make the same way. */
import type { TextReport } from '../text-family.ts';
import type { AddressBlock } from './address-blocks.ts';
import { findAddresses, sameAddress } from './find-addresses.ts';
import type { Notice } from './notice.ts';
import { isStranger } from './other-addresses.ts';
import { enhancedCodeIn, findReply, joinLines, serverIn } from './quoted-reply.ts';

export interface NoticeFamily {
	/** `exim`, `exchange-2007`. */
	readonly id: string;
	/** Null: not this family's. Never an empty list. */
	readonly read: (notice: Notice) => readonly TextReport[] | null;
}

export interface ReportOptions {
	readonly isDelay: boolean;
	/** The reason where the lines give none. */
	readonly otherwise?: string;
}

/** A report from the lines about one recipient: the reply they quote, or what they say. */
export function reportOf(recipient: string, lines: readonly string[], options: ReportOptions): TextReport {
	const quoted = findReply(lines);
	if (quoted !== null) {
		const stage = stageNote(lines, quoted.reply);
		return {
			recipient,
			reply: quoted.reply + stage,
			enhancedCode: quoted.enhancedCode,
			server: quoted.server,
			isDelay: options.isDelay,
		};
	}
	const said = withoutBrackets(joinLines(firstParagraph(lines)));
	const isNothing = said.length < 3 || /^\(?\S{1,200}@\S{1,200}$/.test(said);
	const reply = !isNothing ? withToldCode(said) : (options.otherwise ?? '');
	return { recipient, reply, enhancedCode: enhancedCodeIn(reply), server: serverIn([said]), isDelay: options.isDelay };
}

export function reportsOf(blocks: readonly AddressBlock[], options: ReportOptions): readonly TextReport[] | null {
	if (blocks.length === 0) return null;
	const reports: TextReport[] = [];
	for (const block of blocks) {
		const known = reports.findIndex((report) => sameAddress(report.recipient, block.address));
		if (known === -1) reports.push(reportOf(block.address, block.lines, options));
		// Some list the addresses first and explain them below.
		else if (reports[known]?.reply === '' || reports[known]?.reply === options.otherwise) {
			reports[known] = reportOf(block.address, block.lines, options);
		}
	}
	return reports;
}

/** Where the text itself names nobody: the header that Exim and Gmail write, then the only recipient of the message that came back. */
export function recipientsBeside(notice: Notice): readonly string[] {
	const failed = findAddresses(notice.mail.headers.get('x-failed-recipients').slice(0, 8_000), 100).map(
		(found) => found.address,
	);
	if (failed.length > 0) return failed;
	const original = notice.mail.original;
	if (original === null) return inSubject(notice);
	for (const name of ['x-failed-recipients', 'x-envelope-to', 'envelope-to', 'x-original-to', 'to']) {
		const found = findAddresses(original.get(name).slice(0, 2_000), 2);
		const only = found[0];
		if (found.length === 1 && only !== undefined) return [only.address];
	}
	return inSubject(notice);
}

/** MDaemon: "Warning: jo@example.org - User unknown". */
function inSubject(notice: Notice): readonly string[] {
	const found = findAddresses(notice.mail.headers.get('subject').slice(0, 500), 2).filter(({ address }) =>
		isStranger(notice, address),
	);
	return found.length === 1 ? found.map(({ address }) => address) : [];
}

/** Reports for whoever stands beside the text, one without a name when nobody does. */
export function reportsBeside(notice: Notice, lines: readonly string[], options: ReportOptions): readonly TextReport[] {
	const recipients = recipientsBeside(notice);
	return (recipients.length === 0 ? [''] : recipients).map((recipient) => reportOf(recipient, lines, options));
}

/** In Postfix's words, which reader and classifier know: a refusal before RCPT TO has named nobody. */
function stageNote(lines: readonly string[], reply: string): string {
	if (/\(in reply to /i.test(reply)) return '';
	for (const line of lines) {
		const match =
			/\bafter (?:an? )?(initial connection|connection|helo|ehlo|starttls|mail from|sender|rcpt to|rcpt|recipient|data|end of data|end of message|pipelined (?:mail from|rcpt to|data|end of data))\b/i.exec(
				line.slice(0, 500),
			);
		const said = match?.[1]?.toLowerCase().replace('pipelined ', '');
		if (said !== undefined) return ` (in reply to ${stageWords.get(said) ?? said.toUpperCase()})`;
		const inBrackets = /\[?\b(RCPT_TO|MAIL_FROM|FROM|DATA|HELO|CONNECT)\]$/.exec(line.slice(0, 2_000));
		if (inBrackets?.[1] !== undefined)
			return ` (in reply to ${stageWords.get(inBrackets[1].toLowerCase()) ?? inBrackets[1]})`;
	}
	return '';
}

const stageWords: ReadonlyMap<string, string> = new Map([
	['initial connection', 'initial server greeting'],
	['connection', 'initial server greeting'],
	['connect', 'initial server greeting'],
	['helo', 'HELO command'],
	['ehlo', 'EHLO command'],
	['starttls', 'STARTTLS command'],
	['mail from', 'MAIL FROM command'],
	['mail_from', 'MAIL FROM command'],
	['from', 'MAIL FROM command'],
	['sender', 'MAIL FROM command'],
	['rcpt to', 'RCPT TO command'],
	['rcpt_to', 'RCPT TO command'],
	['rcpt', 'RCPT TO command'],
	['recipient', 'RCPT TO command'],
	['data', 'DATA command'],
	['end of data', 'end of DATA command'],
	['end of message', 'end of DATA command'],
]);

/** Lines up to the first empty one after something was said; a line like "because:" says nothing yet. */
function firstParagraph(lines: readonly string[]): readonly string[] {
	let paragraph: string[] = [];
	for (const line of lines) {
		const isEmpty = line.trim() === '' || /^\s{0,20}[-=*_]{3,}/.test(line);
		if (noReason.test(line)) continue;
		if (!isEmpty) paragraph.push(line);
		else if (paragraph.length > 0) {
			if (paragraph.length > 2 || !announces(paragraph.at(-1))) break;
			paragraph = [];
		}
	}
	if (paragraph.length === 0) return lines;
	return paragraph.length > 1 &&
		announces(paragraph[0]) &&
		!/\b(?:full|unknown|error|exceeded|failed)\W{1,3}$/i.test(paragraph[0] ?? '')
		? paragraph.slice(1)
		: paragraph;
}

/** `ResponseCode 421, Host not reachable`: the code comes first, where everybody looks for it. */
function withToldCode(said: string): string {
	const code = /(?:response|error|smtp|status)[ _]?code\s?[:=]?\s?([45]\d\d)\b/i.exec(said)?.[1];
	return code === undefined ? said : `${code} ${said}`;
}

function withoutBrackets(said: string): string {
	return /^(?:\([^()]{1,1000}\)|\[[^[\]]{1,1000}\])$/.test(said) ? said.slice(1, -1) : said;
}

const noReason = /^\s{0,20}(?:message will be retried|no action is required|please note)/i;

function announces(line = ''): boolean {
	return line.length < 60 && /[:：]\s{0,5}$/.test(line);
}
