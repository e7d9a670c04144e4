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
			/spamrats|trustedsource|delist/,
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
			/lista ne(?:gra|ra)|czarn(?:a|ej|ą) list|schwarze liste|sperrliste|черн\w{1,3} спис/,
			/ч[её]рн[а-яё]{1,3} спис|黑名单|ブラックリスト|블랙리스트|블랙 리스트/,
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
			/spam(?:ming)? (?:source|sender|host|incident|issues)|for spamming|known spam|block for spam/,
			/too many spams?|incident de spam/,
			/(?:client|sender|host|server|ip) (?:\S{1,40} )?(?:is )?(?:a )?(?:spammer|spam source)/,
		),
		category: 'reputation',
		sample: '550 Suspected spam sender.',
		source: 'reference',
	},
	{
		id: 'address-blocked',
		pattern: oneOf(
			/(?:\bip\b|ip address|your (?:\S{1,12} )?(?:ip|host|server|network|address)|client|(?:sending|remote|source) (?:ip|host|server|mta)|client host|connections?(?! (?:was )?refused(?! (?:by|due|for|because|from))))(?: \S{1,60}){0,4} (?:is |are |was |has been |have been )?(?:blocked|banned|blacklisted|blocklisted|rejected|denied|refused|restricted|not (?:allowed|accepted|welcome))/,
			/client host rejected: access denied/,
			/(?:blocked|banned|denied|refused|rejecting)(?: \S{1,20}){0,2} (?:your|this|sending|source) (?:ip|host|server|network)/,
			/access (?:denied|to (?:this|submit)).{0,60}(?:rejected|ip\b)/,
			/not accepting (?:mail|connections|e-?mail|messages) from (?:your|this|you)/,
		),
		category: 'reputation',
		sample: '554 5.7.1 <unknown[192.0.2.7]>: Client host rejected: Access denied',
		source: 'Postfix',
	},
	{
		id: 'connections-not-accepted',
		pattern: oneOf(
			/connections will not be accepted|weren't sent|were not sent\./,
			/(?:a problem occurred).{0,60}(?:postmaster|tosa)|no smtp service|aup#/,
			/smtp service not available|esmtp server not available/,
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
		pattern: /permanent failure for one or more recipients \(\S{0,100}:blocked\)/,
		category: 'reputation',
		sample: '550 permanent failure for one or more recipients (user@example.com:blocked)',
		source: 'reference',
	},
	{
		id: 'address-blocked-other-languages',
		pattern: oneOf(
			/adresse ip .{0,30}(?:bloque|refuse|interdit)/,
			/ip-?adresse .{0,30}(?:gesperrt|blockiert|abgewiesen|abgelehnt)/,
			/(?:direccion|ip) .{0,30}(?:bloquead|rechazad)|(?:indirizzo )?ip .{0,30}(?:bloccat|rifiutat)/,
			/ip.{0,30}заблокирован|ip.{0,12}(?:被拒|被封|拒绝)|拒否されました.{0,20}ip/,
		),
		category: 'reputation',
		sample: '550 mwinf5c04 ME Adresse IP source bloquee pour incident de messagerie. OFR006_102',
		source: 'Orange and others',
	},
];
