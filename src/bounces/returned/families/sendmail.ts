/**
 * Sendmail v8 and the many that imitate it, and v5, which lists nobody and leaves the transcript to speak.
 *
 *        ----- The following addresses had permanent fatal errors -----
 *     <jo@example.org>
 *         (reason: 550 5.1.1 <jo@example.org>... User unknown)
 *         (expanded from: <ann@example.net>)
 *
 *        ----- Transcript of session follows -----
 *     ... while talking to mx.example.org.:
 *     >>> RCPT To:<jo@example.org>
 *     <<< 550 5.1.1 <jo@example.org>... User unknown
 *     550 5.1.1 <jo@example.org>... User unknown
 */
import type { TextReport } from '../text-family.ts';
import { type AddressBlock, addressBlocks } from './address-blocks.ts';
import { isDelayNotice } from './delay-words.ts';
import { findAddresses, sameAddress } from './find-addresses.ts';
import { withOrigins, withoutRepetitions } from './forwarded-recipient.ts';
import type { Notice } from './notice.ts';
import { type NoticeFamily, recipientsBeside, reportOf } from './notice-family.ts';
import { joinLines, replyOffset } from './quoted-reply.ts';

interface Section {
	/** What stands between the hyphens, lower-case. */
	readonly title: string;
	readonly lines: readonly string[];
}

const sectionTitle = /^[\s>]{0,20}-{2,60}\s{0,5}([A-Za-z][^\n]{4,100}?)\s{0,5}-{2,60}\s*$/;
const failureTitle = /addresses? (?:had|have|has)|recipients? (?:had|of this delivery)|delivery (?:problems|errors)/;

export const sendmail: NoticeFamily = {
	id: 'sendmail',
	read(notice) {
		if (notice.role === 'person') return null;
		const sections = sectionsOf(notice.text);
		const lists = sections.filter(({ title }) => failureTitle.test(title) && !/successful|relayed/.test(title));
		const transcript =
			sections.find(({ title }) => /^(?:session )?transcript/.test(title)) ??
			sections.find(({ title }) => /information|reason|session|error|diagnos/.test(title) && !failureTitle.test(title));
		if (lists.length === 0 && transcript === undefined) return null;
		if (notice.role === 'unsure' && !/^[^-]{0,400}-{2}/.test(notice.text.trimStart())) return null;
		return readSendmail(notice, lists, transcript?.lines ?? []);
	},
};

function sectionsOf(text: string): readonly Section[] {
	const sections: { title: string; lines: string[] }[] = [];
	for (const line of text.split('\n')) {
		const title = line.length < 200 ? sectionTitle.exec(line)?.[1] : undefined;
		if (title !== undefined) sections.push({ title: title.toLowerCase(), lines: [] });
		else sections.at(-1)?.lines.push(line);
	}
	return sections;
}

function readSendmail(notice: Notice, lists: readonly Section[], transcript: readonly string[]): readonly TextReport[] {
	const reports: TextReport[] = [];
	for (const { title, lines } of lists) {
		const isDelay = /transient|non-fatal|warning|delayed/.test(title);
		for (const block of withOrigins(listedBlocks(lines))) reports.push(reportOfBlock(block, transcript, isDelay));
	}
	if (reports.length > 0) return withoutRepetitions(reports);
	const isDelay = isDelayNotice(notice);
	const named = namedInTranscript(notice, transcript);
	const recipients = named.length > 0 ? named : recipientsBeside(notice);
	return withoutRepetitions(
		(recipients.length === 0 ? [''] : recipients).map((recipient) =>
			reportOfBlock({ address: recipient, lines: [] }, transcript, isDelay),
		),
	);
}

/** `>>> a@b <a@b>` stands in such lists, and `"|program"` of whoever is named below it. */
function listedBlocks(lines: readonly string[]): readonly AddressBlock[] {
	const blocks = addressBlocks(lines.map((line) => line.replace(/^[\s>]{0,10}(?=\S{1,200}@)/, '')));
	if (blocks.length > 0) return blocks;
	const origins = lines.filter((line) => /\(expanded from:/i.test(line.slice(0, 300)));
	return origins.flatMap((line) => findAddresses(line, 1)).map(({ address }) => ({ address, lines: [] }));
}

function reportOfBlock(block: AddressBlock, transcript: readonly string[], isDelay: boolean): TextReport {
	const said = joinLines(block.lines);
	const reason = /\(reason: /i.exec(said);
	if (reason !== null) {
		const told = said.slice(reason.index + reason[0].length);
		const close = told.lastIndexOf(')');
		const report = reportOf(block.address, [close === -1 ? told : told.slice(0, close)], { isDelay });
		const spoken = reportOf(block.address, aboutAddress(transcript, block.address), { isDelay });
		// Sendmail shortens long reasons in their middle: `Recipient address rejected:...r unknown`.
		const isShortened = /\S\.\.\.\S/.test(report.reply) && spoken.reply.slice(0, 3) === report.reply.slice(0, 3);
		return isShortened ? spoken : { ...report, server: report.server || spoken.server };
	}
	if (said.length > 2 && replyOffset(said) !== -1) return reportOf(block.address, block.lines, { isDelay });
	const lines = aboutAddress(transcript, block.address);
	return reportOf(block.address, lines.length > 0 ? lines : block.lines, { isDelay, otherwise: said });
}

/** The lines of a transcript that tell of an address: the reply it got, or else the first one anybody got; who was talked to comes first. */
function aboutAddress(transcript: readonly string[], address: string): readonly string[] {
	const wanted = address.toLowerCase();
	let talkingTo = '';
	let command = '';
	// Where the other server began to refuse what the last command asked.
	let refusal = -1;
	let any: readonly string[] | null = null;
	for (const [index, line] of transcript.entries()) {
		if (/talking to|connect(?:ed|ion)? to/i.test(line.slice(0, 300))) talkingTo = line;
		if (/^\s{0,20}>>>/.test(line)) {
			command = line;
			refusal = -1;
			continue;
		}
		if (replyOffset(line) === -1) continue;
		const isRemote = /^\s{0,20}<<</.test(line);
		if (isRemote && refusal === -1) refusal = index;
		const start = refusal === -1 ? index : refusal;
		const before = isRemote || refusal !== -1 ? [] : explanationBefore(transcript[index - 1] ?? '');
		const lines = [talkingTo, ...commandNote(command), ...withExplanation(transcript.slice(start, start + 20), before)];
		const spokenTo = `${line}\n${isRemote ? command : ''}`.toLowerCase();
		if (wanted !== '' && spokenTo.includes(wanted)) return lines;
		any ??= lines;
	}
	return any ?? transcript;
}

/** A local mailer says why in a line of its own: `procmail: Quota exceeded while writing "/var/mail/jo"`. */
function explanationBefore(line: string): readonly string[] {
	return /^\s{0,10}[\w./-]{2,40}: \S/.test(line) && replyOffset(line) === -1 ? [line.trim()] : [];
}

function withExplanation(lines: readonly string[], explanation: readonly string[]): readonly string[] {
	const [first = '', ...others] = lines;
	return explanation.length === 0 ? lines : [`${first} (${explanation.join(' ')})`, '', ...others];
}

function commandNote(command: string): readonly string[] {
	const verb = /^\s{0,20}>>> ?(RCPT TO|MAIL FROM|DATA|EHLO|HELO|\.)/i.exec(command)?.[1];
	return verb === undefined ? [] : [`after ${verb === '.' ? 'end of data' : verb.toLowerCase()}`];
}

function namedInTranscript(notice: Notice, transcript: readonly string[]): readonly string[] {
	const named: string[] = [];
	for (const line of transcript) {
		if (!/^\s{0,20}(?:>>> ?RCPT TO|[45]\d\d[ -]|<<< ?[45]\d\d|<|\S{1,200}@\S{1,200}\.\.\.)/i.test(line)) continue;
		for (const { address } of findAddresses(line, 3)) {
			const isRcpt = /RCPT TO/i.test(line.slice(0, 30));
			if (!isRcpt && notice.ours.has(address.toLowerCase())) continue;
			if (!named.some((other) => sameAddress(other, address))) named.push(address);
		}
	}
	return named;
}
