/** Tells from the header alone whether a machine that carries mail may have written this one (RFC 3834 §2, RFC 5321 §4.5.5), since anybody can quote a bounce. */
import type { HeaderFields } from '../mail-parts.ts';

/** machine: a mail system writes. unsure: one weak sign, the text must be typical. person: nothing speaks for a machine, or much against it. */
export type SenderRole = 'machine' | 'unsure' | 'person';

// What a mail system calls itself before the @, without dots, hyphens and underscores.
const daemonLocalPart =
	/^(?:mailer-?daemon|maildaemon|mail-?delivery|maildelivery(?:sub)?system|daemon|double-?bounce|bounces?|mdaemon|microsoftexchange[0-9a-f]{0,40}|exchange|mms|mmsc|ndr|smtp(?:gateway)?|mta|mailsystem|systemmail|returned?mail|mailrelay)$/;
// Both a role and a person who can be asked.
const adminLocalPart = /^(?:postmaster|post|administrator|admin|sysadmin|system|root|mail|mailadmin|mailmaster)$/;

const daemonName =
	/mailer.?daemon|mail delivery|delivery (?:sub)?system|mail system|microsoft (?:outlook|exchange)|internet mail (?:delivery|service)|delivery (?:agent|service|notification|failure|status)|returned mail|mail-?zustell|zustelldienst|mail transport|邮件系统|系统邮件|系统退信|退信|郵件系統|メール配信|メールサーバ|メール管理|почтов/i;
const adminName =
	/system administrator|systemadministrator|e?mail administrator|post-?master|administrateur (?:du )?syst|administrador d|amministratore (?:di )?sistema|systeembeheer|systemadministratör|システム管理者|系统管理员|系統管理員|администратор/i;

// The first words of subjects that mail systems write; after an answer's "Re:" they are a person's.
const noticeSubject = new RegExp(
	[
		/^(?:\[[^\]]{1,40}\] ?|\*{1,10} ?|[a-z]{1,12}: ){0,2}(?:undeliver|non.?deliver|nondeliver|not delivered|un-?deliverable|failed delivery)/,
		/deliver(?:y|ing)?(?: status)?(?: \S{1,20}){0,3} (?:fail|notification|report|problem|error|delay|unsuccessful|incomplete|attempt|warning)/,
		/delivery (?:has )?(?:failed|failure|unsuccessful|delayed|status)|delivery.?failure|deliver(?:y)? (?:to|of|for) .{1,200} (?:failed|delayed)/,
		/mail (?:delivery|system (?:error|fail|mess)|server (?:error|notification|notice|fail)|could not|was not|not deliver|not sent|returned|failure|error|failed|undeliverable)|returned.{0,20} (?:mail|message|email|to sender)/,
		/failure (?:notice|notification|report)|failed (?:mail|message|delivery|to deliver)|(?:message|mail) (?:delayed|not sent|rejected|undeliverable|blocked|bounced|failed)/,
		/warning: (?:could not send|message|mail)|could not (?:be )?(?:deliver|send|sent)|(?:was|were) (?:not|un)(?: be)? ?(?:delivered|sent)|unable to deliver|cannot (?:be )?deliver/,
		/message (?:you sent|status|delivery|has been (?:blocked|rejected)|could not)|user (?:unknown|not found)|unknown (?:user|address|recipient)|no such user|bounce[ds]?\b/,
		/rejected|delayed mail|mail delay|still being retried|(?:mailbox|quota) (?:full|exceeded)|mail address/,
		/unzustellbar|zustell|nicht zugestellt|verz(?:ö|oe)gert|fehlgeschlagen|mail-?fehler|unerreichbar/,
		/non (?:remis|distribu|recapitat|consegnat|consegnabile)|échec|echec|n'a pas (?:pu|été)|mancat[oa] (?:consegna|recapito)|impossibile/,
		/no (?:se (?:ha |pudo|puede)|entregad|entregable)|devuelto|error de entrega|notificación de|não (?:foi )?(?:entreg|é possível)|falha|falhou|retornad/,
		/onbestelbaar|niet (?:bezorgd|afgeleverd|besteld)|bezorg|kan inte|gick inte|olever|levering|leverans|ikke lever|toimit|niedostarczon|zwrot|nie dostarczono|nedoruč|doručen|kézbesít|iletilemedi|teslim/,
		/недостав|не доставлен|доставк|возвра|не удалось|退信|退回|投递|投遞|无法|無法|未送达|未傳遞|失败|失敗|送信|配信|配達|不達|未配信|エラー|返送|宛先|届け|반송|배달|전송|전달/,
	]
		.map((pattern) => pattern.source)
		.join('|'),
	'i',
);

/** People ask about bounces. */
const question =
	/\?|\b(?:question|help|why|how to|frage|hilfe|warum|pourquoi|aide|ayuda|pregunta|domanda|aiuto|вопрос|помогите)\b/i;
const answerSubject =
	/^\s*(?:re|aw|fw|fwd|wg|sv|vs|antw|rv|tr|r|i|enc|res|odp|回复|转发|答复|回覆|轉寄)(?:\[\d{1,3}\])?\s?[:：]/i;

/** Subject and From decide most; an empty Return-Path, Auto-Submitted and X-Failed-Recipients count beside them. */
export function senderRole(headers: HeaderFields): SenderRole {
	if (headers.get('x-failed-recipients') !== '') return 'machine';
	const from = headers.get('from').slice(0, 500);
	const subject = headers.get('subject').slice(0, 500);
	const local = localPartOf(from);
	const nullPath = hasNullPath(headers);
	const isAnswer = answerSubject.test(subject);
	if (isDaemon(headers)) return 'machine';
	const subjectFits = fitsNotice(subject);
	const isReport = headers.get('content-type').slice(0, 200).toLowerCase().startsWith('multipart/report');
	const autoSubmitted = /^auto-/i.test(headers.get('auto-submitted').trim());
	const isAdmin = adminLocalPart.test(local) || adminName.test(nameOf(from));
	const signs =
		Number(nullPath) +
		Number(subjectFits) +
		Number(isReport) * 2 +
		Number(autoSubmitted) +
		Number(isAdmin && !isAnswer);
	if (signs >= 2) return 'machine';
	return signs === 1 || (from === '' && !isAnswer) ? 'unsure' : 'person';
}

/** The sender is called as only mail systems are, or as those who run them and what it writes fits; one that answers somebody needs the empty envelope sender, too. */
export function isDaemon(headers: HeaderFields): boolean {
	const from = headers.get('from').slice(0, 500);
	const subject = headers.get('subject').slice(0, 500);
	const isAnswer = answerSubject.test(subject);
	const nullPath = hasNullPath(headers);
	const local = localPartOf(from);
	if (daemonLocalPart.test(local) || (daemonName.test(nameOf(from)) && !isAnswer)) return !isAnswer || nullPath;
	if (isAnswer) return false;
	if (nullPath && fitsNotice(subject)) return true;
	return (adminLocalPart.test(local) || adminName.test(nameOf(from))) && (nullPath || fitsNotice(subject));
}

const otherBusiness = /\bcron\b|quarantine|quarantäne|summary|digest|logwatch|\breport\b|\?/i;

/** The postmaster or an administrator, who answers nobody: a machine or a person. */
export function isAdministrator(headers: HeaderFields): boolean {
	const from = headers.get('from').slice(0, 500);
	const subject = headers.get('subject').slice(0, 500);
	if (answerSubject.test(subject) || otherBusiness.test(subject) || headers.get('list-id') !== '') return false;
	return localPartOf(from) === 'postmaster' || adminName.test(nameOf(from));
}

/** A subject as mail systems write it. */
export function fitsNotice(subject: string): boolean {
	return !answerSubject.test(subject) && noticeSubject.test(subject) && !question.test(subject);
}

/** `Return-Path: <>` (RFC 5321 §4.5.5). */
export function hasNullPath(headers: HeaderFields): boolean {
	return hasField(headers, 'return-path') && /^(?:<\s?>)?$/.test(headers.get('return-path').trim());
}

function hasField(headers: HeaderFields, name: string): boolean {
	return headers.all.some((field) => field.name === name);
}

function localPartOf(from: string): string {
	const at = from.lastIndexOf('@');
	const beforeAt = at === -1 ? from : from.slice(0, at);
	const start = Math.max(beforeAt.lastIndexOf('<'), beforeAt.lastIndexOf(' '), beforeAt.lastIndexOf('"')) + 1;
	const local = beforeAt.slice(start).toLowerCase().replace(/[._]/g, '');
	return at === -1 ? local.replace(/[<>]/g, '') : local;
}

function nameOf(from: string): string {
	const open = from.indexOf('<');
	const name = open === -1 ? from : from.slice(0, open);
	return name.includes('@') && open === -1 ? name.slice(name.indexOf('(') + 1 || name.length) : name;
}
