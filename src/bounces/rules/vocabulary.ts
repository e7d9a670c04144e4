/**
 * The words of other languages, as the rules see them: lower case, Latin letters without accents (`ä` is `a`, and `ae` where somebody wrote it out). Whose
 * thing it is (sender, domain, recipient) and what is the matter with it are listed apart, so that what nobody has seen yet is understood as well.
 */

const sender =
	'absender|expediteur|emetteur|remitente|mittente|remetente|emisor|afzender|nadawc|odesilatel|avsandar|avsender|afsender|lahettaj|gonderen|felado|expeditorul|отправител|votre adresse|votre domaine|ihre adresse|ihre domain|il tuo indirizzo|su direccion|seu endereco|uw adres|ваш адрес';
const domain = 'domaine?|dominio|domein|domena|domene|domeen|alan adi|doman|домен';
const recipient =
	'empfae?nger|benutzer|adresse|postfach|konto|adressat|nutzer|kunde|teilnehmer|utilisateur|destinataire|boite|compte|abonne|usager|utente|utenza|destinatario|indirizzo|casella|usuario|direccion|buzon|cuenta|casilla|persona|endereco|conta|caixa|gebruiker|ontvanger|adres|postbus|postvak|uzytkownik|odbiorc|skrzynk|uzivatel|schrank|prijemce|pouzivatel|anvandar|mottagar|bruker|mottaker|bruger|modtager|kayttaja|vastaanottaja|felhasznalo|cimzett|utilizator|destinatar|kullanici|alici|hesap|posta kutusu|nguoi dung|dia chi|пользовател|ящик|адрес|аккаунт|получател|абонент|користувач|скринь|χρήστης|παραλήπτης|משתמש|נמען|تخدم|مستلم|mailbox|account|e-?mail';

/** Nouns that cannot be meant of the mail itself: `we take no mail` is no unknown user. */
const person =
	'benutzer|postfach|konto|adressat|nutzer|kunde|teilnehmer|utilisateur|boite|compte|abonne|usager|utente|casella|destinatario|usuario|buzon|cuenta|casilla|persona|conta\\b|gebruiker|postbus|postvak|uzytkownik|odbiorc|skrzynk|uzivatel|schrank|pouzivatel|anvandar|bruker|bruger|kayttaja|felhasznalo|utilizator|kullanici|alici\\b|hesap|пользовател|ящик|адресат|получател|абонент|користувач|mailbox';

/** `gibt es nicht` and the like. */
const notThere =
	'unbekannt|nicht im \\S{1,40} (?:aufgefue?hrt|verzeichnet|eingetragen|gefunden)|exist(?:iert|ieren) (?:\\S{1,12} ){0,4}nicht|gibt es nicht|nicht (?:mehr |\\S{1,8} )?(?:bekannt|gefunden|vorhanden|existent|gultig|gueltig|zustellbar)|nicht gefunden werden|ungu?e?ltig|inconnue?s?|inexistante?s?|n.existe (?:pas|plus)|introuvable|ne figure (?:pas|plus) (?:dans|sur)|n.est (?:pas|plus) (?:connue?|valide|reconnue?)|n.a (?:pas|pu) (?:pas )?(?:ete |etre )?trouvee?|non (?:trouve|connu|reconnu|valide)e?|invalides?|incorrecte?|desconocid[oa]|no existe|inexistente|no (?:\\S{1,12} )?encontrad[oa]|invalid[oa]|no (?:es )?valid[oa]|sconosciut[oa]|inesistente|non (?:esiste|valid[oa]|esistente)|non (?:\\S{1,8} ){0,2}trovat[oa]|desconhecid[oa]|nao (?:\\S{1,8} )?(?:existe|encontrad[oa]|valid[oa])|onbekend|bestaat niet|niet (?:gevonden|bekend|herkend)|ongeldig|nieznan[yae]|nie istnieje|nie znaleziono|nieprawidlow[ya]|neznam[ya]|neexistuje|nenalezen|okand|finns (?:inte|ej)|existerar inte|ukjent|finnes ikke|eksisterer ikke|ukendt|findes ikke|tuntematon|ei ole(?: olemassa|$)|ei loydy|ismeretlen|nem letezik|nem talalhato|necunoscut|nu exista|bulunamadi|bilinmiyor|mevcut degil|gecersiz|khong ton tai|не (?:найден|существует|зарегистрирован|обнаружен|известен|знайден|існу)|неизвест|несуществующ|невідом|отсутствует|δεν υπάρχει|לא קיים|לא נמצא|غير موجود|لا يوجد';

/** Stands before the noun. */
const unknownBefore =
	'unbekannte[rsnm]?|ungu?e?ltige[rsnm]?|inconnue?|onbekende?|ongeldige?|nieznan[yae]|nieprawidlow[yae]|neznam[yae]|neplatn[yae]|okand|ogiltig|ukjent|ugyldig|ukendt|tuntematon|virheellinen|ismeretlen|ervenytelen|gecersiz|bilinmeyen|неизвестный|неверный|неправильный|некорректный|несуществующий|невідомий';

/** `keinen solchen Benutzer`: a plain no, so that only persons may follow. */
const noSuch =
	'no se (?:encontro|encuentra|pudo encontrar)|non (?:e stato )?trovat[oa]|nao foi encontrad[oa]|kein(?:en?)? (?:solche[rsn]? )?|aucun|pas d|pas de|no existe(?: \\S{1,6})?|ningun|non esiste(?: \\S{1,8})?|nessun|nenhum|nao existe(?: \\S{1,8})?|geen|nie ma takiego|nie ma|boyle bir|нет такого|неизвестен|такого';

const closed =
	'deaktiviert|gesperrt|inaktiv|geschlossen|stillgelegt|nicht (?:mehr )?aktiv|abgeschaltet|geloscht|desactive|suspendue?|fermee?|inactive?f?|cloture|resilie|archivee?|bloquee?|desactivad[oa]|suspendid[oa]|inactiv[oa]|deshabilitad[oa]|cerrad[oa]|cancelad[oa]|disabilitat[oa]|disattivat[oa]|sospes[oa]|inattiv[oa]|chius[oa]|desativad[oa]|suspens[oa]|inativ[oa]|desabilitad[oa]|encerrad[oa]|niet actief|geblokkeerd|uitgeschakeld|gedeactiveerd|opgeheven|zablokowan|nieaktywn|wylaczon|zawieszon|zablokovan|zrusen|inaktiverad|avslutad|deaktivert|deaktiveret|lukket|suljettu|felfuggesztve|dezactivat|devre disi|askiya alin|kapatil|отключ[её]н|заблокирован|неактив|не активен|удал[её]н|закрыт|приостановлен|відключ|заблокован|dad[oa] de baja|ausser betrieb|supprimee?|eliminad[oa]|eliminat[oa]|removid[oa]|verwijderd|usuniet|smazan|silin|opgezegd|gekundigt';

const full =
	'voll|uberfullt|ueberfuellt|erschopft|erschoepft|uberschritten|ueberschritten|belegt|(?:limit|grenze) (?:\\S{1,12} ){0,3}erreicht|pleine?|saturee?|depassee?|epuisee?|llen[oa]|excedid[oa]|ha excedido|superad[oa]|pien[oa]|superat[oa]|esaurit[oa]|cheia|lotada|ultrapassad[oa]|excedeu|vol\\b|overschreden|pelna|pelny|przepelnion[ya]|przekroczon|plna|preplnena|prekrocen|full\\b|fullt|fuld|taynna|megtelt|plin[ae]?\\b|depasit|dolu\\b|dolmus|asildi|asmis|переполнен|превыш|заполнен|нет места';
const room =
	'postfach|mailbox|speicher|kontingent|quota|konto|boite|bal\\b|messagerie|espace|buzon|casilla|bandeja|cuota|cuenta|almacenamiento|casella|posta|spazio|caixa|cota\\b|armazenamento|postvak|postbus|skrzynk|pojemnosc|schrank|kvota|inkorg|innboks|indbakke|postilaatikko|postafiok|cutia|kutu|kota|ящик|квот|объ[её]м|скринь|empfae?nger|destinataire|destinatario|ontvanger|mailfach|speicherplatz';

const message =
	'nachricht|anhang|anlage|piece jointe|adjunto|allegato|anexo|bijlage|zalacznik|ek dosya|вложени|mail|e-?mail|message|courriel|mensaje|correo|messaggio|mensagem|bericht|wiadomosc|zprava|meddeland|melding|besked|viesti|uzenet|mesaj|письмо|сообщени|повідомлен';
const tooLarge =
	'zu gro(?:ss|ß)|uberschreitet (?:\\S{1,12} ){0,2}(?:maximale|zulassige|erlaubte)|taille .{0,20}depasse|tamano .{0,30}excede|tamanho .{0,30}(?:excede|ultrapass)|grosse uberschr|trop (?:gros|volumineux|grand)|taille (?:limite|maximale)|depasse la taille|demasiado grande|(?:excede|supera) el (?:tamano|limite)|troppo grande|supera (?:la dimensione|il limite)|muito grande|excede o (?:tamanho|limite)|te groot|zbyt duz|za duz|prilis vel|for stor|liian suuri|tul nagy|prea mare|cok buyuk|слишком больш|превышает (?:допустимый )?размер|размер .{0,20}превыш|завелик';

const words = (list: string): string => `(?:${list})`;
const gap = (count: number): string => `(?: \\S{1,40}){0,${count}}`;

/** `noun ... state` with up to `count` words between, the noun with its ending. */
function said(nouns: string, states: string, count = 4): RegExp {
	return new RegExp(`(?<!\\bip[ -])${words(nouns)}(?! ip\\b)\\S{0,12}${gap(count)} ${words(states)}`);
}

function saidBefore(states: string, nouns: string): RegExp {
	return new RegExp(`(?<!\\S)${words(states)}${gap(1)} ?${words(nouns)}`);
}

export const foreign = {
	senderNotThere: said(sender, notThere, 5),
	noSuchSender: saidBefore(unknownBefore, sender),
	domainNotThere: said(domain, notThere, 5),
	noSuchDomain: saidBefore(`${unknownBefore}|${noSuch}`, domain),
	recipientNotThere: new RegExp(`${said(recipient, notThere, 5).source}(?!\\S{0,6} ${words(sender)})`),
	noSuchRecipient: saidBefore(noSuch, person),
	unknownRecipient: saidBefore(unknownBefore, recipient),
	recipientClosed: said(recipient, closed, 4),
	mailboxFull: said(room, full, 6),
	messageTooLarge: said(message, tooLarge, 3),
} as const;
