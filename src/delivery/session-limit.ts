/** Tells a refusal of the next message on this connection from one of the message: the connection has had its share. */
import type { Outcome } from '../smtp/outcome.ts';

// `452 4.4.5 Maximum number of messages per session exceeded` (Stalwart), `452 Too many messages in this session`, `450 message limit per connection reached`.
const sessionLimit = /\b(?:per|in (?:this|one|a single|the same)|for this) (?:smtp )?(?:session|connection)\b/i;

/**
 * True for a refusal of MAIL that speaks of a limit per session (reference/reliability.md §3 fault 30). 421 needs no text: it always speaks of the
 * connection (RFC 5321 §3.8).
 */
export function isSessionLimit(outcome: Outcome): boolean {
	if (outcome.kind !== 'rejected' || outcome.stage !== 'mail') return false;
	return sessionLimit.test(outcome.reply.lines.join(' '));
}
