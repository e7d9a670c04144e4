/** Rules of the receiver that say nothing about the address (reference/bounces.md §1, `policy`); vague words, so they come late. */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';

export const policyRules: readonly ReplyRule[] = [
	{
		id: 'relay-denied',
		pattern: oneOf(
			/relay(?:ing)? (?:access )?(?:is )?(?:denied|not (?:permitted|allowed)|prohibited|rejected|refused|to \S{1,60} (?:denied|prohibited))/,
			/(?:unable|not permitted|not allowed|not authori[sz]ed|refuse) to relay/,
			/(?:not|don't|do not|cannot|won't) (?:an open )?relay/,
			/(?:not|isn't) in my list of allowed rcpthosts|rcpthosts|we do(?:n't| not) relay/,
			/relay rejected|no relaying|relaying|relais (?:refuse|interdit)|cannot deliver mail for/,
			/not a gateway|(?:not|non)[ -](?:a )?local (?:domain|host)/,
			/(?:deliver|handle|accept) mail for/,
		),
		category: 'policy',
		actionOn4xx: 'drop',
		atRelay: { category: 'account' },
		sample: '554 5.7.1 <user@example.org>: Relay access denied',
		source: 'reference',
	},
	{
		id: 'restricted-recipient',
		pattern: oneOf(
			/restrictedtorecipients|sendernotauthenticatedforgroup/,
			/not authori[sz]ed to send (?:to|mail to|messages to)/,
			/not (?:allowed|permitted) to (?:send|post|mail|deliver)(?: \S{1,12}){0,2} to/,
			/only accepts? (?:mail|messages|e-?mail) from|delivery restriction|members? only/,
			/on the recipient's list|blocked by (?:the )?(?:recipient|user)/,
			/does(?:n't| not) accept (?:e-?mail|mail|messages) from|not in (?:\S{1,12} )?(?:allowed|white|allow) ?list/,
			/rejected by (?:the )?(?:recipient|user|destination)/,
			/recipient (?:has )?(?:blocked|refused|rejected) /,
			/sender (?:is )?not (?:allowed|authori[sz]ed|permitted|accepted|on)/,
		),
		category: 'policy',
		sample:
			"550 5.7.129 RESOLVER.RST.RestrictedToRecipientsPermission; not authorized to send to recipient because the sender isn't on the recipient's list of allowed senders",
		source: 'reference',
	},
	{
		id: 'policy-reasons',
		// Yahoo, Apple, GMX and Mimecast hide a judgement on the sender behind these words, so the next one will get the same.
		pattern: oneOf(
			/(?:not accepted|rejected|refused|blocked|declined|denied) (?:for|due to|because of|under|by) (?:\S{1,20} ){0,2}?(?:policy|policies)/,
			/policy (?:reasons|restrictions?|violation|rejection)/,
			/violat\w{1,5} (?:\S{1,12} )?polic(?:y|ies)|\[cs\d\d\]|\[hm\d\d\]/,
		),
		category: 'policy',
		action: 'hold',
		actionOn4xx: 'hold',
		sample: '554 5.7.9 Message not accepted for policy reasons. See https://senders.yahooinc.com/error-codes',
		source: 'reference',
	},
	{
		id: 'prohibited',
		pattern: oneOf(
			/(?:has a )?policy that prohibited/,
			/administrative(?:ly)? (?:prohibit|den|reject|block|prohibition)|prohibited|not authori[sz]ed/,
			/not permitted|not allowed|unauthori[sz]ed|access denied|permission denied|forbidden/,
			/delivery (?:was )?(?:refused|denied|not authori[sz]ed)|(?:message|mail) (?:was )?refused/,
			/security polic/,
		),
		category: 'policy',
		sample:
			'550-5.7.1 The user or domain that you are sending to (or from) has a policy that prohibited the mail that you sent. - gsmtp',
		source: 'reference',
	},
];
