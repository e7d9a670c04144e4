/** Notices in Japanese, Chinese, Korean, Russian and other languages, and of servers that nobody knows. */
import { fromDaemon, mailOf, reads } from './notice-mail.ts';

reads(
	'Japanese with the address in brackets after the sentence',
	'japanese',
	mailOf(
		'以下のメールアドレスは宛先不明のため、送信できませんでした。\n\n<jo@docomo.example>\n\n宛先をご確認ください。\n',
	),
	[{ recipient: 'jo@docomo.example' }],
);

reads(
	'Japanese directly beside the address, without a space',
	'japanese',
	mailOf('jo@example.jp宛のメールは、メールボックスがいっぱいのため配信できませんでした。\n'),
	[{ recipient: 'jo@example.jp', says: 'jo@example.jp宛のメールは' }],
);

reads(
	'a Chinese table names the recipient and the reply',
	'chinese',
	mailOf(
		'抱歉，您的邮件被退回来了……\n\n主题：News\n时间：2020-01-01\n收件人：jo@example.cn\n退信原因：\nhost mx.example.cn[192.0.2.3] said: 550 5.1.1 User not found (in reply to RCPT TO command)\n解决方案：请联系收件人\n',
		{
			headers: { ...fromDaemon, From: 'PostMaster@qq.example', Subject: '系统退信/Systems bounce' },
		},
	),
	[{ recipient: 'jo@example.cn', says: '550 5.1.1 User not found' }],
);

reads(
	'Korean',
	'korean',
	mailOf('메일이 전송되지 못하였습니다.\n\n받는 사람 : jo@example.kr\n\n원인 : 550 5.1.1 존재하지 않는 사용자입니다\n'),
	[{ recipient: 'jo@example.kr', says: '550 5.1.1 존재하지 않는 사용자입니다' }],
);

reads(
	'Russian',
	'russian',
	mailOf(
		'Ваше письмо не было доставлено следующим получателям:\n\njo@example.ru\n    550 5.1.1 Пользователь не найден\n',
	),
	[{ recipient: 'jo@example.ru', says: '550 5.1.1 Пользователь не найден' }],
);

reads(
	'an unknown server with a list and replies',
	'general',
	mailOf(
		'The mail daemon at relay.example had the following trouble.\n\n* jo@example.org\n  Reply was: 550 No such person\n* ann@example.net\n  Reply was: 452 4.2.2 Over quota\n',
	),
	[
		{ recipient: 'jo@example.org', says: '550 No such person' },
		{ recipient: 'ann@example.net', says: '452 4.2.2 Over quota', enhancedCode: '4.2.2' },
	],
);

reads(
	'an unknown server with a sentence, wrapped before the address',
	'general',
	mailOf(
		'Dear sender,\n\nour system was not able to deliver your message to the mailbox\njo@example.org since it has been closed.\n\nFor questions contact hostmaster@relay.example.\n',
	),
	[{ recipient: 'jo@example.org' }],
);

reads(
	'our own address and those of helpers are never recipients; rather none is named',
	'general',
	mailOf(
		'The message from news@sender.example could not be delivered.\nPlease contact postmaster@relay.example for assistance.\n',
	),
	[{ recipient: '', says: 'The message from news@sender.example could not be delivered.' }],
);

reads(
	'the only To of what came back counts before nothing',
	'general',
	mailOf('Your message could not be delivered. The mailbox does not exist.\n', {
		original: { From: 'news@sender.example', To: 'Jo <jo@example.org>' },
	}),
	[{ recipient: 'jo@example.org', says: 'Your message could not be delivered.' }],
);

reads(
	'X-Failed-Recipients counts before the To',
	'general',
	mailOf('Message rejected, sorry. It was not delivered.\n', {
		headers: { ...fromDaemon, 'X-Failed-Recipients': 'ann@example.net' },
		original: { To: 'all@example.net' },
	}),
	[{ recipient: 'ann@example.net' }],
);
