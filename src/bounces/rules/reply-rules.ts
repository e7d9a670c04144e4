/** All rules in the order in which they are asked: from the telling to the vague, and what is about us before what is about the address. */
import { accountRules } from './account.ts';
import { exceptionRules } from './exceptions.ts';
import { inactiveRules, vagueInactiveRules } from './inactive.ts';
import { invalidDomainRules } from './invalid-domain.ts';
import { invalidRecipientRules, vagueRecipientRules } from './invalid-recipient.ts';
import { mailboxFullRules } from './mailbox-full.ts';
import { messageRules } from './message.ts';
import { policyRules } from './policy.ts';
import { greylistedRules, rateLimitedRules, vagueLimitRules, waitRules } from './rate-limited.ts';
import type { ReplyRule } from './reply-rule.ts';
import { reputationRules, vagueReputationRules } from './reputation.ts';
import { senderAuthRules } from './sender-auth.ts';
import { spamRules } from './spam.ts';
import { troubleRules } from './trouble.ts';

export const replyRules: readonly ReplyRule[] = [
	...exceptionRules,
	...accountRules,
	...greylistedRules,
	...senderAuthRules,
	...waitRules,
	...rateLimitedRules,
	...reputationRules,
	...spamRules,
	...mailboxFullRules,
	...messageRules,
	...inactiveRules,
	...invalidDomainRules,
	...invalidRecipientRules,
	...vagueReputationRules,
	...vagueLimitRules,
	...policyRules,
	...troubleRules,
	...vagueInactiveRules,
	...vagueRecipientRules,
];
