/** Freemailers, hosts and sending services with a notice of their own; those that only run Exim or Postfix stand there. */
import type { NoticeFamily } from './notice-family.ts';
import { shapedFamily } from './shaped-family.ts';

export const hosters: readonly NoticeFamily[] = [
	// GMX, web.de and 1&1 speak Exim's words, then `"jo@example.org":` or `jo@example.org:` and "SMTP error from remote server after RCPT command: / host: mx / 5.1.1 ...".
	shapedFamily({
		id: 'gmx',
		signs: [
			['smtp error from remote server'],
			['this message was created automatically by mail delivery software', 'for the following reason:'],
			['dieses schreiben wurde automatisch', 'zugestellt'],
			['diese nachricht wurde automatisch', 'zugestellt'],
			['diese e-mail wurde automatisch', 'zugestellt'],
			['mail delivery system', '1and1'],
			['postmaster.gmx'],
			['mail delivery system', 'gmx'],
			['mail delivery system', 'web.de'],
		],
		from: [
			'the following address(es) failed:',
			'the following address failed:',
			'the following addresses failed:',
			'folgende adresse(n) fehlgeschlagen:',
			'an folgende adresse(n)',
			'folgende adressen',
			'folgende adresse',
			'folgenden empfänger',
			'not yet been delivered to the following',
			'following recipient(s):',
			'recipients. this is a permanent error.',
		],
		until: ['\n--- the header of', '\n--- kopfzeilen', '\nfor explanation visit'],
	}),
	// "jo@example.org Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 ...".
	shapedFamily({
		id: 'zoho',
		signs: [['error_code :'], ['zoho', 'could not be delivered'], ['zoho', 'delivery']],
		from: ['this is a permanent error.', 'following recipients:', 'recipients.'],
	}),
	// "The following message to <jo@example.org> was undeliverable. / The reason for the problem: / 5.1.0 - Unknown address error 550-'5.1.1 ...'" of SES and Cisco IronPort.
	shapedFamily({
		id: 'ironport',
		signs: [
			['the following message to', 'was undeliverable', 'the reason for the problem'],
			['the following message to', 'was undeliverable'],
			['an error occurred while trying to deliver the mail to the following recipients'],
		],
		from: ['the following message to', 'to the following recipients:'],
	}),
	// "I'm sorry to have to tell you that your message was not able to be delivered to one of its intended recipients." of SendGrid.
	shapedFamily({
		id: 'sendgrid',
		signs: [
			['sendgrid', 'was not able to be delivered'],
			['not able to be delivered to one of its intended recipients'],
		],
		from: ['please contact sendgrid support.', 'intended recipients.'],
	}),
];

/** Those that only their name tells; replies quote the same names, so they come after the servers that quote replies. */
export const hosterBrands: readonly NoticeFamily[] = [
	shapedFamily({
		id: 'facebook',
		signs: [
			['this message was created automatically by facebook'],
			['facebookmail.com', 'could not be delivered'],
			['facebook.com', 'rcp-p'],
		],
		from: ['could not be delivered to:', 'delivered to', 'recipient:'],
	}),
	// T-Online and freenet, who write German above or below the English.
	shapedFamily({
		id: 't-online',
		signs: [
			['t-online', 'nicht zugestellt'],
			['t-online', 'could not be delivered'],
			['freenet', 'zugestellt'],
			['ihre nachricht konnte nicht zugestellt werden'],
			['ihre e-mail konnte nicht zugestellt werden'],
			['ihre mail konnte nicht zugestellt werden'],
			['konnte nicht an folgende empfänger'],
			['konnte an folgende empfänger nicht'],
			['konnte den folgenden empfängern nicht'],
			['konnte leider nicht zugestellt werden'],
		],
		from: [
			'folgende empfänger',
			'folgenden empfängern',
			'folgende adresse',
			'empfänger:',
			'nicht zugestellt werden:',
			'zugestellt werden',
		],
	}),
	// "We were unable to deliver your message to the recipient below" and others of AOL and Verizon Media, mostly HTML.
	shapedFamily({
		id: 'aol',
		signs: [
			['aol', 'your mail to the following recipient'],
			['aol', 'your message could not be delivered'],
			['postmaster.aol.com', 'deliver'],
			['your mail to the following recipients could not be delivered because they are not accepting mail from'],
		],
		from: [
			'following recipients could not be delivered',
			'to the following recipients',
			'following recipients:',
			'recipient:',
			'accepting mail from',
		],
	}),
	shapedFamily({
		id: 'bigpond-comcast',
		signs: [
			['comcast', 'could not be delivered'],
			['comcast', 'undeliverable'],
			['your message cannot be delivered to the following recipients:'],
			['messages to the following recipients could not be delivered'],
		],
		from: ['following recipients:', 'to the following recipients', 'recipients could not be delivered'],
	}),
	// Amazon WorkMail: "Your message wasn't delivered to the following recipients / Technical report:".
	shapedFamily({
		id: 'workmail',
		signs: [
			['workmail', 'deliver'],
			['technical report:', 'deliver'],
		],
		from: ['following recipients:', 'following recipient:', "couldn't be delivered to", 'recipients'],
		until: ['\ntechnical report:'],
	}),
	shapedFamily({
		id: 'proton',
		signs: [
			['proton', 'could not be delivered'],
			['fastmail', 'could not be delivered'],
			['zimbra', 'could not be delivered'],
		],
		from: ['could not be delivered to', 'following recipients:', 'following addresses'],
	}),
];
