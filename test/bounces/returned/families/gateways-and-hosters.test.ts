/** Filters, servers for Windows, freemailers, hosts and services, and Notes. */
import { mailOf, reads } from './notice-mail.ts';

reads(
	'Domino says because',
	'domino',
	mailOf(`Your message

  Subject: News

was not delivered to:

  jo@example.org

because:

  User jo (jo@example.org) not listed in Domino Directory
`),
	[{ recipient: 'jo@example.org', reply: 'User jo (jo@example.org) not listed in Domino Directory' }],
);

reads(
	'Domino in German',
	'domino',
	mailOf(
		'Ihre Nachricht\n\n  Betreff: News\n\nwurde nicht zugestellt an:\n\n  jo@example.org\n\nweil:\n\n  Benutzer jo nicht im Domino-Verzeichnis aufgeführt\n',
	),
	[{ recipient: 'jo@example.org', reply: 'Benutzer jo nicht im Domino-Verzeichnis aufgeführt' }],
);

reads(
	'Notes gives the reason above the address',
	'domino',
	mailOf(
		'------- Failure Reasons  --------\n\nUser not listed in public Name & Address Book\njo@example.org\n\n------- Returned Message --------\n\nReceived: from x\n',
	),
	[{ recipient: 'jo@example.org', reply: 'User not listed in public Name & Address Book' }],
);

reads(
	'GMX puts the address in quotation marks and the host on a line of its own',
	'gmx',
	mailOf(`This message was created automatically by mail delivery software.

A message that you sent could not be delivered to
one or more of its recipients. This is a permanent error.
The following address(es) failed:

"jo@example.org":
SMTP error from remote server after RCPT command:
host: mx.example.org
5.1.1 <jo@example.org>... User Unknown


--- The header of the original message is following. ---

Received: from localhost
`),
	[
		{
			recipient: 'jo@example.org',
			says: '5.1.1 <jo@example.org>... User Unknown',
			enhancedCode: '5.1.1',
			server: 'mx.example.org',
		},
	],
);

reads(
	'1&1 gives its reason under a heading',
	'gmx',
	mailOf(`This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error. The following address
failed:

jo@example.org

For the following reason:

Mail size limit exceeded. For explanation visit
http://postmaster.1and1.com/en/error-messages?ip=%1s

--- The header of the original message is following. ---
`),
	[{ recipient: 'jo@example.org', says: 'Mail size limit exceeded.' }],
);

reads(
	'GMX reports who refused and with which reply',
	'gmx',
	mailOf(`This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its recipients. This is a permanent error. The following address failed:

jo@example.org:
SMTP error from remote server for RCPT TO command, host: mx.example.org (192.0.2.65) reason: 550 5.2.0 Mail rejete. Mail rejected. ofr_506 [506]
`),
	[
		{
			recipient: 'jo@example.org',
			says: '550 5.2.0 Mail rejete. Mail rejected. ofr_506 [506]',
			server: 'mx.example.org',
		},
	],
);

reads(
	'IMail says all in one line',
	'imail',
	mailOf('Unknown user: jo@example.org\n\nOriginal message follows.\n\nReceived: from x\n'),
	[{ recipient: 'jo@example.org', reply: 'Unknown user' }],
);
reads(
	'IMail tells of a full mailbox without a code',
	'imail',
	mailOf('User mailbox exceeds allowed size: jo@example.org\n\nOriginal message follows.\n'),
	[{ recipient: 'jo@example.org', reply: 'User mailbox exceeds allowed size' }],
);
reads(
	'IMail quotes what the other server answered',
	'imail',
	mailOf('undeliverable to jo@example.org\n\nBody of message generated response:\n552 5.7.0 Message refused\n'),
	[{ recipient: 'jo@example.org', says: '552 5.7.0 Message refused' }],
);

reads(
	'SurfControl counts its attempts',
	'surfcontrol',
	mailOf(`Your message could not be sent.
A transcript of the attempts to send the message follows.
The number of attempts made: 1
Addressed To: jo@example.org

Thu 29 Apr 2010 23:34:45 +0900
Failed to send to identified host,
jo@example.org: [192.0.2.1], 550 jo@example.org... No such user

--- Message non-deliverable.
`),
	[{ recipient: 'jo@example.org', says: '550 jo@example.org... No such user' }],
);

reads(
	'MailMarshal names the affected below the reason',
	'mail-marshal',
	mailOf(`Your message:
   From:    news@sender.example
   Subject: News

Could not be delivered because of

550 5.1.1 User unknown

The following recipients were affected:
    jo@example.org
    ann@example.org

Additional Information
======================
Original Sender: <news@sender.example>
Sender-MTA: <192.0.2.11>
`),
	[
		{ recipient: 'jo@example.org', reply: '550 5.1.1 User unknown' },
		{ recipient: 'ann@example.org', reply: '550 5.1.1 User unknown' },
	],
);

reads(
	'Messaging Server writes labels and quotes our header first',
	'messaging-server',
	mailOf(`This report relates to a message you sent with the following header fields:

  Return-path: <news@sender.example>
  Received: from localhost by mx.sender.example
  Message-id: <1@sender.example>
  From: news@sender.example
  To: jo@example.org
  Subject: News

Your message cannot be delivered to the following recipients:

  Recipient address: jo@example.org
  Reason: Remote SMTP server has rejected address
  Diagnostic code: smtp;550 5.1.1 <jo@example.org>... User Unknown
  Remote system: dns;mx.example.org (TCP|192.0.2.1|47323|192.0.2.225|25)
`),
	[{ recipient: 'jo@example.org', says: '550 5.1.1 <jo@example.org>... User Unknown' }],
);

reads(
	'InterScan shows what it sent and received',
	'trend-micro',
	mailOf(
		'Sent <<< RCPT TO:<jo@example.org>\nReceived >>> 550 5.1.1 <jo@example.org>... user unknown\nUnable to deliver message to <jo@example.org>\n',
	),
	[{ recipient: 'jo@example.org', says: '550 5.1.1 <jo@example.org>... user unknown' }],
);

reads(
	'McAfee puts the reason in brackets',
	'mcafee',
	mailOf('--- The following addresses had delivery problems ---\n\n<jo@example.org>   (User unknown jo@example.org)\n'),
	[{ recipient: 'jo@example.org', says: 'User unknown jo@example.org' }],
);

reads(
	'MailFoundry names the server that failed',
	'mailfoundry',
	mailOf(
		'Unable to deliver message to: <jo@example.org>\nDelivery failed for the following reason:\nServer mx.example.org[192.0.2.2] failed with: 550 <jo@example.org> No such user here\n\nThis has been a notification from MailFoundry\n',
	),
	[{ recipient: 'jo@example.org', says: '550 <jo@example.org> No such user here', server: 'mx.example.org' }],
);

reads(
	'a mailer that had trouble quotes the answer in square brackets',
	'emailarchitect',
	mailOf(`We had trouble delivering your message. Full details follow:

Subject: 'News'
Date: 'Thu, 29 Apr 2010'

1 error(s):

SMTP Server <mx.example.org> rejected recipient <jo@example.org>
  (Error following RCPT command). It responded as follows: [550 5.1.1 <jo@example.org>... User unknown]
`),
	[{ recipient: 'jo@example.org', reply: '550 5.1.1 <jo@example.org>... User unknown' }],
);

reads(
	'Zoho writes its codes in capitals, and quoted-printable is left over',
	'zoho',
	mailOf(`This message was created automatically by mail delivery software.
 A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.

jo@example.org Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 <jo@example.org>... User Unknown
`),
	[{ recipient: 'jo@example.org' }],
);

reads(
	'KDDI says why in a dependent clause',
	'kddi',
	mailOf(
		'Your mail sent on: Thu, 29 Apr 2010 11:04:47 +0900\nCould not be delivered to: <jo@example.ne.jp>\n As their mailbox is full.\n',
	),
	[{ recipient: 'jo@example.ne.jp', reply: 'As their mailbox is full.' }],
);

reads(
	'au tells of disabled accounts and shows the transcript',
	'ezweb',
	mailOf(
		'Each of the following recipients was rejected by a remote mail server.\nThe reasons given by the server are included to help you determine why\neach recipient was rejected.\n\n    Recipient: <jo@ezweb.ne.jp>\n    >>> RCPT TO:<jo@ezweb.ne.jp>\n    <<< 550 <jo@ezweb.ne.jp>: User unknown\n',
	),
	[{ recipient: 'jo@ezweb.ne.jp', says: '550 <jo@ezweb.ne.jp>: User unknown' }],
);

reads(
	'SES sends JSON through SNS',
	'amazon-json',
	mailOf(
		`${JSON.stringify({
			Type: 'Notification',
			Message: JSON.stringify({
				notificationType: 'Bounce',
				bounce: {
					bounceType: 'Permanent',
					bounceSubType: 'General',
					bouncedRecipients: [
						{
							emailAddress: 'jo@example.org',
							status: '5.1.1',
							action: 'failed',
							diagnosticCode: 'smtp; 550 5.1.1 user unknown',
						},
						{ emailAddress: 'ann@example.org' },
					],
				},
			}),
		})}\n\n--\nIf you wish to stop receiving notifications ...`,
	),
	[
		{ recipient: 'jo@example.org', reply: '550 5.1.1 user unknown', enhancedCode: '5.1.1' },
		{ recipient: 'ann@example.org', reply: 'Permanent General' },
	],
);
