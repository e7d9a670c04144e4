/** What came back, on one screen. */
import type { MailKind } from '../bounces/returned/returned-mail.ts';
import { cleanText } from '../support/clean-text.ts';
import type { LogCounts } from './bounces-log.ts';
import type { BouncedCategory, BouncesTally } from './bounces-tally.ts';
import { formatCount, formatCounted, formatDuration, formatRate, formatShare } from './format.ts';
import type { Paint } from './paint.ts';
import { fitText, joinFitting } from './text-width.ts';
import { categoryWords } from './words.ts';

export interface BouncesSummary {
	readonly tally: BouncesTally;
	readonly seconds: number;
	/** As typed; '' when it cannot be typed again, because standard input is read. */
	readonly command: string;
	/** Null: none was asked. */
	readonly log: LogCounts | null;
}

interface Look {
	readonly width: number;
	readonly paint: Paint;
}

const kindWords: readonly (readonly [kind: MailKind, name: string, words: string])[] = [
	['bounce', 'bounce', 'could not be delivered'],
	['delay', 'delay', 'is still being tried'],
	['complaint', 'complaint', 'was called spam by its reader'],
	['unsubscribe', 'unsubscribe', 'wants no more mail'],
	['auto-reply', 'auto-reply', 'a machine answers for a person'],
	['delivered', 'delivered', 'a receipt'],
	['auth-report', 'auth-report', 'about SPF, DKIM or DMARC; no complaint'],
	['none', 'ordinary mail', 'nothing that came back'],
];

const nameWidth = 19;
const countWidth = 7;
const longestCommand = 8192;
/** Below, a rate says more about the start of the program. */
const fewestForRate = 100;

/** Lines of at most `width` columns; begins and ends with an empty one. */
export function renderBouncesSummary(summary: BouncesSummary, look: Look): string {
	const { tally } = summary;
	return [
		'',
		`  ${look.paint('bold', fitText(headline(summary), look.width - 2))}`,
		...block('KIND', kindLines(tally, look), look),
		...block(
			'WHY',
			tally.categories.flatMap((category) => categoryLines(category, look)),
			look,
		),
		...block('LOG', logLines(summary.log), look),
		...block('NOT READ', notReadLines(tally), look),
		...nextLines(summary),
		'',
		'',
	].join('\n');
}

function headline({ tally, seconds }: BouncesSummary): string {
	const { mails, events } = tally;
	const read = [
		...(mails > 0 || events === 0 ? [formatCounted(mails, 'mail')] : []),
		...(events > 0 ? [formatCounted(events, 'event')] : []),
	].join(' and ');
	const rate = seconds >= 1 && mails + events >= fewestForRate ? `, ${formatRate((mails + events) / seconds)}` : '';
	return `${read} read in ${formatDuration(seconds)}${rate}`;
}

function block(title: string, lines: readonly string[], { paint }: Look): string[] {
	return lines.length === 0 ? [] : ['', `  ${paint('cyan', '█')} ${paint('bold', title)}`, ...lines];
}

function kindLines(tally: BouncesTally, { width }: Look): string[] {
	const whole = tally.mails + tally.events;
	return kindWords
		.filter(([kind]) => tally.kindCount(kind) > 0)
		.map(([kind, name, words]) => {
			const count = tally.kindCount(kind);
			return fitText(`${leader(name, count)}${formatShare(count, whole).padStart(9)}   ${words}`, width);
		});
}

/** Of recipients, not of mails: a bounce may speak of several. */
function categoryLines({ category, type, count, domains, reasons }: BouncedCategory, { width, paint }: Look): string[] {
	const start = `${leader(category, count)}   ${type.padEnd(7)}   `;
	const named = domains.top.map((domain) => `${cleanText(domain.name, 100)} ${formatCount(domain.count)}`);
	const rest = (hidden: number) => {
		const others = domains.top
			.slice(domains.top.length - hidden)
			.reduce((sum, domain) => sum + domain.count, domains.others);
		return hidden === 0 && others === 0 ? '' : formatCounted(others, 'other', 'others');
	};
	const [first, ...more] = reasons;
	const explanations = [
		first === undefined ? categoryWords(category) : `${categoryWords(category)}: ${cleanText(first.sample)}`,
		...more.map(
			({ sample, count: times }) => `${formatCount(times)} ${times === 1 ? 'says' : 'say'}: ${cleanText(sample)}`,
		),
	];
	return [
		fitText(start + joinFitting(named, width - start.length, { separator: ' · ', rest }), width).trimEnd(),
		...explanations.map((text) => paint('dim', fitText(`      ${text}`, width))),
	];
}

function notReadLines({ notRead }: BouncesTally): string[] {
	return notRead === 0 ? [] : [`    ${formatCounted(notRead, 'problem')}, told on standard error; the rest was read`];
}

function logLines(log: LogCounts | null): string[] {
	if (log === null) return [];
	const { matched, strangers, added, suppressed } = log;
	return [
		`${leader('matched', matched)}   of ${formatCounted(matched + strangers, 'recipient', 'recipients')}`,
		`${leader('new in the log', added)}`,
		`${leader('suppressed', suppressed)}   that were not on the list`,
	];
}

function nextLines({ tally, command, log }: BouncesSummary): string[] {
	if (command === '' || tally.toSuppress === 0 || log !== null) return [];
	return [
		'',
		`  Next: ${formatCounted(tally.toSuppress, 'address is', 'addresses are')} dead`,
		`    ${cleanText(command, longestCommand)} --json |`,
		`      jq -r 'select(.bounce_action=="suppress") | .recipient'`,
	];
}

function leader(name: string, count: number): string {
	return `    ${`${name} `.padEnd(nameWidth, '.')}${formatCount(count).padStart(countWidth)}`;
}
