/** Turns what was decided about a message into its result, and says what the run still does about it: nothing, wait, or another round. */
import type { Refusal } from '../bounces/refusal.ts';
import { type Reply, replyText } from '../smtp/reply.ts';
import { assertNever } from '../support/assert-never.ts';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { type CountedStatus, SafetyCounter } from './breaker/safety-counter.ts';
import type { Connection } from './connection.ts';
import type { DeliverOptions } from './deliver-options.ts';
import type { Attempt, DeliveryResult, Sequel } from './delivery-result.ts';
import { attemptNumber, type Parcel, type ParcelQueue } from './parcel-queue.ts';
import { RetryPolicy } from './retry/retry-policy.ts';

export interface RecorderContext {
	readonly options: DeliverOptions;
	readonly queue: ParcelQueue;
	/** Records the result of a message; what it throws ends the run. */
	readonly report: (result: DeliveryResult) => void;
	/** Nothing new starts any more. */
	readonly isStopping: () => boolean;
	/** A limit that the user has set is passed: the run cannot go on. */
	readonly onStop: (error: RunError) => void;
}

const longestQuote = 240;
/** The next run takes it up. */
export const left: Sequel = { kind: 'left' };

export class Recorder {
	readonly #context: RecorderContext;
	readonly #safety: SafetyCounter;
	readonly #retry: RetryPolicy;

	constructor(context: RecorderContext) {
		const { retry, random, clock, safety } = context.options;
		this.#context = context;
		this.#safety = new SafetyCounter(safety);
		this.#retry = new RetryPolicy({ schedule: retry, random, now: clock.now });
	}

	attempt(parcel: Parcel, connection: Connection, startedAtMs: number): Attempt {
		const { clock } = this.#context.options;
		const { settings } = connection.server.plan;
		return {
			number: attemptNumber(parcel),
			isRetry: parcel.tries > 0,
			at: clock.now(),
			serverAddress: settings.host,
			serverPort: settings.port,
			connection: connection.number,
			mark: parcel.mark.id,
			queueMs: startedAtMs - parcel.takenAtMs,
			smtpMs: clock.monotonicMs() - startedAtMs,
		};
	}

	/** What this run still does about a message that is about to be recorded as deferred. It waits from here on when there is room. */
	sequel(parcel: Parcel, said: { readonly refusal: Refusal; readonly reply: Reply } | null): Sequel {
		const { options, queue, isStopping } = this.#context;
		const tries = parcel.tries + 1;
		const delayMs = this.#retry.delayMs({ tries, refusal: said?.refusal ?? null, reply: said?.reply ?? null });
		if (delayMs === null || isStopping()) return left;
		const dueAtMs = options.clock.monotonicMs() + delayMs;
		if (queue.wait(parcel, dueAtMs)) return { kind: 'retry', at: options.clock.now() + delayMs };
		return { kind: 'round', atMs: dueAtMs };
	}

	/** A result after which nothing follows. */
	settle(connection: Connection, parcel: Parcel, result: DeliveryResult): void {
		this.#context.queue.settle();
		this.report(result);
		connection.window.settled(parcel);
	}

	/** A result after which the message may wait for another try, as its sequel says. */
	record(connection: Connection, parcel: Parcel, result: DeliveryResult): void {
		const isKept = 'sequel' in result && result.sequel.kind === 'retry';
		if (!isKept) this.#context.queue.settle();
		this.report(result);
		connection.window.settled(parcel);
		parcel.tries += 1;
		parcel.falls = 0;
		parcel.brakes = 0;
		parcel.isSuspect = false;
	}

	/** Of a message that no connection has: its mark was released, so the result gets one that it can close, and which is no connection's. */
	settleAfterwards(result: DeliveryResult): void {
		const { number } = result.attempt;
		const mark = this.#context.options.marks.mark(result.message, { number, connection: 0 }).id;
		this.report({ ...result, attempt: { ...result.attempt, mark } });
	}

	report(result: DeliveryResult): void {
		this.#context.report(result);
		// Quoted as the last refusal, which an acceptance is not; and it would be put together for each message.
		const isRefusal = result.kind !== 'accepted' && 'reply' in result;
		const said = isRefusal ? cleanText(replyText(result.reply), longestQuote) : '';
		const reason = this.#safety.counted(countedAs(result), said);
		if (reason === null) return;
		const hint = 'Look at the list and at what was said first. The same command goes on with the rows that are left.';
		this.#context.onStop(new RunError(exitCodes.stoppedBySafetyLimit, reason.why, { hint }));
	}
}

function countedAs(result: DeliveryResult): CountedStatus {
	switch (result.kind) {
		case 'accepted':
		case 'failed':
		case 'unknown':
		case 'deferred':
			return result.kind;
		case 'undelivered':
			return 'deferred';
		case 'bounced':
			return result.refusal.type === 'hard' ? 'bounced_hard' : 'bounced';
		default:
			return assertNever(result);
	}
}
