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
import type { RowSource } from './recipients/row-source.ts';
import type { CampaignLog } from './results/campaign-log.ts';
import type { PassOver } from './results/selection.ts';
import { type ExitCode, RunError } from './support/errors.ts';
import type { PullSource } from './support/pull-source.ts';

export interface SendJob {
	readonly rows: RowSource;
	/** What the journal knows of each key; none of them visited yet. */
	readonly keys: KeyTable;
	/** Whose rows are not sent to, by what the journal knows. */
	readonly passOver: PassOver;
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
	const { rows, log, delivery, graceMs } = job;
	const halt = new AbortController();
	const drop = new AbortController();
	void log.failure.then(() => (log.stops === 'halt' ? halt : drop).abort());
	halt.signal.addEventListener('abort', () => {
		const patience = delivery.clock.after(graceMs, () => drop.abort());
		drop.signal.addEventListener('abort', () => patience.cancel());
	});
	try {
		await deliver(new Outbox(job), {
			...delivery,
			marks: log,
			halt: halt.signal,
			drop: AbortSignal.any([delivery.drop, drop.signal]),
			onResult: (result) => log.record(result),
		});
		await log.close();
		return { stopped: log.error };
	} catch (error) {
		if (!(error instanceof RunError)) throw error;
		await log.close();
		return { stopped: log.error ?? error };
	} finally {
		drop.abort();
		rows.close();
	}
}

/** The list as a source of rendered messages; whatever cannot become one is recorded on the way. */
class Outbox implements PullSource<RenderedMessage> {
	readonly #job: SendJob;
	#rendered = 0;

	constructor(job: SendJob) {
		this.#job = job;
	}

	get ended(): boolean {
		return this.#rendered >= this.#job.limit || this.#job.rows.ended;
	}

	whenReadable(listener: () => void): void {
		this.#job.rows.whenReadable(listener);
	}

	next(): RenderedMessage | null {
		const { rows, keys, passOver, message, log, limit } = this.#job;
		if (log.error !== null) throw log.error;
		while (this.#rendered < limit) {
			const row = rows.next();
			if (row === null) return null;
			if (row.kind === 'malformed') {
				log.record({ kind: 'malformed', row });
				continue;
			}
			const state = keys.visit(row.key);
			if (state >= visitedBefore) {
				log.record({ kind: 'skipped', recipient: row, reason: 'duplicate' });
			} else if (passOver[state] === 1) {
				log.tally.passOver(row, state);
			} else {
				const rendering = message.render(row);
				if (rendering.kind === 'rendered') {
					this.#rendered += 1;
					return rendering.message;
				}
				log.record({ kind: 'unrenderable', recipient: row, failure: rendering });
			}
		}
		return null;
	}
}
