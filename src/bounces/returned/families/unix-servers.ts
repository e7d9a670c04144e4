/** Mail servers of Unix machines beside the four great ones, each by the sentence that it has used for decades. */
import type { NoticeFamily } from './notice-family.ts';
import { shapedFamily } from './shaped-family.ts';

export const unixServers: readonly NoticeFamily[] = [
	// "This is a delivery status notification from mx.example.com, running the Courier mail server"; "UNDELIVERABLE MAIL"; `<jo@example.org>:` and a transcript.
	shapedFamily({
		id: 'courier',
		signs: [
			['this is a delivery status notification from', 'courier'],
			['your message to the following recipients cannot be delivered:'],
			['running the courier mail server'],
		],
		from: [
			'recipients cannot be delivered:',
			'recipients has been delayed:',
			'recipients have been delayed:',
			'has not been delivered yet:',
			'following recipients:',
		],
		until: ['if your message was also sent to additional recipients', 'no action is required'],
		delay: ['delayed mail', 'delivery is delayed'],
	}),
	// "Hi! This is the MAILER-DAEMON, please DO NOT REPLY to this email."; `jo@example.org: 550 ...`.
	shapedFamily({
		id: 'opensmtpd',
		signs: [
			['this is the mailer-daemon, please do not reply'],
			['an error has occurred while attempting to deliver a message for'],
			['for the following list of recipients', 'a message is delayed'],
		],
		from: ['list of recipients:', 'following recipients:', 'deliver a message for'],
		until: ['\n below is a copy of', '\nbelow is a copy of'],
		delay: ['a message is delayed'],
	}),
	// "This is the DragonFly Mail Agent v0.13 at host. / There was an error delivering your mail to <jo@example.org>. / mx [ip] did not like our RCPT TO: / 550 ...".
	shapedFamily({
		id: 'dragonfly',
		signs: [
			['this is the dragonfly mail agent'],
			['there was an error delivering your mail to'],
			['did not like our rcpt to'],
			['message bounced by', 'remote server said'],
		],
		from: ['there was an error delivering your mail to', 'error delivering your mail to'],
	}),
	// "This is a permanent error"? nullmailer quotes its recipients as `<jo@example.org>: Failed: 550 ...` or `jo@example.org:` with smtp: lines.
	shapedFamily({
		id: 'nullmailer',
		signs: [
			['this is the nullmailer'],
			['nullmailer'],
			['the message returned below could not be delivered', 'nullmailer'],
		],
		from: ['following addresses:', 'following recipients:', 'one or more destinations.', 'one or more recipients.'],
	}),
	// "Hello, this is the mail server on host. / I am sending you this message to inform you on the delivery status of a message you previously sent."
	shapedFamily({
		id: 'powermta',
		signs: [
			['i am sending you this message to inform you on the delivery status'],
			['immediately below you will find a list of the affected recipients'],
		],
		from: ['headers of the original message.', 'affected recipients'],
		until: ['\nyou can', 'recipient-specific'],
		delay: ['will continue trying'],
	}),
	// "This is the mail delivery agent at messagelabs.com. / I was unable to deliver your message to the following addresses."
	shapedFamily({
		id: 'delivery-agent',
		signs: [
			['this is the mail delivery agent at'],
			['this is the message delivery agent'],
			['i was unable to deliver your message to the following address'],
		],
		from: ['to the following addresses.', 'to the following addresses:', 'to the following address.'],
		until: ['\nthe message subject was', '\nthe message date was'],
	}),
	// "Hi. This is the James mail server at host. / Failed recipient(s): / jo@example.org / Error message: / 550 ..." (also qmail's greeting, so before it).
	shapedFamily({
		id: 'james',
		signs: [
			['this is the james mail server'],
			['failed recipient(s):', 'error message:'],
			['failed recipient(s):', 'message details:'],
		],
		from: ['failed recipient(s):'],
		until: ['\n message details', 'message details:'],
	}),
	// ZMailer: "This is a collection of reports about email delivery process concerning a message you originated."; `FAILED: / Original Recipient: / rfc822;jo@example.org`.
	shapedFamily({
		id: 'zmailer',
		signs: [['this is a collection of reports about email delivery']],
		from: ['original recipient:', 'failed:'],
	}),
	// msmtp, esmtp and other clients that report to cron: "sendmail: recipient address jo@example.org not accepted by the server / server message: 550 ...".
	shapedFamily({
		id: 'msmtp',
		signs: [
			['not accepted by the server', 'server message:'],
			['msmtp: '],
			['esmtp: ', 'could not deliver'],
			['ssmtp: '],
		],
		from: ['recipient address', 'could not send mail to', 'deliver to'],
	}),
	// Smail 3 and T-Online: `|------------------------- Failed addresses follow: ---------------------|` and ` <jo@example.org> ... unknown user`.
	shapedFamily({
		id: 'smail',
		signs: [['failed addresses follow:']],
		from: ['failed addresses follow:'],
		neverDelays: true,
	}),
	// Haraka: "Hi. This is the Haraka Mailer program at host."
	shapedFamily({
		id: 'haraka',
		signs: [['this is the haraka mailer program'], ['haraka mailer']],
		from: ['to the following addresses.', 'intended recipients:', 'intended recipients'],
	}),
	// XMail: "[<00>] XMail bounce: Rcpt=[jo@example.org];Error=[550 ...]".
	shapedFamily({
		id: 'xmail',
		signs: [['xmail bounce']],
		from: ['rcpt=[', 'xmail bounce'],
	}),
];
