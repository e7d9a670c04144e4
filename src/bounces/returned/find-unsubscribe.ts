/** Tells whether a mail is the one that a List-Unsubscribe mailto address gets (RFC 2369 §3.2), or what people write by hand to the same end. */
import type { MailParts } from './mail-parts.ts';

/** A request is short; who writes more wants to say something. */
const maxWordsOfBody = 40;

const wish = new RegExp(
	`^(?:${[
		/(?:please |pls |kindly )?(?:un-?subscribe|un-?sub|opt[- ]?out|remove|(?:remove|delete|take|unsubscribe|opt) (?:me|us|my (?:e-?mail |name|address){1,2}))(?: (?:now|please|off|out|immediately))?(?:(?: from| off| of)?(?: the| this| your| all| any| future| mailing| e-?mail)*(?: list| lists| newsletter| newsletters| mailing| mailings| mails| emails| e-mails)?)?(?: please| now| immediately)?/,
		/(?:please )?stop(?: (?:sending|emailing|mailing|e-mailing|writing|contacting)(?: to)?(?: me)?(?: any(?: more)?)?(?: mails?| e-?mails?| newsletters?| messages?)?)?/,
		/(?:unsubscription|unsubscribe|removal|opt-?out)(?: request| from list)?|no more (?:mails?|e-?mails?|newsletters?)/,
		/(?:bitte )?(?:(?:mich |den |diesen |vom |newsletter |aus |der |dem |verteiler |liste |von )*)(?:abmelden|abmeldung|abbestellen|abbestellung|austragen)(?: (?:newsletter|vom newsletter|bitte))?|(?:bitte )?mich (?:bitte )?(?:(?:aus|vom|von) .{3,40} )?(?:löschen|entfernen|streichen)|(?:newsletter )(?:abmelden|abbestellen|abmeldung|abbestellung)/,
		/(?:merci de |veuillez )?(?:me |m'|se )?(?:désabonn|desabonn|désinscri|desinscri)\S{0,8}(?: .{0,30})?/,
		/(?:por favor )?(?:darme |darse |dar |deme |quiero )?(?:de )?baja(?: (?:de |del |en |a )(?:la |su |sus )?(?:lista|bolet[ií]n|newsletter|suscripci[oó]n|correos?|mails?|e-?mails?).{0,20})?|cancelar (?:la |mi |minha |a )?(?:suscripción|suscripcion|inscrição|inscricao|assinatura|subscrição)|desuscrib\S{0,8}/,
		/(?:descadastr|desinscrev|disiscri)\S{0,12}(?: .{0,40})?|(?:cancellami|rimuovimi|cancellatemi|rimuovetemi|remover|remova-me)(?: .{0,40}(?:lista|newsletter|mail|iscrizion\S).{0,10})?|cancella(?:re|zione)? (?:la (?:mia )?|l')?iscrizione/,
		/(?:uitschrijv|afmeld|opzegg)\S{0,6}(?: .{0,30})?|avregistrer\S{0,4}|avsluta (?:prenumeration\S{0,3}|nyhetsbrev)|avmeld\S{0,6}|meld (?:meg )?av|afmeld\S{0,6}|frameld\S{0,6}/,
		/peru(?:uta)?(?: tilaus| uutiskirje)?|wypis\S{0,10}(?: .{0,30})?|rezygnacja(?: z (?:newslettera|subskrypcji|listy))?|odhl[aá]\S{0,8}(?: (?:z |od )?(?:newsletter|odběr|seznam)\S{0,6})?|leiratkoz\S{0,8}|dezabon\S{0,10}|odjav\S{0,6}|απεγγραφή|διαγραφή/,
		/отпис\S{0,12}(?: .{0,30})?|удалите меня.{0,30}|відпис\S{0,12}(?: .{0,30})?|abonelikten (?:çık\S{0,4}|ayrıl\S{0,4})|listeden (?:çık\S{0,6}|sil\S{0,4})/,
		/退订|取消订阅|退訂|取消訂閱|(?:メルマガ|メール)?(?:配信停止|購読解除|登録解除|配信解除|購読停止)(?:希望|依頼|お願いします)?|수신 ?거부|구독 ?(?:취소|해지)|إلغاء الاشتراك|הסר(?:ה|ני)?/,
	]
		.map((pattern) => pattern.source)
		.join('|')})[\\s.!。！]*$`,
	'i',
);

/** A token of ours may follow the word: `unsubscribe:4f2a...`, `unsubscribe <a@b>`. */
const wishWithToken = /^(?:list-)?unsubscribe[-:_ ]{0,3}(?:[\w+/=.-]{6,200}|<?[^\s@<>]{1,64}@[^\s@<>]{1,255}>?)$/i;
/** Mail programs write nothing of weight to the address of a List-Unsubscribe; what people write to it is an answer or longer. */
const unsubscribeAddress = /^[^@]{0,100}(?:\bunsub(?:scribe)?\b|\bleave\b|\boptout\b|\bopt-out\b)[^@]{0,100}@/i;
const maxWordsBesideAddress = 12;
const prefix = /^\s*(?:(?:re|aw|sv|antw|rv|res|vs|odp)\s*:\s*)+/i;

export function isUnsubscribe({ headers, text }: MailParts): boolean {
	if (
		headers.get('list-unsubscribe') !== '' ||
		headers.get('list-id') !== '' ||
		headers.get('auto-submitted').startsWith('auto-repl')
	)
		return false;
	const whole = headers.get('subject').slice(0, 300).trim();
	const subject = whole.replace(prefix, '').trim();
	const own = ownWords(text);
	const words = own.split(/\s+/).length;
	if (isWish(subject))
		return (
			words <= maxWordsOfBody && (subject === whole || own === '' || isWish(own.split('\n')[0] ?? '') || words <= 12)
		);
	if (unsubscribeAddress.test(headers.get('to')) && words <= maxWordsBesideAddress && subject === whole) return true;
	const [firstLine = ''] = own.split('\n');
	return words <= maxWordsOfBody && isWish(firstLine.trim());
}

function isWish(words: string): boolean {
	return words.length <= 120 && words !== '' && (wish.test(words) || wishWithToken.test(words));
}

const quoteBegins =
	/^(?:>|-{2,} ?$|_{5,}|-{3,}|on .{1,200} wrote:|am .{1,200} schrieb|le .{1,200} a écrit|el .{1,200} escribió|il .{1,200} ha scritto|sent from my |von meinem |envoyé de mon |von: |from: |\S{1,20} -----)/i;

/** Without signature and quoted mail; at most 4 KB are looked at. */
function ownWords(text: string): string {
	const lines: string[] = [];
	for (const line of text.slice(0, 4096).split('\n')) {
		if (quoteBegins.test(line.trim().slice(0, 300))) break;
		lines.push(line.trim());
	}
	return lines.join('\n').trim();
}
