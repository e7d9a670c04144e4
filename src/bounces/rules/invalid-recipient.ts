/** Nobody by that name (reference/bounces.md §1, `invalid-recipient`): the one family that fills suppression lists, so nothing vague is in it. */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';
import { foreign } from './vocabulary.ts';

const unknownSubject = oneOf(
	/user|recipient|mail ?box|address(?:es)?|account|alias|addressee|inbox|customer|subscriber|local[ -]part/,
	/person|employee|adressee|user ?name|mailbox name|mail ?drop|rcpt|forwarder|e-?mail id/,
);

const unknownPredicate = oneOf(
	/unknown|not found|do(?:es)?(?:n'?t| not)(?: seem to| appear to)? exist|do(?:es)?(?:n'?t| not) exist|not exist|wasn't found|not there/,
	/not known|not (?:be )?recogni[sz]ed|invalid|not valid|isn't valid|unrecogni[sz]ed|not listed/,
	/not present|not local|non-?existent|undeliverable|unrouteable|unroutable|unresolvable|not (?:a )?(?:registered|our)|misspelled/,
	/not (?:be )?(?:handled|served|hosted|deliverable|resolvable|matched|verified as deliverable)/,
	/not (?:on|at|in|of|served by) this (?:server|system|host|machine|domain|site)|no more/,
	/do(?:es)?(?:n'?t| not) (?:any ?more )?(?:work|live|belong|reside|have an? (?:account|mailbox))/,
	/could not be found|couldn't be found|cannot be found|can't be found/,
	/no longer (?:valid|exists?|available|in use|used|on (?:this )?server|here|at|with|works?|employed|accepts? (?:any )?(?:e-?)?mail|has an? )/,
	/has been (?:deleted|removed|retired)|was (?:deleted|removed)|deleted|removed|retired/,
	/not (?:here|defined|available here)|missing home directory/,
);

export const invalidRecipientRules: readonly ReplyRule[] = [
	{
		id: 'unknown-user',
		pattern:
			/\b(?:unknown|invalid|bad|non-?existent|nonexisting|inexistent|misspelled|unrouteable|unroutable|undeliverable|illegal|no such|not a (?:valid|known|current)|not an active|no valid(?! recipients$)|incorrect|unrecogni[sz]ed|unknown or illegal|invalid or unknown|no matching) (?:e-?mail |mail |local |virtual |destination |recipient |recipient's |user |smtp |known |active ){0,2}(?:users?|recipients?|mail ?box(?:es)?|address(?:es)?|accounts?|alias|addressee|login|name|person|customer|subscriber|rcpt|local[ -]part|user ?name)\b(?! ?\(?(?:\S{1,12} )?sender| found for (?:host|your)| or password)/,
		category: 'invalid_recipient',
		sample: '550 No Such User Here',
		source: 'Exim, cPanel, docomo, Courier',
	},
	{
		id: 'user-unknown',
		// Not "IP address not found", which is about us.
		pattern: new RegExp(
			String.raw`(?<!\b(?:ip|from|your|sender|host|reply-to) )(?:${unknownSubject.source})(?:s|'s)?(?! \[?\d{1,3}\.\d| (?:agent|part of|database|file|lookup|server))(?: (?!(?:sender|originator|envelope|header|from:?|host|server|your) )\S{1,80}){0,4}?[:,]? (?:is |was |are )?(?:currently )?(?:${unknownPredicate.source})\b`,
		),
		category: 'invalid_recipient',
		sample: '450 4.1.1 <user@example.org>: Recipient address rejected: User unknown in virtual alias table',
		source: 'reference',
	},
	{
		id: 'no-such-account',
		pattern: oneOf(
			/(?:do(?:es)?(?:n'?t| not)|do not|don't) have (?:an? )?(?:\S{1,40} )?(?:account|mailbox|user|such)/,
			/no (?:\S{1,12} )?(?:mail ?box|user|account|recipient|one|person|alias|addressee)(?: \S{1,20}){0,3} (?:by|with|of|under|for|called|named) (?:that|this|the) (?:name|address|recipient)/,
			/no mailbox (?:here|found|by)|no account (?:by|with|for|here|found)|not our customer/,
			/mailbox not found|no longer (?:with (?:the|this|our|us)|works? (?:for|at|here)|employed)/,
			/(?:has |user |person |employee )left (?:the |our |this )?(?:company|organi[sz]ation|firm)/,
			/there is no (?:such )?(?:user|account|mailbox|one)|recipientnotfound|exrecipnotfound/,
			/recipient not found|address (?:could not|couldn't|can't|cannot) be found|wasn't found at/,
			/recipients? (?:is |are |was )?not (?:ok|accepted)\b|has been replaced by|use (?:the |my |a )?new (?:e-?mail )?address|not found at|not listed in (?:domino|public|the) directory|recipient verif(?:y|ication) failed/,
			/bad_?rcpt_?to|badrecipientto|(?:envelope )?recipient has been denied|can(?:'t|not) accept (?:the |this )?(?:user|recipient)/,
			/(?:nobody|no ?one|noone) (?:here )?(?:by|with|of|under|at) (?:that|this) (?:name|address)|do(?:es)?(?:n'?t| not) (?:have|know) (?:that|this|the) (?:user|address|recipient|mail ?box)/,
			/(?:not|no) (?:a |an )?(?:known|valid|active|current|existing|registered|legal) (?:\S{1,12} )?(?:user|recipient|mail ?box|account|address|alias|customer)\b/,
			/(?:account|user|recipient|address)(?: \S{1,40}){0,2} (?:is )?(?:unavailable|not available)\.?$/,
			/@[a-z0-9.-]{3,80}[>\])]?[:.,]{0,3} (?:is |was )?(?:unknown|not (?:listed|here)|do(?:es)?(?:n'?t| not) exist|not found|no such|not known|invalid)\b(?!.{0,40}(?:sender|mail from))/,
			/(?:has|have) no (?:such )?(?:mail ?box|account)|no (?:mail ?box|account|user|inbox) for\b|address do(?:es)?(?:n'?t| not) receive/,
			/(?:recipient|user|address|mail ?box)(?: \S{1,40}){0,2} (?:could not|couldn't|cannot|can't|can not|not) be (?:verified|validated|resolved)/,
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
		// Not `mailbox unavailable` for the moment.
		pattern:
			/(?:requested (?:mail )?action (?:not taken|aborted)[:;,]? )?mailbox (?:name )?(?:is )?(?:unavailable|not available|not allowed|invalid)\b/,
		category: 'invalid_recipient',
		sample: '550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).',
		source: 'reference',
	},
	{
		id: 'recipient-not-verified',
		onlyClass: 5,
		pattern: oneOf(
			/(?<!prohibition - )(?:unable to|cannot|can't|could not|couldn't) (?:verify|validate|confirm) (?:the |this |that )?(?:recipient|user|mail ?box|address)/,
			/(?:recipient|user|mail ?box)(?: address)? (?:validation|verification|check|look ?up) (?:has )?failed/,
		),
		category: 'invalid_recipient',
		sample: '550 Recipient validation failed',
		source: 'Exim recipes',
	},
	{
		id: 'address-syntax',
		pattern: oneOf(
			/(?:bad|invalid|illegal|malformed) (?:recipient |destination )?(?:address|mailbox) syntax/,
			/(?:invalid|illegal|bad) character\S{0,3} in (?:the )?(?:recipient|destination|mail ?box|local)|recipient address rejected: need fully/,
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
		id: 'user-unknown-other-languages',
		pattern: oneOf(
			foreign.recipientNotThere,
			foreign.noSuchRecipient,
			foreign.unknownRecipient,
			/no existe dicha|ya no (?:existe|trabaja)|n'est plus (?:valide|en service)|arbeitet nicht mehr|ไม่พบ|ไม่มี(?:ผู้ใช้|บัญชี)/,
		),
		category: 'invalid_recipient',
		sample: '550 5.1.1 <jo@laposte.net>: Utilisateur inconnu',
		source: 'hosts all over Europe and beyond',
	},
	{
		id: 'user-unknown-asian',
		pattern: oneOf(
			/(?:用户|用戶|收件人|收件者|使用者|邮箱|郵箱|信箱|账号|帐号|帳號|账户|帐户|帳戶|地址|邮件地址).{0,12}(?:不存在|未找到|无效|無效|不正确|不正確|找不到|有误|错误|未注册|已注销|已删除)/,
			/(?:不存在|无此|無此|没有此|沒有此|未知|找不到|查无|查無|无效|無效).{0,6}(?:用户|用戶|使用者|收件人|收件者|邮箱|郵箱|信箱|账号|帐号|帳號|地址|此人)/,
			/(?:宛先|アドレス|ユーザー?|メールボックス|受信者|受取人|利用者|アカウント).{0,24}(?:正しくありません|見つかりません|見つからない|存在しません|存在しない|不明|ありません|いません|ございません|誤り|間違|無効です|解約)/,
			/ディレクトリ.{0,24}(?:登録されていません|見つかりません|ありません)/,
			/(?:存在しない|不明な|無効な|該当する)(?:.{0,6})(?:宛先|アドレス|ユーザ|メールボックス|受信者|利用者)/,
			/(?:존재하지 않는|없는|알 수 없는|잘못된|등록되지 않은).{0,8}(?:사용자|메일|수신자|수신인|계정|주소|아이디)/,
			/(?:사용자|수신자|수신인|계정|주소|아이디|메일함).{0,12}(?:존재하지 않|없습니다|찾을 수 없|확인할 수 없|잘못되)/,
		),
		category: 'invalid_recipient',
		sample: '550 收件人不存在',
		source: 'Chinese, Japanese and Korean hosts',
	},
];

const anyRecipient =
	'\\busers?\\b|recipients?\\b|mail ?box|mail ?drop|\\baddress|accounts?\\b|\\balias|customer|subscriber|spectator|employee|\\brcpt\\b|e-?mail id|inbox';
const aboutOthers =
	'sender|originator|envelope|header|\\bhost\\b|database (?:is |was )?(?:not|error)|internal|\\bfrom\\b|your (?:ip|server|domain|host|message|account|network|isp)|you are(?! trying| sending to| writing)|\\bips?\\b|client|\\bhelo|\\behlo|\\bdns|\\bmx\\b|polic|spam|relay|block|command|syntax|parameter|header|password|log-?in|auth|credential|permi|virus|attachment|\\blinks?\\b|content|certificate|\\btls|temporar|again|later|\\d\\.\\d{1,3}\\.\\d{1,3}\\.|at this time|too many|quota|limit|domain|virtual domain|rule|\\blist\\b|message is|subject';
const notAnywhere =
	'(?:unable to|could ?n.t|could not|cannot|can.t|can not|failed to|did not|didn.t|was not able to) (?:\\S{1,12} )?(?:find|locate|identify|recogni[sz]e|match|look ?up|resolve)|\\bno (?:such|matching|known|entry|record)|not in (?:\\S{1,20} ){0,3}(?:table|map|database|directory|file)|(?:does|do|did) ?n.t exist|not exist|unknown|\\binvalid|non-?exist|not (?:our|known|valid|found|recogni[sz]ed|listed|present|there|here|defined|existing|registered|configured|assigned|a valid|an existing)\\b';

/** Asked when nothing else fits: somebody is named, something is said not to be there, and nothing speaks of anybody else. */
export const vagueRecipientRules: readonly ReplyRule[] = [
	{
		id: 'nobody-there',
		onlyClass: 5,
		onlyVia: 'mx',
		pattern: new RegExp(`^(?=.{0,240}(?:${anyRecipient}))(?!.{0,400}(?:${aboutOthers})).{0,240}?(?:${notAnywhere})`),
		category: 'invalid_recipient',
		sample: "550 I couldn't find a user with that name",
		source: 'words of many servers, in any order',
	},
];
