/** What a delivery is told: the server, how much at once, when to stop, and who hears of it. */
import type { Dialled } from '../smtp/dial.ts';
import type { ServerSettings } from '../smtp/server-settings.ts';
import type { Clock } from '../support/clock.ts';
import type { AttemptMarks } from './attempt-marks.ts';
import type { DeliveryResult } from './delivery-result.ts';

export interface DeliverOptions {
	readonly server: ServerSettings;
	/** Connections at the same time, 1 to 200. */
	readonly connections: number;
	readonly messagesPerConnection: number;
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
}
