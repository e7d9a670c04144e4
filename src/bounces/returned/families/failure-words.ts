/** The sentences with which mail systems say that a message did not arrive, or why, in the languages they say it in. */

/** One language after the other; phrases are separated by `|`. */
const failurePhrases: readonly string[] = [
	// English
	"could not be delivered|couldn't be delivered|cannot be delivered|can't be delivered|was not delivered",
	"wasn't delivered|not been delivered|has not been delivered|not be delivered|unable to deliver",
	"failed to deliver|could not deliver|cannot deliver|couldn't deliver|not able to deliver|delivery failed",
	'delivery failure|delivery has failed|delivery to the following|delivery error|undeliverable|undelivered',
	'undeliverd|non-deliverable|not deliverable|returned to sender|is being returned|was rejected',
	'has been rejected|been blocked|was blocked|was refused|did not reach|not reach the following|permanent error',
	'permanent failure|permanent fatal error|fatal error|given up|giving up|could not be sent|was not sent',
	'could not send|unable to send|not be sent|user unknown|unknown user|no such user|no such recipient',
	"unknown recipient|recipient unknown|does not exist|doesn't exist|not exist|mailbox full|mailbox is full",
	'mailbox unavailable|over quota|quota exceeded|exceeds allowed size|exceeded the|no longer valid|not found',
	'no longer in use|invalid recipient|address rejected|host unknown|unknown host|unrouteable|has been delayed',
	'is delayed|could not yet be delivered|not yet been delivered|account is disabled|does not like recipient',
	'had delivery|problem delivering|trouble delivering|error delivering',
	// German
	'nicht zugestellt|nicht zustell|unzustellbar|zustellung fehlgeschlagen|zustellung ist fehlgeschlagen',
	'zustellung gescheitert|konnte nicht ausgeliefert|nicht übermittelt|nicht ausgeliefert|nicht versendet',
	'empfänger unbekannt|unbekannter empfänger|existiert nicht|postfach voll|postfach ist voll|wurde abgelehnt',
	'abgewiesen|fehler bei der zustellung|fehler bei der übermittlung',
	// French
	"n'a pas pu être|n'a pas été remis|n'a pas été délivré|n'a pas été distribué|n'ont pas pu|non remis",
	'non distribué|échec de la remise|échec de la distribution|échec de la livraison|impossible de remettre',
	"impossible de délivrer|utilisateur inconnu|destinataire inconnu|adresse inconnue|n'existe pas|boîte pleine",
	'boîte aux lettres est pleine|a été rejeté|a été refusé',
	// Spanish
	'no se pudo entregar|no se ha podido entregar|no pudo ser entregado|no ha podido ser entregado|no se entregó',
	'no ha sido entregado|no se puede entregar|no fue entregado|error de entrega|fallo en la entrega',
	'usuario desconocido|no existe|buzón lleno|buzón está lleno|fue rechazado|ha sido rechazado',
	// Italian
	'non è stato possibile|non è stato recapitato|non è stato consegnato|non può essere recapitato',
	'non può essere consegnato|impossibile recapitare|impossibile consegnare|mancata consegna|mancato recapito',
	'utente sconosciuto|destinatario sconosciuto|non esiste|casella piena|casella di posta è piena',
	'è stato respinto',
	// Portuguese
	'não pôde ser entregue|não foi entregue|não foi possível entregar|não pode ser entregue|falha na entrega',
	'falha de entrega|usuário desconhecido|usuário não encontrado|não existe|caixa cheia|caixa postal cheia',
	'caixa de correio está cheia|foi rejeitad',
	// Dutch, Nordic
	'niet worden bezorgd|niet bezorgd|niet afgeleverd|niet worden afgeleverd|onbestelbaar|bezorgen is mislukt',
	'bestaat niet|onbekende gebruiker|postbus is vol|kunde inte levereras|gick inte att leverera',
	'kunne ikke leveres|kunne ikke afleveres|ei voitu toimittaa|toimitus epäonnistui',
	// Polish, Czech, Hungarian, Turkish, Greek
	'nie została dostarczona|nie mogła zostać dostarczona|nie można dostarczyć|nie udało się dostarczyć',
	'niedostarczon|nie istnieje|nelze doručit|nebyla doručena|nemohla být doručena|nedoručiteln|nem kézbesíthető',
	'nem sikerült kézbesíteni|teslim edilemedi|iletilemedi|δεν ήταν δυνατή η παράδοση|δεν παραδόθηκε',
	// Russian, Ukrainian
	'не доставлено|не было доставлено|не может быть доставлено|не удалось доставить|не могло быть доставлено',
	'невозможно доставить|ошибка доставки|недоставлен|пользователь не найден|не существует|ящик переполнен',
	'ящик заблокирован|отклонено|отвергнуто|не вдалося доставити|не може бути доставлен',
	// Japanese
	'配信できません|配信されません|配信に失敗|配信不能|配送できません|配送に失敗|配達できません|配達されません|送信できません|送信に失敗|送信されません|お届けできません|届けることができません|届きません',
	'届けできません|宛先不明|宛先が不明|宛先が見つかりません|宛先が存在しません|存在しません|アドレスが間違|メールボックスがいっぱい|メールボックスが一杯|容量を超え|容量オーバー|受信できません|拒否されました',
	'返送|エラーが発生|遅延',
	// Chinese
	'无法投递|投递失败|未能投递|无法送达|未送达|未能送达|发送失败|无法发送|退信|退回|被拒绝|拒收|被拒收|不存在|邮箱已满|邮箱容量|空间不足|無法傳遞|無法投遞|無法送達|傳送失敗|未送達|遭退回|被拒絕',
	'信箱已滿|无法传递|传递失败',
	// Korean
	'전달되지 못|전송되지 못|전송에 실패|전송 실패|전달할 수 없|보낼 수 없|배달되지|배달하지 못|발송 실패|발송에 실패|반송|존재하지 않|수신 거부|용량 초과|용량이 초과|없는 계정',
].flatMap((line) => line.split('|'));

/** `text` in lower case, with single spaces. */
export function speaksOfFailure(text: string): boolean {
	return failurePhrases.some((phrase) => text.includes(phrase));
}
