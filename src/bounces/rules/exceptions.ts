/** Replies that say something else than their words or codes suggest; they come before all families (reference/bounces.md §4, the traps). */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';

export const exceptionRules: readonly ReplyRule[] = [
	{
		id: 'suppressed-by-relay',
		pattern: oneOf(
			/(?:marked as|found) inactive|inactive recipients?/,
			/(?:on|in) (?:the |your |our )?(?:\S{1,20} )?suppression list/,
			/(?:address|recipient) (?:is |was |has been )?suppressed|previously (?:hard )?bounced|rejection blacklist|rejected: hard-?bounce/,
		),
		category: 'inactive',
		// The relay keeps the list, so trying again cannot help, whatever the class of its code.
		actionOn4xx: 'suppress',
		sample:
			'406 You tried to send to a recipient that has been marked as inactive. Found inactive addresses: nothing@example.com.',
		source: 'reference',
	},
	{
		id: 'mimecast-greylisting',
		provider: /mimecast/i,
		onlyClass: 4,
		pattern: /internal resource temporarily unavailable|internal resources are temporarily/,
		category: 'greylisted',
		sample: '451 Internal resource temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#451',
		source: 'reference',
	},
	{
		id: 'google-too-many-at-once',
		onlyVia: 'relay',
		onlyClass: 4,
		pattern: /^temporary system problem.{0,60}gsmtp/,
		category: 'rate_limited',
		sample: '421 4.3.0 Temporary System Problem. Try again later (10). - gsmtp',
		source: 'reference',
	},
	{
		id: 'receiver-dns-broken',
		// The block list answers the receiver's resolver with an error, and its server takes that for a listing.
		pattern: /error: open resolver|query refused.{0,40}open resolver|spamhaus\.org\/returnc/,
		category: 'reputation',
		action: 'retry',
		actionOn4xx: 'retry',
		sample:
			'554 5.7.1 Service unavailable; Sender address [user@gmail.com] blocked using dbl.spamhaus.org; Error: open resolver; https://check.spamhaus.org/returnc/pub/192.0.2.9/',
		source: 'reference',
	},
	{
		id: 'verification-in-progress',
		onlyClass: 4,
		pattern: /verification (?:is )?in progress|unverified address: address (?:lookup|verification)/,
		category: 'greylisted',
		sample:
			'450 4.1.1 <jo@example.org>: Recipient address rejected: unverified address: Address verification in progress',
		source: 'Postfix address verification',
	},
	{
		id: 'apple-private-relay',
		pattern: /@privaterelay\.appleid\.com>?: unauthorized sender|: unauthorized sender$/,
		category: 'policy',
		sample: '550 5.1.1 <djf23gjsjf@privaterelay.appleid.com>: unauthorized sender',
		source: 'reference',
	},
	{
		id: 'despite-unavailable-mailbox',
		// QUIRK: GMX and web.de say "mailbox unavailable" first, and the reason last.
		pattern: /mailbox unavailable.{0,80}(?:policy restrictions|reject due to|for explanation visit.{0,60}ip=)/,
		category: 'policy',
		action: 'hold',
		actionOn4xx: 'hold',
		sample:
			'550-Requested action not taken: mailbox unavailable\n550-Reject due to policy restrictions.\n550 For explanation visit https://postmaster.gmx.net/en/case?c=r0601&i=ip&v=192.0.2.1',
		source: 'reference',
	},
	{
		id: 'blocked-by-recipient',
		// Somebody's own list: nobody else will say so.
		pattern: oneOf(
			/manually blocked senders?|by blocked senders? list|(?:recipient|user|addressee|personal)(?:'s)?(?: \S{1,20}){0,2} (?:block|black|deny|reject)(?:ed)?[ -]?list/,
			/(?:blocked|rejected|refused|blacklisted) by (?:the |this )?(?:recipient|user|addressee|mailbox owner)(?!'s)\b(?! (?:policy|domain|server|organi[sz]ation|verif))/,
		),
		category: 'policy',
		sample: '550 5.7.1 Sender blocked by recipient',
		source: 'Barracuda, webmail hosts',
	},
	{
		id: 'retrying-does-not-help',
		pattern: /\[ts03\]|permanently deferred|retrying will not succeed/,
		category: 'reputation',
		sample: '421 4.7.1 [TS03] All messages from 192.0.2.25 will be permanently deferred; Retrying will NOT succeed.',
		source: 'reference',
	},
	{
		id: 'yahoo-deferred',
		pattern: /\[tss?\d\d\]|temporarily deferred due to (?:unexpected|excessive|user complaints)/,
		category: 'rate_limited',
		action: 'hold',
		actionOn4xx: 'hold',
		sample:
			'421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1',
		source: 'reference',
	},
	{
		id: 'blocked-for-unusual-rate',
		// As a 5xx it does not pass by waiting.
		onlyClass: 5,
		pattern:
			/unusual (?:rate|amount|volume) of (?:unsolicited )?(?:mail|e-?mail|messages|traffic).{0,200}(?:ip address|domain)/,
		category: 'reputation',
		sample: '550-5.7.28 There is an unusual rate of unsolicited mail originating from your IP address.',
		source: 'Gmail',
	},
	{
		id: 'unusual-rate',
		pattern: /unusual (?:rate|amount|volume) of (?:unsolicited )?(?:mail|e-?mail|messages|traffic)/,
		category: 'rate_limited',
		action: 'hold',
		actionOn4xx: 'hold',
		sample:
			'421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your SPF domain [example.com 15].',
		source: 'reference',
	},
	{
		id: 'limited-for-lack-of-tls',
		pattern: /(?:rate limited|blocked|rejected) because it was not sent over (?:a )?(?:tls|secure)/,
		category: 'policy',
		action: 'drop',
		actionOn4xx: 'drop',
		sample: '421-4.7.29 Your email has been rate limited because it was not sent over a TLS connection - gsmtp',
		source: 'Gmail',
	},
	{
		id: 'blacklisted-link',
		// A block list for links, not for senders.
		pattern: oneOf(
			/(?:black|block|deny)[ -]?listed (?:url|link|uri|domain in (?:the )?(?:message|body))|(?:body|content|urls?|links?)(?: \S{1,20}){0,2} contains?(?: \S{1,20}){0,3} (?:black|block)[ -]?list/,
			/\b(?:surbl|uribl)\b/,
			/(?:url|link|uri)s?(?: \S{1,60}){0,3} (?:is |are |was )?(?:listed|black|block)(?:listed)?\b/,
		),
		category: 'spam',
		sample: '554 Blacklisted URL in message',
		source: 'content filters',
	},
	{
		id: 'limited-for-reputation',
		pattern: oneOf(
			/rate.?limited (?:due to|because of).{0,30}reputation/,
			/throttled (?:due to|because of).{0,30}reputation|rate limit.{0,60}reputation/,
		),
		category: 'rate_limited',
		action: 'hold',
		actionOn4xx: 'hold',
		sample: '451 4.7.650 The mail server [192.0.2.25] has been temporarily rate limited due to IP reputation.',
		source: 'reference',
	},
	{
		id: 'busy-mailbox',
		// One mailbox takes no more for now; Gmail means its 550 so, hence no retry there.
		pattern: /receiving (?:mail|messages|e-?mail) (?:at a rate|too quickly|too fast)/,
		category: 'rate_limited',
		action: 'drop',
		actionOn4xx: 'retry',
		sample:
			'550-5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.',
		source: 'reference',
	},
	{
		id: 'recipient-receive-limit',
		pattern: oneOf(
			/recipient.{0,80}exceeded (?:their|its|the|his) (?:message |mail )?rate|recipient (?:is |has )?(?:been )?(?:receiving|received) too many/,
			/(?:recipient|mailbox|user).{0,30}exceeded (?:their|its|the) (?:limit|quota) (?:for|of|on) (?:the )?(?:number of )?(?:messages|mail)/,
			/recipient thread limit|recipient's per (?:hour|minute|day)|per (?:hour|minute|day) (?:message )?receive limit|message limit for (?:this |the )?(?:recipient|mailbox)/,
		),
		category: 'rate_limited',
		action: 'retry',
		actionOn4xx: 'retry',
		sample: '554 5.2.122 The recipient has exceeded their limit for the number of messages they can receive per hour.',
		source: 'reference',
	},
	{
		id: 'full-and-abandoned',
		pattern: /(?:out of storage|over quota|mailbox full|quota).{0,30}\binactive\b|overquotaperm/,
		category: 'mailbox_full',
		action: 'drop',
		sample:
			"552 5.2.2 The recipient's inbox is out of storage space and inactive. Please direct the recipient to https://support.google.com/mail/?p=OverQuotaPerm - gsmtp",
		source: 'reference',
	},
	{
		id: 'exchange-edge-unknown',
		// Directory-based edge blocking: the words of a policy, the meaning of an unknown user. Postfix says it with the address in front, and means a policy.
		pattern: /(?:^|\]: ?)(?:all )?recipient address(?:es)? rejected ?: access denied|access denied\.? as\(2018/,
		category: 'invalid_recipient',
		sample: '550 5.4.1 Recipient address rejected: Access denied. [AM4PEPF00025F9C.EURPRD83.prod.outlook.com]',
		source: 'reference',
	},
	{
		id: 'storage-for-one-message',
		// QUIRK: GMX and web.de say "exceeded storage allocation" first, and the reason last.
		pattern: /storage allocation.{0,60}message (?:is )?too (?:big|large)/,
		category: 'message',
		sample: '552-Requested mail action aborted: exceeded storage allocation\n552-Message too big.',
		source: 'GMX',
	},
	{
		id: 'own-signature-twice',
		pattern:
			/duplicate header|multiple from|multiple (?:\S{1,30} )?headers|not rfc ?\d{3,4}[ -]compliant|not rfc compliant/,
		category: 'message',
		action: 'stop',
		actionOn4xx: 'stop',
		sample: "554 Transaction failed: Duplicate header 'DKIM-Signature'.",
		source: 'reference',
	},
	{
		id: 'anti-spoofing',
		pattern: /anti-?spoof|spoofed (?:message|sender|mail)|spoofing (?:is )?(?:not allowed|detected|protection)/,
		category: 'policy',
		sample:
			'550 Rejected by header based Anti-Spoofing policy: news@example.com - https://community.mimecast.com/docs/DOC-1369#550',
		source: 'reference',
	},
	{
		id: 'may-be-anything',
		// cPanel's text names four possible reasons, so it proves none.
		pattern: /^(?!.{0,200}(?:verification failed|sender verify)).{0,300}account or domain may not exist/,
		category: 'invalid_recipient',
		action: 'drop',
		sample:
			'550 The mail server could not deliver mail to jo@example.org. The account or domain may not exist, they may be blacklisted, or missing the proper dns entries.',
		source: 'cPanel Exim',
	},
];
