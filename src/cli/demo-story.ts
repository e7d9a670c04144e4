/** What `mailshot demo` tells: one message as its reader sees it, why some were refused, where the results are, what to do next. */
import type { Tally } from '../results/tally.ts';
import { cleanText } from '../support/clean-text.ts';
import { shellWord } from '../support/shell-word.ts';
import { formatCount } from './format.ts';
import type { Paint } from './paint.ts';
import type { ReadableMessage } from './read-rendered.ts';
import type { RunEnding } from './summary-block.ts';
import { fitText, padText } from './text-width.ts';

export interface DemoOutcome {
	readonly tally: Tally;
	readonly ending: RunEnding;
	readonly example: ReadableMessage | null;
	readonly rows: number;
	/** The counts stand under the progress bar already. */
	readonly hasBar: boolean;
	readonly files: { readonly list: string; readonly template: string };
}

const shownLines = 8;

export function renderDemoStart(rows: number): string {
	return [
		'',
		`  A sample campaign: ${formatCount(rows)} rows, a template, and a mail server in this program.`,
		'  Nothing leaves this machine.',
		'',
		'',
	].join('\n');
}

export function renderDemoEnd(outcome: DemoOutcome, look: { readonly width: number; readonly paint: Paint }): string {
	const { tally, ending, files } = outcome;
	const { paint } = look;
	const bounced = `jq -r 'select(.status=="bounced") | .recipient' ${shellWord(ending.logPath)}`;
	return [
		'',
		...(outcome.hasBar ? [] : [`  ${countsOf(tally)}`, '']),
		...(outcome.example === null ? [] : frame(outcome.example, look)),
		...refusals(outcome, look),
		`  Results in ./${ending.logPath}, for example:`,
		`    ${bounced}`,
		'',
		`  ${paint('bold', 'Next')}, with a list and a template of your own (or those of this demo):`,
		'    mailshot send list.csv -t news.hbs --dry-run    what would go wrong',
		'    mailshot send list.csv -t news.hbs --sandbox    rehearse it, as here',
		'    mailshot send list.csv -t news.hbs --smtp smtp://you@smtp.example.com',
		`  The list was      ${files.list}`,
		`  the template      ${files.template}`,
		'',
		'',
	].join('\n');
}

function countsOf(tally: Tally): string {
	const shown = (['accepted', 'bounced', 'deferred', 'failed', 'skipped', 'unknown'] as const).filter(
		(status) => tally.count(status) > 0,
	);
	return shown.map((status) => `${status} ${formatCount(tally.count(status))}`).join(' · ');
}

function frame(
	{ from, to, subject, text }: ReadableMessage,
	{ width, paint }: { width: number; paint: Paint },
): string[] {
	const bar = paint('dim', '│');
	const inside = (line: string) => `  ${bar} ${fitText(line, width - 5)}`.trimEnd();
	// What made the HTML airy would leave little to read in eight lines.
	const lines = text.split(/\n(?:[ \t]*\n)*/).map((line) => cleanText(line, 2000));
	const title = 'first message ';
	return [
		`  ${paint('dim', `┌ ${title}${'─'.repeat(width - 5 - title.length)}`)}`,
		inside(`From:     ${cleanText(from)}`),
		inside(`To:       ${cleanText(to)}`),
		inside(`Subject:  ${cleanText(subject)}`),
		inside(''),
		...lines.slice(0, shownLines).map(inside),
		...(lines.length > shownLines ? [inside('…')] : []),
		`  ${paint('dim', `└${'─'.repeat(width - 4)}`)}`,
		'',
	];
}

function refusals({ tally, rows }: DemoOutcome, { width }: { width: number }): string[] {
	const lines = [
		...tally.categories.map(({ category, count, sample }) => ({ name: category, count, sample })),
		...tally.failures.map(({ errorType, count, sample }) => ({ name: errorType, count, sample })),
		...[...tally.skipReasons].map(([reason, count]) => ({ name: reason, count, sample: 'skipped' })),
	];
	if (lines.length === 0) return [];
	const question = `  Why not ${formatCount(rows)}?   `;
	const nameWidth = Math.max(...lines.map(({ name }) => name.length));
	const rendered = lines.map(({ name, count, sample }, index) => {
		const start = index === 0 ? question : ' '.repeat(question.length);
		return fitText(
			`${start}${padText(name, nameWidth)} ${formatCount(count).padStart(3)}   ${cleanText(sample)}`,
			width,
		);
	});
	return [...rendered, ''];
}
