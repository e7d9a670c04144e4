/** Too much or too fast: connections, messages, recipients (reference/bounces.md §1, `rate-limited` and `greylisted`). */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';

export const rateLimitedRules: readonly ReplyRule[] = [
	{
		id: 'too-many',
		pattern: oneOf(
			/(?:maximum )?number of (?:invalid|unknown|bad) (?:addresses|recipients|users).{0,20}(?:reached|exceeded)/,
			/(?:this|that|so) many (?:recipients|messages|mails|e-?mails)/,
			/too (?:many|much) (?!hops|received|failed|spam)(?:\S{1,20} ){0,3}?(?:connections?|sessions?|recipients?|messages?(?! (?:have|has) been sent)|mails?|e-?mails?|rcpts?|transactions?|requests?|connects|errors?|commands?|users?|traffic|deliveries|threads|invalid|attempts?|simultaneous|concurrent|parallel|unknown|open)\b/,
			/(?:maximum|max) (?:number of )?(?:concurrent|simultaneous|parallel|open) (?:connections?|sessions?)|(?:no|don't have) more (?:than )?(?:\d{1,4} )?(?:connections?|sessions?)/,
			/excess(?:ive)? (?:\S{1,20} ){0,2}?(?:connections?|volume|rate|mail|messages|recipients|traffic)/,
		),
		category: 'rate_limited',
		sample: '421 4.7.0 mx.example.org Error: too many connections from 192.0.2.1',
		source: 'reference',
	},
	{
		id: 'throttled',
		pattern: oneOf(
			/\bthrottl(?:ed|ing|e)\b|rate[ -]?limit|ratelimit|slow(?:ing|er)?(?: down)?\b(?= |\.|$|,|;|!)|overlimit|over (?:the |your )?rate|\(rl\d{6}\)|anti-?flood/,
			/(?:connection|message|sending|delivery|mail|submission|transfer) rates?\b(?: \S{1,20}){0,5} (?:exceed\w{0,3}|limited|reached|(?:is )?too high)|rate (?:is )?too high/,
			/access denied, please try again later|(?:organization|tenant|queue|sender|submission) quota exceeded|(?:size|recipients|limit) per transaction\b/,
			/too (?:fast|quickly|frequent(?:ly)?)|server (?:is )?(?:too )?busy|too busy|(?:messages|mails|e-?mails) per (?:connection|session|transaction)/,
		),
		category: 'rate_limited',
		sample: '454 Throttling failure: Maximum sending rate exceeded.',
		source: 'reference',
	},
	{
		id: 'limit-exceeded',
		pattern: oneOf(
			/(?:connections?|messages?|mails?|e-?mails?|sending|relay|frequency|session|rate|sender)(?: \S{1,20}){0,3} (?:limit|limits|rate|(?<!mail |mailbox |disk |storage )quota|threshold|frequency)(?: \S{1,20}){0,3}? (?:exceeded|exceeds|reached|limited)(?!.{0,20}size)/,
			/messaging limits?|(?:number of|concurrent|open|simultaneous) (?:connections|sessions|messages|recipients|mails)(?: \S{1,20}){0,3} exceed|(?:connections|sessions|messages) (?:has |have )?exceeded (?:a|the|our|its) (?:\S{1,12} )?limit|rate control/,
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
			/\b(?:hl:(?:itc|icc|ifc|mep)|mi:(?:cel|dmc|sfq|stc)|rp:(?:cel|qrc|trc|frl))\b/,
			/trop (?:de |d')(?:\S{1,20} )?(?:connexions|sessions|messages|destinataires|mails|courriels|erreurs|envois)|debit (?:limite|depasse)/,
			/zu viele (?:\S{1,20} ){0,2}?(?:verbindungen|nachrichten|empf|mails|e-mails|sitzungen|fehler|anfragen)|zu schnell|ratenlimit/,
			/(?:numero|nombre|anzahl|liczba) (?:\S{1,12} )?(?:maxim\S{0,3}|massimo) (?:\S{1,12} ){0,2}(?:mensajes|messages|messaggi|mensagens|connex|conex|conness|destinat|envoi|envio)|(?:mensajes|messages|messaggi|mensagens|nachrichten) (?:por|par|per|pro|all.) (?:hora|heure|ora|stunde|minut|dia|jour|giorno|tag)/,
			/demasiad[oa]s (?:\S{1,20} )?(?:conexiones|mensajes|destinatarios|correos|sesiones)|limite de (?:conexiones|envio|mensajes|conexoes|mensagens)/,
			/tropp[ie] (?:connessioni|messaggi|destinatari|sessioni|invii|e-?mail)|te veel (?:\S{1,20} )?(?:verbindingen|berichten|ontvangers)|cok fazla (?:\S{1,20} )?(?:baglanti|mesaj|alici|ileti)/,
			/(?:muitas conexoes|muitas mensagens|muitos destinatarios|excesso de (?:conexoes|mensagens))/,
			/zbyt (?:wiele|duzo) |prilis mnoho|for mange |for manga |слишком (?:много|часто)|превышен[оа]? (?:лимит|предел|количество|число|ограничение)|забагато/,
			/连接(?:数)?(?:过多|超)|連線.{0,4}過多|频率|頻率|过于频繁|過於頻繁|接続(?:数|過多)|허용량을 초과|(?:접속|연결).{0,10}초과|너무 많/,
		),
		category: 'rate_limited',
		sample: '421 mwinf5c63 ME Trop de connexions, veuillez verifier votre configuration. OFR005_104 [104]',
		source: 'Orange and others',
	},
];

export const greylistedRules: readonly ReplyRule[] = [
	{
		id: 'newcomer',
		onlyClass: 4,
		pattern:
			/(?:not yet (?:known|seen|trusted)|(?:unknown|not known|not seen) (?:to us |here )?(?:yet|before)|first[- ]time (?:sender|host|contact|connection)|new (?:sender|host)\b).{0,80}(?:again|back|resend|retry|wait|minutes|seconds)/,
		category: 'greylisted',
		sample: '451 4.7.1 Your host is not yet known, come back in 5 minutes',
		source: 'servers that greylist under another name',
	},
	{
		id: 'greylisted',
		pattern: oneOf(
			/\[gl\d\d\]|\bdt:gry\b|policy rejection- please try later|gr[ae]y ?-?list|postgrey|graylist|sqlgrey|greytrap|list[ea]s? gris|lista grigia|lista cinza|szar\S{1,3} list|grijze lijst|gri liste|graue liste|сер\S{1,3} спис|灰名单|灰名單|灰色名单|グレイリスト|그레이리스트/,
			/(?:sender|recipient|new) (?:and |\/ ?)?(?:recipient )?(?:triplet|pair)\b|\btriplet?\b/,
		),
		category: 'greylisted',
		sample:
			'450 4.2.0 <user@example.org>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.org.html',
		source: 'reference',
	},
];

/** Servers that greylist and do not say so. */
export const waitRules: readonly ReplyRule[] = [
	{
		id: 'come-back-later',
		onlyClass: 4,
		pattern: oneOf(
			/(?:try again|retry|come back|wait)(?: \S{1,12}){0,2} (?:in|after|for) (?:\S{1,12} ){0,2}?\d{1,4} ?(?:s|sec|secs|seconds?|m|min|mins|minutes?)\b/,
			/not yet authori[sz]ed to deliver|first (?:time|contact|attempt).{0,40}(?:try|retry|deferred)/,
			/internal resources? (?:are )?temporarily unavailable|please wait \d/,
		),
		category: 'greylisted',
		sample: '451 4.7.1 Temporarily rejected. Try again in 300 seconds.',
		source: 'milter-greylist, Exim recipes',
	},
];

/** Asked late: most limits are of a mailbox or a message, and these speak of neither. */
export const vagueLimitRules: readonly ReplyRule[] = [
	{
		id: 'some-limit',
		pattern: oneOf(
			/(?<!time )\blimits? (?:\S{1,20} ){0,6}?(?:reached|exceeded|hit)\b|\b(?:beyond|above|over) (?:our|the|your) (?:\S{1,12} )?(?:limit|quota)\b/,
			/(?:daily|hourly|per-user|per-domain|monthly) (?:\S{1,12} )?(?:limit|quota)|(?:hour|minute|day) exceeded/,
		),
		category: 'rate_limited',
		sample: '550 Daily limit of mails from your IP reached',
		source: 'webmail hosts',
	},
];
