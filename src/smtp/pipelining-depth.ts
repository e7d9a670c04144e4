/** How far commands may run ahead of replies (RFC 2920, RFC 3030); a server that gets out of step is taken down a step. */
export type PipeliningDepth =
	/** Several messages are in flight, each with its envelope and its content: MAIL, RCPT, BDAT LAST. Needs CHUNKING beside PIPELINING. */
	| 'whole_transactions'
	/** The content of one message travels with the envelope of the next. */
	| 'across_messages'
	| 'within_message'
	| 'none';

const steps: readonly PipeliningDepth[] = ['whole_transactions', 'across_messages', 'within_message', 'none'];

/** One step below `used`, or `now` when that is there or lower already. */
export function stepBelow(used: PipeliningDepth, now: PipeliningDepth): PipeliningDepth {
	return steps[Math.max(steps.indexOf(now), Math.min(steps.indexOf(used) + 1, steps.length - 1))] ?? 'none';
}
