/** Filters and gateways that stand before mail servers, each by the sentence that it uses. */
import type { NoticeFamily } from './notice-family.ts';
import { shapedFamily } from './shaped-family.ts';

export const gateways: readonly NoticeFamily[] = [
	// "Your message: / From: / Subject: / Could not be delivered because of / 550 ... / The following recipients were affected:" is read by its labels; see labelled.ts.
	// "Your message could not be sent. A transcript of the attempts to send the message follows. ... Addressed To: jo@example.org / Failed to send to identified host, / jo@example.org: [192.0.2.1], 550 ...".
	shapedFamily({
		id: 'surfcontrol',
		signs: [
			['a transcript of the attempts to send the message follows'],
			['failed to send to identified host'],
			['the number of attempts made:', 'addressed to:'],
		],
		from: ['failed to send to identified host,', 'addressed to:'],
		until: ['--- message non-deliverable', '--- message'],
		neverDelays: true,
	}),
	// `--- The following addresses had delivery problems ---` and `<jo@example.org>   (User unknown jo@example.org)`.
	shapedFamily({
		id: 'mcafee',
		signs: [
			['the following addresses had delivery problems'],
			['--- the following addresses had delivery errors---'],
			['the following addresses had delivery errors'],
		],
		from: [
			'had delivery problems ---',
			'had delivery problems -',
			'had delivery errors---',
			'had delivery errors',
			'had delivery problems',
		],
	}),
	// `Sent >>> RCPT TO:<jo@example.org> / Received <<< 550 ... / Unable to deliver message to <jo@example.org>` of InterScan; and "Unable to deliver to:".
	shapedFamily({
		id: 'trend-micro',
		signs: [
			['unable to deliver message to', 'received <<<'],
			['unable to deliver message to', 'sent >>>'],
			['unable to deliver message to', 'sent <<<'],
			['interscan messaging security'],
			['interscan', 'could not be delivered'],
			['imss', 'unable to deliver'],
		],
		from: [],
		neverDelays: true,
	}),
	// "Unable to deliver message to: <jo@example.org> / Delivery failed for the following reason: / Server mx[192.0.2.1] failed with: 550 ... / This has been a notification from MailFoundry".
	shapedFamily({
		id: 'mailfoundry',
		signs: [['notification from mailfoundry'], ['delivery failed for the following reason:', 'failed with:']],
		from: ['unable to deliver message to:'],
		until: ['this has been a notification'],
	}),
	// "Your message to: / jo@example.org / was blocked by our Spam Firewall."
	shapedFamily({
		id: 'barracuda',
		signs: [['was blocked by our spam firewall'], ['spam firewall', 'has not been delivered']],
		from: ['your message to:'],
		until: ['was blocked by our'],
	}),
	// "We had trouble delivering your message. Full details follow: ... SMTP Server <mx> rejected recipient <jo@example.org> / (Error following RCPT command). It responded as follows: [550 ...]".
	shapedFamily({
		id: 'emailarchitect',
		signs: [
			['we had trouble delivering your message. full details follow'],
			['it responded as follows:', 'rejected recipient'],
		],
		from: ['rejected recipient', 'error(s):'],
	}),
	// "Routine: SMTP:connect / SMTP:RCPT host 192.0.2.8: 553 ..." below "Technical details:", with `* jo@example.org` above.
	shapedFamily({
		id: 'mail-relay',
		signs: [
			['delivery to the following recipients failed permanently', 'routine: smtp'],
			['smtp:rcpt host'],
			['routine:', 'technical details:', 'signed by:'],
		],
		from: ['recipients failed permanently:', 'recipient failed permanently:'],
	}),
];

/** Those that only their name tells; replies quote the same names, so they come after the servers that quote replies. */
export const brands: readonly NoticeFamily[] = [
	// Mimecast: "The following email could not be delivered to ..."; Symantec/MessageLabs, Proofpoint and Sophos say "The message ... could not be delivered to the following recipient(s)".
	shapedFamily({
		id: 'mimecast',
		signs: [
			['mimecast', 'deliver'],
			['mimecast', 'rejected'],
			['mimecast', 'undeliverable'],
		],
		from: [
			'could not be delivered to:',
			'could not be delivered to',
			'following recipients:',
			'following recipient(s):',
			'recipient(s):',
		],
	}),
	shapedFamily({
		id: 'symantec',
		signs: [
			['symantec', 'could not be delivered'],
			['symantec', 'undeliverable'],
			['symantec', 'blocked'],
			['messagelabs', 'deliver'],
			['brightmail', 'deliver'],
		],
		from: [
			'following recipients:',
			'following recipient(s):',
			'following addresses',
			'recipient(s):',
			'recipients:',
			'could not be delivered to',
		],
	}),
	shapedFamily({
		id: 'filter',
		signs: [
			['sophos', 'could not be delivered'],
			['proofpoint', 'could not be delivered'],
			['fortimail', 'deliver'],
			['ironport', 'deliver'],
			['spamexperts', 'deliver'],
			['hornetsecurity', 'zugestellt'],
			['mxlogic', 'deliver'],
			['postini', 'deliver'],
			['clearswift', 'deliver'],
			['mimesweeper', 'deliver'],
		],
		from: [
			'following recipients:',
			'following recipient(s):',
			'following addresses',
			'following address',
			'recipient(s):',
			'recipients:',
			'could not be delivered to',
		],
	}),
];
