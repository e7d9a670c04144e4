/** The fifteen categories of a refusal with their usual type and action (reference/bounces.md §1, the first table). */
import type { BounceAction, BounceCategory, BounceType } from './refusal.ts';

export interface CategoryDefault {
	readonly type: BounceType;
	/** For a 5xx. */
	readonly action: BounceAction;
	/** For a 4xx: the server asks to be tried again, so nothing is suppressed or dropped on its word alone. */
	readonly actionOn4xx: BounceAction;
}

export const categoryDefaults: Readonly<Record<BounceCategory, CategoryDefault>> = {
	invalid_recipient: { type: 'hard', action: 'suppress', actionOn4xx: 'retry' },
	invalid_domain: { type: 'hard', action: 'suppress', actionOn4xx: 'retry' },
	inactive: { type: 'hard', action: 'suppress', actionOn4xx: 'retry' },
	mailbox_full: { type: 'soft', action: 'retry', actionOn4xx: 'retry' },
	rate_limited: { type: 'soft', action: 'slow', actionOn4xx: 'slow' },
	greylisted: { type: 'soft', action: 'retry', actionOn4xx: 'retry' },
	network: { type: 'soft', action: 'retry', actionOn4xx: 'retry' },
	system: { type: 'soft', action: 'retry', actionOn4xx: 'retry' },
	reputation: { type: 'block', action: 'hold', actionOn4xx: 'hold' },
	spam: { type: 'block', action: 'hold', actionOn4xx: 'hold' },
	// A 4xx about our DNS is often the receiver's own look-up failing: pause, do not end the campaign.
	sender_auth: { type: 'block', action: 'stop', actionOn4xx: 'hold' },
	policy: { type: 'block', action: 'drop', actionOn4xx: 'retry' },
	message: { type: 'block', action: 'drop', actionOn4xx: 'retry' },
	account: { type: 'block', action: 'stop', actionOn4xx: 'stop' },
	unknown: { type: 'unknown', action: 'drop', actionOn4xx: 'retry' },
};
