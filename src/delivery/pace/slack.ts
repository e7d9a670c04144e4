/** How much longer than the period a server's count is taken to be: the way there is not equally long for each message. */

// 10 ms of jitter between us and the server, and 1 ms for a server whose clock shows whole milliseconds.
const leastMs = 11;
// A crystal that nobody corrects is 100 parts in a million off at most: 9 s a day.
const mostMs = 10_000;

/**
 * Milliseconds beyond the period that a message is counted: about 1 %. Two messages that are `period + slack` apart here are further apart than the
 * period at a server, however the way there varies, and 98.9 % of the limit can still be used.
 */
export function slackMs(periodMs: number): number {
	return Math.min(Math.max(periodMs / 100, leastMs), mostMs);
}
