/** The domain after the @ does not exist or takes no mail (RFC 7505; reference/bounces.md §1, `invalid-domain`). */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';
import { foreign } from './vocabulary.ts';

export const invalidDomainRules: readonly ReplyRule[] = [
	{
		id: 'null-mx',
		pattern: oneOf(
			/indicated no smtp service|null ?mx|do(?:es)?(?:n'?t| not) accept (?:any )?(?:e-?mail|mail|messages)(?! from)/,
			/domain (?:\S{1,100} )?(?:never |does not |doesn't )?accepts? no mail|domain (?:\S{1,100} )?never accepts|(?:mail|message) (?:receiving|reception|delivery) (?:is |has been )?disabled for (?:this|the) domain/,
		),
		category: 'invalid_domain',
		sample: '556 5.1.10 Recipient address has null MX',
		source: 'reference',
	},
	{
		id: 'try-name-again',
		pattern: oneOf(
			/host not found, try again|(?:domain|name|host|dns) (?:\S{1,60} ){0,3}?(?:temporar|try again later)|(?:temporar|transient)\S{0,5} (?:\S{1,12} )?dns\b/,
			/(?:host|domain) ?name lookup failure|name service error.{0,60}try again|dns (?:temporar|server failure|time-?out|lookup fail|query fail|failure)|servfail|name ?server time-?out/,
		),
		category: 'network',
		sample:
			'450 4.4.3 Host or domain name not found. Name service error for name=mx.example.org type=A: Host not found, try again',
		source: 'Postfix',
	},
	{
		id: 'domain-not-found',
		pattern: oneOf(
			/(?:domain|host|domain name|mail host|host or domain name)(?! \S{1,100} said| of from| in from| of your)(?: \S{1,100}){0,5}? (?:not found|do(?:es)?(?:n'?t| not) exist|is unknown|unknown|not exist|could(?:n't| not) be found|has no (?:mx|mail|valid)|is invalid|invalid|not valid|non-?existent|is not (?:known|valid)|not known)/,
			/(?<!(?:link|url|links|urls) to (?:a |an )?)(?:unknown|invalid|no such|bad|non-?existent|illegal) (?:mail |recipient |destination |e-?mail )?(?:domain|host)\b/,
			/nxdomain|unable to find (?:the )?(?:recipient )?domain/,
			/(?:find|locate|resolve) (?:the )?recipient(?:'s)? domain|unrouteable (?:mail )?domain/,
			/bad destination (?:system|host)/,
			/no (?:valid )?(?:mx|mail exchangers?|mail hosts?)(?: records?| hosts?)?(?: \S{1,60}){0,2}(?: found| for)/,
			/(?:find|locate|have) (?:a |any )?(?:valid )?(?:mx|mail exchanger|host named)(?!.{0,20}\byour)|point to non-?existent hosts|(?:dns|mx) records? (?:for|of) the (?:destination|recipient)(?: \S{1,20}){0,2} (?:could not|couldn't|can ?not|can't|not)|name or service not known|\bno data known|domain \S{1,100} lookup failed|no mx, a\b/,
			foreign.domainNotThere,
			foreign.noSuchDomain,
			/(?:域名|域).{0,6}(?:不存在|无效|找不到)|(?:不存在|无效)的?域名|ドメイン.{0,12}(?:存在しません|見つかりません|存在しない|不明)|도메인.{0,12}(?:존재하지 않|없습니다|찾을 수 없)/,
		),
		category: 'invalid_domain',
		sample: '550 5.1.2 <jo@nowhere.invalid>... Host unknown (Name server: nowhere.invalid: host not found)',
		source: 'Sendmail',
	},
];
