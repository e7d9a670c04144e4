/** The shape of one row of the reply classifier's tables (reference/bounces.md §1, rules 1 to 4). */
import type { BounceAction, BounceCategory, BounceType } from '../refusal.ts';

export interface ReplyRule {
	/** Unique in its table; the log shows it as `text:<id>`, `provider:<id>` for a rule that is bound to a provider, `own:<id>` for one of the user. */
	readonly id: string;
	/** Set on what `parseRules` read. */
	readonly origin?: 'user';
	/**
	 * Tested against the text of `normaliseReply`: lower case, single spaces, no reply codes, Latin letters without accents, addresses without
	 * their local part. Gaps are bounded (`.{0,40}`), so that the worst text costs a few milliseconds; test/bounces/rules.test.ts holds that.
	 */
	readonly pattern: RegExp;
	readonly category: BounceCategory;
	/** Where the category's usual type does not fit. */
	readonly type?: BounceType;
	/** Where the category's usual action does not fit. */
	readonly action?: BounceAction;
	/** Where the category's usual action for a 4xx does not fit. */
	readonly actionOn4xx?: BounceAction;
	/** What the same words mean when our own submission server says them (rule 2). */
	readonly atRelay?: { readonly category: BounceCategory; readonly action?: BounceAction };
	/** Only replies of this class. */
	readonly onlyClass?: 4 | 5;
	/** Only when said by this side. */
	readonly onlyVia?: 'relay' | 'mx';
	/** Only at a provider whose name matches; such rules come before all others. */
	readonly provider?: RegExp;
	/** A whole reply that this rule decides; a test by itself. */
	readonly sample: string;
	/** How it is known: `reference` (bounces.md §4), an RFC, or the server family whose wording it is. */
	readonly source: string;
}
