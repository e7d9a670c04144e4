/** Looks for the reason elsewhere in a notice where what stands beside the address explains nothing ("delivery failed"). */
import { classify } from '../../classify.ts';
import { replyFromText } from '../../reply-from-text.ts';
import type { TextReport } from '../text-family.ts';
import { speaksOfDelay } from './delay-words.ts';
import { speaksOfFailure } from './failure-words.ts';
import type { Notice } from './notice.ts';
import { enhancedCodeIn, findReply, joinLines, type QuotedReply } from './quoted-reply.ts';

const mostLines = 80;
const labelledReason =
	/^[\s*•-]{0,20}(?:reason|error(?: message| text| description)?|cause|details?|failure|grund|raison|motivo|motif|fehler|reden|理由|エラー|原因|причина|사유)\s?[:：]\s{0,10}(\S.{2,})$/i;
// Facebook (postmaster.facebook.com/response_codes).
const namedReason = /\b(?:RCP|INT|POL|DNS|MSG|CON|HLO)-[PT]\d\b/;

// Who speaks, not why.
const greeting = /^(?:hello|hi[ .!]|dear |hallo|guten|bonjour|hola|ciao|this is the |i am |i'm |please |note )/i;

/** Reports whose replies explain themselves stay as they are; so do those of several recipients who were told different things. */
export function withTellingReply(notice: Notice, reports: readonly TextReport[]): readonly TextReport[] {
	const [first] = reports;
	if (first === undefined || reports.some(({ reply }) => reply !== first.reply) || explains(first.reply))
		return reports;
	const better = tellingReply(notice);
	if (better === null) return reports;
	const { enhancedCode, server } = better;
	const reply = better.isQuoted ? better.reply : together(first.reply, better.reply);
	return reports.map((report) => ({
		...report,
		reply,
		enhancedCode: enhancedCode || report.enhancedCode,
		server: server || report.server,
	}));
}

/** What was said beside the address stays: it may tell people what it does not tell us. */
function together(said: string, told: string): string {
	const isCommonplace =
		greeting.test(said) || /^[\w-]{1,20}:|automatically/.test(said) || speaksOfFailure(said.toLowerCase());
	return said === '' || isCommonplace || told.includes(said) ? told : `${said} (${told})`;
}

interface Telling extends QuotedReply {
	readonly isQuoted: boolean;
}

function tellingReply(notice: Notice): Telling | null {
	const lines = notice.text.split('\n', mostLines);
	const quoted = findReply(lines);
	if (quoted !== null) return { ...quoted, isQuoted: true };
	const told =
		tellingSentence(lines) ??
		lines.map((line) => labelledReason.exec(line.slice(0, 1_000))?.[1]).find((reason) => reason !== undefined) ??
		lines.find((line) => namedReason.test(line.slice(0, 500)));
	return told === undefined
		? null
		: { reply: joinLines([told]), enhancedCode: enhancedCodeIn(told), server: '', isQuoted: false };
}

/** Sentences are wrapped, so each line is tried alone and with the next. */
function tellingSentence(lines: readonly string[]): string | undefined {
	for (const [index, line] of lines.entries()) {
		const alone = line.trim().slice(0, 600);
		if (
			alone.length < 8 ||
			greeting.test(alone) ||
			/[:：]$/.test(alone) ||
			speaksOfDelay(alone.toLowerCase()) ||
			!/[ \u3000-\u9fff\uac00-\ud7ff]/.test(alone)
		)
			continue;
		if (isKnown(alone)) return alone;
		const both = `${alone} ${(lines[index + 1] ?? '').trim().slice(0, 600)}`;
		if ((lines[index + 1] ?? '').trim() !== '' && isKnown(both)) return both;
	}
	return undefined;
}

/** It begins with a reply code, or has words that the classifier knows. */
function explains(reply: string): boolean {
	return /^[245](?:\d\d|\.\d\.\d)/.test(reply) || (reply !== '' && isKnown(reply));
}

function isKnown(said: string): boolean {
	return classify({ reply: replyFromText(said), stage: 'rcpt', via: 'mx', provider: '' }).rule.startsWith('text:');
}
