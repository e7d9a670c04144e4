/** Too much or too fast: connections, messages, recipients (reference/bounces.md §1, `rate-limited` and `greylisted`). */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';

export const rateLimitedRules: readonly ReplyRule[] = [
	{
		id: 'too-many',
		pattern: oneOf(
			/(?:maximum )?number of (?:invalid|unknown|bad) (?:addresses|recipients|users).{0,20}(?:reached|exceeded)/,
			/(?:this|that|so) many (?:recipients|messages|mails|e-?mails)/,
			/too (?:many|much) (?:\S{1,20} ){0,3}?(?:connections?|sessions?|recipients?|messages?|mails?|e-?mails?|rcpts?|transactions?|requests?|connects|errors?|commands?|users?|traffic|deliveries|threads|invalid)\b/,
			/excess(?:ive)? (?:\S{1,20} ){0,2}?(?:connections?|volume|rate|mail|messages|recipients|traffic)/,
		),
		category: 'rate_limited',
		sample: '421 4.7.0 mx.example.org Error: too many connections from 192.0.2.1',
		source: 'reference',
	},
	{
		id: 'throttled',
		pattern: oneOf(
			/\bthrottl(?:ed|ing|e)\b|rate[ -]?limit|ratelimit|slow(?:ing)? down/,
			/too (?:fast|quickly|frequent(?:ly)?)|server (?:is )?(?:too )?busy/,
		),
		category: 'rate_limited',
		sample: '454 Throttling failure: Maximum sending rate exceeded.',
		source: 'reference',
	},
	{
		id: 'limit-exceeded',
		pattern: oneOf(
			/(?:connections?|messages?|mails?|e-?mails?|sending|relay|frequency|session|rate|sender)(?: \S{1,20}){0,3} (?:limit|limits|rate|quota|threshold|frequency)(?: \S{1,20}){0,3}? (?:exceeded|exceeds|reached|limited)(?!.{0,20}size)/,
			/recipients? (?:rate|limit)|quota (?:limit )?exceeded for (?:the )?sender/,
			/(?:limits? (?:for|on) (?:how many|the number of))/,
			/exceed\w* (?:the |your |its )?(?:\S{1,20} ){0,2}?(?:rate|limit of (?:connections|messages|recipients)|permitted limits|(?:number|amount) of (?:connections|messages|recipients))/,
			/per (?:second|minute|hour|day)\b.{0,40}exceed|exceed.{0,60} per (?:second|minute|hour|day)\b/,
		),
		category: 'rate_limited',
		sample: '450 4.2.1 Peak SMTP relay limit exceeded for customer. This is a temporary error.',
		source: 'reference',
	},
	{
		id: 'frequency-limited',
		pattern: /frequency (?:is )?(?:limited|limit|control)|limit(?:ed)? frequency/,
		category: 'rate_limited',
		sample: '550 Ip frequency limited. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000725',
		source: 'reference',
	},
	{
		id: 'too-many-other-languages',
		pattern: oneOf(
			/trop de (?:connexions|messages|destinataires|mails)/,
			/zu viele (?:\S{1,20} )?(?:verbindungen|nachrichten|empfanger|mails)/,
			/demasiad[oa]s (?:conexiones|mensajes|destinatarios)/,
			/tropp[ie] (?:connessioni|messaggi|destinatari)/,
			/(?:muitas conexoes|muitas mensagens|muitos destinatarios|excesso de (?:conexoes|mensagens))/,
			/zbyt wiele (?:polaczen|wiadomosci)|слишком (?:много|часто)|превышен (?:лимит|предел)/,
			/连接(?:数)?(?:过多|超)|频率|过于频繁|接続数|허용량을 초과|접속.{0,6}초과/,
		),
		category: 'rate_limited',
		sample: '421 mwinf5c63 ME Trop de connexions, veuillez verifier votre configuration. OFR005_104 [104]',
		source: 'Orange and others',
	},
];

export const greylistedRules: readonly ReplyRule[] = [
	{
		id: 'greylisted',
		pattern: /gr[ae]y ?-?list|postgrey|graylist|sqlgrey/,
		category: 'greylisted',
		sample:
			'450 4.2.0 <user@example.org>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.org.html',
		source: 'reference',
	},
	{
		id: 'come-back-later',
		onlyClass: 4,
		pattern: oneOf(
			/(?:try again|retry|come back|wait)(?: \S{1,12}){0,2} (?:in|after|for) (?:\S{1,12} ){0,2}?\d{1,4} ?(?:s|sec|secs|seconds?|m|min|mins|minutes?)\b/,
			/not yet authori[sz]ed to deliver|first (?:time|contact|attempt).{0,40}(?:try|retry|deferred)/,
			/internal resource temporarily unavailable|please wait \d/,
		),
		category: 'greylisted',
		sample: '451 4.7.1 Temporarily rejected. Try again in 300 seconds.',
		source: 'milter-greylist, Exim recipes',
	},
];
