/** The mailbox is there and holds no more (reference/bounces.md §1, `mailbox-full`). */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';

export const mailboxFullRules: readonly ReplyRule[] = [
	{
		id: 'mailbox-full',
		pattern: oneOf(
			/(?:mail ?box|inbox|account|folder|user|recipient|maildir|mail ?drop|storage|spool)(?:'s)?(?: \S{1,40}){0,4} (?:is |are |was )?(?:almost |too )?(?:full|over ?quota|exceeded (?:its |the |their )?(?:storage|quota|size|disk))\b/,
			/(?:mail ?box|inbox|maildir) ?full|full (?:mail ?box|inbox)|^full\b/,
		),
		category: 'mailbox_full',
		sample:
			"552-Requested mail action aborted: exceeded storage allocation\n552-Quota exceeded. The recipient's mailbox is full.",
		source: 'reference',
	},
	{
		id: 'over-quota',
		pattern: oneOf(
			/over[ -]?(?:the )?quota/,
			/quota (?:\S{1,12} ){0,2}?(?:exceed|reached|violation|full|limit|is full|over|used)/,
			/(?:exceed|exceeds|exceeded|exceeding|beyond) (?:\S{1,12} ){0,3}?(?:quota|storage|disk space|allocation)/,
			/quotaexceeded|disk quota|would exceed (?:mailbox )?quota|mailbox quota|mailbox size limit/,
			/overquota/,
		),
		category: 'mailbox_full',
		sample: '452 4.2.2 Over quota',
		source: 'Zimbra',
	},
	{
		id: 'out-of-storage',
		pattern: oneOf(
			/out of (?:storage|space|disk)/,
			/(?:not enough|insufficient|no) (?:\S{1,12} ){0,2}?(?:space|storage|room|quota)(?: \S{1,12}){0,3} (?:mailbox|inbox|recipient|user|account)/,
			/(?:mailbox|recipient|user|account)(?: \S{1,20}){0,3} (?:has no|does(?:n't| not) have|lacks?|without)(?: \S{1,12}){0,2} (?:space|storage|room|quota)/,
		),
		category: 'mailbox_full',
		sample: '452 4.2.2 The mailbox does not have enough room for this message',
		source: 'webmail hosts',
	},
	{
		id: 'mailbox-full-other-languages',
		pattern: oneOf(
			/(?:boite|bal|messagerie)(?: \S{1,20}){0,5} (?:pleine|saturee)/,
			/quota (?:depasse|superat|excedid|ultrapassad)/,
			/(?:postfach|mailbox|speicherplatz|konto)(?: \S{1,20}){0,4} (?:voll|uberfullt|erschopft|uberschritten)/,
			/speicher(?:platz)? (?:voll|belegt|erschopft|uberschritten)/,
			/(?:buzon|casilla|bandeja)(?: \S{1,20}){0,4} llen[oa]|cuota (?:excedida|superada)/,
			/(?:casella|posta)(?: \S{1,20}){0,4} pien[ao]|caixa (?:\S{1,20} ){0,4}(?:cheia|lotada)/,
			/cota (?:excedida|ultrapassada)|skrzynka(?: \S{1,20}){0,3} (?:pelna|przepelniona)/,
			/przekroczon\S{1,3} (?:limit|quota)|postvak(?: \S{1,20}){0,3} vol/,
			/schranka(?: \S{1,20}){0,3} (?:plna|preplnena)|переполнен|квот|нет места/,
			/(?:邮箱|信箱|空间|容量).{0,8}(?:满|不足|超)|超出.{0,6}(?:容量|配额)|(?:容量|メールボックス).{0,8}(?:超|オーバー|いっぱい|満)/,
			/(?:용량|메일함|편지함).{0,8}(?:초과|부족|가득)|kota(?:si)? .{0,10}(?:dol|asi)/,
		),
		category: 'mailbox_full',
		sample: '552 5.1.1 Boite du destinataire pleine. OFR_417 [417]',
		source: 'Orange and others',
	},
];
