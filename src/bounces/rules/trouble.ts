/** Trouble on the way or at the far end that passes by itself (reference/bounces.md §1, `network` and `system`). */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';

export const troubleRules: readonly ReplyRule[] = [
	{
		id: 'mail-loop',
		pattern: oneOf(
			/too many (?:hops|received)|(?:mail|routing|forwarding) loop|loops? back to|loop detected/,
			/hop count exceeded/,
		),
		category: 'network',
		sample: '554 5.4.6 Too many hops',
		source: 'Postfix, Sendmail, Exchange',
	},
	{
		id: 'not-reachable',
		pattern: oneOf(
			/connection (?:was )?(?:timed out|refused|reset|dropped|lost|closed|failed)|timed? ?out\b/,
			/no route to host|network (?:is )?unreachable|lost connection/,
			/unable to (?:connect|contact|reach)/,
			/(?:could not|couldn't|cannot|can't) (?:connect|be reached|contact|reach)|no answer from/,
			/(?:message|delivery time|delivery|queue time) (?:has )?expired|retry time(?:out)? exceeded/,
			/all (?:relevant )?(?:mx|hosts).{0,40}(?:fail|down|unavailable)|bad connection/,
		),
		category: 'network',
		sample: '451 4.4.1 Connection timed out',
		source: 'RFC 3463',
	},
	{
		id: 'server-storage',
		pattern: oneOf(
			/(?:insufficient|not enough|low|no|out of) (?:\S{1,12} ){0,2}?(?:system |disk |main )?(?:storage|resources?|memory|disk space|space|disk)/,
			/disk (?:is )?full|file ?system (?:is )?full|write error|out of memory/,
		),
		category: 'system',
		sample: '452 4.3.1 Insufficient system storage',
		source: 'reference',
	},
	{
		id: 'server-trouble',
		pattern: oneOf(
			/(?:temporary|temporarily|transient) (?:\S{1,20} ){0,2}?(?:lookup|local|system|server|internal|backend|authentication|dns|delivery)? ?(?:failure|problem|error|unavailable|failed|issue)/,
			/internal (?:\S{1,12} )?error/,
			/(?:local|system|server|configuration|mailer|upstream|database|backend|ldap|lookup|processing|software|queue) (?:configuration )?(?:error|problem|failure|trouble)/,
			/server (?:is )?(?:unavailable|down|overloaded|shutting down)|in maintenance/,
			/under maintenance|load (?:is )?too high|high load|trouble (?:creating|in|with|making)/,
			/shutting down|mail ?box (?:is )?(?:busy|locked|in use|temporarily)/,
		),
		category: 'system',
		sample:
			'421 4.3.0 Upstream error, please check https://developers.cloudflare.com/email-routing/postmaster for possible reasons why.',
		source: 'reference',
	},
	{
		id: 'try-later',
		onlyClass: 4,
		pattern: oneOf(
			/try (?:again )?(?:later|after)|come back later|please (?:retry|try)/,
			/(?:service|resources?|server|currently|temporarily) (?:is |currently |temporarily |are ){0,3}(?:unavailable|not available|deferred|rejected|refused)/,
			/not available|unavailable|temporar|spater erneut|reessayer|mas tarde|piu tardi|mais tarde/,
			/попробуйте позже|повторите|稍后|しばらく|나중에/,
		),
		category: 'system',
		sample: '451 4.7.1 Sorry, the service is currently unavailable. Please come back later.',
		source: 'reference',
	},
];
