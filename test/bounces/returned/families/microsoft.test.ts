/** Exchange of all years, Exchange Online, and the SMTP service of Windows. */
import { mailOf, reads } from './notice-mail.ts';

const headers = {
	From: 'System Administrator <postmaster@mx.sender.example>',
	To: 'news@sender.example',
	Subject: 'Undeliverable: News',
};

reads(
	'Exchange 5.5 gives the date behind the address',
	'exchange-2003',
	mailOf(
		`Your message

  To:      jo@example.org
  Subject: News
  Sent:    Thu, 10 Mar 2011 13:40:00 +0900

did not reach the following recipient(s):

jo@example.org on Thu, 10 Mar 2011 13:40:27 +0900
    The recipient name is not recognized
	The MTS-ID of the original message is: c=us;a= ;p=EXAMPLE;l=MAIL
    MSEXCH:IMS:EXAMPLE:DC2:EXCHANGE 0 (000C05A6) Unknown Recipient
`,
		{ headers },
	),
	[{ recipient: 'jo@example.org' }],
);

reads(
	'Exchange 2003 quotes the reply in angle brackets',
	'exchange-2003',
	mailOf(
		`Your message did not reach some or all of the intended recipients.

      Subject:	News
      Sent:	2/2/2012 3:40 PM

The following recipient(s) could not be reached:

      'jo@example.org' on 2/2/2012 3:40 PM
            The e-mail account does not exist at the organization this message was sent to.  Check the e-mail address.
            <mx.sender.example #5.1.1 smtp;550 5.1.1 <jo@example.org>: User unknown>
`,
		{ headers },
	),
	[{ recipient: 'jo@example.org', says: '550 5.1.1 <jo@example.org>: User unknown', enhancedCode: '5.1.1' }],
);

reads(
	'Exchange 2003 in German',
	'exchange-2003',
	mailOf(
		`Ihre Nachricht hat einige oder alle Empfänger nicht erreicht.

      Betreff:	News
      Gesendet:	02.02.2012 15:40

Folgende(r) Empfänger konnte(n) nicht erreicht werden:

      jo@example.org am 02.02.2012 15:40
            Dieses E-Mail-Konto existiert in der Organisation nicht.
            <mx.sender.example #5.1.1>
`,
		{
			headers: {
				...headers,
				From: 'Systemadministrator <postmaster@mx.sender.example>',
				Subject: 'Unzustellbar: News',
			},
		},
	),
	[{ recipient: 'jo@example.org', enhancedCode: '5.1.1' }],
);

const diagnostics = {
	English: ['Diagnostic information for administrators:', 'Generating server: mx.sender.example'],
	German: ['Diagnoseinformationen für Administratoren:', 'Generierender Server: mx.sender.example'],
	French: ['Informations de diagnostic pour les administrateurs :', 'Serveur de génération : mx.sender.example'],
	Spanish: ['Información de diagnóstico para los administradores:', 'Servidor de generación: mx.sender.example'],
	Italian: ['Informazioni di diagnostica per gli amministratori:', 'Server di generazione: mx.sender.example'],
	Dutch: ['Diagnostische gegevens voor beheerders:', 'Bronserver: mx.sender.example'],
	Portuguese: ['Informações de diagnóstico para administradores:', 'Servidor de geração: mx.sender.example'],
};
for (const [language, [title, server]] of Object.entries(diagnostics)) {
	reads(
		`Exchange 2007 is read in ${language}`,
		'exchange-2007',
		mailOf(
			`Delivery has failed to these recipients or groups:

jo@example.org<mailto:jo@example.org>
...

${title}

${server}

jo@example.org
#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##

ann@example.net
Remote Server returned '552 5.2.2 mailbox full'

Original message headers:

Received: from a by b
`,
			{
				headers: {
					...headers,
					From: 'Microsoft Exchange <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@sender.example>',
				},
			},
		),
		[
			{ recipient: 'jo@example.org', says: '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found', enhancedCode: '5.1.1' },
			{ recipient: 'ann@example.net', says: '552 5.2.2 mailbox full' },
		],
	);
}

const online = {
	English: "Your message to jo@example.org couldn't be delivered.",
	German: 'Ihre Nachricht an jo@example.org konnte nicht zugestellt werden. Office 365',
	French: "Votre message à jo@example.org n'a pas pu être remis.",
	Spanish: 'No se pudo entregar el mensaje a jo@example.org.',
	Italian: 'Impossibile recapitare il messaggio a jo@example.org.',
	Dutch: 'Uw bericht aan jo@example.org kan niet worden bezorgd.',
	Portuguese: 'Sua mensagem para jo@example.org não pôde ser entregue.',
};
for (const [language, sentence] of Object.entries(online)) {
	reads(
		`Exchange Online is read in ${language}`,
		'office-365',
		mailOf(
			`${sentence}\n\njo wasn't found at example.org.\n\nReported error: 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup\n`,
			{
				headers: { ...headers, From: 'Microsoft Outlook <postmaster@sender.example>' },
			},
		),
		[{ recipient: 'jo@example.org', says: '550 5.1.10 RESOLVER.ADR.RecipientNotFound', enhancedCode: '5.1.10' }],
	);
}

reads(
	'the SMTP service of Windows names the recipients only',
	'microsoft-smtp',
	mailOf(
		`This is an automatically generated Delivery Status Notification.

Delivery to the following recipients failed.

       jo@example.org

`,
		{ headers },
	),
	[{ recipient: 'jo@example.org', isDelay: false }],
);

reads(
	'and warns of a delay in the same way',
	'microsoft-smtp',
	mailOf(
		`This is an automatically generated Delivery Status Notification.

THIS IS A WARNING MESSAGE ONLY.

YOU DO NOT NEED TO RESEND YOUR MESSAGE.

Delivery to the following recipients has been delayed.

       jo@example.org
`,
		{ headers },
	),
	[{ recipient: 'jo@example.org', isDelay: true }],
);
