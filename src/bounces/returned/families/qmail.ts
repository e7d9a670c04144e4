/**
 * qmail, and what took its format over (QSBMF, cr.yp.to): a paragraph that begins "Hi. This is the", one paragraph per recipient that begins `<address>:`, and
 * "--- Below this line is a copy of the message".
 *
 *     <jo@example.org>:
 *     192.0.2.1 does not like recipient.
 *     Remote host said: 550 5.1.1 no such user
 *     Giving up on 192.0.2.1.
 */
import { shapedFamily } from './shaped-family.ts';

export const qmail = shapedFamily({
	id: 'qmail',
	signs: [
		['this is the qmail-send program'],
		['this is the qmail-'],
		['hi. this is the', 'to the following address'],
		["wasn't able to deliver your message to the following address"],
		['was not able to deliver your message to the following address'],
		['the message returned below could not be delivered'],
		['remote host said:', 'giving up on'],
		['does not like recipient'],
		['mail-transferprogramm', 'empfänger'],
		['ich bin das qmail-send'],
		['le programme qmail-send'],
	],
	from: [
		"i've given up. sorry it didn't work out.",
		"sorry it didn't work out.",
		"i've given up.",
		'to the following addresses.',
		'to the following address.',
	],
});

/**
 * Yahoo and the QSBMF family of freemailers.
 *
 *     Sorry, we were unable to deliver your message to the following address.
 *
 *     <jo@example.org>:
 *     Remote host said: 550 5.1.1 ... [RCPT_TO]
 */
export const yahoo = shapedFamily({
	id: 'yahoo',
	signs: [
		['sorry, we were unable to deliver your message to the following address'],
		['we were unable to deliver your message to the following address'],
		['unable to deliver message to the following address'],
		["we're sorry. there's a problem with the e-mail address(es)"],
		["this user doesn't have a", 'account', '[0]'],
	],
	from: [
		'to the following address(es).',
		'to the following addresses.',
		'to the following address.',
		'to send to:',
		'to the following recipient(s):',
	],
});
