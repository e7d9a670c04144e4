/** How one reply and its meaning look to people. */
import { describeCategory } from '../bounces/describe-category.ts';
import type { Refusal } from '../bounces/refusal.ts';
import { toldDelayMs } from '../bounces/told-time.ts';
import { replyText } from '../smtp/reply.ts';
import { cleanText } from '../support/clean-text.ts';
import { adviceFor } from './explain-advice.ts';
import type { AskedReply } from './explain-input.ts';
import { pageFor } from './explain-pages.ts';
import type { Paint, Tone } from './paint.ts';
import { wrapText } from './text-width.ts';

/** Columns before a value: `  Decided by  `. */
const indent = 14;
const longestShown = 1000;
const tones: Readonly<Record<Refusal['type'], Tone>> = { hard: 'red', soft: 'green', block: 'yellow', unknown: 'cyan' };

/** Lines of at most `width` columns where words allow it; begins with an empty one. `now`: wall clock, milliseconds since 1970. */
export function renderExplanation(
	{ asked, refusal }: { readonly asked: AskedReply; readonly refusal: Refusal },
	look: { readonly width: number; readonly paint: Paint; readonly now: number },
): string {
	const { width, paint, now } = look;
	const replyClass = asked.reply.code < 500 ? 4 : 5;
	const { fault, mailshot, you } = adviceFor(refusal, { replyClass });
	const page = pageFor(refusal.category, { text: asked.text, provider: asked.provider });
	const told = toldDelayMs(asked.reply, now);
	const block = (label: string, text: string): string[] =>
		wrapText(text, width - indent).map(
			(line, at) => `${at === 0 ? `  ${label}`.padEnd(indent) : ' '.repeat(indent)}${line}`,
		);
	const kind = `${refusal.type}, ${refusal.category}, ${refusal.action}`;
	return [
		'',
		...wrapText(cleanText(replyText(asked.reply), longestShown), width - 2).map((line) => `  ${paint('dim', line)}`),
		'',
		`  ${paint('bold', paint(tones[refusal.type], sentence(describeCategory(refusal.category))))}  ${paint('dim', `(${kind})`)}`,
		'',
		...block('Whose fault', fault),
		...(told === null ? [] : block('When', `It asks to be tried again in ${durationWords(told)}.`)),
		...block('mailshot', mailshot),
		...block('You', you),
		...(page === null
			? []
			: [...block('See', page.name), ...page.url.split(' ').map((url) => `${' '.repeat(indent)}${url}`)]),
		...block('Decided by', `${refusal.rule}, as said ${sideWords[asked.via]} at ${asked.stage}`),
		'',
	].join('\n');
}

const sideWords = { mx: "by the recipient's server (mx)", relay: 'by the server that sends for you (relay)' } as const;

function sentence(words: string): string {
	return words.charAt(0).toUpperCase() + words.slice(1);
}

function durationWords(milliseconds: number): string {
	const seconds = Math.ceil(milliseconds / 1000);
	if (seconds < 120) return `${seconds} seconds`;
	if (seconds < 7200) return `${Math.ceil(seconds / 60)} minutes`;
	return `${Math.ceil(seconds / 3600)} hours`;
}
