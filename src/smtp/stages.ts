/** The stage table: how long the server may take for each step (RFC 5321 §4.5.3.2), and what we were doing, for people. */
import type { Stage } from './outcome.ts';

interface StageFacts {
	/** An absolute deadline: bytes that trickle in do not extend it. */
	readonly deadlineMs: number;
	readonly doing: string;
}

const minute = 60_000;

export const stages: Readonly<Record<Stage, StageFacts>> = {
	// TCP, and the TLS handshake of smtps. Operating systems give up between 20 s and 2 min.
	connect: { deadlineMs: minute / 2, doing: 'connecting' },
	greeting: { deadlineMs: 5 * minute, doing: 'waiting for the greeting' }, // §4.5.3.2.1
	ehlo: { deadlineMs: 5 * minute, doing: 'waiting for the reply to EHLO' },
	starttls: { deadlineMs: minute, doing: 'negotiating TLS' },
	auth: { deadlineMs: 2 * minute, doing: 'signing in' },
	mail: { deadlineMs: 5 * minute, doing: 'waiting for the reply to MAIL' }, // §4.5.3.2.2
	rcpt: { deadlineMs: 5 * minute, doing: 'waiting for the reply to RCPT' }, // §4.5.3.2.3
	data: { deadlineMs: 2 * minute, doing: 'waiting for the reply to DATA' }, // §4.5.3.2.4
	content: { deadlineMs: 3 * minute, doing: 'sending the message' }, // §4.5.3.2.5, per 64 KB
	// §4.5.3.2.6: giving up sooner makes duplicates, the server may have accepted it already.
	verdict: { deadlineMs: 10 * minute, doing: 'waiting for the verdict after the final dot' },
};
