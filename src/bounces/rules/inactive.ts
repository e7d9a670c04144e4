/** The address was somebody's and is so no more (reference/bounces.md §1, `inactive`). */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';
import { foreign } from './vocabulary.ts';

const disabledSubject = oneOf(
	/\buser|mail ?box|\baccount|recipient|address|inbox|\balias|customer|subscriber|tried to reach/,
);

const disabledPredicate = oneOf(
	/disabled|inactive|inactivated|suspended|deactivated|de-activated|closed|frozen|terminated/,
	/cancel?led|discontinued|dormant|not (?:currently )?active|no longer (?:active|monitored|maintained)|not activated|expired|abandoned|archived|decommissioned/,
	/de-?provisioned|unlicensed|withdrawn|turned off|switched off|out of service/,
);

export const inactiveRules: readonly ReplyRule[] = [
	{
		id: 'whose-account',
		// An MX means the recipient. Our own relay may mean the one who sends, so nobody is suppressed for it; said to several in a row, it stops the run.
		onlyVia: 'relay',
		pattern: oneOf(
			/^(?:\S{1,20} ){0,2}?(?:user|account|customer|client|subscriber|tenant)(?: account)?:? (?:(?:is|has|been|was|are|currently|temporarily|permanently|not|no|longer|yet) ){0,4}(?:disabled|inactive|inactivated|suspended|deactivated|closed|frozen|terminated|blocked|locked|cancel?led|active|activated|expired|abandoned)\b(?!.{0,80}(?:mail ?box|recipient|inactivity))/,
			/^(?:(?:unknown|invalid|no such|non-?existent) account|account (?:is |was )?(?:not found|unknown|invalid))\.?$/,
			/^(?:inactive|suspended|disabled|blocked|locked|closed|expired) (?:user|account|customer)\b(?!.{0,80}(?:mail ?box|recipient))/,
		),
		category: 'unknown',
		sample: '550 User disabled',
		source: 'shared hosts',
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
			/(?:disabled|inactive|suspended|deactivated|closed|expired|dormant|frozen|abandoned|archived|deactivated) (?:\S{1,12} )?(?:user|mail ?box|account|recipient|address|inbox)\b/,
			/unavailable: (?:user|account) is blocked|\baccount(?: @?\S{1,60})? is locked|(?:mail ?box|\baccount|e-?mail address)(?: @?\S{1,40})? (?:is |has been |was )?blocked\b(?!.{0,40}(?:spam|sender|your))/,
			/due to (?:\S{1,12} )?inactivity|disableduser|(?:recipient|user) suspend(?:ed)? the service|account (?:is |has been |was )?(?:permanently )?locked/,
			/(?:mail ?box|recipient|user|account)(?: \S{1,20}){0,3} not (?:accepting|receiving) (?:any )?(?:messages|e-?mail|mail|new)/,
		),
		category: 'inactive',
		sample: '550 5.2.1 Inactive account, not delivered',
		source: 'mail.ru and webmail hosts',
	},
	{
		id: 'mailbox-disabled-other-languages',
		pattern: oneOf(
			foreign.recipientClosed,
			/уч[её]тн\S{1,3} запис\S{1,3}(?: \S{1,20}){0,3} (?:отключ|заблок|удал|приостан|неактив)/,
			/(?:账号|帐号|帳號|用户|用戶|邮箱|郵箱|账户|帐户).{0,10}(?:停用|冻结|凍結|禁用|注销|关闭|關閉|锁定|过期|封禁)|휴면|휴지/,
			/(?:停止中|休止中|凍結された)の?(?:アカウント|メールボックス|ユーザ)|(?:アカウント|メールボックス|ユーザ|アドレス).{0,12}(?:停止|無効化|凍結|休止|ロック)/,
			/(?:계정|사용자|메일함).{0,12}(?:정지|비활성|해지|중지)|(?:정지|해지|비활성)된 .{0,6}(?:계정|사용자)/,
		),
		category: 'inactive',
		// Our own server may mean our account.
		atRelay: { category: 'unknown' },
		sample: '550 5.2.1 Compte désactivé',
		source: 'French hosts and others',
	},
];

/** Asked when nothing else fits. */
export const vagueInactiveRules: readonly ReplyRule[] = [
	{
		id: 'somebody-gone',
		onlyClass: 5,
		onlyVia: 'mx',
		pattern:
			/^(?=.{0,240}(?:\busers?\b|recipient|mail ?box|\baddress|account|inbox))(?!.{0,400}(?:sender|\bfrom\b|\byour?\b|\bips?\b|client|domain|polic|spam|relay|block|temporar|again|later|until)).{0,240}?\b(?:inactive|disabled|suspended|deactivated|terminated|closed|discontinued|not in use|on hold|decommissioned|retired|archived)\b/,
		category: 'inactive',
		sample: '550 5.2.1 mailbox not in use for 12 months: inactive',
		source: 'words of many servers, in any order',
	},
];
