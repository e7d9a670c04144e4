/** What we wrote: spam, viruses, links, attachments (reference/bounces.md §1, `spam`). */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';

export const spamRules: readonly ReplyRule[] = [
	{
		id: 'security-issue-in-content',
		// One attachment or link of one message, not our name: the address stays, the message is lost.
		pattern: /content presents a potential security issue/,
		category: 'spam',
		action: 'drop',
		sample: '552-5.7.0 This message was blocked because its content presents a potential security issue. - gsmtp',
		source: 'reference',
	},
	{
		id: 'spam',
		// Not inside a URL or a host name.
		pattern: oneOf(
			/(?<![/._=\-@a-z])(?:anti-?|no-?|forti|cyberoam-)?spam[a-z]{0,12}(?! ?traps?)(?![/_=@]|\.[a-z]|-[a-z]{1,20}\.)/,
			/unsolicited (?:bulk |commercial )?(?:e-?mail|mail|message)|\bube\b|(?:be|is|as) unsolicited|junk (?:e-?mail|mail)/,
			/bulk (?:e-?mail|mail|detect|message|send)|\bdcc\b|(?:dt|mi):sp[bm]|gtube|spamassassin|\brspamd|\(hvu:|рассылк|спам|垃圾邮件/,
			/垃圾|迷惑メール|스팸|pourriel|indesirable|pubblicita indesiderata/,
		),
		category: 'spam',
		sample:
			'550 spam message rejected. Please visit http://help.mail.ru/notspam-support/id?c=7y4y or report details to abuse@corp.mail.ru.',
		source: 'reference',
	},
	{
		id: 'virus',
		pattern:
			/\bvirus(?!_| ?(?:scan|check)\w{0,5} (?:\S{1,12} )?(?:unavailable|fail|error|time))|\bmalicious|malware|\btrojan|phish|infected|\bworm\b|eicar|вирус|wirus|病毒|ウイルス|bosartig|schadsoftware/,
		category: 'spam',
		sample: '554 5.7.1 The message contained a virus (Eicar-Test-Signature) and was refused',
		source: 'ClamAV milters',
	},
	{
		id: 'content',
		pattern: oneOf(
			/(?<!(?:corrupt|corrupted|invalid|malformed) )(?:message|mail|e-?mail) content(?! (?:type|is (?:corrupt|invalid|malformed)))/,
			/content (?:was |is |has been )?(?:rejected|denied|refused|blocked|restrictions?|filter(?:ing|ed)?|policy|not allowed|unacceptable|violation)/,
			/due to (?:its |the |message )?content|nature of the content|(?:links?|urls?) (?:\S{1,12} ){0,3}(?:domain|host|site)s? (?:that )?(?:we|is|are) block/,
			/suspicious (?:content|link|message|url)/,
			/message (?:was |is |has been )?(?:filtered|classified)|message is (?:likely )?suspicious/,
			/(?:urls?|links?|message|body|content) contains? (?:an? )?(?:\S{1,20} ){0,2}?(?:domain|host|url|link)\b/,
			/(?:banned|forbidden|prohibited) words?\b|content (?:that is |which is )?not (?:permitted|allowed|accepted)|scored \S{1,8} (?:spam )?points|blocked by (?:our|the|a) (?:\S{1,12} )?filter|\bdrbl\b|\bjunk\b|advertis(?:ing|ement)|content (?:inspection|analysis|check|scan)|(?:blocked|forbidden|prohibited|unsafe|dangerous) (?:urls?|links?)\b|content (?:\S{1,12} )?match|(?:filter|content) rule|subject (?:line )?(?:is )?(?:not |un)(?:acceptable|allowed|accepted)|looks suspicious|bad urls?\b|(?:blocking|blocked|listed|malicious|suspicious) urls?\b|contains? (?:forbidden|prohibited|objectionable|offensive|unwanted)|contenu (?:\S{1,20} ){0,2}(?:indesirable|refuse|interdit)|\b(?:ofr|lpn)\w{0,4}_50\d|bayes|surbl|uribl|dbl\b|(?:url|link|domain) in (?:the )?(?:message|body)/,
		),
		category: 'spam',
		sample: '550 Mail content denied. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000726',
		source: 'QQ',
	},
	{
		id: 'attachment',
		pattern: oneOf(
			/(?:banned|restricted|prohibited|forbidden|dangerous|blocked|illegal|executable|disallowed|unacceptable) (?:\S{1,12} )?(?:attachment|file|content|extension|name)|invalid (?:attachment|file|extension)/,
			/attachments? (?:type |of type )?.{0,30}(?:not (?:allowed|accepted|permitted)|prohibited|forbidden|blocked|rejected)/,
			/banned: |(?:\bzip|archives?|compressed files?|executables?|\.(?:exe|js|zip|vbs|scr|iso|lnk)\b)(?: \S{1,12}){0,6} (?:not (?:allowed|accepted|permitted)|prohibited|forbidden|blocked|rejected)|executable attachment/,
		),
		category: 'spam',
		sample: '554 5.7.0 Reject, id=04356-08 - BANNED: application/octet-stream,.exe,invoice.exe',
		source: 'amavis',
	},
];
