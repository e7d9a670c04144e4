/** What a delivery is told: the server, how much at once, when to stop, and who hears of it. */
import type { Classify } from '../bounces/classify.ts';
import type { RenderedMessage } from '../message/rendered-message.ts';
import type { Dialled } from '../smtp/dial.ts';
import type { ServerSettings } from '../smtp/server-settings.ts';
import type { DialogueTrace } from '../smtp/trace.ts';
import type { Clock } from '../support/clock.ts';
import type { PullSource } from '../support/pull-source.ts';
import type { AttemptMarks } from './attempt-marks.ts';
import type { DeliveryResult } from './delivery-result.ts';
import type { QuotaLedger } from './pace/quota-ledger.ts';
import type { Rate } from './pace/rate.ts';
import type { RetrySchedule } from './retry/retry-schedule.ts';

/** One mail server, and how much of it may be used: limits live with the server. */
export interface ServerPlan {
	readonly settings: ServerSettings;
	/** Id of the provider as in providers.ts, `ses`; '' when it is nobody we know. */
	readonly provider: string;
	/** Connections at the same time, 1 to 200. */
	readonly connections: number;
	readonly messagesPerConnection: number;
	/** All of them hold. */
	readonly rates: readonly Rate[];
	/** Remembers what was spent of quotas of an hour or longer, also by other processes; null when there are none. */
	readonly quotas: QuotaLedger | null;
}

/** When a run is stopped because of what servers say about its recipients, with exit code 4. */
export interface SafetyLimits {
	/** 0 to 1: addresses that are dead, of the last 200 recipients; Infinity for no limit. */
	readonly maxBounceRate: number;
	/** Messages that bounced, failed or became unknown in this run; Infinity for no limit. */
	readonly maxFailures: number;
}

/** Messages in the order of the list, and once more from its beginning for those that are to be tried again in a later round. */
export interface MessageSource extends PullSource<RenderedMessage> {
	/** 0 while the list is read for the first time. Messages of later rounds were deferred before in this run. */
	readonly round: number;
}

/** What a delivery waits for while nothing is under way; not for messages that are to be tried again, whose results say so. */
export interface WaitsFor {
	/** For people, cleaned: `the limit of 60 a minute`, `relay.acme.example:587`. */
	readonly what: string;
	/** Monotonic: when it goes on, or tries to. */
	readonly untilMs: number;
}

export interface DeliverOptions {
	/** At least one; the first that can be used is used. */
	readonly servers: readonly ServerPlan[];
	/** By domain as in the address, lower case A-label: at most so many messages to it, over whichever server. */
	readonly domainRates: ReadonlyMap<string, Rate>;
	readonly retry: RetrySchedule;
	/** Messages that wait in memory to be tried again, at most; the others wait for a round over the list. 10,000 when left out. */
	readonly maxWaiting?: number;
	readonly safety: SafetyLimits;
	/** What a refusal means; the rules that come with mailshot when left out. */
	readonly classify?: Classify;
	/** How long the run waits for servers that are away or for a quota before it gives up. */
	readonly maxWaitMs: number;
	readonly clock: Clock;
	/** 0 to 1, for jitter. */
	readonly random: () => number;
	/** First stop: nothing new starts, what is under way reaches its verdict. */
	readonly stop: AbortSignal;
	/** Second stop: every connection is closed now. */
	readonly drop: AbortSignal;
	/** No final dot goes out any more, and no connection stays open but for the verdicts that are due. */
	readonly halt: AbortSignal;
	/** No final dot goes out before the mark of its attempt is durable. Each mark is closed once: by the result that names it, or by a release. */
	readonly marks: AttemptMarks;
	/** Attempts per connection that are marked and not settled, at least 1. */
	readonly window: number;
	/** Called once for each message taken from the source that was not left, in the tick of its verdict. It may throw to stop the run. */
	readonly onResult: (result: DeliveryResult) => void;
	/** Something worth a line on the terminal, cleaned. */
	readonly onNotice: (text: string) => void;
	/** The first connection stands. */
	readonly onConnected: (dialled: Dialled) => void;
	/** The delivery begins; from now on it can be asked what it waits for, null while it works. */
	readonly onBegin: (waitsFor: () => WaitsFor | null) => void;
	/** Who writes down what is said on a connection; null when nobody asked. */
	readonly trace: ((connection: number, server: ServerSettings) => DialogueTrace) | null;
}
