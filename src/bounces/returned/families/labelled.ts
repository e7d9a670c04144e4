/**
 * Notices made of labels, one fact a line: Oracle and iPlanet Messaging Server, MailMarshal, InterScan, mobile carriers and many a home-made one, in several languages.
 *
 *     Recipient address: jo@example.org
 *     Reason: Remote SMTP server has rejected address
 *     Diagnostic code: smtp;550 5.1.1 unknown or illegal alias
 *     Remote system: dns;mx.example.org (TCP|...)
 */
import type { TextReport } from '../text-family.ts';
import { isDelayNotice } from './delay-words.ts';
import { speaksOfFailure } from './failure-words.ts';
import { findAddresses, sameAddress } from './find-addresses.ts';
import type { Notice } from './notice.ts';
import { type NoticeFamily, reportOf } from './notice-family.ts';
import { findReply, replyOffset } from './quoted-reply.ts';

// The longest come first, so that `Recipient address` is not read as `Recipient`.
const recipientLabel =
	/^[\s*•-]{0,20}(?:the )?(?:recipient address|original recipient|final recipient|failed recipient|intended recipient|recipient e-?mail(?: address)?|failed address|failed e-?mail|e-?mail address|addressed to|rcpt to|recipients?|to address|address|user|destinatarios?|destinataires?|empfänger(?:adresse)?|ontvangers?|geadresseerde|宛先(?:アドレス)?|送信先|受信者|收件人(?:地址)?|收件者|получатель|адресат|адрес|수신자|받는 사람)(?:\(s\))?\s?[:：=]\s{0,10}(?:rfc822;|smtp:|\[smtp:)?\s?[["'<(]{0,2}$/i;
const affectedLabel = /^[\s*•-]{0,20}(?:the )?(?:following )?recipients? (?:was|were) affected:?\s{0,5}$/i;
const reasonLabel =
	/^[\s*•-]{0,20}(?:(?:error )?reason|error(?: message| text| code| description| details)?|diagnostic(?: code| information)?|(?:server |smtp |remote )?(?:response|reply|answer)|remote server (?:said|replied|response)|server (?:said|message)|details?|cause|failure|status|motivo|raison|motif|errore?|erreur|fehler(?:meldung)?|grund|ursache|reden|foutmelding|理由|エラー(?:内容|メッセージ)?|原因|错误(?:信息|原因)?|退信原因|錯誤(?:訊息)?|причина|ошибка|ответ сервера|사유|오류|원인)(?:\(s\))?\s?[:：=]/i;

/** Oracle, Sun and iPlanet, and Apple for many years. */
export const messagingServer: NoticeFamily = {
	id: 'messaging-server',
	read: (notice) => (notice.phrases.includes('this report relates to a message you sent') ? readLabels(notice) : null),
};

export const mailMarshal: NoticeFamily = {
	id: 'mail-marshal',
	read: (notice) => (/recipients? (?:was|were) affected/.test(notice.phrases) ? readLabels(notice) : null),
};

export const labelled: NoticeFamily = { id: 'labelled', read: readLabels };

function readLabels(notice: Notice): readonly TextReport[] | null {
	if (notice.role !== 'machine') return null;
	const lines = notice.text.split('\n');
	const affected = lines.findIndex((line) => affectedLabel.test(line.slice(0, 200)));
	if (affected !== -1) return affectedRecipients(notice, lines, affected);
	const reports = recordsOf(lines, notice);
	return reports.length === 0 ? null : reports;
}

/** MailMarshal says why before it says who. */
function affectedRecipients(notice: Notice, lines: readonly string[], affected: number): readonly TextReport[] | null {
	const recipients: string[] = [];
	for (const line of lines.slice(affected + 1)) {
		const found = findAddresses(line, 10);
		if (found.length === 0 && line.trim() !== '') break;
		for (const { address } of found) recipients.push(address);
	}
	const isDelay = isDelayNotice(notice);
	const before = lines.slice(0, affected);
	const because = before.findIndex((line) => /because|due to|reason/i.test(line.slice(0, 300)));
	const why = findReply(before) === null ? before.slice(because + 1) : before;
	return recipients.length === 0 ? null : recipients.map((recipient) => reportOf(recipient, why, { isDelay }));
}

function recordsOf(lines: readonly string[], notice: Notice): readonly TextReport[] {
	const starts: { readonly index: number; readonly address: string }[] = [];
	for (const [index, line] of lines.entries()) {
		const found = findAddresses(line, 1)[0];
		if (found === undefined || found.start > 80 || !recipientLabel.test(line.slice(0, found.start))) continue;
		if (notice.ours.has(found.address.toLowerCase())) continue;
		starts.push({ index, address: found.address });
	}
	const isDelay = isDelayNotice(notice);
	const reports: TextReport[] = [];
	for (const [place, start] of starts.entries()) {
		if (reports.some((report) => sameAddress(report.recipient, start.address))) continue;
		const until =
			starts.slice(place + 1).find((other) => !sameAddress(other.address, start.address))?.index ?? lines.length;
		const why = reasonLines(lines.slice(start.index + 1, until)) ?? (starts.length === 1 ? reasonLines(lines) : null);
		if (why === null && !speaksOfFailure(notice.phrases)) continue;
		reports.push(reportOf(start.address, why ?? [], { isDelay, otherwise: failureLine(lines) }));
	}
	return reports;
}

/** The lines from the first that quotes a reply, or else stands behind a label for reasons; without the label. */
function reasonLines(lines: readonly string[]): readonly string[] | null {
	const quoted = lines.findIndex((line) => replyOffset(line) !== -1 && reasonLabel.test(line.slice(0, 200)));
	const index = quoted !== -1 ? quoted : lines.findIndex((line) => reasonLabel.test(line.slice(0, 200)));
	if (index === -1) return findReply(lines) === null ? null : lines;
	const line = lines[index] ?? '';
	const rest = line.replace(reasonLabel, '').trim();
	const following = lines.slice(index + 1);
	if (quoted === -1 && findReply(following.slice(0, 4)) !== null) return following;
	return rest === '' ? following : [quoted === -1 ? rest : line, ...following.slice(0, 20)];
}

function failureLine(lines: readonly string[]): string {
	return lines.find((line) => line.trim().length > 8 && speaksOfFailure(line.toLowerCase()))?.trim() ?? '';
}
