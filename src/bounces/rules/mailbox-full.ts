/** The mailbox is there and holds no more (reference/bounces.md §1, `mailbox-full`). */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';
import { foreign } from './vocabulary.ts';

export const mailboxFullRules: readonly ReplyRule[] = [
	{
		id: 'mailbox-full',
		pattern: oneOf(
			/(?:mail ?box|inbox|account|folder|user|recipient|maildir|mail ?drop|storage|spool)(?:'s)?(?: \S{1,40}){0,4} (?:is |are |was )?(?:almost |too )?(?:full|over ?quota|exceeded (?:its |the |their )?(?:storage|quota|size|disk))\b/,
			/(?:mail ?box|inbox|maildir|mail ?folder) ?full|full (?:mail ?box|inbox)|^full\b/,
			/(?:mail ?box|mail ?file|mail ?drop|inbox|account|user|recipient|maildir)(?:'s)?(?: \S{1,40}){0,4} (?:exceed(?:s|ed|ing)?|over|above|reached|hit|at|beyond) (?:\S{1,12} ){0,4}?(?:limit|size|quota|storage|capacity|allowance|space|maximum)\b(?!.{0,40}(?:rate|per (?:hour|minute|day)|messages|connections|recipients|login|sending))/,
		),
		category: 'mailbox_full',
		sample:
			"552-Requested mail action aborted: exceeded storage allocation\n552-Quota exceeded. The recipient's mailbox is full.",
		source: 'reference',
	},
	{
		id: 'over-quota',
		pattern: oneOf(
			/over[ -]?(?:the |its |his |their )?(?:\S{1,12} )?quota/,
			/quota (?:\S{1,12} ){0,2}?(?:exceed|reached|violation|full|limit|is full|over|used)/,
			/(?:exceed|exceeds|exceeded|exceeding|beyond) (?:\S{1,12} ){0,3}?(?:quota|storage|disk space|allocation)/,
			/quotaexceeded|disk quota|would exceed (?:mailbox )?quota|mailbox quota|mailbox size limit/,
			/(?:mail ?box|inbox|mail) (?:\S{1,12} ){0,2}(?:limits?|quota) (?:is |was |has been )?(?:exceeded|reached|hit)|disk (?:is )?full for|(?:storage|space)(?: \S{1,12}){0,3} (?:has been |is |was )?(?:used up|exhausted|exceeded|full)|storage limit|remaining space/,
			/would (?:exceed|be over|overflow)(?: \S{1,12}){0,3} (?:quota|storage|limit|mail ?box)|too many messages (?:on the server|in (?:the |this |your )?(?:mail ?box|inbox))|number of messages in (?:the |this |your )?(?:recipient(?:'s)? )?(?:mail ?box|inbox)/,
		),
		category: 'mailbox_full',
		sample: '452 4.2.2 Over quota',
		source: 'Zimbra',
	},
	{
		id: 'out-of-storage',
		pattern: oneOf(
			/out of (?:storage|space|disk)(?!.{0,30}\b(?:server|system)\b)/,
			/(?:not enough|insufficient|no) (?:\S{1,12} ){0,2}?(?:space|storage|room|quota)(?: \S{1,12}){0,3} (?:mailbox|inbox|recipient|user|account)/,
			/(?:mailbox|recipient|user|account)(?: \S{1,20}){0,3} (?:has no|do(?:es)?(?:n'?t| not) have|lacks?|without)(?: \S{1,12}){0,2} (?:space|storage|room|quota)/,
		),
		category: 'mailbox_full',
		sample: '452 4.2.2 The mailbox does not have enough room for this message',
		source: 'webmail hosts',
	},
	{
		id: 'no-space-for-it',
		// A 4xx means the disk of the server.
		onlyClass: 5,
		pattern:
			/(?:insufficient|not enough|no) (?:(?:disk|storage|mailbox) ?(?:space|storage|room)\b(?!.{0,40}(?:server|system))|(?:space|room|storage) (?:left )?for \S)/,
		category: 'mailbox_full',
		sample: '552 jo has insufficient disk space',
		source: 'webmail hosts',
	},
	{
		id: 'mailbox-full-other-languages',
		pattern: oneOf(
			foreign.mailboxFull,
			/espace disque insuffisant|kein speicherplatz|sin espacio|spazio insufficiente|sem espaco|brak miejsca|geen ruimte|yer(?:i)? kalmad|нет места|недостаточно места/,
			/(?:邮箱|郵箱|信箱|空间|空間|容量|配额).{0,8}(?:满|滿|不足|超)|(?:超出|超过|超過).{0,8}(?:容量|配额|空间)|(?:容量|メールボックス|受信箱).{0,10}(?:超|オーバー|いっぱい|一杯|満|不足)/,
			/(?:용량|메일함|편지함|저장 ?공간).{0,10}(?:초과|부족|가득)/,
		),
		category: 'mailbox_full',
		sample: '552 5.1.1 Boite du destinataire pleine. OFR_417 [417]',
		source: 'Orange and others',
	},
];
