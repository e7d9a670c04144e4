/** What became of a run, on one screen, after it (reference/ecosystem.md §2.4). The file beside the log holds the same numbers. */

import type { CategoryCount } from '../results/category-tallies.ts';
import type { Quantiles } from '../results/histogram.ts';
import type { Status } from '../results/result.ts';
import { campaignCounts } from '../results/summary.ts';
import type { FailureCount, Tally } from '../results/tally.ts';
import { cleanText } from '../support/clean-text.ts';
import { shellWord } from '../support/shell-word.ts';
import { formatCount, formatCounted, formatDuration, formatMilliseconds, formatRate, formatShare } from './format.ts';
import type { Paint } from './paint.ts';
import { fitText, joinFitting } from './text-width.ts';
import { categoryWords, errorTypeWords } from './words.ts';

export interface RunEnding {
	readonly campaign: string;
	readonly state: 'finished' | 'stopped';
	readonly seconds: number;
	readonly toSend: number;
	/** Rows without a result. */
	readonly left: number;
	/** How the rows that this run passed over ended in earlier ones. */
	readonly earlier: Readonly<Record<Status, number>>;
	/** As typed: run again, it goes on. '' for a rehearsal or a demo, which begins anew. */
	readonly command: string;
	readonly runId: string;
	/** The log has no line of another run. */
	readonly isFirstRun: boolean;
	readonly logPath: string;
	readonly summaryPath: string;
}

interface Look {
	readonly width: number;
	readonly paint: Paint;
}

/** Name and leader dots take 19 columns after an indent of 4, a count 7 more. */
const nameWidth = 19;
const countWidth = 7;
const longestCommand = 8192;

/** What goes on with who is left or deferred; '' when that is nobody. */
export function goOnCommand(ending: RunEnding, tally: Tally): string {
	return ending.left > 0 || deferredOf(ending, tally) > 0 ? ending.command : '';
}

function deferredOf({ earlier }: RunEnding, tally: Tally): number {
	return campaignCounts(tally, earlier).deferred;
}

/** Lines of at most `width` columns; begins and ends with an empty one. */
export function renderSummaryBlock(ending: RunEnding, tally: Tally, look: Look): string {
	return [
		'',
		`  ${look.paint('bold', fitText(headline(ending, tally), look.width - 2))}`,
		...block('RESULT', resultLines(ending, tally, look), look),
		...block('WHY', whyLines(tally, look), look),
		...block('UNKNOWN', unknownLines(ending, tally, look), look),
		...timeBlock(tally, look),
		'',
		`  Log      ${cleanText(ending.logPath)}`,
		`  Summary  ${cleanText(ending.summaryPath)}`,
		...nextLines(ending, tally, look),
		'',
		'',
	].join('\n');
}

function headline({ campaign, state, seconds, toSend }: RunEnding, tally: Tally): string {
	const duration = seconds < 0.095 ? formatMilliseconds(seconds * 1000) : formatDuration(seconds);
	if (state === 'stopped') {
		return `${cleanText(campaign)}: stopped at ${formatCount(tally.recipientsDone)} of ${formatCount(toSend)} after ${duration}`;
	}
	const rate = seconds > 0 && tally.attempted > 0 ? `, ${formatRate(tally.attempted / seconds)}` : '';
	return `${cleanText(campaign)}: finished in ${duration}${rate}`;
}

function block(title: string, lines: readonly string[], { paint }: Look): string[] {
	return lines.length === 0 ? [] : ['', `  ${paint('cyan', '█')} ${paint('bold', title)}`, ...lines];
}

const meanings: Readonly<Record<Exclude<Status, 'skipped'> | 'left', string>> = {
	accepted: 'taken by the next server',
	bounced: 'refused for good',
	deferred: 'not sent, for now',
	failed: 'not sent, row or message is wrong',
	unknown: 'broken off at the end, may be sent',
	left: 'not tried in this run',
};

function resultLines({ left, earlier }: RunEnding, tally: Tally, look: Look): string[] {
	const counts = campaignCounts(tally, earlier);
	const skipped = [...tally.skipReasons].map(([reason, count]) => `${formatCount(count)} ${reason}`).join(' · ');
	// Of the rows that somebody is to be written for: skips are nobody's failure.
	const whole = Object.values(counts).reduce((sum, count) => sum + count, left) - counts.skipped;
	const rows: readonly (readonly [name: string, count: number, share: string, note: string])[] = [
		...(['accepted', 'bounced', 'deferred', 'failed', 'unknown'] as const).map((status) => {
			const count = counts[status];
			const meaning = status === 'deferred' ? deferredWords(tally) : meanings[status];
			const note = earlier[status] === 0 ? meaning : `${formatCount(earlier[status])} by earlier runs`;
			return [status, count, formatShare(count, whole), note] as const;
		}),
		['skipped', counts.skipped, '', skipped],
		['left', left, formatShare(left, whole), meanings.left],
	];
	return rows
		.filter(([name, count]) => count > 0 || name === 'accepted')
		.map(([name, count, share, note]) =>
			fitText(`${leader(name, count)}${share.padStart(9)}   ${note}`.trimEnd(), look.width),
		);
}

/** Of a run that was stopped, who would have been tried again. */
function deferredWords({ waiting }: Tally): string {
	return waiting === 0 ? meanings.deferred : `not sent; ${formatCount(waiting)} waited for a retry`;
}

function whyLines(tally: Tally, look: Look): string[] {
	return [
		...tally.categories.flatMap((category) => categoryLines(category, look)),
		...tally.failures.map((failure) => failureLine(failure, look)),
	];
}

function categoryLines({ category, count, sample, domains }: CategoryCount, { width, paint }: Look): string[] {
	const code = /^\d{3}(?: \d\.\d{1,3}\.\d{1,3})?/.exec(sample)?.[0] ?? '';
	const start = `${leader(category, count)}   ${code.padEnd(9)}   `;
	const named = domains.top.map((domain) => `${cleanText(domain.name)} ${formatCount(domain.count)}`);
	const rest = (hidden: number) => {
		const others = domains.top
			.slice(domains.top.length - hidden)
			.reduce((sum, domain) => sum + domain.count, domains.others);
		return hidden === 0 && others === 0 ? '' : formatCounted(others, 'other', 'others');
	};
	const explanation = `      ${categoryWords(category)}: ${cleanText(sample)}`;
	return [
		fitText(start + joinFitting(named, width - start.length, { separator: ' · ', rest }), width),
		paint('dim', fitText(explanation, width)),
	];
}

function failureLine({ errorType, count, sample }: FailureCount, { width }: Look): string {
	return fitText(`${leader(errorTypeWords(errorType), count)}   ${cleanText(sample)}`, width);
}

function unknownLines({ logPath, earlier }: RunEnding, tally: Tally, look: Look): string[] {
	const named = tally.unknownRecipients;
	if (named.length === 0) return [];
	const more = tally.count('unknown') + earlier.unknown - named.length;
	return [
		'    They may have arrived or not; nobody is sent a second copy unasked.',
		...named.map(({ recipient, line, reason }) =>
			fitText(`    ${cleanText(recipient)}   line ${line}   ${cleanText(reason)}`, look.width),
		),
		...(more > 0 ? [`    and ${formatCount(more)} more:`, `    mailshot log unknown ${shellWord(logPath)}`] : []),
		fitText("    Your server's log knows? Then say so, or --not-sent:", look.width),
		`    mailshot log resolve ${shellWord(logPath)} --accepted ADDRESS...`,
	];
}

function timeBlock(tally: Tally, { paint }: Look): string[] {
	if (tally.smtpMs.total === 0) return [];
	const header = `${'    '.padEnd(4 + nameWidth)}${['min', 'med', 'p95', 'max'].map(timeCell).join('')}`;
	return [
		'',
		`  ${paint('cyan', '█')} ${paint('bold', 'TIME')}${header.slice(8)}`,
		timeLine('render', tally.renderMs.quantiles()),
		timeLine('smtp', tally.smtpMs.quantiles()),
	];
}

function timeLine(name: string, { min, med, p95, max }: Quantiles): string {
	return `${leaderName(name)}${[min, med, p95, max].map(formatMilliseconds).map(timeCell).join('')}`;
}

function timeCell(text: string): string {
	return text.padStart(10);
}

function nextLines(ending: RunEnding, tally: Tally, look: Look): string[] {
	const commands = (['bounced', 'deferred', 'failed'] as const)
		.filter((status) => tally.count(status) > 0)
		.map((status) => `    ${status === 'deferred' ? deferredCommand(ending, tally) : jqCommand(status, ending)}`);
	const lines = [...goOnLines(ending, tally, look), ...commands];
	return lines.length === 0 ? [] : ['  Next', ...lines];
}

function goOnLines(ending: RunEnding, tally: Tally, { width }: Look): string[] {
	const command = goOnCommand(ending, tally);
	if (command === '') return [];
	const deferred = deferredOf(ending, tally);
	const who = [
		...(ending.left > 0 ? [`${formatCount(ending.left)} left`] : []),
		...(deferred > 0 ? [`${formatCount(deferred)} deferred`] : []),
	];
	return [
		fitText(`    Run it again to go on with the ${who.join(' and the ')}:`, width),
		`    ${cleanText(command, longestCommand)}`,
	];
}

function jqCommand(status: Status, { logPath, runId, isFirstRun }: RunEnding, isFinal = ''): string {
	// Who was deferred in an earlier run may be accepted by now. A failure that is in the log already is not written again.
	const ofThisRun = isFirstRun || status === 'failed' ? '' : ` and .run_id=="${runId}"`;
	return `jq -r 'select(.status=="${status}"${isFinal}${ofThisRun}) | .recipient' ${shellWord(logPath)}`;
}

/** Who was tried again has several rows, and deferred are those whose last one says so. */
function deferredCommand(ending: RunEnding, tally: Tally): string {
	if (tally.waiting === 0) return jqCommand('deferred', ending, tally.triedAgain === 0 ? '' : ' and .final');
	// Those that the run did not come to any more have no final row.
	const ofThisRun = ending.isFirstRun ? '' : ` and .run_id=="${ending.runId}"`;
	const last = `reduce (inputs | select(.status!="skipped"${ofThisRun})) as $row ({}; .[$row.key] = $row)`;
	return `jq -rn '${last} | .[] | select(.status=="deferred") | .recipient' ${shellWord(ending.logPath)}`;
}

function leader(name: string, count: number): string {
	return `${leaderName(name)}${formatCount(count).padStart(countWidth)}`;
}

function leaderName(name: string): string {
	return `    ${`${name} `.padEnd(nameWidth, '.')}`;
}
