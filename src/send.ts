/**
 * The product on one screen: read a row, pass over what earlier runs settled, skip what was seen before, render, deliver, record.
 *
 * Every row that is read and not settled already gets exactly one result, in the tick in which its fate is known. Pulled by the connections: a row is
 * read when one of them can send (design.md §4), and no final dot leaves before the journal holds its mark (§5).
 */
import { deliver } from './delivery/deliver.ts';
import type { DeliverOptions } from './delivery/deliver-options.ts';
import type { CompiledMessage } from './message/compile-message.ts';
import type { RenderedMessage } from './message/rendered-message.ts';
import { type KeyTable, visitedBefore } from './recipients/key-table.ts';
import { Rounds } from './recipients/rounds.ts';
import type { Recipient } from './recipients/row.ts';
import type { RowSource } from './recipients/row-source.ts';
import type { CampaignLog } from './results/campaign-log.ts';
import { EmergencyStop } from './results/emergency-stop.ts';
import { isCalled } from './results/journal/key-state.ts';
import { isWaiting } from './results/result.ts';
import type { PassOver } from './results/selection.ts';
import type { Clock } from './support/clock.ts';
import { type ExitCode, RunError } from './support/errors.ts';

export interface SendJob {
	readonly list: { rows(): RowSource };
	/** What the journal knows of each key; none of them visited yet. */
	readonly keys: KeyTable;
	/** Whose rows are not sent to, by what the journal knows. */
	readonly passOver: PassOver;
	/** Who is not to be written to although the list has them; asked last. Absent: nobody. */
	readonly isSuppressed?: ((recipient: Recipient) => boolean) | undefined;
	readonly message: CompiledMessage;
	/** Messages to send at most; the rest of the list is left. */
	readonly limit: number;
	readonly log: CampaignLog;
	readonly delivery: Omit<DeliverOptions, 'onResult' | 'marks' | 'halt'>;
	/** How long what is under way may take to reach its verdict when the disk is full. */
	readonly graceMs: number;
}

/** Why the run ended before the list did; null when every row that was to be sent has its result. */
export interface SendReport {
	readonly stopped: { readonly exitCode: ExitCode; readonly message: string; readonly hint: string } | null;
}

/** Sends a campaign. Rejects only for bugs; what ends a run early is in the report, with the log closed and complete. */
export async function send(job: SendJob): Promise<SendReport> {
	const { log, delivery, graceMs } = job;
	const messages = messagesOf(job, delivery.clock);
	const emergency = new EmergencyStop(log, { clock: delivery.clock, graceMs });
	try {
		await deliver(messages, {
			...delivery,
			marks: log,
			halt: emergency.halt,
			drop: AbortSignal.any([delivery.drop, emergency.drop]),
			onResult(result) {
				log.record(result);
				if (isWaiting(result) && result.sequel.kind === 'round') messages.again(result.sequel.atMs);
			},
		});
		await log.close();
		return { stopped: log.error };
	} catch (error) {
		if (!(error instanceof RunError)) throw error;
		await log.close();
		return { stopped: log.error ?? error };
	} finally {
		emergency.end();
		messages.close();
	}
}

/** The list as a source of rendered messages, read once more for those that wait for a later round; whatever cannot become one is recorded on the way. */
export function messagesOf(job: Omit<SendJob, 'delivery' | 'graceMs'>, clock: Clock): Rounds<RenderedMessage> {
	const { list, keys, passOver, isSuppressed, message, limit, log } = job;
	let rendered = 0;
	const messages = new Rounds<RenderedMessage>({
		list,
		keys,
		clock,
		first(row) {
			if (log.error !== null) throw log.error;
			if (row.kind === 'malformed') {
				log.record({ kind: 'malformed', row });
				return null;
			}
			const state = keys.visit(row.key);
			if (state >= visitedBefore) {
				log.record({ kind: 'skipped', recipient: row, reason: 'duplicate' });
			} else if (passOver[state] === 1) {
				log.tally.passOver(row, state);
			} else if (isSuppressed?.(row) === true) {
				log.record({ kind: 'skipped', recipient: row, reason: 'suppressed' });
			} else {
				const rendering = message.render(row);
				if (rendering.kind === 'rendered') {
					rendered += 1;
					if (rendered === limit) messages.endRound();
					return rendering.message;
				}
				log.record({ kind: 'unrenderable', recipient: row, failure: rendering });
			}
			return null;
		},
		isCalled: ({ key }) => isCalled(keys, key),
		again(recipient) {
			if (log.error !== null) throw log.error;
			const rendering = message.render(recipient);
			return rendering.kind === 'rendered' ? rendering.message : null;
		},
	});
	return messages;
}
