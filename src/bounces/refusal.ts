/** What a refusal means: whose fault it is, and what to do (reference/bounces.md §1). */

/** hard: the address is dead. soft: for now. block: about us (IP, domain, content, account), says nothing about the address. */
export type BounceType = 'hard' | 'soft' | 'block' | 'unknown';

export type BounceCategory =
	| 'invalid_recipient'
	| 'invalid_domain'
	| 'inactive'
	| 'mailbox_full'
	| 'rate_limited'
	| 'greylisted'
	| 'network'
	| 'system'
	| 'reputation'
	| 'spam'
	| 'sender_auth'
	| 'policy'
	| 'message'
	| 'account'
	| 'unknown';

/**
 * suppress: never write to the address again. drop: fail this message, keep the address. retry: later. slow: fewer connections and a lower rate.
 * hold: pause this provider for hours. stop: end the campaign on this server, everything else stays queued.
 */
export type BounceAction = 'suppress' | 'retry' | 'slow' | 'hold' | 'stop' | 'drop';

export interface Refusal {
	readonly type: BounceType;
	readonly category: BounceCategory;
	readonly action: BounceAction;
	/** Which rule decided, so that it can be argued with: `text:user-unknown`, `enhanced:5.1.1`, `code:550`, `own:my-rule`. */
	readonly rule: string;
}
