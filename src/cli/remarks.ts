/** What is to be said about a campaign where no plan says it: warnings about the template, a list without rows. */
import { cleanText } from '../support/clean-text.ts';
import type { Campaign } from './prepare-campaign.ts';
import type { SendOptions } from './send-options.ts';
import type { Surroundings } from './surroundings.ts';

type Streams = Pick<Surroundings, 'stdout' | 'stderr' | 'clock'>;

/** One line each on standard error. */
export function showWarnings(
	{ message }: { readonly message: Pick<Campaign['message'], 'warnings'> },
	output: SendOptions['output'],
	{ stderr }: Pick<Streams, 'stderr'>,
): void {
	if (output === 'quiet') return;
	for (const warning of message.warnings) {
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
	const text = `${cleanText(list.displayName)} has a header and no rows`;
	if (output === 'text') stderr.write(`${text}\n`);
	// A dry run has a line of its own for programs.
	if (output !== 'json' || mode === 'dry_run') return;
	const timestamp = new Date(clock.now()).toISOString();
	stdout.write(`${JSON.stringify({ v: 1, timestamp, type: 'notice', text })}\n`);
}
