/** What a bare reply code means when neither text nor enhanced code explains it (RFC 5321 §4.2.2, RFC 4954, RFC 7504). */
import type { CodeMeaning } from './enhanced-codes.ts';

/**
 * A number alone is too weak to suppress anybody: 61 % of the different 5xx replies in the reference set are not about the address, so 550 and 554
 * stay unknown and 551 and 553 are dropped, not suppressed.
 */
export const replyCodes: ReadonlyMap<number, CodeMeaning> = new Map<number, CodeMeaning>([
	[421, { category: 'rate_limited', action: 'slow' }],
	[432, { category: 'rate_limited' }],
	[450, { category: 'rate_limited', action: 'retry' }],
	[451, { category: 'system' }],
	[452, { category: 'rate_limited' }],
	[454, { category: 'account' }],
	[455, { category: 'message' }],
	[500, { category: 'message' }],
	[501, { category: 'message' }],
	[502, { category: 'message' }],
	[503, { category: 'message' }],
	[504, { category: 'message' }],
	[521, { category: 'invalid_domain', action: 'drop' }],
	[523, { category: 'message' }],
	[530, { category: 'account' }],
	[534, { category: 'account' }],
	[535, { category: 'account' }],
	[538, { category: 'account' }],
	[551, { category: 'invalid_recipient', action: 'drop' }],
	[552, { category: 'mailbox_full' }],
	[553, { category: 'invalid_recipient', action: 'drop' }],
	[555, { category: 'message' }],
	[556, { category: 'invalid_domain' }],
	[571, { category: 'policy' }],
]);
