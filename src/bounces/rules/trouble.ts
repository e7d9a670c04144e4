/** Trouble on the way or at the far end that passes by itself (reference/bounces.md §1, `network` and `system`). */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';

export const troubleRules: readonly ReplyRule[] = [
	{
		id: 'mail-loop',
		pattern: oneOf(
			/mx record points to local host|\bloop (?:was |were )?(?:found|detected)|too many (?:hops|received)|is looping|message looping|maximum forwarding|(?:forwarding|aliasing)\S{0,12} loop|(?:mail|routing|forwarding) loop|loops? back to|loop detected/,
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
			/unable to (?:connect|contact|reach)|did not respond|no response from|delivery attempts have/,
			/(?:could not|couldn't|cannot|can't) (?:connect|be reached|contact|reach)|no answer from/,
			/(?:message|delivery time|delivery|queue time) (?:has )?expired|retry time(?:out)? (?:exceeded|not reached)/,
			/after (?:multiple|several|many|\d{1,3}) (?:re)?(?:tries|attempts|retries)|(?:not be )?delivered (?:for|after|within) (?:more than )?\d{1,3} (?:days?|hours?)|too long in (?:the )?queue|not been collected|was not reachable|in (?:the )?queue too long|giving up/,
			/(?:connection|connect)\S{0,3} (?:but connection )?died|establish (?:an? )?(?:smtp )?connection|(?:ssl|tls) (?:handshake|negotiation) fail|dns (?:\S{1,8} )?(?:look-?up|query) (?:failure|failed|error)/,
			/zeituberschreitung|verbindung(?: \S{1,20}){0,3} (?:fehlgeschlagen|abgebrochen|abgelehnt|unterbrochen)|delai (?:\S{1,20} ){0,3}depasse|connexion (?:\S{1,20} ){0,2}(?:refusee|perdue|impossible|interrompue)/,
			/tiempo de espera|conexion (?:rechazada|perdida)|tempo (?:scaduto|esgotado)|connessione (?:rifiutata|persa)|conexao (?:recusada|perdida)|zaman asimi|przekroczono czas|тайм-?аут|соединение .{0,20}(?:разорван|отклон)|连接超时|タイムアウト/,
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
			/smtp service not available|in ?transit|being moved|being migrated|not accepting network messages|rejecting connections: load|load average|mail system full|i\/o error|offline\b/,
			/error in processing|processing (?:of )?(?:this |the |your )?(?:message|mail) failed|milter (?:is )?(?:unavailable|error|failure)|unexpected (?:failure|error|condition)|timed? limit exceeded|time limit exceeded|unknown mailer error/,
			/command (?:died|failed)|procmail|exited with|program failure|exited with status|could not (?:load|open|lock|create|write|access)|not accessible at|home directory not accessible/,
			/(?:temporary|temporarily|transient) (?:\S{1,20} ){0,2}?(?:lookup|local|system|server|internal|backend|authentication|dns|delivery)? ?(?:failure|problem|error|unavailable|failed|issue)/,
			/internal (?:\S{1,12} )?error/,
			/(?:local|system|server|configuration|mailer|upstream|database|backend|ldap|lookup|processing|software|queue) (?:configuration )?(?:error|problem|failure|trouble)/,
			/server (?:is )?(?:unavailable|down|overloaded|shutting down)|in maintenance|server is not (?:answering|responding)/,
			/under maintenance|load (?:is )?too high|high load|resources (?:are )?(?:low|exhausted|unavailable)|trouble (?:creating|in|with|making)/,
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
			/(?:could not|couldn't|unable to|cannot|can't) (?:verify|check|validate|look ?up|confirm|determine) (?:the )?(?:recipient|address|user|mailbox)|try (?:again )?(?:later|after)|come back later|please (?:retry|try)/,
			/(?:service|resources?|server|currently|temporarily) (?:is |currently |temporarily |are ){0,3}(?:unavailable|not available|deferred|rejected|refused)/,
			/not available|unavailable|temporar|spater erneut|reessayer|mas tarde|piu tardi|mais tarde/,
			/попробуйте (?:\S{1,20} )?позже|повторите|временн|稍后|稍後|系统繁忙|系統忙|暂时|暫時|しばらく|一時的|나중에|잠시 후|일시적/,
			/voruberg|spater (?:noch einmal|wieder|erneut)|uberlastet|momentan nicht|indisponible|plus tard|momentanement|temporane|riprovare|reintente|intente|tente novamente|tijdelijk|probeer|tymczasow|sprobuj|pozniej|gecici|daha sonra|docasn|tillfallig|midlertidig/,
		),
		category: 'system',
		sample: '451 4.7.1 Sorry, the service is currently unavailable. Please come back later.',
		source: 'reference',
	},
];
