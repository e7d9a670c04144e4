/** Our IP address, network or domain is not wanted (reference/bounces.md §1, `reputation`). */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';

export const reputationRules: readonly ReplyRule[] = [
	{
		id: 'block-list-named',
		pattern: oneOf(
			/spamhaus|spamcop|\bsorbs\b|uceprotect|abuseat|barracudacentral|barracuda reputation/,
			/senderscore|mailspike|invaluement|psbl\.|dnsbl|\brbls?\b|mail-abuse\.(?:com|org)/,
			/csi\.cloudmark|ipcheck\.proofpoint|prs\.proofpoint|backscatterer|manitu|nixspam|gbudb/,
			/spamrats|trustedsource|delist|\bbrbl\b|abusix|hostkarma|talosintelligence|proofpoint\.com\/\?ip|\bcsi\.\w|\bsnds\b|bad senders|bad sender ip/,
		),
		category: 'reputation',
		sample:
			'554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1',
		source: 'reference',
	},
	{
		id: 'block-list',
		pattern: oneOf(
			/\b(?:black|block|deny|ban)[ -]?list|\[bl\d\d\]|\(bl\)$|reject ?list|list(?:e)? noire/,
			/lista ne(?:gra|ra)|czarn(?:a|ej|ą) list|schwarze[nr]? liste|sperrliste|czarn\S{1,3} li(?:st|sc)|kara ?liste|zwarte lijst|cern\S{1,3} listin|svartlist|sort(?:e)?list|feketelist/,
			/\blisted (?:by|in|at|on) (?:\S{1,12} ){0,2}\S{1,40}\.\S{1,40}|(?:^| )\S{1,40}\.\S{1,40} lists \[?\d{1,3}\.\d/,
			/ч[её]рн[а-яё]{1,3} спис|黑名单|黑名單|ブラックリスト|블랙리스트|블랙 리스트|\bhl:(?:rep|ip[bc]|tbl)\b/,
		),
		category: 'reputation',
		sample:
			'554-gmx.net (mxgmx104) Nemesis ESMTP Service not available\n554-No SMTP service\n554-IP address is block listed.\n554 For explanation visit https://postmaster.gmx.net/',
		source: 'reference',
	},
	{
		id: 'reputation',
		pattern: /\breputation\b|\bsbrs\b|\bers-(?:dul|rbl|qil)\b|\((?:dyn|rtr|rly):\w\w\)/,
		category: 'reputation',
		sample:
			'550-5.7.1 [192.0.2.1] Gmail has detected that this message is likely suspicious due to the very low reputation of the sending domain.',
		source: 'reference',
	},
	{
		id: 'banned-sender',
		pattern: oneOf(
			/banned send(?:er|ing)|suspected spam (?:sender|source)/,
			/spam complaints?|complaint rates?|sender ?score|(?:mail|e-?mail|messages?|connections?) (?:is |are )?(?:not|no longer|never) accepted from (?:your|this) (?!sender|user)|\b(?:sender|sending|source) network\b/,
			/spam(?:ming)? (?:source|sender|host|incident|issues)|for spamming|\bblack ip\b|known spam|block(?:ed)? for spam|spammers?\b|zombie/,
			/(?<!not an )(?<!possible )open (?:smtp )?(?:proxy|proxies|relays?)\b|unwanted messages? have|bad ip profile|abus detecte|abuse detected|(?:blocked|banned|rejected) due to abuse/,
			/too many spams?|incident de spam|bounce attacks?|bad sender score/,
			/(?:client|sender|host|server|ip) (?:\S{1,40} )?(?:is )?(?:a )?(?:spammer|spam source)/,
		),
		category: 'reputation',
		sample: '550 Suspected spam sender.',
		source: 'reference',
	},
	{
		id: 'address-blocked',
		pattern: oneOf(
			/(?:\bip\b|ip address|(?:your|this|the sending) (?:\S{1,12} )?(?:ip|host|server|network|mail ?server|mta|isp)|your address|client|(?:sending|remote|source) (?:ip|host|server|mta)|client host|connections?(?! (?:was )?refused(?! (?:by (?:policy|our|us|the|this)|due|for|because|from))))(?: \S{1,60}){0,4} (?:is |are |was |has been |have been )?(?:blocked|banned|blacklisted|blocklisted|rejected|denied|refused|restricted|not (?:allowed|accepted|welcome))/,
			/client host rejected: access denied/,
			/(?:blocked|banned|denied|refused|rejecting)(?: \S{1,20}){0,2} (?:your|this|sending|source) (?:ip|host|server|network)/,
			/access (?:denied.{0,40}\bip\b|to (?:this|submit).{0,60}rejected)|no access from|not allowed to connect|(?:connection|access) from (?:your|this) \S{1,20} (?:is |was )?(?:denied|refused|rejected|prohibited|blocked|not)/,
			/(?:block|bann|blacklist|reject|refus)\w{0,3} (?:all )?(?:\S{1,12} ){0,2}(?:your|this) (?:mail ?)?(?:server|host|ip|network|domain|mta|isp)\b|no mail accepted from/,
			/block (?:has been |was |is )?placed (?:against|on) your|\d[\])]? (?:is |was )?listed (?:on|in|at|by)\b|from \[?\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\]? is (?:\S{1,12} )?(?:blocked|refused|rejected|banned)|your ip\(\S{1,45}\) is (?:\S{1,12} )?(?:blocked|banned)/,
			/mail ?servers? (?:is |are |has been |was )?(?:blocked|banned|blacklisted|listed)\b|\b(?:traffic|mail) from (?:this|your|that) \S{1,20} is (?:blocked|refused|rejected)/,
			/your (?:domain|server|network|host|mail server|isp) (?:\S{1,40} )?(?:is |has been |was )(?:\S{1,20} ){0,3}?(?:block|banned|listed|reject)/,
			/not accepting (?:mail|connections|e-?mail|messages) from (?:your|this|you)\b(?! (?:sender|address))/,
		),
		category: 'reputation',
		sample: '554 5.7.1 <unknown[192.0.2.7]>: Client host rejected: Access denied',
		source: 'Postfix',
	},
	{
		id: 'connections-not-accepted',
		pattern: oneOf(
			/connections? (?:will not be|are not|not) accepted|weren't sent|were not sent\./,
			/(?:a problem occurred).{0,60}(?:postmaster|tosa)|(?<!indicated )no smtp service/,
			/esmtp (?:server|service) not available|(?:smtp|server|host) not accepting connections|(?:host|network) not allowed|forbidden by|smtp (?:server|relay) of your isp|not passed validation|you are (?:sending|a source of) spam/,
		),
		category: 'reputation',
		sample:
			'554 IP=192.0.2.254 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.)',
		source: 'reference',
	},
	{
		id: 'dynamic-address',
		pattern: oneOf(
			/dynamic(?:ally)?[ -](?:assigned )?(?:ip|address|pool|range|host)|dial-?up/,
			/residential (?:ip|address|network)|dynamic\/residential/,
			/not authori[sz]ed to send e?-?mail directly|direct(?:ly)? to our servers/,
			/generic (?:hostname|host name|rdns)/,
		),
		category: 'reputation',
		sample:
			"550-5.7.1 [192.0.2.7] The IP you're using to send mail is not authorized to send email directly to our servers. Please use the SMTP relay at your service provider instead. - gsmtp",
		source: 'Gmail',
	},
	{
		id: 'recipient-colon-blocked',
		pattern: /permanent failure for one or more recipients \(.{0,200}:blocked\b/,
		category: 'reputation',
		sample: '550 permanent failure for one or more recipients (user@example.com:blocked)',
		source: 'reference',
	},
	{
		id: 'address-blocked-other-languages',
		pattern: oneOf(
			/adresse ip .{0,30}(?:bloque|refuse|interdit|rejete)|\bip.{0,30}(?:차단|거부)|(?:차단|거부)된.{0,10}ip/,
			/ip-?adresse .{0,30}(?:gesperrt|blockiert|abgewiesen|abgelehnt)/,
			/(?:direccion|\bip) .{0,30}(?:bloquead|rechazad|recusad|geblokkeerd|zablokowan|engellen)|(?:mala|ma|schlechte|mauvaise|cattiva) reputa/,
			/(?:indirizzo )?ip .{0,30}(?:bloccat|rifiutat)/,
			/ip.{0,30}заблокирован|ip.{0,12}(?:被拒|被封|被屏蔽|屏蔽|封禁|拒绝)|拒否されました.{0,20}ip/,
		),
		category: 'reputation',
		sample: '550 mwinf5c04 ME Adresse IP source bloquee pour incident de messagerie. OFR006_102',
		source: 'Orange and others',
	},
];

/** Asked after everything about messages and recipients: these words come with other reasons as well. */
export const vagueReputationRules: readonly ReplyRule[] = [
	{
		id: 'address-of-ours-refused',
		pattern: oneOf(
			/(?:from|client|host|ip|address|server)[ :]{1,2}(?:\S{1,60}[[(<])?\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b(?: \S{1,40}){0,4} (?:refused|rejected|banned|denied|blocked|not (?:allowed|accepted|welcome))/,
			/^(?:\S{1,60}[[(<])?\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b(?: \S{1,40}){0,4} (?:refused|rejected|banned|denied|blocked|not (?:allowed|accepted|welcome))/,
			/(?:rejected|refused|blocked|denied).{0,40}\bgo away|\baup#/,
		),
		category: 'reputation',
		sample: '553 5.3.0 <news@example.com>... Mail from 192.0.2.7 rejected - go away',
		source: 'Sendmail access tables, Cox, Charter',
	},
];
