/** What is to be said about a campaign where no plan says it: warnings about the template, a list without rows. */
import { suppressedRows } from '../recipients/survey-list.ts';
import { cleanText } from '../support/clean-text.ts';
import { formatCount } from './format.ts';
import type { Campaign } from './prepare-campaign.ts';
import type { SendOptions } from './send-options.ts';
import type { Surroundings } from './surroundings.ts';

type Streams = Pick<Surroundings, 'stdout' | 'stderr' | 'clock'>;

/** One line each on standard error. */
export function showWarnings(
	warnings: readonly string[],
	output: SendOptions['output'],
	{ stderr }: Pick<Streams, 'stderr'>,
): void {
	if (output === 'quiet') return;
	for (const warning of warnings) {
		const text = cleanText(warning);
		const asJson = () => JSON.stringify({ v: 1, type: 'warning', message: text });
		stderr.write(`${output === 'json' ? asJson() : `warning: ${text}`}\n`);
	}
}

export function sayNoRows(
	{ list }: { readonly list: Pick<Campaign['list'], 'displayName'> },
	{ output, mode }: Pick<SendOptions, 'output' | 'mode'>,
	{ stdout, stderr, clock }: Streams,
): void {
	remark(`${cleanText(list.displayName)} has a header and no rows`, { output, mode }, { stdout, stderr, clock });
}

/** When earlier runs have settled everybody; what is left of the run is to record what is new and came to nothing. */
export function sayNothingToSend(
	{ survey, held }: Pick<Campaign, 'survey' | 'held'>,
	options: Pick<SendOptions, 'output' | 'mode' | 'selection'>,
	streams: Streams,
): void {
	const passedOver = survey.passedOver.reduce((sum, count) => sum + count, 0);
	const suppressed = suppressedRows(survey);
	if (survey.recipients > 0 || passedOver + suppressed === 0) return;
	const { only } = options.selection;
	const text =
		passedOver === 0
			? `0 to send: all ${formatCount(suppressed)} who are left are on a suppression list`
			: only === null
				? `0 to send, ${formatCount(passedOver)} settled by earlier runs (${cleanText(held.path)}); a new --log starts a new campaign`
				: `0 to send: nobody who is left is ${only}`;
	remark(text, options, streams);
}

function remark(
	text: string,
	{ output, mode }: Pick<SendOptions, 'output' | 'mode'>,
	{ stdout, stderr, clock }: Streams,
): void {
	if (output === 'text') stderr.write(`${text}\n`);
	// A dry run has a line of its own for programs.
	if (output !== 'json' || mode === 'dry_run') return;
	const timestamp = new Date(clock.now()).toISOString();
	stdout.write(`${JSON.stringify({ v: 1, timestamp, type: 'notice', text })}\n`);
}
