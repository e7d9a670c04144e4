/** The other servers of Unix machines. */
import { mailOf, reads } from './notice-mail.ts';

reads(
	'Courier shows the command and the answer',
	'courier',
	mailOf(`This is a delivery status notification from mx.sender.example,
running the Courier mail server, version 0.65.2.

The original message was received on Sat, 11 Dec 2010 12:19:57 +0900
from [127.0.0.1]

---------------------------------------------------------------------------

                           UNDELIVERABLE MAIL

Your message to the following recipients cannot be delivered:

<jo@example.org>:
    mx.example.org [192.0.2.1]:
>>> RCPT TO:<jo@example.org>
<<< 550 5.1.1 <jo@example.org>... User Unknown

---------------------------------------------------------------------------

If your message was also sent to additional recipients, their delivery
status is not included in this report.
`),
	[{ recipient: 'jo@example.org', reply: '550 5.1.1 <jo@example.org>... User Unknown', server: 'mx.example.org' }],
);

reads(
	'OpenSMTPD puts the reply behind the address',
	'opensmtpd',
	mailOf(`    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this email.

    An error has occurred while attempting to deliver a message for
    the following list of recipients:

jo@example.org: 550 5.2.2 <jo@example.org>... Mailbox Full
ann@example.net: Destination seem to reject all mails

    Below is a copy of the original message:

Received: from localhost
`),
	[
		{ recipient: 'jo@example.org', reply: '550 5.2.2 <jo@example.org>... Mailbox Full' },
		{ recipient: 'ann@example.net', reply: 'Destination seem to reject all mails' },
	],
);

reads(
	'DragonFly names the recipient in its first sentence',
	'dragonfly',
	mailOf(`This is the DragonFly Mail Agent v0.13 at host.sender.example.

There was an error delivering your mail to <jo@example.org>.

mx.example.org [192.0.2.25] did not like our RCPT TO:
552 5.2.2 <jo@example.org>: Recipient address rejected: Mailbox full

Original message follows.
`),
	[{ recipient: 'jo@example.org', reply: '552 5.2.2 <jo@example.org>: Recipient address rejected: Mailbox full' }],
);

reads(
	'James has its reason below another heading',
	'james',
	mailOf(`Hi. This is the James mail server at mx.sender.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.  Below
I include the list of recipients and the reason why I was unable to deliver
your message.

Failed recipient(s):
jo@example.org

Error message:
550 - Requested action not taken: no such user here

Message details:
  Subject: News
  MAIL FROM: news@sender.example
  RCPT TO: jo@example.org
`),
	[{ recipient: 'jo@example.org', reply: '550 - Requested action not taken: no such user here' }],
);

reads(
	'PowerMTA says who failed and nothing else',
	'powermta',
	mailOf(`Hello, this is the mail server on mx.sender.example.

I am sending you this message to inform you on the delivery status of a
message you previously sent.  Immediately below you will find a list of
the affected recipients;  also attached is a Delivery Status Notification
(DSN) report in standard format, as well as the headers of the original
message.

  <jo@example.org>  delivery failed; will not continue trying
`),
	[{ recipient: 'jo@example.org', reply: 'delivery failed; will not continue trying', isDelay: false }],
);

reads(
	'fml sends back what its list does not take',
	'fml',
	mailOf('You are not a member of this mailing list <news@example.jp>.\nYour mail is not distributed.\n', {
		headers: {
			From: 'news-admin@example.jp',
			To: 'x@sender.example',
			Subject: 'NOT MEMBER article',
			'X-MLServer': 'fml [fml 4.0.3]',
		},
	}),
	[{ recipient: 'news@example.jp', says: 'You are not a member of this mailing list' }],
);
