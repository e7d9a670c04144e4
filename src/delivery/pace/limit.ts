/** One limit on when messages may go out; a Pace holds several at once. */

export interface Limit {
	/** For people: `14 a second`. */
	readonly label: string;
	/** Monotonic: when the next message may go out; not later than `nowMs` when it may now. */
	readyAtMs(nowMs: number): number;
	/** A message goes out now. To be called only when it may. */
	spend(nowMs: number): void;
}
