/**
 * The last reader: a mail system nobody knows, that says in some words that something failed. A false recipient is worse than none, so an address counts only where it
 * heads a list, stands in the reply or in the sentence that tells of the failure; then X-Failed-Recipients, then the only To of what came back.
 */
import type { TextReport } from '../text-family.ts';
import { type AddressBlock, addressBlocks } from './address-blocks.ts';
import { isDelayNotice } from './delay-words.ts';
import { speaksOfFailure } from './failure-words.ts';
import { findAddresses } from './find-addresses.ts';
import { withOrigins, withoutRepetitions } from './forwarded-recipient.ts';
import type { Notice } from './notice.ts';
import { type NoticeFamily, recipientsBeside, reportOf, reportsOf } from './notice-family.ts';
import { isStranger, namesOthers } from './other-addresses.ts';
import { findReply, replyOffset } from './quoted-reply.ts';
import { fitsNotice, hasNullPath } from './sender-role.ts';

export const general: NoticeFamily = {
	id: 'general',
	read(notice) {
		if (notice.role === 'person') return null;
		const isSure = notice.role === 'machine' && notice.isDaemon;
		// Cron and its like come from machines, too.
		const { headers } = notice.mail;
		const isLikely =
			isSure ||
			hasNullPath(headers) ||
			headers.get('x-failed-recipients') !== '' ||
			fitsNotice(headers.get('subject').slice(0, 500));
		if (!isLikely) return null;
		const lines = notice.text.split('\n');
		const hasReply = lines.some((line) => replyOffset(line) !== -1);
		if (!hasReply && !speaksOfFailure(notice.phrases)) return null;
		const isDelay = isDelayNotice(notice);
		const named = besideReplies(notice, lines, { isDelay, isSure });
		if (named.length > 0) return named;
		// Machines that answer for people, and shops that could not deliver a parcel, also speak of failure.
		if (!isSure && notice.mail.headers.get('x-failed-recipients') === '' && notice.mail.type !== 'multipart/report')
			return null;
		if (!speaksOfFailure(`${notice.phrases} ${notice.mail.headers.get('subject').slice(0, 500).toLowerCase()}`))
			return null;
		const told = inSentences(notice, lines, isDelay);
		if (told.length > 0) return told;
		const beside = recipientsBeside(notice);
		// "Your mailbox is full, click here" names nobody and brings nothing back, either.
		if (beside.length === 0 && notice.mail.original === null && !hasNullPath(notice.mail.headers)) return null;
		const why = whyLines(lines);
		return (beside.length === 0 ? [''] : beside).map((recipient) => reportOf(recipient, why, { isDelay }));
	},
};

/** Addresses that head a block with a reply in it, or that a reply names. */
function besideReplies(
	notice: Notice,
	lines: readonly string[],
	{ isDelay, isSure }: { readonly isDelay: boolean; readonly isSure: boolean },
): readonly TextReport[] {
	const blocks = withOrigins(
		addressBlocks(
			lines.filter((line) => !namesOthers.test(line.slice(0, 300))),
			true,
		),
	);
	const answered = blocks.filter(
		(block) => isStranger(notice, block.address) && block.lines.slice(0, 12).some((line) => replyOffset(line) !== -1),
	);
	// A person says first why they quote.
	if (!isSure && notice.text.indexOf(answered[0]?.address ?? '') > 300) return [];
	if (answered.length > 0) return reportsOf(answered, { isDelay }) ?? [];
	if (!isSure) return [];
	const reports: TextReport[] = [];
	for (const [index, line] of lines.entries()) {
		const offset = replyOffset(line);
		if (offset === -1 || reports.length >= 50) continue;
		const near = [line, lines[index + 1] ?? ''].join(' ');
		const found = findAddresses(near, 5).find(({ address }) => isStranger(notice, address));
		const before = findAddresses([lines[index - 2] ?? '', lines[index - 1] ?? ''].join(' '), 5).findLast(
			({ address }) => isStranger(notice, address),
		);
		const recipient = found ?? (namesOthers.test(`${lines[index - 1] ?? ''}`) ? undefined : before);
		if (recipient !== undefined) reports.push(reportOf(recipient.address, lines.slice(index, index + 25), { isDelay }));
	}
	return withoutRepetitions(reports);
}

/** Addresses in the sentence that tells of the failure, or in a list right below it. */
function inSentences(notice: Notice, lines: readonly string[], isDelay: boolean): readonly TextReport[] {
	for (const [index, line] of lines.entries()) {
		// Sentences are wrapped: one line more belongs to them.
		const sentence = `${line} ${lines[index + 1] ?? ''}`;
		if (line.trim() === '' || !speaksOfFailure(sentence.toLowerCase())) continue;
		const inside = [line, lines[index + 1] ?? '']
			.filter((part) => !namesOthers.test(part.slice(0, 300)))
			.flatMap((part) => findAddresses(part, 20))
			.filter(({ address }) => isStranger(notice, address));
		const first = inside[0];
		if (first !== undefined) return [reportOf(first.address, lines.slice(index), { isDelay })];
		const listed = listBelow(notice, lines.slice(index + 1, index + 40));
		if (listed.length > 0) return reportsOf(listed, { isDelay, otherwise: sentence.trim().replace(/\s+/g, ' ') }) ?? [];
	}
	return [];
}

function listBelow(notice: Notice, lines: readonly string[]): readonly AddressBlock[] {
	const blocks = addressBlocks(
		lines.filter((line) => !namesOthers.test(line.slice(0, 300))),
		true,
	);
	return withOrigins(blocks).filter(({ address }) => isStranger(notice, address));
}

function whyLines(lines: readonly string[]): readonly string[] {
	if (findReply(lines) !== null) return lines;
	const index = lines.findIndex((line) => speaksOfFailure(line.toLowerCase()));
	return index === -1 ? lines : lines.slice(index);
}
