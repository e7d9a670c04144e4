/**
 * What people write by hand to leave a mailing, in the languages we meet (RFC 2369 §3.2 leaves the words open).
 *
 * A wish that is believed suppresses its sender, so every phrase is whole: a verb, and words of mailing or nothing behind it. "Afmelding
 * vergadering" and "Wypis ze szpitala" begin like a wish and are none.
 */

/** clear: means a mailing wherever it stands. command: what newsletters tell people to answer, and a word of other trades as well. bare: says nothing by itself. */
export type Wish = 'clear' | 'command' | 'bare';

/** Longer than any phrase below. */
const maxLength = 120;

/** `unsubscribe:4f2a77`, `unsubscribe <a@b>`. A token has a digit: "unsubscribe button" is none. */
const withToken =
	/^(?:list-)?unsubscribe[-:_ ]{0,3}(?:(?=\D{0,200}\d)[\w+/=.-]{6,200}|<?[^\s@<>]{1,64}@[^\s@<>]{1,255}>?)$/i;

/** The kind of wish that a line is, the whole of it; null when it says something else. Time is bounded: 120 characters are the most. */
export function findWish(line: string): Wish | null {
	if (line === '' || line.length > maxLength) return null;
	if (withToken.test(line)) return 'clear';
	const words = line
		.normalize('NFC')
		.replace(/[\s,;!.。！]+/g, ' ')
		.replaceAll('’', "'")
		.trim();
	if (clear.test(words)) return 'clear';
	if (command.test(words)) return 'command';
	return bare.test(words) ? 'bare' : null;
}

const english = (() => {
	const please =
		"(?:(?:please|pls|kindly|hi|hello|i want to|i wish to|i would like to|i'd like to|can you|could you) ){0,3}";
	const me = '(?:me|us|my (?:e-?mail )?address|my e-?mail|my name|this (?:e-?mail )?address)';
	const words =
		'(?:(?:the|this|that|these|those|your|all|any|future|further|marketing|promotional|weekly|monthly|daily|of) ){0,4}';
	const mailing =
		'(?:(?:mailing|e-?mail|distribution|newsletter) ?lists?|lists?|newsletters?|mailings?|e-?mails?|mails?|(?:newsletter|e-?mail) subscription|mail distribution)';
	const thanks = '(?: (?:please|now|immediately|asap|thanks|thank you)){0,2}';
	return [
		`${please}(?:un-?subscribe|un-?sub)(?: ${me})?(?: now| please)?(?: (?:from|of|to) (?:all|${words}${mailing})| ${words}${mailing}| all)?${thanks}`,
		// A list by its own name: of all verbs only this one is used of nothing else.
		`${please}un-?subscribe(?: ${me})? from (?:\\S{1,30} ){0,4}\\S{1,30}`,
		`${please}(?:remove|delete|take|opt) ${me} (?:(?:off|out|from|of) ){1,2}${words}${mailing}${thanks}`,
		`${please}opt[- ]?out (?:of|from) ${words}${mailing}${thanks}`,
		`${please}stop (?:sending (?:to )?(?:me|us) (?:any )?(?:more )?${words}(?:${mailing}|messages)|(?:e-?mailing|mailing) (?:me|us)(?: any ?more)?|sending (?:these |your |any )?(?:more )?(?:newsletters|e-?mails|mails|mailings)|(?:these|your) ${mailing})${thanks}`,
		`(?:unsubscription|unsubscribe)(?: request)?(?: from ${words}${mailing})?`,
		`removal from ${words}${mailing}`,
		`${please}cancel (?:(?:my |the )?(?:newsletter|mailing list|e-?mail) subscription|my subscription)${thanks}`,
		`no more ${words}(?:e-?mails?|mails?|newsletters?|mailings?)${thanks}`,
	];
})();

const german = (() => {
	const mailing =
		'(?:newsletter-?verteilers?|newsletters?|(?:e-?mail-?|mail-?)?verteilers?(?:liste)?|mailing-?liste|mailings?|rundbriefe?s?|rundmails?|werbe-?mails?|e-?mail-?liste)';
	const of = '(?:(?:von|vom|aus|den|des|diese[nmrs]|ihre[nmrs]|eure[nmrs]|dem|der|für|zum|ihr|your) ){0,3}';
	const please = '(?:(?:bitte|hallo|hiermit|ich möchte|ich will|wir möchten|mich|uns) ){0,4}';
	return [
		`${please}${of}${mailing}[- ](?:bitte )?(?:abmelden|abmeldung|abbestellen|abbestellung|austragen|austragung|kündigen|kündigung)(?: bitte)?`,
		`${please}(?:abmelden|abmeldung|abbestellen|abbestellung|austragen|austragung) ${of}${mailing}(?: bitte)?`,
		`(?:bitte )?(?:mich|uns|meine (?:e-?mail-?)?adresse) (?:bitte )?${of}${mailing} (?:bitte )?(?:löschen|entfernen|streichen|nehmen|austragen)`,
		`(?:bitte )?(?:löschen|entfernen|streichen|nehmen) sie (?:mich|uns|meine (?:e-?mail-?)?adresse) (?:bitte )?${of}${mailing}`,
		`(?:hiermit )?(?:ich )?melde (?:ich )?(?:mich )?(?:hiermit )?${of}${mailing} ab`,
		'(?:bitte |ich möchte |ich will ){0,2}keine (?:weiteren )?(?:newsletter|e-?mails|mails|werbe-?mails|rundmails)(?: von ihnen)?(?: mehr)?(?: (?:erhalten|bekommen|schicken|senden|zusenden))?',
	];
})();

const romance = (() => {
	const french =
		"(?:(?:de|à|d'|du|des|la|le|les|l'|votre|vos|cette|ce|toutes?|tous) ?){0,4}(?:newsletters?|lettres? d'info(?:rmation)?s?|infolettres?|listes?(?: (?:de diffusion|d'envoi|mail))?|mailings?(?:[- ]list)?|e-?mails?|mails?|courriels?)";
	const pray = "(?:(?:merci de|veuillez|bonjour|svp|je veux|je souhaite|je voudrais|j'aimerais|demande de) ){0,2}";
	const spanish =
		'(?:(?:de|del|en|a|al|la|su|sus|esta|este|estos|el|los|vuestra) ){0,3}(?:lista(?: de (?:correos?|distribución|envíos?))?|bolet[ií]n(?:es)?|newsletters?|suscripci[oó]n|mailing)';
	const portuguese =
		'(?:(?:da|do|de|desta|deste|sua|seu|vossa|a|na|à) ){0,3}(?:lista(?: de (?:e-?mails?|emails|distribuição))?|newsletters?|boletim|e-?mails?|mailing)';
	const italian =
		'(?:dalla|dalle|della|alla|da) (?:(?:vostra|vostre|questa|tua) )?(?:liste?(?: di distribuzione)?|newsletter|mailing(?:[- ]list)?)';
	return [
		`${pray}(?:(?:me|se|m'|nous) ?)?(?:désabonn|desabonn)(?:er|ez|ement|e|é)(?:[- ]moi)?(?: ${french})?(?: svp| merci)?`,
		`${pray}(?:(?:me|se|m'|nous) ?)?(?:désinscri|desinscri)(?:re|ption|vez|s)(?:[- ]moi)? ${french}(?: svp| merci)?`,
		`${pray}(?:(?:me |m')(?:retirer|supprimer|enlever)|(?:retirez|supprimez|enlevez)[- ]moi) ${french}(?: svp| merci)?`,
		`(?:por favor )?(?:(?:quiero|deseo|solicito|quisiera) )?(?:darme |darse |dar |deme |denme |dame )?(?:de )?(?:la )?baja ${spanish}(?: por favor)?`,
		'(?:por favor )?cancelar (?:la |mi )?suscripci[oó]n(?: (?:al|a la|del|de la) (?:bolet[ií]n|lista|newsletter))?',
		`(?:por favor )?(?:desuscribir(?:me|se)?|desuscripci[oó]n|desuscr[ií]b[ae]n?me)(?: ${spanish})?`,
		'no (?:quiero|deseo) recibir más (?:correos|e-?mails|mails|newsletters|boletines)',
		`(?:por favor )?(?:quero )?(?:me )?(?:descadastr|desinscrev)(?:ar|er|e|o|a|amento)(?:-me| meu e-?mail)? ${portuguese}`,
		`(?:por favor )?(?:me (?:remover|remova|retirar|retire)|remova-me|retire-me|(?:remover|remova|retirar) meu e-?mail) ${portuguese}`,
		'(?:por favor )?(?:remover|remova|retirar) d[ae](?: sua)? (?:lista de (?:e-?mails?|distribuição)|newsletter)',
		`cancelar (?:a |minha )?(?:inscrição|inscricao|assinatura|subscrição) ${portuguese}`,
		`(?:per favore )?(?:vorrei |voglio )?(?:disiscriv(?:ere|ermi|imi|etemi|iti)|disiscrizione|(?:cancella|rimuovi)(?:mi|temi)|cancellar(?:mi|ci)|cancellatemi|rimuovetemi|cancellazione|cancellare (?:la mia )?iscrizione|cancellazione iscrizione) ${italian}`,
		'(?:vă rog )?(?:dezabonar(?:e|ea)|dezabonează-mă|dezabonați-mă|doresc să mă dezabonez)(?: de la (?:newsletter|listă))?',
	];
})();

const northern = (() => {
	const dutch =
		'(?:(?:van|voor|uit|de|deze|uw|jullie|je|het) ){0,3}(?:nieuwsbrie(?:f|ven)|mailing(?:lijst|list)?s?|maillijst|lijst|verzendlijst)';
	const scandinavian =
		'(?:(?:från|fra|på|af|av|i|til|till|jeres|er|deres|vårt|denna|den|dette|det) ){0,3}(?:nyhetsbrev\\S{0,3}|nyhedsbrev\\S{0,3}|maillist\\S{0,2}|mailinglist\\S{0,2}|e-?postlist\\S{0,2}|utskick\\S{0,3}|sändlist\\S{0,2})';
	return [
		`(?:graag |gelieve |wil je |wilt u |ik wil )?(?:mij |me )?(?:uitschrijv(?:en|ing)|afmeld(?:en|ing)|opzegg(?:en|ing)) ${dutch}`,
		`(?:graag |gelieve )?(?:mij |me )?${dutch} (?:uitschrijven|afmelden|opzeggen|stopzetten)`,
		`(?:schrijf|meld) (?:mij|me) (?:aub )?(?:uit|af) ${dutch}|(?:verwijder|haal) (?:mij|me) ${dutch}`,
		'avprenumerera(?: (?:nyhetsbrev(?:et)?|mig))?|avsluta (?:min )?prenumeration(?:en)?(?: på nyhetsbrev(?:et)?)?',
		`(?:vänligen |vennligst |venligst )?(?:avregistrer\\S{0,4}|avsluta|avmeld\\S{0,4}|afmeld\\S{0,4}|frameld\\S{0,4}|meld (?:mig|meg)|ta bort mig|fjern (?:mig|meg))(?: (?:mig|meg))?(?: av| fra)? ${scandinavian}`,
		'peru(?:uta|uttakaa)? (?:uutiskirje(?:en tilaus)?|uutiskirjeen|uutiskirjetilaus|postituslista)|poista minut (?:posti(?:tus)?listalta|sähköpostilistalta)|uutiskirjeen (?:peruutus|peruminen)',
	];
})();

const eastern = (() => {
	const polish = '(?:newslettera|listy(?: (?:mailingowej|dystrybucyjnej|mailowej|adresowej))?|subskrypcji|mailingu)';
	const czech =
		'(?:z|ze|od|s|sa|iz)? ?(?:odběru(?: (?:novinek|newsletteru))?|odberu(?: noviniek)?|newsletter[aiu]?|novinek|noviniek|(?:mailing )?list[eay]?|seznamu|e-?novic|novičnika|mailing-?liste)';
	const russian =
		'(?:(?:от|из|вашей|этой|вашего|всех|списка|від|з|із|вашої|цієї|списку) ){0,3}(?:рассыл(?:ки|ок)|розсил(?:ки|ок)|подписки|підписки)';
	return [
		`(?:proszę (?:o )?)?wypis(?:z|zcie|ać|anie|uję)? (?:mnie|się) z ${polish}`,
		'(?:proszę o )?wypis(?:z|ać|anie)? z (?:newslettera|listy (?:mailingowej|dystrybucyjnej|mailowej)|subskrypcji|mailingu)',
		`(?:rezygnacja|rezygnuję) z ${polish}|usuń mnie z ${polish}|proszę o usunięcie (?:mnie )?z ${polish}`,
		`(?:prosím )?(?:chci )?(?:odhlá(?:sit|siť|šení|senie|ste|s)|odjav(?:a|i|ite|iti)|odhlašuji)(?: (?:mě|ma|se|sa|me|mne))? ${czech}`,
		`(?:пожалуйста |прошу |хочу )?(?:(?:отписаться|отпишите меня|отписать меня)(?: ${russian})?|отписка ${russian})(?: пожалуйста)?`,
		'(?:пожалуйста )?(?:удалите|уберите|исключите) меня из (?:(?:вашей|вашего|этой|этого|списка) ){0,2}(?:рассылки|списка рассылки)',
		`(?:будь ласка |прошу |хочу )?(?:відписати(?:ся|сь)|відпишіть мене|відписати мене)(?: ${russian})?|відписка ${russian}`,
		'leiratkoz(?:ás|ni|om|nék)(?: a)?(?: (?:hírlevélről|hírlevél|levelezőlistáról))?',
		'(?:απεγγραφή|διαγραφή)(?: μου)? από (?:(?:τη|την|το|τα|σας) )?(?:λίστα|newsletter|ενημερωτικό δελτίο|ενημερωτικά)',
		'(?:lütfen )?(?:beni )?(?:abonelikten|bültenden|(?:mail |e-?posta |posta )?list(?:eden|esinden|enizden)) (?:çık(?:mak istiyorum|mak|ar|arın|artın|ış)?|ayrıl(?:mak|mak istiyorum)?)|beni (?:mail )?list(?:eden|enizden) sil(?:in)?',
	];
})();

const asian = [
	'(?:请|請)?(?:帮我)?(?:退订|取消订阅|退訂|取消訂閱)(?:邮件|郵件|电子报|電子報|通讯)?',
	'(?:メルマガ|メールマガジン|メール|ニュースレター)?の?(?:配信停止|購読解除|配信解除|購読停止)(?:希望|依頼|をお願いします|お願いします|してください)?',
	'(?:メルマガ|メールマガジン|ニュースレター)の?(?:登録|購読)?の?(?:解除|停止)(?:希望|依頼|をお願いします|お願いします)?',
	'(?:메일 ?|이메일 ?|뉴스레터 ?)?(?:수신 ?거부|구독 ?(?:취소|해지))(?: ?(?:요청|신청|합니다|해 ?주세요))?',
	'إلغاء الاشتراك(?: (?:في|من) (?:النشرة(?: (?:البريدية|الإخبارية))?|القائمة(?: البريدية)?))?',
	'(?:נא |אנא )?(?:הסרה|הסר|הסירו)(?: אותי)? מ(?:רשימת )?ה?(?:תפוצה|דיוור)|ביטול (?:הרשמה|מנוי) ל?(?:ניוזלטר|רשימת (?:ה)?(?:תפוצה|דיוור))',
];

const commands = [
	'(?:please )?(?:remove (?:me|us|my (?:e-?mail )?address)|opt[- ]?(?:me )?out|take me off)(?: please)?',
	'(?:bitte )?(?:mich )?(?:bitte )?(?:abmelden|abbestellen|austragen)(?: bitte)?',
	'(?:me |se )?(?:désinscri|desinscri)(?:re|ption|vez-moi)|descadastr(?:ar|e|o|e-me)|desinscrever|disiscriv(?:ere|ermi|imi|etemi)|disiscrizione',
	'uitschrijven|afmelden|avregistrer(?:a|a mig|e)|avmeld|afmeld|frameld|meld meg av|odhlá(?:sit|siť)|απεγγραφή',
];

const bares = [
	'(?:please )?(?:stop|remove|removal|cancel|leave|end|off|delete|opt-?out request|removal request)(?: please)?',
	'(?:bitte )?(?:abmeldung|abbestellung|austragung|kündigung|löschen|entfernen|streichen)',
	'(?:de )?baja|(?:darme|darse|dar) de baja|cancelar|remover|cancellami|cancellazione|rimuovimi|arrêt|retrait',
	'uitschrijving|afmelding|opzegging|opzeggen|avmelding|afmelding|framelding|peru|peruuta|wypis|wypisz|rezygnacja|odhlášení|odjava|odjavi',
	'διαγραφή|отписка|登録解除|הסר|הסרה|הסרני',
];

const clear = oneOf([...english, ...german, ...romance, ...northern, ...eastern, ...asian]);
const command = oneOf(commands);
const bare = oneOf(bares);

function oneOf(phrases: readonly string[]): RegExp {
	return new RegExp(`^(?:${phrases.join('|')})$`, 'i');
}
