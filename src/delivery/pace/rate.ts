/** How many messages may go out in how much time: `14/s`, `10000/day`. */

export interface Rate {
	/** At least 1. */
	readonly count: number;
	/** One of 1 s, 1 min, 1 h, 24 h, or several of them. */
	readonly periodMs: number;
	/** Messages that may go at once after a pause, 1 to `count`. 1: evenly spread. */
	readonly burst: number;
}
