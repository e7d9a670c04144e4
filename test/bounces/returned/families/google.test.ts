/** Gmail, old and new, and Google Groups. */
import { mailOf, reads } from './notice-mail.ts';

const headers = {
	'Return-Path': '<>',
	From: 'Mail Delivery Subsystem <mailer-daemon@googlemail.com>',
	To: 'news@sender.example',
	Subject: 'Delivery Status Notification (Failure)',
};

reads(
	'old Gmail repeats the code before the quoted reply',
	'gmail-old',
	mailOf(
		`Delivery to the following recipient failed permanently:

     jo@example.org

Technical details of permanent failure:
Google tried to deliver your message, but it was rejected by the server for the recipient domain example.org by mx.example.org. [192.0.2.1].

The error that the other server returned was:
550 550 5.1.1 <jo@example.org>: Recipient address rejected: User unknown (state 14).

----- Original message -----

From: news@sender.example
`,
		{ headers },
	),
	[
		{
			recipient: 'jo@example.org',
			says: '550 5.1.1 <jo@example.org>: Recipient address rejected',
			server: 'mx.example.org',
		},
	],
);

reads(
	'old Gmail explains in a sentence what no server said',
	'gmail-old',
	mailOf(
		`Delivery to the following recipients failed permanently:

     jo@nowhere.example
     ann@nowhere.example

Technical details of permanent failure:
DNS Error: Domain name not found
`,
		{ headers },
	),
	[
		{ recipient: 'jo@nowhere.example', reply: 'DNS Error: Domain name not found' },
		{ recipient: 'ann@nowhere.example', reply: 'DNS Error: Domain name not found' },
	],
);

reads(
	'old Gmail tells of a delay',
	'gmail-old',
	mailOf(
		`This is an automatically generated Delivery Status Notification

THIS IS A WARNING MESSAGE ONLY.

YOU DO NOT NEED TO RESEND YOUR MESSAGE.

Delivery to the following recipient has been delayed:

     jo@example.org

Message will be retried for 2 more day(s)

Technical details of temporary failure:
The recipient server did not accept our requests to connect. Learn more at https://support.google.com/mail/answer/7720
[mx.example.org 192.0.2.1: timed out]
`,
		{ headers: { ...headers, Subject: 'Delivery Status Notification (Delay)' } },
	),
	[{ recipient: 'jo@example.org', isDelay: true }],
);

const newNotices = {
	English: [
		'** Address not found **',
		"Your message wasn't delivered to jo@example.org because the address couldn't be found, or is unable to receive mail.",
		'The response was:',
	],
	German: [
		'** Adresse nicht gefunden **',
		'Ihre Nachricht wurde nicht an jo@example.org zugestellt, weil die Adresse nicht gefunden wurde oder keine E-Mails empfangen kann.',
		'Antwort:',
	],
	French: [
		'** Adresse introuvable **',
		"Votre message n'est pas parvenu à jo@example.org, car l'adresse est introuvable ou ne peut pas recevoir d'e-mails.",
		'Réponse :',
	],
	Japanese: [
		'** アドレスが見つかりません **',
		'jo@example.org が見つからないか、メールを受信できないため、メールは配信されませんでした。',
		'応答：',
	],
	Russian: [
		'** Адрес не найден **',
		'Сообщение не доставлено пользователю jo@example.org, поскольку этот адрес не найден.',
		'Ответ сервера:',
	],
	Turkish: [
		'** Adres bulunamadı **',
		'Adres bulunamadığından mesajınız jo@example.org adresine teslim edilemedi.',
		'Yanıt:',
	],
};
for (const [language, [title, sentence, response]] of Object.entries(newNotices)) {
	reads(
		`new Gmail is read in ${language}`,
		'gmail',
		mailOf(
			`\n${title}\n\n${sentence}\n\nhttps://support.google.com/mail/?p=NoSuchUser\n\n${response}\n\n550 5.1.1 The email account that you tried to reach does not exist.\nPlease try double-checking.\n`,
			{ headers },
		),
		[
			{
				recipient: 'jo@example.org',
				says: '550 5.1.1 The email account that you tried to reach does not exist. Please',
				isDelay: false,
			},
		],
	);
}

reads(
	'new Gmail retries and says so in German',
	'gmail',
	mailOf(
		`** Zustellung unvollständig **

Beim Zustellen Ihrer Nachricht an jo@example.org ist ein vorübergehendes Problem aufgetreten. Gmail versucht es weitere 47 Stunden.

Antwort:

The recipient server did not accept our requests to connect. [mx.example.org 192.0.2.1: timed out]
`,
		{ headers },
	),
	[{ recipient: 'jo@example.org', isDelay: true, says: 'The recipient server did not accept' }],
);

reads(
	'a group nobody may post to is named in the header',
	'google-groups',
	mailOf(
		`Hello news@sender.example,

We're writing to let you know that the group you tried to contact (all) may not exist, or you may not have permission to post messages to the group. A few more details on why you weren't able to post:

 * You might have spelled or formatted the group name incorrectly.

If you have questions related to this or any other Google Group, visit the Help Center at https://support.google.com/a/example.org/bin/topic.py?topic=25838.

Thanks,

example.org admins
`,
		{ headers: { ...headers, 'X-Failed-Recipients': 'all@example.org' } },
	),
	[{ recipient: 'all@example.org', says: "We're writing to let you know that the group", isDelay: false }],
);

reads(
	'a group in Spanish, named by what came back only',
	'google-groups',
	mailOf(
		`Hola, news@sender.example:

Te escribimos para informarte de que es posible que el grupo con el que has intentado ponerte en contacto (all) no exista o que no tengas permiso para publicar mensajes.

Si tienes preguntas sobre este u otro grupo de Google, accede al Centro de Ayuda en https://groups.google.com/support/?hl=es.

Grupos de Google
`,
		{ headers, original: { From: 'news@sender.example', To: 'all@googlegroups.com' } },
	),
	[{ recipient: 'all@googlegroups.com', says: 'Te escribimos' }],
);
