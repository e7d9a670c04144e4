/** Nobody by that name (reference/bounces.md §1, `invalid-recipient`): the one family that fills suppression lists, so nothing vague is in it. */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';

const unknownSubject = oneOf(
	/user|recipient|mail ?box|address|account|alias|addressee|inbox|customer|subscriber|local[ -]part/,
	/person|user ?name|mailbox name/,
);

const unknownPredicate = oneOf(
	/unknown|not found|does(?:n't| not)(?: seem to| appear to)? exist|do(?:n't| not) exist|not exist/,
	/not known|not (?:be )?recogni[sz]ed|invalid|not valid|isn't valid|unrecogni[sz]ed|not listed/,
	/not present|not local|non-?existent|undeliverable|unrouteable|not (?:a )?(?:registered|our)/,
	/could not be found|couldn't be found|cannot be found|can't be found/,
	/no longer (?:valid|exists?|available|in use|on server|here|at|with|works?|employed)/,
	/has been (?:deleted|removed)|was (?:deleted|removed)|deleted/,
	/not (?:here|defined|available here)/,
);

export const invalidRecipientRules: readonly ReplyRule[] = [
	{
		id: 'unknown-user',
		pattern:
			/\b(?:unknown|invalid|bad|non-?existent|nonexisting|unrouteable|unroutable|undeliverable|illegal|no such|not a valid|incorrect|unrecogni[sz]ed|unknown or illegal) (?:e-?mail |mail |local |virtual |destination |recipient |recipient's |user |smtp )?(?:users?|recipients?|mail ?box(?:es)?|address(?:es)?|accounts?|alias|addressee|login|name|person|customer|subscriber|rcpt|local[ -]part|user ?name)\b/,
		category: 'invalid_recipient',
		sample: '550 No Such User Here',
		source: 'Exim, cPanel, docomo, Courier',
	},
	{
		id: 'user-unknown',
		// Not "IP address not found", which is about us.
		pattern: new RegExp(
			String.raw`(?<!\b(?:ip|from|your|sender|host|reply-to) )(?:${unknownSubject.source})(?:s|'s)?(?: \S{1,80}){0,4}?[:,]? (?:is |was |are )?(?:currently )?(?:${unknownPredicate.source})\b`,
		),
		category: 'invalid_recipient',
		sample: '450 4.1.1 <user@example.org>: Recipient address rejected: User unknown in virtual alias table',
		source: 'reference',
	},
	{
		id: 'no-such-account',
		pattern: oneOf(
			/(?:does(?:n't| not)|do not|don't) have (?:an? )?(?:\S{1,40} )?(?:account|mailbox|user|such)/,
			/no (?:\S{1,12} )?(?:mail ?box|user|account|recipient|one|person|alias|addressee)(?: \S{1,20}){0,3} (?:by|with|of|under|for|called|named) (?:that|this|the) (?:name|address|recipient)/,
			/no mailbox (?:here|found|by)|no account (?:by|with|for|here|found)|not our customer/,
			/mailbox not found|no longer (?:with (?:the|this|our|us)|works? (?:for|at|here)|employed)/,
			/has left (?:the |our )?(?:company|organi[sz]ation)/,
			/there is no (?:such )?(?:user|account|mailbox|one)|recipientnotfound|exrecipnotfound/,
			/recipient not found|address (?:could not|couldn't|can't|cannot) be found|wasn't found at/,
			/not found at|not listed in (?:domino|public|the) directory/,
			/not in (?:my|our|the) (?:\S{1,12} )?(?:directory|database|recipient|user|validrcptto)/,
		),
		category: 'invalid_recipient',
		sample:
			"554 delivery error: dd This user doesn't have a yahoo.com account (user@yahoo.com) [0] - mta1061.mail.ne1.yahoo.com",
		source: 'reference',
	},
	{
		id: 'mailbox-unavailable',
		onlyClass: 5,
		pattern:
			/(?:requested (?:mail )?action (?:not taken|aborted)[:;,]? )?mailbox (?:name )?(?:is )?(?:unavailable|not available|not allowed|invalid)\b/,
		category: 'invalid_recipient',
		sample: '550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).',
		source: 'reference',
	},
	{
		id: 'address-syntax',
		pattern: oneOf(
			/(?:bad|invalid|illegal|malformed) (?:recipient |destination )?(?:address|mailbox) syntax/,
			/syntax error.{0,30}(?:address|mailbox|recipient)|malformed (?:recipient|address)/,
			/(?:address|mailbox) syntax (?:error|not)|not a valid (?:rfc.?5321 |e-?mail )?address/,
		),
		category: 'invalid_recipient',
		sample: '501 5.1.3 Syntax error in mailbox address "jo@@example.org" (non-printable characters)',
		source: 'IMail',
	},
	{
		id: 'address-rejected-bare',
		// Cisco: nothing but this, with #5.1.0 in front.
		pattern: oneOf(
			/^(?:#?5\.1\.[01] )?(?:recipient )?address rejected\.?$|user has moved|recipient has moved/,
			/address (?:has )?changed|rejected by recipient verification/,
		),
		category: 'invalid_recipient',
		sample: '550 #5.1.0 Address rejected.',
		source: 'Cisco',
	},
	{
		id: 'user-unknown-western',
		pattern: oneOf(
			/(?:utilisateur|destinataire|adresse|boite|compte|abonne)(?: \S{1,20}){0,4} (?:inconnue?s?|invalides?|inexistante?|n'existe pas|introuvable|non trouve)/,
			/(?:utente|destinatario|indirizzo|casella|account)(?: \S{1,20}){0,3} (?:sconosciut\S|non valid\S|inesistente|non esiste|non trovat\S|non esistente)/,
			/(?:usuario|destinatario|direccion|buzon|cuenta|casilla)(?: \S{1,20}){0,3} (?:desconocid\S|invalid[oa]|inexistente|no existe|no encontrad\S|no valid\S)/,
			/no existe (?:el |la |este |esta )?(?:usuario|cuenta|buzon|destinatario)/,
			/(?:usuario|destinatario|endereco|conta|caixa)(?: \S{1,20}){0,3} (?:desconhecid\S|invalid[oa]|inexistente|nao existe|nao encontrad\S)/,
		),
		category: 'invalid_recipient',
		sample: '550 5.1.1 <jo@laposte.net>: Utilisateur inconnu',
		source: 'French, Italian, Spanish and Portuguese hosts',
	},
	{
		id: 'user-unknown-northern',
		pattern: oneOf(
			/(?:empfanger|benutzer|adresse|postfach|mailbox|konto|adressat|nutzer|kunde)(?:\S{0,10})(?: \S{1,20}){0,3} (?:unbekannt|existiert nicht|nicht (?:bekannt|gefunden|vorhanden|existent|gultig)|ungultig)/,
			/unbekannte[rs]? (?:empfanger|benutzer|adresse|nutzer)/,
			/(?:gebruiker|ontvanger|adres|mailbox)(?: \S{1,20}){0,3} (?:onbekend|bestaat niet|niet gevonden)/,
			/onbekende (?:gebruiker|ontvanger)|okand (?:anvandare|mottagare)|ukjent (?:bruker|mottaker)/,
			/ukendt (?:bruger|modtager)|tuntematon (?:kayttaja|vastaanottaja)/,
		),
		category: 'invalid_recipient',
		sample: '550 5.1.1 Empfänger unbekannt',
		source: 'German, Dutch and Nordic hosts',
	},
	{
		id: 'user-unknown-eastern',
		pattern: oneOf(
			/(?:uzytkownik|adres|adresat|odbiorca|konto|skrzynka)(?: \S{1,20}){0,3} (?:nieznany|nie istnieje|nie znaleziono|nieprawidlowy)/,
			/nieznan[ya] (?:uzytkownik|adresat|odbiorca)/,
			/(?:uzivatel|adresat|schranka)(?: \S{1,20}){0,3} (?:neznamy|neexistuje)/,
			/neznamy (?:uzivatel|adresat)|ismeretlen (?:felhasznalo|cimzett)/,
			/utilizator (?:necunoscut|inexistent)|kullanici (?:bulunamadi|bilinmiyor)/,
			/(?:пользователь|ящик|адрес|получатель|адресат).{0,30}не (?:найден|существует|зарегистрирован|обнаружен)/,
			/(?:нет такого|неизвестный|несуществующий) (?:пользовател|ящик|адрес|получател)/,
			/користувач.{0,20}не (?:знайдено|існує)/,
		),
		category: 'invalid_recipient',
		sample: '550 5.1.1 Пользователь не найден',
		source: 'Russian, Polish, Czech and other hosts',
	},
	{
		id: 'user-unknown-asian',
		pattern: oneOf(
			/(?:用户|收件人|邮箱|账号|帐号|地址|帳號|收件者|使用者).{0,8}(?:不存在|未找到|无效|不正确|找不到|無效)/,
			/(?:不存在|无此|没有此|未知).{0,4}(?:用户|收件人|邮箱|账号|帐号)/,
			/(?:宛先|アドレス|ユーザ|メールボックス|受信者).{0,20}(?:見つかりません|存在しません|不明|ありません|存在しない)/,
			/(?:존재하지 않는|없는|알 수 없는).{0,6}(?:사용자|메일|수신자|계정|주소)/,
			/(?:사용자|수신자|계정|주소).{0,10}(?:존재하지 않|없습니다|찾을 수 없)/,
		),
		category: 'invalid_recipient',
		sample: '550 收件人不存在',
		source: 'Chinese, Japanese and Korean hosts',
	},
];
