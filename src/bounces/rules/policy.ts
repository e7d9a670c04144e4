/** Rules of the receiver that say nothing about the address (reference/bounces.md §1, `policy`); vague words, so they come late. */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';

export const policyRules: readonly ReplyRule[] = [
	{
		id: 'relay-denied',
		pattern: oneOf(
			/relay(?:ing)? (?:access )?(?:is )?(?:denied|not (?:permitted|allowed)|prohibited|rejected|refused|to \S{1,60} (?:denied|prohibited))/,
			/(?:unable|not permitted|not allowed|not authori[sz]ed|refuse) to relay/,
			/(?:not|don't|do not|cannot|won't) (?:an open )?relay/,
			/(?:not|isn't) in my list of allowed rcpthosts|rcpthosts|we do(?:es)?(?:n'?t| not) relay/,
			/relay rejected|no relaying|relaying|relais (?:refuse|interdit)|cannot deliver mail for|to be relayed|configured to relay|mail relay denied/,
			/(?:weiterleit\S{1,4}|relay\S{0,3})(?: \S{1,12}){0,3} (?:nicht (?:erlaubt|gestattet|zulassig)|verweigert|abgelehnt|non (?:consentito|permesso|autorise)|no (?:permitido|autorizado)|nao permitido|niet toegestaan|zabronion|niedozwolon|izin)|no se permite (?:el )?(?:relay|reenvio)|ретрансляц|пересылка запрещена|中继|中繼|中継/,
			/not a gateway|(?:not|non)[ -](?:a )?local (?:domain|host)/,
			/(?:deliver|handle|accept) mail for/,
		),
		category: 'policy',
		atRelay: { category: 'account' },
		sample: '554 5.7.1 <user@example.org>: Relay access denied',
		source: 'reference',
	},
	{
		id: 'restricted-recipient',
		pattern: oneOf(
			/restrictedtorecipients|sendernotauthenticatedforgroup/,
			/not authori[sz]ed to send (?:to|mail to|messages to)/,
			/not (?:allowed|permitted) to (?:send|post|mail|deliver)(?: \S{1,12}){0,2} to/,
			/only accept(?:s|ing)? (?:mail|messages|e-?mail) from|(?:user|recipient|custom|mail ?box) rules?\b|sender (?:is )?not pre-?approved|insecure mail relay|mass mailer/,
			/only accepts? (?:mail|messages|e-?mail) from|delivery restriction|members?[ -]only|closed (?:mailing )?list|\bnon-?members?\b|allowed-senders|not allowed to (?:post|send)\b/,
			/(?:refuses?|declines?|has refused|has restricted|chose not|does not (?:wish|want)) (?:to )?(?:accept|receive|sms|mail|your|this)|recipient(?:'s)? (?:\S{1,12} )?preferences|only (?:confirmed|known|approved|authori[sz]ed|internal) (?:senders|users|recipients)/,
			/\brestricted (?:to|recipient)\b|(?:mail ?box|address|recipient|group)(?: \S{1,12}){0,3} is restricted|has blocked (?:you|this sender|the sender)|do(?:es)? not have permission|must use (?:tls|encryption|starttls)/,
			/transport\.rules|organi[sz]ation(?:'s)? policy|(?:policy )?rejection on the target (?:address|mail ?box)/,
			/internal (?:recipients?|users?|mail|use) only|from (?:the )?outside|external (?:senders?|mail|e-?mail|messages)|envelope blocked|sender blocked by|account is protected|partner connector|external forwarding/,
			/(?:nimmt|akzeptiert) (?:\S{1,20} ){0,3}(?:keine|nur)|n'accepte (?:pas|que)|no acepta|non accetta|nao aceita|指定受信|受信拒否|受信を拒否|拒收|拒绝接收|수신 ?거부/,
			/on the recipient's list|blocked by (?:the )?(?:recipient|user)/,
			/do(?:es)?(?:n'?t| not) accept (?:e-?mail|mail|messages) from|not in (?:\S{1,12} )?(?:allowed|white|allow) ?list/,
			/not accepting (?:mail|messages|e-?mail) from|(?:rejected|blocked|denied) by (?:a |the )?(?:\S{1,12} )?rules?\b|subscribers (?:only|may)|only subscribers|rejected by (?:the )?(?:recipient|user|destination)|do(?:es)? not accept (?:e-?mail|mail|messages) (?:from|to)/,
			/recipient (?:has )?(?:blocked|refused|rejected) /,
			/sender (?:is )?not (?:allowed|authori[sz]ed|permitted|accepted|on)/,
		),
		category: 'policy',
		sample:
			"550 5.7.129 RESOLVER.RST.RestrictedToRecipientsPermission; not authorized to send to recipient because the sender isn't on the recipient's list of allowed senders",
		source: 'reference',
	},
	{
		id: 'policy-reasons',
		// Yahoo, Apple, GMX and Mimecast hide a judgement on the sender behind these words, so the next one will get the same.
		pattern: oneOf(
			/(?:not accepted|rejected|refused|blocked|declined|denied) (?:for|due to|because of|under|by) (?:\S{1,20} ){0,2}?(?:policy|policies)/,
			/organi[sz]ation(?:al)? settings|low priority|policy (?:reasons|restrictions?|violation|rejection)/,
			/violat\w{1,5} (?:\S{1,12} )?polic(?:y|ies)|\[cs\d\d\]|\[hm\d\d\]/,
		),
		category: 'policy',
		action: 'hold',
		actionOn4xx: 'hold',
		sample: '554 5.7.9 Message not accepted for policy reasons. See https://senders.yahooinc.com/error-codes',
		source: 'reference',
	},
	{
		id: 'prohibited',
		pattern: oneOf(
			/(?:has a )?policy that prohibited/,
			/administrative(?:ly)? (?:prohibit|den|reject|block|prohibition)|prohibited|not authori[sz]ed/,
			/not permitted|not allowed|unauthori[sz]ed|access denied|permission denied|forbidden/,
			/delivery (?:was )?(?:refused|denied|not authori[sz]ed)|(?:message|mail) (?:was )?refused/,
			/(?:annahme|empfang|zustellung)(?: \S{1,12}){0,3} (?:verweigert|abgelehnt)|(?:reception|message|courriel) (?:\S{1,12} )?refusee?|refusee? par le destinataire|no tiene permiso|non hai il permesso|nao tem permissao|rechazado por el destinatario|odrzucon\S{1,3} przez/,
			/n'accept\S{1,5} pas|nehmen keine|geen e-?mail toegestaan|nie przyjmuje|не принимает|acceso denegado|acces (?:refuse|interdit)|zugriff verweigert|accesso negato|acesso negado|toegang geweigerd|odmowa dostepu|dostep zabroniony|erisim (?:engel|redd)|доступ (?:запрещ|закрыт)|访问被拒绝|アクセスが拒否/,
			/security polic|(?:politique|politica|richtlinie|zasad|politik)\S{0,3} (?:de |di |da |van )?(?:securite|seguridad|sicurezza|seguranca|sicherheit|local)|политик\S{1,3}|nicht (?:erlaubt|gestattet|zugelassen|berechtigt)|interdit|no (?:permitido|autorizado)|non (?:consentito|autorizzato|autorise)|nao (?:permitido|autorizado)|niet toegestaan|запрещ|禁止|不允许|拒绝|許可されて|거부/,
		),
		category: 'policy',
		sample:
			'550-5.7.1 The user or domain that you are sending to (or from) has a policy that prohibited the mail that you sent. - gsmtp',
		source: 'reference',
	},
];
