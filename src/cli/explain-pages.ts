/** Where providers and block lists say more, and take complaints: their pages for those who send mail. */
import type { BounceCategory } from '../bounces/refusal.ts';

interface Page {
	/** Tested against provider and reply, lower case. */
	readonly mark: RegExp;
	readonly name: string;
	readonly url: string;
	/** For which categories the page helps. */
	readonly helps: readonly BounceCategory[];
}

const aboutUs: readonly BounceCategory[] = ['reputation', 'spam', 'rate_limited', 'sender_auth', 'policy'];
const blockLists: readonly BounceCategory[] = ['reputation', 'policy', 'rate_limited'];

/** The most telling first: a block list that is named beats the server that asked it. */
const pages: readonly Page[] = [
	{
		mark: /spamhaus/,
		name: 'Spamhaus: look up, and ask for removal',
		url: 'https://check.spamhaus.org/',
		helps: blockLists,
	},
	{ mark: /spamcop/, name: 'SpamCop: look up', url: 'https://www.spamcop.net/bl.shtml', helps: blockLists },
	{
		mark: /barracuda/,
		name: 'Barracuda: ask for removal',
		url: 'https://www.barracudacentral.org/rbl/removal-request',
		helps: blockLists,
	},
	{
		mark: /ipcheck\.proofpoint|proofpoint|pphosted/,
		name: 'Proofpoint: look up, and ask for removal',
		url: 'https://ipcheck.proofpoint.com/',
		helps: blockLists,
	},
	{
		mark: /cloudmark|ofr_?\d|orange|wanadoo/,
		name: 'Cloudmark CSI (also for Orange): ask for a reset',
		url: 'https://csi.cloudmark.com/en/reset/',
		helps: blockLists,
	},
	{
		mark: /sorbs|uceprotect/,
		name: 'several lists at once: look up',
		url: 'https://multirbl.valli.org/',
		helps: blockLists,
	},
	{
		mark: /gsmtp|gmail|google/,
		name: 'Gmail: what senders must do; figures in Postmaster Tools',
		url: 'https://support.google.com/a/answer/81126 https://postmaster.google.com/',
		helps: aboutUs,
	},
	{
		mark: /banned send|5\.7\.(?:60[6-9]|6[1-4]\d|511)\b|sender\.office\.com/,
		name: 'Microsoft 365: remove an IP address from the block list',
		url: 'https://sender.office.com/',
		helps: blockLists,
	},
	{
		mark: /outlook|hotmail|live\.com|office ?365|exchange online|protection\.outlook|\bs3\d{3}\b|s7\d{4}/,
		name: 'Outlook.com: rules for senders, and SNDS',
		url: 'https://sendersupport.olc.protection.outlook.com/pm/',
		helps: aboutUs,
	},
	{
		mark: /yahoo|\baol\b|\[ts[s0]?\d/,
		name: 'Yahoo and AOL: Sender Hub',
		url: 'https://senders.yahooinc.com/',
		helps: aboutUs,
	},
	{
		mark: /icloud|apple|\[(?:cs|hm)\d\d\]|me\.com/,
		name: 'Apple: rules for bulk senders',
		url: 'https://support.apple.com/en-us/102322',
		helps: aboutUs,
	},
	{
		mark: /gmx|web\.de|mail\.com|1&1|ionos/,
		name: 'GMX, web.de, mail.com: postmaster',
		url: 'https://postmaster.gmx.net/en/',
		helps: aboutUs,
	},
	{
		mark: /t-online|tosa@rx|tobr@rx/,
		name: 'T-Online: postmaster (write to tosa@rx.t-online.de)',
		url: 'https://postmaster.t-online.de/',
		helps: aboutUs,
	},
	{
		mark: /mimecast/,
		name: 'Mimecast: what its codes mean',
		url: 'https://community.mimecast.com/s/article/Mimecast-SMTP-Error-Codes',
		helps: aboutUs,
	},
	{
		mark: /cisco|ironport|sbrs|poor reputation/,
		name: 'Cisco Talos: reputation of your address',
		url: 'https://talosintelligence.com/reputation_center',
		helps: blockLists,
	},
	{
		mark: /trend ?micro|mail-abuse\.com|ers-/,
		name: 'Trend Micro: look up',
		url: 'https://servicecentral.trendmicro.com/en-us/ers/ip-lookup/',
		helps: blockLists,
	},
	{
		mark: /symantec|messagelabs|brightmail/,
		name: 'Symantec: ask for removal',
		url: 'https://ipremoval.sms.symantec.com/',
		helps: blockLists,
	},
	{ mark: /comcast/, name: 'Comcast: postmaster', url: 'https://postmaster.comcast.net/', helps: aboutUs },
	{
		mark: /postmaster\.free\.fr|\bfree\b/,
		name: 'Free: postmaster',
		url: 'https://postmaster.free.fr/',
		helps: aboutUs,
	},
	{ mark: /mail\.ru/, name: 'Mail.ru: postmaster', url: 'https://postmaster.mail.ru/', helps: aboutUs },
	{
		mark: /yandex|ya\.cc/,
		name: 'Yandex: rules for senders',
		url: 'https://yandex.com/support/mail/spam/honest-mailers.html',
		helps: aboutUs,
	},
	{ mark: /\bqq\b|qq\.com/, name: 'QQ: service pages', url: 'https://service.mail.qq.com/', helps: aboutUs },
	{
		mark: /\b(?:163|126)\b|netease/,
		name: 'NetEase (163, 126): codes for senders',
		url: 'https://mail.163.com/help/help_spam_16.htm',
		helps: aboutUs,
	},
	{
		mark: /amazon|\bses\b|aws/,
		name: 'Amazon SES: sending statistics and account',
		url: 'https://console.aws.amazon.com/ses/',
		helps: ['account', 'rate_limited'],
	},
	{ mark: /sendgrid/, name: 'SendGrid: your account', url: 'https://app.sendgrid.com/', helps: ['account'] },
	{ mark: /mailgun/, name: 'Mailgun: your account', url: 'https://app.mailgun.com/', helps: ['account'] },
];

const longestSearched = 4096;

export interface ProviderPage {
	readonly name: string;
	readonly url: string;
}

/** The page of the provider or block list that helps with such a refusal; null when none is known. */
export function pageFor(
	category: BounceCategory,
	said: { readonly text: string; readonly provider: string },
): ProviderPage | null {
	const searched = `${said.provider} ${said.text.slice(0, longestSearched)}`.toLowerCase();
	return pages.find(({ mark, helps }) => helps.includes(category) && mark.test(searched)) ?? null;
}
