/**
 * Postfix (bounce(5)), and Yandex, Zimbra, iCloud, Comcast and others that run it.
 *
 *     This is the mail system at host mx.example.com.
 *     ...
 *     <jo@example.org>: host mail.example.org[192.0.2.1] said: 550 5.1.1 <jo@example.org>:
 *         Recipient address rejected: User unknown (in reply to RCPT TO command)
 *
 * A delay says THIS IS A WARNING ONLY. Forwarding: `<b> (expanded from <a>): ...`.
 */
import { shapedFamily } from './shaped-family.ts';

export const postfix = shapedFamily({
	id: 'postfix',
	signs: [
		['this is the mail system at host'],
		['this is the mail system at'],
		['this is the postfix program at host'],
		['this is the postfix program at'],
		["your message could not be delivered to one or more recipients. it's attached below"],
		['for further assistance, please send mail to'],
	],
	from: ['\nthe mail system\n', '\nthe postfix program\n', 'the mail system', 'the postfix program'],
	until: ['\nreporting-mta:', '\nfinal-recipient:'],
});

/** Its words in a notice with another frame. */
export const postfixLike = shapedFamily({
	id: 'postfix-like',
	signs: [
		['(in reply to rcpt to command)'],
		['(in reply to mail from command)'],
		['(in reply to data command)'],
		['(in reply to end of data command)'],
		['(in reply to ehlo command)'],
		['(in reply to helo command)'],
	],
	from: ['the mail system'],
	until: ['\nreporting-mta:', '\nfinal-recipient:'],
});
