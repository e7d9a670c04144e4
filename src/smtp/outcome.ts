import type { Reply } from './reply.ts';

/**
 * Where a conversation is, or where it broke. `verdict` begins when the final dot is handed to the socket: broken before it is a safe retry,
 * broken at it is unknown. The stage decides, never a guess (design.md §3).
 */
export type Stage =
	| 'connect'
	| 'greeting'
	| 'ehlo'
	| 'starttls'
	| 'auth'
	| 'mail'
	| 'rcpt'
	| 'data'
	| 'content'
	| 'verdict';

/** Why a conversation broke off without a reply to the command. */
export type BreakCause =
	/** The peer closed or reset the connection. */
	| 'closed'
	/** The stage's absolute deadline passed. */
	| 'timeout'
	/** A reply that does not fit its command, an extra, garbled or oversized one: nothing on that connection is believed any more. */
	| 'out_of_step'
	/** 421: the server is closing the channel (RFC 5321 §3.8); nothing about the recipient. */
	| 'service_closing'
	/** The server announced CHUNKING and does not mean it: the message was not taken, and can go with DATA. */
	| 'chunking_refused'
	/** TLS failed: handshake, certificate or record. */
	| 'tls'
	/** Name look-up, refused or unreachable. */
	| 'network'
	/** We dropped it: second signal, or the run stopped. */
	| 'dropped';

export interface Break {
	readonly cause: BreakCause;
	/** For people, cleaned: `connection reset after the final dot`. */
	readonly message: string;
	/** The reply that ended it, for service_closing, chunking_refused and out_of_step; its text is ''-free only when one was read. */
	readonly reply: Reply | null;
}

/** What became of one transaction. */
export type Outcome =
	| { readonly kind: 'accepted'; readonly reply: Reply }
	| { readonly kind: 'rejected'; readonly stage: Stage; readonly reply: Reply }
	| { readonly kind: 'broken'; readonly stage: Stage; readonly why: Break };
