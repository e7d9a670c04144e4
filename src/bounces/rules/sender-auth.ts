/** Our domain and DNS set-up: SPF, DKIM, DMARC, PTR, HELO, sender domain, callouts (reference/bounces.md §1, `sender-auth`). */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';
import { foreign } from './vocabulary.ts';

export const senderAuthRules: readonly ReplyRule[] = [
	{
		id: 'unauthenticated-mail',
		pattern: oneOf(
			/(?:unauthenticated|not authenticated) (?:e-?mail|mail|message|and|sender|domain)|(?:must|to|should) be (?:dkim|spf|dmarc)/,
			/(?:it|sender|message|mail) is (?:unauthenticated|not authenticated)/,
			/required authentication level|fails? to pass authentication|authentication information|(?:cannot|can't|could not|not) be authenticated(?! (?:user|client))|(?:isn't|not|is not) (?:properly )?aligned|rate limited because .{0,80}(?:spf|dkim|dmarc|authenticat)/,
			/do(?:es)?(?:n'?t| not) pass (?:the )?(?:authentication|dmarc|spf|dkim)/,
		),
		category: 'sender_auth',
		actionOn4xx: 'stop',
		sample:
			'421-4.7.26 This mail has been rate limited because it is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM. - gsmtp',
		source: 'reference',
	},
	{
		id: 'dmarc',
		pattern: /\bdmarc\b|\bdt:dmc\b|\bmi:dma\b/,
		category: 'sender_auth',
		actionOn4xx: 'stop',
		sample: '550 5.7.509 Access denied, sending domain [EXAMPLE.JP] does not comply with its DMARC policy of reject.',
		source: 'Exchange Online, OpenDMARC, Yahoo',
	},
	{
		id: 'spf',
		pattern: oneOf(
			/\bspf\b|\bmi:spf\b|sender policy framework|openspf|sender id \(pra\)/,
			/not (?:a )?(?:designated|permitted|authori[sz]ed) sender|nicht als absender.{0,20}zugelassen/,
		),
		category: 'sender_auth',
		actionOn4xx: 'hold',
		sample:
			'550 5.7.23 <jo@example.org>: Recipient address rejected: Message rejected due to: SPF fail - not authorized.',
		source: 'policyd-spf',
	},
	{
		id: 'dkim',
		pattern: /\bdkim\b|domainkeys|\barc (?:validation|chain|seal|authentication)/,
		category: 'sender_auth',
		sample: '550 5.7.20 No valid DKIM signature found, message refused',
		source: 'RFC 7372',
	},
	{
		id: 'reverse-dns',
		pattern: oneOf(
			/\bptr\b|\brdns\b|(?:dns|mx|a\/aaaa) resource record|\(dns:\w\w\)|invers[ae] (?:dns|name)|dns (?:inverse|inverso|reverso)|обратн\S{1,5} (?:зон|запис|dns)|reverse[ -]?(?:dns|lookup|hostname|host name|mapping|name|resolution|ip)/,
			/cannot find your (?:reverse )?host ?name|fcrdns|forward[ -]confirmed/,
			/(?:hostname|host name|ip) (?:lookup|verification) failed(?!.{0,20}relay)/,
			/(?:hostname|ip address|your ip|client) do(?:es)?(?:n'?t| not) (?:resolve|have a)/,
			/no (?:valid )?(?:a record|dns) .{0,20}(?:for|of) (?:your|client|ip)/,
			/\bip(?: address)?(?: \S{1,40})? (?:not found(?! in)|not resolv|unknown|invalid)|pas de reverse|逆引き/,
			/反向解析/,
		),
		category: 'sender_auth',
		sample:
			'550-5.7.25 [192.0.2.202] The IP address sending this message does not have a PTR record setup, or the corresponding forward DNS entry does not point to the sending IP.',
		source: 'reference',
	},
	{
		id: 'helo',
		pattern: oneOf(
			/\b(?:helo|ehlo)\b[ :/].{0,40}(?:rejected|invalid|refused|not (?:valid|accept|found|resolv|match)|do(?:es)?(?:n'?t| not)|must|should|mismatch|bad|forged|impersonat)/,
			/(?:bad|invalid|forged|fake|bogus|incorrect|syntactically invalid) (?:helo|ehlo)|\bmi:nhd\b|host impersonating/,
			/(?:domain|host|name) in (?:the |your )?(?:helo|ehlo)\b/,
		),
		category: 'sender_auth',
		sample: '504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname',
		source: 'Postfix',
	},
	{
		id: 'sender-verify',
		pattern: oneOf(
			/sender verif(?:y|ication)(?! (?:service|system|program))|verification failed for|callback (?:setup )?failed|sender (?:address )?callout/,
			/verify (?:the )?sender|unable to verify (?:sender|your|from)|verifying sender/,
		),
		category: 'sender_auth',
		sample: '550-Verification failed for <bounce@example.com>\n550-No Such User Here\n550 Sender verify failed',
		source: 'reference',
	},
	{
		id: 'yahoo-from-domain',
		pattern: /unresolvable rfc.?532[12]/,
		category: 'sender_auth',
		actionOn4xx: 'stop',
		sample:
			'451 Message temporarily deferred due to unresolvable RFC.5321 from domain; see https://postmaster.yahooinc.com/error-codes',
		source: 'reference',
	},
	{
		id: 'sender-domain',
		pattern: oneOf(
			/(?:sender|from|return|envelope|mail from|originating|rfc5321\.\w{1,12})(?:'s)?(?: \S{1,12}){0,2} (?:domain|host) .{0,60}(?:do(?:es)?(?:n'?t| not)|not (?:found|exist|resolv|valid)|must|invalid|unresolv|unknown|has no|without)/,
			/your (?:\S{1,12} )?(?:domain|host)(?: ?name)?(?: \S{1,60})? (?:do(?:es)?(?:n'?t| not)|could(?:n't| not)|can(?:'t|not)|is (?:not|invalid|unknown)|not|has no) /,
			/\b(?:address|domain|name|user|account|mail ?box) in (?:the |your )?(?:\S{1,12} )?(?:from|sender|return-path|envelope|helo)\b.{0,30}(?:exist|unknown|invalid|dns|resolve|not found)|your (?:\S{1,12} )?(?:server|ip)(?: \S{1,60})? (?:is |was )?(?:not known|unknown)/,
			/\b(?:mx|dns|a records?|mail exchangers?)\b.{0,40}\bsenders?\b|\bsenders?\b.{0,60}\b(?:mx|dns|a records?|mail exchangers?)\b|mail from domain|required for sender|(?<!recipient address rejected: need )fully[- ]qualified/,
			/\bfrom: .{0,20}domain|domain (?:of|in) (?:the |your )?(?:from|address)|\bmx for your domain|for host \S{1,80}$|user agent|empty (?:e-?mail )?address|purported responsible|sender ?filter|recursive cname|sender domain (?:is )?(?:empty|missing|invalid)|unsigned dsn|unresolvable (?:relay )?host|invalid ip for sending/,
			/unresolvable from|domain of sender address|sender address rejected: .{0,30}domain/,
			/domain in (?:the )?(?:sender|from|return)|domain may not exist or dns/,
		),
		category: 'sender_auth',
		actionOn4xx: 'hold',
		sample: '451 4.1.8 Domain of sender address news@example.com does not resolve',
		source: 'Sendmail',
	},
	{
		id: 'sender-refused',
		pattern: oneOf(
			/(?:mail from|your|from|return|envelope|reply-to|sending) (?:e-?mail )?address(?: \S{1,40}){0,4} (?:unknown|invalid|not (?:valid|found|exist)|do(?:es)?(?:n'?t| not) exist|rejected|refused)/,
			/sender address (?:\S{1,80} )?(?:rejected|refused|invalid|unknown|denied|is (?:invalid|unknown|not)|do(?:es)?(?:n'?t| not) exist)/,
			/\b(?:sender|sending|originat(?:or|ing)|return[ -]path|bounce|envelope[ -](?:from|sender)|from)(?:'s)?(?: e-?mail)? (?:address|user|account|mail ?box|name) (?:\S{1,80} )?(?:is |was |has been )?(?:unknown|not found|invalid|not (?:a )?(?:valid|registered|recogni[sz]ed|known|found)|do(?:es)?(?:n'?t| not) exist|disabled|suspended|inactive|deactivated|rejected)\b/,
			/\bsender (?:is |was )?(?:rejected|denied|refused|not accepted|do(?:es)?(?:n'?t| not) exist|not a valid)|originator unknown/,
			/not (?:recogni[sz]ed|known|registered|valid) as (?:a |an )?(?:valid )?sender/,
			/(?:unknown|invalid|no such) (?:user|account|mailbox|address)(?: \S{1,20}){0,2} in (?:the )?(?:mail )?from\b/,
			/(?:empty|null|missing) (?:envelope )?senders?|\bbatv\b|backscatter protection|returned mail not accepted|bad_?mail_?from|\b(?:mi:(?:imf|nsd)|dt:sum)\b|(?:address|domain|account) \(?sender\)?/,
			/(?:invalid|unknown|bad|illegal|null|unrouteable|unroutable|malformed|bogus|forged|fake) (?:envelope )?(?:sender(?! ip)|from|return[ -]path|mail from)\b/,
			/sender (?:is )?(?:unknown|invalid|not (?:valid|found|known|exist))/,
			foreign.senderNotThere,
			foreign.noSuchSender,
			/(?:发件人|發件人|寄件人|送信元|送信者|発信者|발신자|보낸 ?사람|보내는 사람).{0,16}(?:不存在|无效|無效|不正确|存在しません|見つかりません|不明|拒否|拒绝|존재하지 않|없습니다|잘못)/,
			/(?:expediteur|emetteur) (?:refuse|rejete|interdit)|absender\S{0,10} (?:abgelehnt|verweigert|nicht (?:erlaubt|zugelassen))/,
			/remitente (?:desconocido|invalido|rechazado)|mittente (?:sconosciuto|non valido|rifiutato)/,
			/remetente (?:desconhecido|invalido|rejeitado)/,
		),
		category: 'sender_auth',
		atRelay: { category: 'account' },
		sample: '550 5.1.7 Invalid sender address',
		source: 'Exchange',
	},
];
