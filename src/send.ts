/**
 * The product on one screen: read a row, skip what is no recipient or was seen before, render, deliver, record.
 *
 * Every row that is read gets exactly one result, in the tick in which its fate is known. Pulled by the connections: a
 * row is read when one of them can send (design.md §4).
 */
import { type DeliverOptions, deliver } from './delivery/deliver.ts';
import type { CompiledMessage } from './message/compile-message.ts';
import type { RenderedMessage } from './message/rendered-message.ts';
import type { KeySet } from './recipients/key-set.ts';
import type { RowSource } from './recipients/row-source.ts';
import type { ResultLog } from './results/result-log.ts';
import { type ExitCode, RunError } from './support/errors.ts';
import type { PullSource } from './support/pull-source.ts';

export interface SendJob {
	readonly rows: RowSource;
	/** The keys met so far; empty at the start. */
	readonly keys: KeySet;
	readonly message: CompiledMessage;
	/** Messages to send at most; the rest of the list is left. */
	readonly limit: number;
	readonly log: ResultLog;
	readonly delivery: Omit<DeliverOptions, 'onResult'>;
}

/** Why the run ended before the list did; null when every row that was to be sent has its result. */
export interface SendReport {
	readonly stopped: { readonly exitCode: ExitCode; readonly message: string; readonly hint: string } | null;
}

/** Sends a campaign. Rejects only for bugs; what ends a run early is in the report, with the log closed and complete. */
export async function send(job: SendJob): Promise<SendReport> {
	const { rows, log, delivery } = job;
	const logBroke = new AbortController();
	void log.failure.then(() => logBroke.abort());
	try {
		await deliver(new Outbox(job), {
			...delivery,
			// A result that cannot be recorded must not be made: every connection is closed.
			drop: AbortSignal.any([delivery.drop, logBroke.signal]),
			onResult: (result) => log.record(result),
		});
		await log.close();
		return { stopped: log.error };
	} catch (error) {
		if (!(error instanceof RunError)) throw error;
		await log.close();
		return { stopped: error };
	} finally {
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
		const { rows, keys, message, log, limit } = this.#job;
		if (log.error !== null) throw log.error;
		while (this.#rendered < limit) {
			const row = rows.next();
			if (row === null) return null;
			if (row.kind === 'malformed') {
				log.record({ kind: 'malformed', row });
			} else if (!keys.add(row.key)) {
				log.record({ kind: 'skipped', recipient: row, reason: 'duplicate' });
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
