/** Our own account at the server that sends for us: login, quota, permitted senders (reference/bounces.md §1, `account`). */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';

export const accountRules: readonly ReplyRule[] = [
	{
		id: 'sending-paused',
		pattern: oneOf(
			/(?:sub-?account|tenant|workspace) (?:\S{1,20} ){0,2}(?:suspended|disabled|blocked|paused)|outgoing (?:e-?mail|mail|messages?)(?: \S{1,60}){0,5} (?:suspended|blocked|disabled)|outgoing (?:e-?mail|mail) suspension|outbound (?:e-?mail|mail) (?:is |has been )?(?:blocked|suspended|disabled)/,
			/(?:please |must )activate your|not (?:yet )?activated|free accounts? (?:are|is|can)|upgrade your (?:account|plan)|in the sandbox|your (?:account )?sending (?:is|has)|trial (?:account|tenant)/,
			/sending (?:paused|(?:has been |is |was )?(?:suspended|disabled|paused|blocked))/,
			/your (?:\S{1,20} ){0,2}account (?:\S{1,20} ){0,3}(?:suspended|disabled|blocked|locked|paused|restricted|limited|under review|pending|on probation|not active|inactive|expired)/,
			/your (?:\S{1,20} ){0,2}(?:account|mailbox|subscription|licen[cs]e|plan) (?:\S{1,20} ){0,2}?(?:closed|deactivated|cancel?led|terminated|expired|disabled|suspended|not (?:yet )?(?:been )?activated)/,
			/account is on probation|pending approval/,
		),
		category: 'account',
		sample:
			'554 Message rejected: Sending paused for this account. For more information, please check the inbox of the email address associated with your AWS account.',
		source: 'reference',
	},
	{
		id: 'account-suspended',
		// At an MX it is the recipient's account.
		onlyVia: 'relay',
		pattern:
			/^(?:\S{1,40} ){0,3}?(?:this |the |sender |smtp |user )?account (?:has been |is |was )?(?:suspended|disabled|blocked|locked)/,
		category: 'account',
		sample: '554 5.7.1 Error: this account has been suspended, contact support',
		source: 'shared hosts',
	},
	{
		id: 'own-mailbox-full',
		// QUIRK: Exchange Online refuses to send when our Sent Items are full.
		onlyVia: 'relay',
		pattern: oneOf(
			/storedrv\.submission/,
			/^your (?:\S{1,20} ){0,2}(?:mail ?box|account) (?:is |has )?(?:full|over ?quota|exceeded)/,
		),
		category: 'account',
		sample:
			'554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded',
		source: 'Exchange Online',
	},
	{
		id: 'own-mailbox-full-unexplained',
		provider: /office365|outlook|exchange/i,
		onlyVia: 'relay',
		pattern: /^mail ?box full/,
		category: 'account',
		sample: '554 5.2.2 mailbox full',
		source: 'reference (reliability.md fault 44)',
	},
	{
		id: 'sending-quota',
		pattern: oneOf(
			/sending limits? (?:exceeded|reached|\(daily|has been)/,
			/exceed\w* (?:\S{1,12} ){0,2}sending limit/,
			/(?:daily|hourly|monthly) (?:\S{1,20} ){0,4}(?:limits?|quota|credits?)(?: \S{1,20}){0,4} ?(?:exceeded|reached)/,
			/(?:exceeded|reached|over) (?:your |the |its )?(?:\S{1,20} ){0,2}(?:daily|hourly|monthly|relay|sending|sender) (?:\S{1,20} ){0,2}(?:limit|quota)/,
			/(?:sending|submission|outbound|relay) ?quota ?(?:exceeded|limit)|submissionquota/,
			/over your relay quota|(?:limite (?:giornalier|diari|quotidien|journali)|tageslimit|tageskontingent|sendelimit|limite d'envoi|limite de envio|limite di invio|gunluk (?:gonderim )?limit|dzienny limit|суточн\S{1,4} лимит|每日.{0,6}限)/,
		),
		category: 'account',
		sample:
			'550-5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to https://support.google.com/a/answer/166852 - gsmtp',
		source: 'reference',
	},
	{
		id: 'credits-used-up',
		pattern: oneOf(
			/(?:maximum|max|insufficient|no|not enough|out of) (?:credits?|balance|funds)\b/,
			/credits? (?:exceeded|exhausted|used up)|plan limit/,
		),
		category: 'account',
		sample: '451 Authentication failed: Maximum credits exceeded',
		source: 'reference',
	},
	{
		id: 'domain-may-not-send',
		pattern: oneOf(
			/domain \S{1,100} (?:is not|not) allowed to send|recipient limit exceeded, try again after/,
			/unconfigured sending domain|unknown sending domain/,
			/domain \S{1,100} (?:\S{1,20} ){0,5}(?:in|for|to|with|by) (?:your|this) account/,
			/domain (?:\S{1,100} )?(?:is |has )?(?:invalid or )?not (?:been |yet )?(?:verified|validated)/,
			/sending domain.{0,30}not (?:configured|verified|registered|validated)|unregistered domain/,
		),
		category: 'account',
		sample: '421 Domain sandbox7957.mailgun.org is not allowed to send: Sandbox subdomains are for test purposes only.',
		source: 'reference',
	},
	{
		id: 'domain-hourly-failures',
		pattern: /exceeded the max(?:imum)? (?:defers and failures|e?-?mails?|messages) per (?:hour|day)/,
		category: 'account',
		sample:
			'550 Domain example.tld has exceeded the max defers and failures per hour (5/5 (100%)) allowed. Message discarded.',
		source: 'reference',
	},
	{
		id: 'sender-not-verified',
		pattern: oneOf(
			/(?:e-?mail address|identit(?:y|ies)|sender|from address|'from' address|sender address|sender e-?mail).{0,60}? (?:is not|not|isn't|has not been|does not match a|are not) (?:\S{1,12} )?(?:verified|validated|confirmed|a sender signature)/,
			/not a sender signature|verified sender identity|validate (?:it|your sender|the sender)|unverified sender|failed the check in region/,
		),
		category: 'sender_auth',
		atRelay: { category: 'account' },
		sample:
			'554 Message rejected: Email address is not verified. The following identities failed the check in region US-EAST-1: news@example.com',
		source: 'reference',
	},
	{
		id: 'not-your-sender',
		pattern: oneOf(
			/is not authori[sz]ed to perform|not local sender|disallowed as |sender is not allowed to relay/,
			/(?:address|domain|sender|from)(?: \S{1,60}){0,2} (?:is )?not (?:allowed|permitted|authori[sz]ed) for (?:this|your|the) (?:\S{1,12} )?(?:user|account|login)|does not belong to (?:the |this |your )?(?:\S{1,12} )?(?:user|account)|not owned by (?:auth )?user|sender address rejected: not logged in|sendasdenied/,
			/not allowed to send as|permissions? to send as/,
			/not (?:authorized|allowed|permitted) to (?:use|send (?:as|from|with)) (?:this |the |that )?(?:sender|from|address|domain|return|@)/,
			/must (?:be (?:the )?same as|equal|match) (?:the )?(?:auth\w*|login)(?: user)?/,
			/sender (?:address )?do(?:es)?(?:n'?t| not) (?:match|belong to).{0,30}(?:login|auth|user|account)/,
		),
		category: 'account',
		sample: '553 5.7.1 <news@example.com>: Sender address rejected: not owned by user relay@example.net',
		source: 'reference',
	},
	{
		id: 'outbound-blocked',
		pattern: oneOf(
			/bad outbound sender|outbound spam|tenant has exceeded|unusual sending activity|your tenant/,
			/access denied, traffic not accepted from this ip|smtpclientauthentication is disabled/,
		),
		category: 'account',
		sample: '550 5.1.8 Access denied, bad outbound sender. AS(42004)',
		source: 'reference',
	},
	{
		id: 'sender-locked',
		pattern:
			/sender (?:address |account |user )?(?:is |has been )?(?:blocked|locked|suspended|disabled)(?! by (?:the )?(?:recipient|user))(?<!or sender is blocked)/,
		category: 'reputation',
		atRelay: { category: 'account' },
		sample: '554 5.1.8 Sender Address Blocked',
		source: 'reference',
	},
	{
		id: 'login-attempts',
		pattern: /too many (?:failed |bad |invalid )?(?:login|log-?in|auth\w*|password) (?:attempts|failures|errors)/,
		category: 'account',
		sample: '454 4.7.0 Too many login attempts, please try again later. - gsmtp',
		source: 'reference',
	},
	{
		id: 'login-refused',
		pattern: oneOf(
			/username and password not accepted/,
			/authentication (?:unsuccessful|credentials invalid|credentials)/,
			/(?:bad|invalid|wrong|incorrect) (?:username|user ?name|login|credentials|password|user name)/,
			/unauthenticated senders? not allowed/,
			/(?:smtp|sasl|plain|login|error:) (?:auth(?:entication)? )(?:failed|failure|error|rejected)/,
			/^authentication (?:failed|failure|rejected)|application-specific password|not in (?:\S{1,12} )?(?:allowed|white|allow) ?list for user/,
			/unauthorized ip address|(?:user|login|name|account) or password/,
		),
		category: 'account',
		sample:
			'535-5.7.8 Username and Password not accepted. For more information, go to https://support.google.com/mail/?p=BadCredentials - gsmtp',
		source: 'reference',
	},
	{
		id: 'login-unknown',
		// At an MX "no such user" is the recipient, with these words at our relay it is the one who signs in.
		onlyVia: 'relay',
		pattern: oneOf(
			/(?:no such|unknown|invalid|non-?existent|disabled|suspended) (?:smtp|sasl|login|log-in|api|auth\w{0,12}) (?:user ?name|user|account|name|credentials?|key)\b/,
			/\b(?:smtp|sasl|login|log-in|api|auth\w{0,12}|credentials?) (?:user ?name|user|account|name|credentials?|key)(?: \S{1,60})? (?:is |was |has been )?(?:unknown|not found|invalid|disabled|suspended|not active|inactive|do(?:es)?(?:n'?t| not) exist)/,
			/^you are not (?:a valid|an? known|our|an? authori[sz]ed)|account used (?:to send|for sending)/,
		),
		category: 'account',
		sample: '550 SMTP user not found',
		source: 'shared hosts',
	},
	{
		id: 'send-limit-of-ours',
		// At an MX these words are about the pace of anybody.
		onlyVia: 'relay',
		pattern: oneOf(
			/(?:mail )?send(?:ing)? (?:limit|quota)s?(?: \S{1,20}){0,3} (?:exceeded|reached|used)|limit (?:is |was |has been )?exceeded for (?:your|this) (?:account|user|domain|mailbox)/,
			/exceeded your (?:messaging|sending|mail|account) (?:limits?|quota)|spam abuse detected|invalid credentials for relay|not authori[sz]ed to send\b|permission to relay/,
			/reached (?:a |the |your |today'?s? )?(?:\S{1,12} ){0,2}limit (?:for sending|of \d{1,7} (?:recipients|messages|mails|e-?mails))|account is (?:temporarily )?limited/,
			/outgoing (?:e-?mail|mail|message)s? limit|upgrade (?:your |the )?plan|(?:only|can) send testing|not configured for this|sending limits? (?:exceeded|reached)/,
			/daily limit of (?:messages|e-?mails|mails|recipients)|outgoing rate limit|recipients per day|exceeded \d{1,6} (?:e-?mails|messages|mails|recipients) per (?:hour|day)/,
			/^(?!.{0,300}(?:suppress|recipient|rate\b|per second|connections)).{0,200}?\b(?:your (?:\S{1,12} ){0,2}(?:account|subscription|login|credentials)|for this account)\b/,
			/only send to verified|sandbox/,
		),
		category: 'account',
		sample: "451 You've exceeded your messaging limits",
		source: 'SendGrid, GMX, IONOS',
	},
	{
		id: 'login-required',
		// At an MX it means "not for relaying", at our relay that we forgot to log in.
		pattern: oneOf(
			/(?:smtp )?auth(?:entication)? (?:is )?(?:required|needed)(?! level)(?!.{0,80}(?:group|delivery restriction))/,
			/requires? (?:smtp )?authentication (?:when|to|before|for)/,
			/must (?:first )?(?:authenticate|log ?in|be authenticated)|client (?:was )?not authenticated/,
			/please authenticate/,
		),
		category: 'policy',
		atRelay: { category: 'account' },
		sample: '530 5.7.1 Authentication required',
		source: 'Postfix, Exchange, MailEnable',
	},
	{
		id: 'tls-required',
		pattern: oneOf(
			/must issue a starttls|(?:tls|starttls|ssl|encryption) (?:is |\S{1,12} )?(?:required|needed)/,
			/requires? (?:tls|starttls|encryption)|tls required for/,
		),
		category: 'policy',
		actionOn4xx: 'drop',
		atRelay: { category: 'account' },
		sample: '421 4.7.0 TLS required for RCPT domain, closing connection. - gsmtp',
		source: 'reference',
	},
];
