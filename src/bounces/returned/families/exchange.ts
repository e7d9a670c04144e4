/**
 * Microsoft Exchange before 365, in the languages of its servers.
 *
 * 5.5, 2000, 2003:
 *
 *     Your message
 *       To: jo@example.org
 *       Subject: News
 *     did not reach the following recipient(s):
 *     jo@example.org on Thu, 10 Mar 2011 13:40:27 +0900
 *         The recipient name is not recognized
 *         MSEXCH:IMS:EXAMPLE:DC2:EXCHANGE 0 (000C05A6) Unknown Recipient
 *
 * 2007 and later:
 *
 *     Diagnostic information for administrators:
 *     Generating server: mx.example.org
 *     jo@example.org
 *     #550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##
 */
import { shapedFamily } from './shaped-family.ts';

export const exchange2007 = shapedFamily({
	id: 'exchange-2007',
	signs: [
		['diagnostic information for administrators'],
		['generating server:'],
		['diagnoseinformationen für administratoren'],
		['generierender server:'],
		['generieren des servers:'],
		['informations de diagnostic pour les administrateurs'],
		['serveur de génération'],
		['información de diagnóstico para los administradores'],
		['información de diagnóstico para administradores'],
		['servidor de generación'],
		['servidor que genera'],
		['informazioni di diagnostica per gli amministratori'],
		['informazioni diagnostiche per gli amministratori'],
		['server di generazione'],
		['server generato'],
		['diagnostische gegevens voor beheerders'],
		['diagnostische informatie voor beheerders'],
		['bronserver:'],
		['genererende server'],
		['informações de diagnóstico para administradores'],
		['servidor de geração'],
		['servidor gerador'],
		['diagnostikinformation för administratörer'],
		['genererande server'],
		['diagnosticeringsoplysninger til administratorer'],
		['diagnostisk informasjon for administratorer'],
		['informacje diagnostyczne dla administratorów'],
		['diagnostické informace pro správce'],
		['диагностические сведения для администраторов'],
		['管理者向けの診断情報'],
		['管理員的診斷資訊'],
		['系統管理員的診斷資訊'],
		['供管理员使用的诊断信息'],
		['管理员的诊断信息'],
		['관리자를 위한 진단 정보'],
		['yöneticiler için tanılama bilgileri'],
	],
	from: [
		'generating server:',
		'generierender server:',
		'generieren des servers:',
		'serveur de génération',
		'servidor de generación',
		'servidor que genera',
		'server di generazione',
		'server generato',
		'bronserver:',
		'genererende server',
		'servidor de geração',
		'servidor gerador',
		'genererande server',
		'diagnostic information for administrators',
		'diagnoseinformationen für administratoren',
		'informations de diagnostic pour les administrateurs',
		'información de diagnóstico para los administradores',
		'información de diagnóstico para administradores',
		'informazioni di diagnostica per gli amministratori',
		'diagnostische gegevens voor beheerders',
		'informações de diagnóstico para administradores',
		'диагностические сведения для администраторов',
		'管理者向けの診断情報',
		'管理員的診斷資訊',
		'诊断信息',
		'진단 정보',
	],
	hasNames: true,
});

export const exchange2003 = shapedFamily({
	id: 'exchange-2003',
	signs: [
		['did not reach the following recipient(s)'],
		['did not reach some or all of the intended recipients'],
		['the following recipient(s) could not be reached'],
		['the following recipient(s) cannot be reached'],
		['msexch:'],
		['hat einige oder alle empfänger nicht erreicht'],
		['empfänger konnte nicht erreicht werden'],
		['empfänger kann nicht erreicht werden'],
		['empfänger konnte(n) nicht erreicht werden'],
		["n'a pas été remis à tous ou certains de ses destinataires"],
		['impossible de joindre le ou les destinataires'],
		["n'a pas atteint certains de ses destinataires"],
		["n'est pas parvenu à certains ou à tous les destinataires"],
		["destinataire(s) suivant(s) n'a pas pu être"],
		["destinataires suivants n'ont pu être"],
		['no ha llegado a algunos o a todos los destinatarios'],
		['no llegó a algunos o a todos los destinatarios'],
		['no se puede tener acceso al destinatario'],
		['non ha raggiunto tutti o alcuni dei destinatari'],
		['non ha raggiunto alcuni o tutti i destinatari'],
		['impossibile raggiungere i seguenti destinatari'],
		['impossibile raggiungere il destinatario'],
		['heeft een of meer geadresseerden niet bereikt'],
		['sommige of alle geadresseerden niet bereikt'],
		['geadresseerde(n) kan niet worden bereikt'],
		['não atingiu alguns ou todos os destinatários'],
		['não alcançou alguns ou todos os destinatários'],
		['destinatário(s) a seguir não pôde ser'],
		['nådde inte någon eller några av mottagarna'],
		['nåede ikke nogle eller alle de ønskede modtagere'],
		['受信者の一部または全員に届きませんでした'],
		['无法将邮件发送到下列收件人'],
		['無法連絡到以下收件者'],
	],
	from: [
		'did not reach the following recipient(s):',
		'recipient(s) could not be reached:',
		'recipient(s) cannot be reached:',
		'nicht erreicht werden:',
		'erreicht werden:',
		'impossible de joindre le ou les destinataires suivants',
		"n'a pas pu être joint",
		"n'ont pu être joints",
		'no se puede tener acceso al destinatario o destinatarios siguientes:',
		'no se puede tener acceso al destinatario',
		'impossibile raggiungere i seguenti destinatari:',
		'impossibile raggiungere il destinatario o i destinatari seguenti:',
		'kan niet worden bereikt:',
		'kunnen niet worden bereikt:',
		'não pôde ser',
		'не удалось связаться со следующими получателями:',
		'受信者に届きませんでした',
		'some or all of the intended recipients',
	],
	hasNames: true,
});
