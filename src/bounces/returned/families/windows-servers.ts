/** Mail servers for Windows offices and small hosts, each by the sentence that it has used for decades; and GroupWise. */
import type { NoticeFamily } from './notice-family.ts';
import { shapedFamily } from './shaped-family.ts';

export const windowsServers: readonly NoticeFamily[] = [
	// "MailEnable: Message delivery has failed." then "Recipient: [SMTP:jo@example.org]", "Reason: Remote SMTP Server Returned: 550 ...".
	shapedFamily({
		id: 'mailenable',
		signs: [
			['mailenable: message'],
			['message could not be delivered to the following recipient', 'mailenable'],
			['remote smtp server returned:'],
			['mailenable'],
		],
		from: ['following recipient(s):', 'following recipients:', 'recipient:'],
		until: ['\nmessage headers follow', '\nmessage contents follow'],
	}),
	// "The attached message had PERMANENT fatal delivery errors!" ... "Session Transcript" with `--> RCPT TO:<jo@example.org>` and `<-- 550 ...`.
	shapedFamily({
		id: 'mdaemon',
		signs: [
			['mdaemon', 'delivery'],
			['the attached message had permanent fatal delivery errors'],
			['the attached message had transient non-fatal delivery errors'],
			['the attached message had transient'],
			['the attached message had permanent'],
			['failed address:', 'session transcript'],
			['after one or more unsuccessful delivery attempts the attached message has been removed from the mail queue'],
			['el mensaje adjunto', 'mdaemon'],
		],
		from: [
			'failed address:',
			'failed recipient:',
			'the following recipient',
			'cannot deliver the message to',
			'delivery attempts to',
		],
		until: ['--- session transcript', '\n--- end transcript'],
		delay: ['transient non-fatal delivery errors'],
	}),
	// "Your mail has not been delivered to these recipients:" in Kerio Connect: `<jo@example.org>` then `Remote server replied: 550 ...`.
	shapedFamily({
		id: 'kerio',
		signs: [
			['kerio'],
			['your message was not delivered to the following', 'remote smtp server'],
			['message you sent', 'could not be delivered to the following recipient', 'kerio'],
		],
		from: [
			'following recipients:',
			'following recipient(s):',
			'following addresses:',
			'these recipients:',
			'delivered to:',
		],
	}),
	// "Your message did not reach some or all of the intended recipients. / Sent: ... Subject: ... / The following recipient(s) could not be reached: / jo@example.org /
	// Error Type: SMTP / Remote server (192.0.2.1) issued an error. / hMailServer sent: RCPT TO:<jo@example.org> / Remote server replied: 550 ...". Before Exchange, whose first line it is.
	shapedFamily({
		id: 'hmailserver',
		signs: [['hmailserver'], ['error type: smtp', 'could not be reached']],
		from: ['recipient(s) could not be reached:', 'could not be reached:'],
		until: ['\nhmailserver\n'],
	}),
	// "The message that you sent was undeliverable to the following: / jo (user not found)".
	shapedFamily({
		id: 'groupwise',
		signs: [
			['the message that you sent was undeliverable to the following'],
			['the attached file had the following undeliverable recipient'],
			['your message was undeliverable to the following', 'groupwise'],
			['transcript of session follows', 'groupwise'],
			['die von ihnen gesendete nachricht konnte nicht an folgende'],
			['you have received this notification from groupwise'],
			['the message that you sent was delayed to the following'],
		],
		from: [
			'undeliverable to the following:',
			'undeliverable recipient(s):',
			'undeliverable recipient',
			'to the following:',
			'nicht an folgende',
		],
	}),
	// "Could not deliver message to the following recipient(s): / Failed Recipient: jo@example.org / Reason: Remote host said: 550 ..." of SmarterMail.
	shapedFamily({
		id: 'smartermail',
		signs: [
			['could not deliver message to the following recipient(s)', 'failed recipient:'],
			['failed recipient:', 'reason: remote host said'],
			['failed recipient:', '-- the header and top 20 lines of the message follows'],
		],
		from: ['following recipient(s):'],
		until: ['-- the header and top'],
	}),
	// "Your message cannot be delivered to the following recipients / Recipient: ..." of CommuniGate Pro; "Failed to deliver to 'jo@example.org'".
	shapedFamily({
		id: 'communigate',
		signs: [
			['failed to deliver to'],
			['has not been delivered to the following recipients', 'communigate'],
			['communigate pro'],
		],
		from: ['failed to deliver to', 'following recipients:'],
	}),
	// "This is a bounce message from ... Merak/IceWarp": "Failed to deliver to the following recipients".
	shapedFamily({
		id: 'icewarp',
		signs: [['icewarp'], ['merak mail server'], ['could not be delivered to', 'mail server: merak']],
		from: ['following recipients:', 'could not be delivered to', 'following addresses'],
	}),
];
