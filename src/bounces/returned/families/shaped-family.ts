/** Makes a family out of data, for servers whose notice is a sentence they always use and a list of addresses with reasons. */
import type { TextReport } from '../text-family.ts';
import { addressBlocks } from './address-blocks.ts';
import { isDelayNotice, speaksOfDelay } from './delay-words.ts';
import { speaksOfFailure } from './failure-words.ts';
import { findAddresses, sameAddress } from './find-addresses.ts';
import { withOrigins } from './forwarded-recipient.ts';
import type { Notice } from './notice.ts';
import { type NoticeFamily, recipientsBeside, reportOf, reportsBeside, reportsOf } from './notice-family.ts';
import { isStranger, namesOthers } from './other-addresses.ts';
import { findReply, replyOffset } from './quoted-reply.ts';

export interface NoticeShape {
	readonly id: string;
	/** Lower-case phrases; one of the lists must be in the text as a whole, however it is wrapped. */
	readonly signs: readonly (readonly string[])[];
	/** The list of addresses begins behind the first of these that occurs; the whole text when none does. */
	readonly from: readonly string[];
	/** And ends before the first of these. */
	readonly until?: readonly string[];
	/** Phrases of this family that mean "still trying", beside the common ones. */
	readonly delay?: readonly string[];
	/** It gives names: `Anna Bell <a@b>`. */
	readonly hasNames?: boolean;
	/** It never writes about delays, whatever its text mentions. */
	readonly neverDelays?: boolean;
}

/** A family that claims a notice by its signs, unless a person wrote it. */
export function shapedFamily(shape: NoticeShape): NoticeFamily {
	const section = sectionFinder(shape.from, shape.until ?? []);
	return {
		id: shape.id,
		read(notice) {
			if (notice.role === 'person') return null;
			const sign = shape.signs.find((all) => all.every((phrase) => notice.phrases.includes(phrase)));
			if (sign === undefined || !isProminent(notice, sign[0] ?? '')) return null;
			if (sign.join('').length < shortSign && !tellsOfTrouble(notice)) return null;
			return readShaped(notice, shape, section(notice));
		},
	};
}

// Behind a few words of greeting a machine comes to the point; a person says first why they quote it.
const early = 300;

function isProminent(notice: Notice, phrase: string): boolean {
	return notice.role === 'machine' || notice.phrases.slice(0, early).includes(phrase);
}

// A name, no sentence.
const shortSign = 16;

/** Names of products alone stand in many a mail. */
function tellsOfTrouble(notice: Notice): boolean {
	return (
		speaksOfFailure(notice.phrases) ||
		speaksOfDelay(notice.phrases) ||
		notice.text.split('\n').some((line) => replyOffset(line) !== -1)
	);
}

function readShaped(notice: Notice, shape: NoticeShape, text: string): readonly TextReport[] | null {
	const lines = text.split('\n');
	const isDelay =
		shape.neverDelays !== true &&
		(isDelayNotice(notice) || (shape.delay ?? []).some((phrase) => notice.phrases.includes(phrase)));
	const otherwise = findReply(lines)?.reply ?? lines.find(isSentence)?.trim() ?? '';
	const blocks = addressBlocks(lines, shape.hasNames === true).filter(({ address }) => isStranger(notice, address));
	const reports = reportsOf(withOrigins(blocks), { isDelay, otherwise });
	if (reports !== null) return reports;
	const beside = recipientsBeside(notice);
	const whole = notice.text.split('\n');
	const named =
		strangerIn(notice, lines, beside) ??
		(beside.length > 0 ? undefined : (strangerIn(notice, whole.filter(isCommand)) ?? strangerIn(notice, whole)));
	if (named !== undefined) return [reportOf(named, lines, { isDelay, otherwise })];
	if (notice.role === 'unsure') return null;
	return reportsBeside(notice, lines, { isDelay, otherwise });
}

/** The first address that can be a recipient, one of `likely` before others. */
function strangerIn(notice: Notice, lines: readonly string[], likely: readonly string[] = []): string | undefined {
	const named = lines
		.filter((line) => line.includes('@') && !namesOthers.test(line.slice(0, 300)))
		.flatMap((line) => findAddresses(line, 5))
		.map(({ address }) => address)
		.filter((address) => isStranger(notice, address));
	return named.find((address) => likely.some((other) => sameAddress(other, address))) ?? named[0];
}

/** Not `Subject: News`. */
function isSentence(line: string): boolean {
	return line.trim().length > 8 && !line.includes('@') && !/^\s{0,20}[\p{L}-]{1,20}:\s/u.test(line.slice(0, 60));
}

function isCommand(line: string): boolean {
	return /rcpt to|recipient/i.test(line.slice(0, 200));
}

/** Cuts the stretch between two phrases out of a notice; phrases match across line breaks. */
export function sectionFinder(from: readonly string[], until: readonly string[]): (notice: Notice) => string {
	const starts = from.map(phrasePattern);
	const ends = until.map(phrasePattern);
	return ({ text, lower }) => {
		let start = 0;
		for (const pattern of starts) {
			const match = pattern.exec(lower);
			if (match === null) continue;
			start = match.index + match[0].length;
			break;
		}
		let end = text.length;
		const rest = lower.slice(start);
		for (const pattern of ends) end = Math.min(end, start + (pattern.exec(rest)?.index ?? rest.length));
		return text.slice(start, end);
	};
}

function phrasePattern(phrase: string): RegExp {
	return new RegExp(phrase.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(' ', '\\s{1,30}'));
}
