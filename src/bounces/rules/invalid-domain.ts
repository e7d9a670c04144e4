/** The domain after the @ does not exist or takes no mail (RFC 7505; reference/bounces.md §1, `invalid-domain`). */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';

export const invalidDomainRules: readonly ReplyRule[] = [
	{
		id: 'null-mx',
		pattern: oneOf(
			/null ?mx|does(?:n't| not) accept (?:any )?(?:e-?mail|mail|messages)(?! from)/,
			/domain (?:\S{1,100} )?accepts no mail/,
		),
		category: 'invalid_domain',
		sample: '556 5.1.10 Recipient address has null MX',
		source: 'reference',
	},
	{
		id: 'try-name-again',
		pattern: oneOf(
			/host not found, try again|(?:domain|name|host|dns).{0,30}(?:temporar|try again later)/,
			/name service error.{0,60}try again|dns (?:temporar|server failure|time-?out)|servfail/,
		),
		category: 'network',
		sample:
			'450 4.4.3 Host or domain name not found. Name service error for name=mx.example.org type=A: Host not found, try again',
		source: 'Postfix',
	},
	{
		id: 'domain-not-found',
		pattern: oneOf(
			/(?:domain|host|domain name|mail host|host or domain name)(?: \S{1,100}){0,3}? (?:not found|does(?:n't| not) exist|is unknown|unknown|not exist|could(?:n't| not) be found|is invalid|invalid|not valid|non-?existent|is not (?:known|valid)|not known)/,
			/(?:unknown|invalid|no such|bad|non-?existent|illegal) (?:mail |recipient |destination |e-?mail )?(?:domain|host)\b/,
			/nxdomain|unable to find (?:the )?(?:recipient )?domain/,
			/(?:find|locate|resolve) (?:the )?recipient(?:'s)? domain|unrouteable (?:mail )?domain/,
			/bad destination (?:system|host)/,
			/no (?:valid )?(?:mx|mail exchangers?)(?: records?| hosts?)?(?: \S{1,60}){0,2}(?: found| for)/,
			/domain inexistant|domaine (?:inconnu|inexistant)/,
			/domain(?:e|ane)? (?:existiert nicht|unbekannt)|domain existiert nicht/,
			/dominio (?:no existe|desconocido|inexistente|sconosciuto|inesistente|nao existe)/,
			/домен не (?:найден|существует)|域名不存在/,
		),
		category: 'invalid_domain',
		sample: '550 5.1.2 <jo@nowhere.invalid>... Host unknown (Name server: nowhere.invalid: host not found)',
		source: 'Sendmail',
	},
];
