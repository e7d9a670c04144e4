/** The address was somebody's and is so no more (reference/bounces.md §1, `inactive`). */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';

const disabledSubject = oneOf(
	/user|mail ?box|account|recipient|address|inbox|alias|customer|subscriber|tried to reach/,
);

const disabledPredicate = oneOf(
	/disabled|inactive|inactivated|suspended|deactivated|de-activated|closed|frozen|terminated/,
	/cancel?led|discontinued|dormant|not active|no longer active|not activated|expired|abandoned/,
);

export const inactiveRules: readonly ReplyRule[] = [
	{
		id: 'whose-account',
		// An MX means the recipient. Our own relay may mean the one who sends, so nobody is suppressed for it; said to several in a row, it stops the run.
		onlyVia: 'relay',
		pattern: oneOf(
			/^(?:\S{1,20} ){0,2}?(?:user|account|customer|client|subscriber|tenant)(?: account)?:? (?:(?:is|has|been|was|are|currently|temporarily|permanently|not|no|longer|yet) ){0,4}(?:disabled|inactive|inactivated|suspended|deactivated|closed|frozen|terminated|blocked|locked|cancel?led|active|activated|expired|abandoned)\b(?!.{0,80}(?:mail ?box|recipient|inactivity))/,
			/^(?:inactive|suspended|disabled|blocked|locked|closed|expired) (?:user|account|customer)\b(?!.{0,80}(?:mail ?box|recipient))/,
		),
		category: 'unknown',
		sample: '550 User disabled',
		source: 'shared hosts',
	},
	{
		id: 'suppressed-by-relay',
		pattern: oneOf(
			/(?:marked as|found) inactive|inactive recipients?/,
			/(?:on|in) (?:the |your |our )?(?:\S{1,20} )?suppression list/,
			/(?:address|recipient) (?:is |was |has been )?suppressed|previously (?:hard )?bounced/,
		),
		category: 'inactive',
		// The relay keeps the list, so trying again cannot help, whatever the class of its code.
		actionOn4xx: 'suppress',
		sample:
			'406 You tried to send to a recipient that has been marked as inactive. Found inactive addresses: nothing@example.com.',
		source: 'reference',
	},
	{
		id: 'mailbox-disabled',
		pattern: new RegExp(
			String.raw`(?:${disabledSubject.source})(?:'s)?(?: \S{1,60}){0,4}? (?:is|has been|was|are|been|now|currently|been permanently|permanently|not|no longer)?:? ?(?:${disabledPredicate.source})\b`,
		),
		category: 'inactive',
		sample: '554 30 Sorry, your message to user@yahoo.com cannot be delivered. This mailbox is disabled (554.30).',
		source: 'reference',
	},
	{
		id: 'disabled-mailbox',
		pattern: oneOf(
			/(?:disabled|inactive|suspended|deactivated|closed|expired|dormant|frozen|abandoned) (?:\S{1,12} )?(?:user|mail ?box|account|recipient|address|inbox)\b/,
			/due to (?:\S{1,12} )?inactivity|disableduser/,
		),
		category: 'inactive',
		sample: '550 5.2.1 Inactive account, not delivered',
		source: 'mail.ru and webmail hosts',
	},
	{
		id: 'mailbox-disabled-other-languages',
		pattern: oneOf(
			/(?:compte|boite|adresse)(?: \S{1,20}){0,4} (?:desactive|suspendu|ferme|inacti|clotur|resilie)/,
			/(?:konto|postfach|mailbox|account|adresse|benutzer)(?: \S{1,20}){0,3} (?:deaktiviert|gesperrt|inaktiv|geschlossen|stillgelegt|nicht aktiv)/,
			/(?:cuenta|buzon|usuario|casilla)(?: \S{1,20}){0,3} (?:desactivad|suspendid|inactiv|deshabilitad|cerrad|cancelad)/,
			/(?:casella|account|utente|indirizzo)(?: \S{1,20}){0,3} (?:disabilitat|disattivat|sospes|inattiv|chius)/,
			/(?:conta|caixa|usuario)(?: \S{1,20}){0,3} (?:desativad|suspens|inativ|bloquead|desabilitad|encerrad)/,
			/(?:konto|skrzynka)(?: \S{1,20}){0,3} (?:zablokowan|nieaktywn|wylaczon|zawieszon)/,
			/(?:ящик|аккаунт|учетная запись|учётная запись|пользователь).{0,30}(?:отключен|заблокирован|неактив|не активен|удален|удалён)/,
			/(?:账号|帐号|用户|邮箱|账户|帐户).{0,10}(?:停用|冻结|禁用|注销|关闭|锁定)|(?:アカウント|メールボックス).{0,10}(?:無効|停止)|휴면/,
			/(?:계정|사용자).{0,10}(?:정지|비활성)/,
		),
		category: 'inactive',
		sample: '550 5.2.1 Compte désactivé',
		source: 'French hosts and others',
	},
];
