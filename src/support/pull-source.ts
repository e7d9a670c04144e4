/**
 * A source that is pulled synchronously: the hot path's stand-in for AsyncIterable.
 *
 * `for await` costs 1-3 us an item, a tenth of the whole budget of a message (reference/performance.md §3.1), so what
 * happens once per message is a plain call, and only waiting is asynchronous.
 */
export interface PullSource<T> {
	/** The next item, or null when there is none just now or ever again (`ended` tells which). Throws what broke the source. */
	next(): T | null;
	/** No item will ever come again. */
	readonly ended: boolean;
	/** Calls `listener` once, when `next()` may give an item again or the source has ended. One waiter at a time. */
	whenReadable(listener: () => void): void;
}
