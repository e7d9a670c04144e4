/**
 * The providers, with the limits they publish. A figure that is not published is left out, never guessed: then the product's own
 * defaults hold, and the throttle learns the rest from what the server says (reference/reliability.md §4).
 */
import type { Limit, Provider, ProviderAddress, RateLimit, Source } from './provider.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const nothingPublished = { connections: null, messagesPerConnection: null, rates: [], advice: '' } as const;

const office365Limits =
	'https://learn.microsoft.com/en-us/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits';
const sendGridLimits = 'https://www.twilio.com/docs/sendgrid/for-developers/sending-email/getting-started-smtp';
const sparkPostLimits = 'https://developers.sparkpost.com/api/smtp/';
const socketLabsLimits = 'https://help.socketlabs.com/';

export const providers: readonly Provider[] = [
	{
		id: 'ses',
		name: 'Amazon SES',
		// Also the endpoints for FIPS, and those inside a VPC.
		hosts: /^(?:vpce-[a-z0-9-]+\.)?email-smtp(?:-fips)?\.[a-z0-9-]+\.(?:vpce\.)?amazonaws\.com$/,
		server: {
			service: 'SES',
			own: null,
			variant: (region) =>
				/^[a-z]{2}(?:-[a-z]+){1,2}-\d$/.test(region)
					? { service: `SES-${region}`, host: `email-smtp.${region}.amazonaws.com` }
					: null,
			variants: 'a region, as in ses:eu-west-1',
		},
		...nothingPublished,
		// https://docs.aws.amazon.com/ses/latest/dg/quotas.html: per account and region, counted by recipient.
		advice:
			'Amazon SES gives each account a rate and a daily quota (in its sandbox 1/s and 200/day): name yours with --rate',
	},
	{
		id: 'sendgrid',
		name: 'SendGrid',
		hosts: /^smtp(?:\.eu)?\.sendgrid\.net$/,
		server: wellKnown('SendGrid', { eu: 'smtp.eu.sendgrid.net' }),
		connections: published(10_000, { url: sendGridLimits, says: 'takes 10,000 connections at the same time' }),
		messagesPerConnection: published(5_000, { url: sendGridLimits, says: 'takes 5,000 messages over a connection' }),
		rates: [],
		advice: 'the user at SendGrid is always "apikey", and the password an API key',
	},
	{
		id: 'mailgun',
		name: 'Mailgun',
		hosts: /^smtp(?:\.eu)?\.mailgun\.org$/,
		server: wellKnown('Mailgun', { eu: 'smtp.eu.mailgun.org' }),
		...nothingPublished,
	},
	{
		id: 'postmark',
		name: 'Postmark',
		hosts: /^smtp(?:-broadcasts)?\.postmarkapp\.com$/,
		server: wellKnown('Postmark', { broadcasts: 'smtp-broadcasts.postmarkapp.com' }),
		...nothingPublished,
		connections: recommended(10, {
			url: 'https://postmarkapp.com/developer/user-guide/send-email-with-smtp',
			says: 'recommends at most 10 connections from one address',
		}),
		advice: 'Postmark wants bulk mail on a broadcast stream: --provider postmark:broadcasts',
	},
	{
		id: 'sparkpost',
		name: 'SparkPost',
		hosts: /^smtp(?:\.eu)?\.sparkpostmail\.com$/,
		server: wellKnown('SparkPost', { eu: 'smtp.eu.sparkpostmail.com' }),
		connections: published(10, { url: sparkPostLimits, says: 'takes 10 connections at the same time' }),
		messagesPerConnection: recommended(100, {
			url: sparkPostLimits,
			says: 'recommends 100 messages over a connection',
		}),
		rates: [],
		advice: '',
	},
	{
		id: 'gmail',
		name: 'Gmail',
		hosts: /^smtp\.(?:gmail|googlemail)\.com$/,
		server: wellKnown('Gmail'),
		...nothingPublished,
		rates: [
			{
				periodMs: dayMs,
				preset: 500,
				// One server for both kinds of account; the quota of the larger one must be asked for.
				ceiling: 2_000,
				source: {
					url: 'https://support.google.com/a/answer/166852',
					says: 'lets a personal account send 500 messages a day, one of Workspace 2,000',
				},
			},
		],
		advice: 'Gmail wants an app password, or OAuth 2',
	},
	{
		id: 'workspace-relay',
		name: 'the Google Workspace relay',
		hosts: /^smtp-relay\.gmail\.com$/,
		server: wellKnown('GmailWorkspace'),
		...nothingPublished,
		rates: [
			dailyQuota(10_000, {
				url: 'https://support.google.com/a/answer/2956491',
				says: 'takes 10,000 recipients of a user a day',
			}),
		],
	},
	{
		id: 'office365',
		name: 'Office 365',
		hosts: /^smtp\.office365\.com$/,
		server: wellKnown('Outlook365'),
		connections: published(3, {
			url: 'https://aka.ms/concurrent_sending',
			says: 'takes 3 connections of a mailbox at the same time',
		}),
		messagesPerConnection: null,
		rates: [
			{
				...published(30, { url: office365Limits, says: 'takes 30 messages a minute, and delays what is more' }),
				periodMs: minuteMs,
			},
			dailyQuota(10_000, { url: office365Limits, says: 'takes 10,000 recipients a day' }),
		],
		advice: 'Office 365 switches passwords off at the end of 2026: use OAuth 2',
	},
	{
		id: 'brevo',
		name: 'Brevo',
		hosts: /^smtp-relay\.(?:brevo|sendinblue)\.com$/,
		server: wellKnown('Brevo'),
		...nothingPublished,
		advice: 'the password at Brevo is an SMTP key; its free plan takes 300 messages a day: --rate 300/day',
	},
	{
		id: 'mailjet',
		name: 'Mailjet',
		hosts: /^in(?:-v3)?\.mailjet\.com$/,
		server: wellKnown('Mailjet'),
		...nothingPublished,
		advice: 'the free plan of Mailjet takes 200 messages a day: --rate 200/day',
	},
	{
		id: 'fastmail',
		name: 'Fastmail',
		hosts: /^smtp\.fastmail\.com$/,
		server: wellKnown('FastMail'),
		...nothingPublished,
	},
	{
		id: 'zoho',
		name: 'Zoho Mail',
		hosts: /^smtp(?:pro)?\.zoho\.(?:com|eu|in|com\.au|jp|sa)$/,
		server: wellKnown('Zoho', { eu: 'smtp.zoho.eu', in: 'smtp.zoho.in' }),
		...nothingPublished,
		rates: [
			{
				periodMs: hourMs,
				preset: 50,
				ceiling: 500,
				source: {
					url: 'https://www.zoho.com/mail/help/usage-policy.html',
					says: 'takes from 50 to 500 messages an hour to others, and changes that as it sees fit',
				},
			},
		],
		advice: 'Zoho Mail forbids bulk mail: it wants ZeptoMail or Zoho Campaigns for that',
	},
	{
		id: 'socketlabs',
		name: 'SocketLabs',
		hosts: /^smtp\.socketlabs\.com$/,
		server: { ...wellKnown(''), own: { host: 'smtp.socketlabs.com', port: 587 } },
		connections: published(10, { url: socketLabsLimits, says: 'takes 10 connections of an account at the same time' }),
		messagesPerConnection: published(50, { url: socketLabsLimits, says: 'takes 50 messages over a connection' }),
		rates: [],
		advice: '',
	},
	{
		id: 'smtp2go',
		name: 'SMTP2GO',
		hosts: /^mail(?:-[a-z]{2})?\.smtp2go\.com$/,
		server: wellKnown('SMTP2GO'),
		...nothingPublished,
	},
	{
		id: 'mailersend',
		name: 'MailerSend',
		hosts: /^smtp\.mailersend\.net$/,
		server: wellKnown('MailerSend'),
		...nothingPublished,
	},
];

/** Whose server this is; null when it is nobody's we know. */
export function findProvider(host: string): Provider | null {
	const name = host.toLowerCase().replace(/\.$/, '');
	return providers.find(({ hosts }) => hosts.test(name)) ?? null;
}

/** By id, with or without what follows a colon: `ses`, `ses:eu-west-1`. */
export function providerById(text: string): Provider | null {
	const id = text.split(':', 1)[0]?.toLowerCase();
	return providers.find((provider) => provider.id === id) ?? null;
}

function published(figure: number, source: Source): Limit {
	return { preset: figure, ceiling: figure, source };
}

function recommended(figure: number, source: Source): Limit {
	return { preset: figure, ceiling: Number.POSITIVE_INFINITY, source };
}

function dailyQuota(figure: number, source: Source): RateLimit {
	return { ...published(figure, source), periodMs: dayMs };
}

function wellKnown(service: string, hosts: Readonly<Record<string, string>> = {}): ProviderAddress {
	const names = new Map(Object.entries(hosts));
	return {
		service,
		own: null,
		variant: (name) => {
			const host = names.get(name);
			return host === undefined ? null : { service: '', host };
		},
		variants: [...names.keys()].join(' or '),
	};
}
