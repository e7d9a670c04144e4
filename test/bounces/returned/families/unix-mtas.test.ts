/** Postfix, Exim, qmail and Sendmail. */
import { mailOf, reads } from './notice-mail.ts';

reads(
	'Postfix quotes the reply of the other server over several lines',
	'postfix',
	mailOf(`This is the mail system at host mx.sender.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

For further assistance, please send mail to postmaster.

                   The mail system

<jo@example.org>: host mail.example.org[192.0.2.1] said: 550 5.1.1
    <jo@example.org>: Recipient address rejected: User unknown in local
    recipient table (in reply to RCPT TO command)

<ann@example.net>: host mx.example.net[192.0.2.7] said: 552-5.2.2 Mailbox is full
    552 5.2.2 Try later (in reply to end of DATA command)
`),
	[
		{
			recipient: 'jo@example.org',
			reply:
				'550 5.1.1 <jo@example.org>: Recipient address rejected: User unknown in local recipient table (in reply to RCPT TO command)',
			enhancedCode: '5.1.1',
			server: 'mail.example.org',
			isDelay: false,
		},
		{
			recipient: 'ann@example.net',
			says: '552-5.2.2 Mailbox is full 552 5.2.2 Try later',
			enhancedCode: '5.2.2',
			server: 'mx.example.net',
		},
	],
);

reads(
	'Postfix reports the address that was written to, not the one it was forwarded to',
	'postfix',
	mailOf(`This is the mail system at host mx.sender.example.

<inner@intern.example> (expanded from <ann@example.net>): unknown user: "inner"
`),
	[{ recipient: 'ann@example.net', reply: 'unknown user: "inner"' }],
);

reads(
	'Postfix says at the top that it is a warning',
	'postfix',
	mailOf(`This is the mail system at host mx.sender.example.

####################################################################
# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #
####################################################################

Your message could not be delivered for more than 4 hour(s).
It will be retried until it is 5 day(s) old.

                   The mail system

<jo@example.org>: connect to mx.example.org[192.0.2.1]:25: Connection timed out
`),
	[
		{
			recipient: 'jo@example.org',
			reply: 'connect to mx.example.org[192.0.2.1]:25: Connection timed out',
			server: 'mx.example.org',
			isDelay: true,
		},
	],
);

reads(
	'Exim lists addresses two columns in and the reasons below them',
	'exim',
	mailOf(`This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  jo@example.org
    host mx.example.org [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<jo@example.org>:
    550-5.1.1 The account does not exist.
    550 5.1.1 Ask the postmaster
  ann@example.net
    (generated from all@example.net)
    retry timeout exceeded
  bo@nowhere.example
    Unrouteable address

------ This is a copy of the message, including all the headers. ------

Return-path: <news@sender.example>
To: ann@example.net
`),
	[
		{
			recipient: 'jo@example.org',
			says: '550-5.1.1 The account does not exist. 550 5.1.1 Ask the postmaster',
			enhancedCode: '5.1.1',
			server: 'mx.example.org',
		},
		{ recipient: 'all@example.net', reply: 'retry timeout exceeded' },
		{ recipient: 'bo@nowhere.example', reply: 'Unrouteable address', isDelay: false },
	],
);

reads(
	'Exim of the first years puts the host and the reply on one line',
	'exim',
	mailOf(`This message was created automatically by mail delivery software (Exim).

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  jo@example.org
    SMTP error from remote mail server after RCPT TO:<jo@example.org>:
    host mx.example.org [192.0.2.1]: 550 <jo@example.org>: User unknown
`),
	[
		{
			recipient: 'jo@example.org',
			reply: '550 <jo@example.org>: User unknown (in reply to RCPT TO command)',
			server: 'mx.example.org',
		},
	],
);

reads(
	'Exim warns that a message has not yet been delivered',
	'exim',
	mailOf(`This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.sender.example.

The message identifier is:     1abcDE-0001Fg-2H
The subject of the message is: News
The date of the message is:    Thu, 10 Mar 2022 13:40:27 +0100

The address to which the message has not yet been delivered is:

  jo@example.org
    host mx.example.org [192.0.2.1]
    Delay reason: SMTP error from remote mail server after RCPT TO:<jo@example.org>:
    451 4.7.1 Greylisting in action, please come back later

No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated at intervals if the message
remains undelivered.
`),
	[{ recipient: 'jo@example.org', says: '451 4.7.1 Greylisting in action', isDelay: true, enhancedCode: '4.7.1' }],
);

reads(
	'qmail gives one paragraph to each recipient',
	'qmail',
	mailOf(`Hi. This is the qmail-send program at mx.sender.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<jo@example.org>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 <jo@example.org>... User unknown
Giving up on 192.0.2.1.

<bo@nowhere.example>:
Sorry, I couldn't find any host named nowhere.example. (#5.1.2)

--- Below this line is a copy of the message.

Return-Path: <news@sender.example>
`),
	[
		{ recipient: 'jo@example.org', reply: '550 5.1.1 <jo@example.org>... User unknown', server: '192.0.2.1' },
		{
			recipient: 'bo@nowhere.example',
			reply: "Sorry, I couldn't find any host named nowhere.example. (#5.1.2)",
			enhancedCode: '5.1.2',
		},
	],
);

reads(
	'Yahoo speaks the format of qmail and says at which command it was refused',
	'yahoo',
	mailOf(`Sorry, we were unable to deliver your message to the following address.

<jo@example.org>:
Remote host said: 550 5.1.1 User unknown [MAIL_FROM]

--- Below this line is a copy of the message.
`),
	[{ recipient: 'jo@example.org', reply: '550 5.1.1 User unknown [MAIL_FROM] (in reply to MAIL FROM command)' }],
);

reads(
	'Sendmail gives the reason in brackets, wrapped or not',
	'sendmail',
	mailOf(`The original message was received at Thu, 29 Apr 2010 23:34:45 +0900
from localhost [127.0.0.1]

   ----- The following addresses had permanent fatal errors -----
<jo@example.org>
    (reason: 550 5.1.1 <jo@example.org>... User
     unknown)
    (expanded from: <all@example.net>)
ann@example.net
    (reason: 553 5.3.0 No (mail) here)

   ----- Transcript of session follows -----
... while talking to mx.example.org.:
>>> DATA
<<< 550 5.1.1 <jo@example.org>... User unknown
550 5.1.1 <jo@example.org>... User unknown
`),
	[
		{ recipient: 'all@example.net', says: '550 5.1.1 <jo@example.org>... User unknown', enhancedCode: '5.1.1' },
		{ recipient: 'ann@example.net', says: '553 5.3.0 No (mail) here' },
	],
);

reads(
	'Sendmail without reasons leaves them to the transcript',
	'sendmail',
	mailOf(`   ----- The following addresses had permanent fatal errors -----
<jo@example.org>
<ann@example.net>

   ----- Transcript of session follows -----
... while talking to mx.example.org.:
>>> RCPT To:<jo@example.org>
<<< 550-5.1.1 <jo@example.org>... User unknown
<<< 550 5.1.1 Sorry
550 5.1.1 <jo@example.org>... User unknown
... while talking to mx.example.net.:
>>> RCPT To:<ann@example.net>
<<< 552 5.2.2 Mailbox full
554 5.0.0 Service unavailable
`),
	[
		{
			recipient: 'jo@example.org',
			says: '550-5.1.1 <jo@example.org>... User unknown 550 5.1.1 Sorry',
			server: 'mx.example.org',
		},
		{ recipient: 'ann@example.net', says: '552 5.2.2 Mailbox full', server: 'mx.example.net' },
	],
);

reads(
	'Sendmail 5 names the recipient in the transcript only',
	'sendmail',
	mailOf(`   ----- Transcript of session follows -----
While talking to mx.example.org:
>>> RCPT To:<jo@example.org>
<<< 550 <jo@example.org>, User unknown
550 <jo@example.org>... User unknown

   ----- Unsent message follows -----
From: news@sender.example
To: jo@example.org
`),
	[{ recipient: 'jo@example.org', says: '550 <jo@example.org>, User unknown', server: 'mx.example.org' }],
);

reads(
	'Sendmail tells a delay from a failure in the title of its list',
	'sendmail',
	mailOf(`    **********************************************
    **      THIS IS A WARNING MESSAGE ONLY      **
    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **
    **********************************************

   ----- The following addresses had transient non-fatal errors -----
<jo@example.org>

   ----- Transcript of session follows -----
451 4.4.1 <jo@example.org>... Deferred: Connection timed out with mx.example.org.
Warning: message still undelivered after 4 hours
Will keep trying until message is 5 days old
`),
	[{ recipient: 'jo@example.org', says: '451 4.4.1 <jo@example.org>... Deferred', isDelay: true }],
);

reads(
	'Sendmail lists those who did get it, too, and they are no failures',
	'sendmail',
	mailOf(`   ----- The following addresses had successful delivery notifications -----
<fine@example.org>  (successfully delivered to mailbox)

   ----- The following addresses had permanent fatal errors -----
<jo@example.org>
    (reason: 550 no such user)
`),
	[{ recipient: 'jo@example.org', reply: '550 no such user' }],
);

reads(
	'Sendmail sums a refusal of our address up in words of its own; those of the other server are told',
	'sendmail',
	mailOf(`   ----- The following addresses had permanent fatal errors -----
<jo@example.org>

   ----- Transcript of session follows -----
... while talking to mx.example.org.:
>>> MAIL From:<news@sender.example>
<<< 550 5.7.1 Access denied
554 <jo@example.org>... Service unavailable
`),
	[{ recipient: 'jo@example.org', reply: '550 5.7.1 Access denied (in reply to MAIL FROM command)' }],
);

reads(
	'a local mailer of Sendmail explains itself in the line before',
	'sendmail',
	mailOf(`   ----- The following addresses had permanent fatal errors -----
jo@example.org

   ----- Transcript of session follows -----
procmail: Quota exceeded while writing "/var/mail/jo"
550 5.0.0 jo@example.org... Can't create output
`),
	[
		{
			recipient: 'jo@example.org',
			reply: '550 5.0.0 jo@example.org... Can\'t create output (procmail: Quota exceeded while writing "/var/mail/jo")',
		},
	],
);
