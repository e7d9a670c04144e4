/** Notices that a message did arrive look like bounces of the same server; only a few words tell them apart (RFC 3464 Action: delivered, relayed). */
import type { Notice } from './notice.ts';
import { replyOffset } from './quoted-reply.ts';

const successPhrases: readonly string[] = [
	'was successfully delivered to',
	'were successfully delivered',
	'has been successfully delivered',
	'has been successfully relayed',
	'was successfully relayed',
	'successfully relayed to the following',
	'successfully delivered to the following',
	'delivered to the following recipient(s):',
	'delivery to these recipients or groups is complete',
	'delivery to these recipients or distribution lists is complete',
	'your message has been delivered to the following recipients',
	'die nachricht wurde erfolgreich',
	'wurde erfolgreich zugestellt',
	'wurde erfolgreich an',
	'die zustellung an die folgenden empfänger ist abgeschlossen',
	'a été remis aux destinataires suivants',
	'a été remis avec succès',
	'se entregó correctamente',
	'se ha entregado a los siguientes destinatarios',
	'è stato recapitato ai seguenti destinatari',
	'foi entregue com êxito',
	'is bezorgd bij de volgende geadresseerden',
	'正常に配信されました',
	'успешно доставлено',
	'已成功投递',
	'已成功送达',
];

/** Nothing in it was refused, and it says so. */
export function isReceipt(notice: Notice): boolean {
	const said = successPhrases.find((phrase) => notice.phrases.includes(phrase));
	if (said === undefined || /not (?:been |be )?(?:successfully )?deliver|fatal error|non-fatal/.test(notice.phrases))
		return false;
	return !notice.text
		.split('\n')
		.some((line) => /^[45]/.test(line.slice(Math.max(0, replyOffset(line)))) && replyOffset(line) !== -1);
}
