/** Renders every row and sends nothing: each row that would fail, with its place, and the count. */
import { visitedBefore } from '../recipients/key-table.ts';
import { cleanText } from '../support/clean-text.ts';
import { type ExitCode, exitCodes } from '../support/errors.ts';
import { formatCount, formatCounted } from './format.ts';
import type { Campaign } from './prepare-campaign.ts';
import type { SendOptions } from './send-options.ts';
import { waitForRoom } from './steady-output.ts';
import type { Surroundings } from './surroundings.ts';

interface Counts {
	rendered: number;
	failed: number;
	duplicates: number;
	/** Settled by earlier runs, or left out by --only. */
	passed_over: number;
	suppressed: number;
}

/** 65 when a row fails; the list as a whole was readable, or this would not have begun. Rejects with the reason of the signal. */
export async function dryRun(
	campaign: Campaign,
	output: SendOptions['output'],
	{ stdout, stderr, signal }: Pick<Surroundings, 'stdout' | 'stderr'> & { readonly signal: AbortSignal },
): Promise<ExitCode> {
	const counts = await renderAll(campaign, signal, (line, reason, message) => {
		if (output === 'json') stdout.write(`${JSON.stringify({ v: 1, type: 'problem', line, reason, message })}\n`);
		else stderr.write(`${cleanText(message)}\n`);
		return waitForRoom(output === 'json' ? stdout : stderr, signal);
	});
	const { rendered, failed, duplicates, suppressed, passed_over: passedOver } = counts;
	if (output === 'json') {
		stdout.write(`${JSON.stringify({ v: 1, type: 'dry_run', rows: campaign.survey.rows, ...counts })}\n`);
	} else if (output === 'text' || failed > 0) {
		const parts = [
			`${formatCounted(rendered, 'message')} rendered`,
			formatCounted(failed, 'row that fails', 'rows that fail'),
			...(passedOver > 0 ? [`${formatCounted(passedOver, 'row')} passed over`] : []),
			...(suppressed > 0 ? [`${formatCount(suppressed)} suppressed`] : []),
			...(duplicates > 0 ? [`${formatCounted(duplicates, 'duplicate')} skipped`] : []),
		];
		stderr.write(`dry run: ${parts.join(', ')}; nothing was sent\n`);
	}
	return failed > 0 ? exitCodes.badInput : exitCodes.done;
}

async function renderAll(
	{ list, held: { keys }, passOver, suppression, message }: Campaign,
	signal: AbortSignal,
	onProblem: (line: number, reason: string, message: string) => Promise<void> | null,
): Promise<Counts> {
	const counts: Counts = { rendered: 0, failed: 0, duplicates: 0, passed_over: 0, suppressed: 0 };
	const rows = list.rows();
	try {
		for (;;) {
			signal.throwIfAborted();
			const row = rows.next();
			if (row === null) {
				if (rows.ended) return counts;
				await new Promise<void>((resolve) => rows.whenReadable(resolve));
				continue;
			}
			if (row.kind === 'malformed') {
				counts.failed += 1;
				await onProblem(row.line, row.reason, row.message);
				continue;
			}
			const state = keys.visit(row.key);
			if (state >= visitedBefore) {
				counts.duplicates += 1;
				continue;
			}
			if (passOver[state] === 1) {
				counts.passed_over += 1;
				continue;
			}
			if (suppression?.covers(row.address) === true) {
				counts.suppressed += 1;
				continue;
			}
			const rendering = message.render(row);
			if (rendering.kind === 'rendered') {
				counts.rendered += 1;
				continue;
			}
			counts.failed += 1;
			const text = `line ${row.line} of ${list.displayName}: ${rendering.message}`;
			await onProblem(row.line, rendering.errorType, text);
		}
	} finally {
		rows.close();
	}
}
