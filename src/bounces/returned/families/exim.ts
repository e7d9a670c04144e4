/**
 * Exim, and MXLogic, mail.ru, Zoho, cPanel and other hosts that run it.
 *
 *     This message was created automatically by mail delivery software.
 *
 *     A message that you sent could not be delivered to one or more of its
 *     recipients. This is a permanent error. The following address(es) failed:
 *
 *       jo@example.org
 *         (generated from ann@example.net)
 *         host mx.example.org [192.0.2.1]
 *         SMTP error from remote mail server after RCPT TO:<jo@example.org>:
 *         550 5.1.1 User unknown: retry timeout exceeded
 *
 * A delay lists "The address to which the message has not yet been delivered is:".
 */
import { shapedFamily } from './shaped-family.ts';

export const exim = shapedFamily({
	id: 'exim',
	signs: [
		['this message was created automatically by mail delivery software'],
		['this message was created automatically by the mail delivery software'],
		['this message was created automatically by mail system'],
		['this message has been created automatically by'],
		['a message that you sent could not be delivered to'],
		['a message that you sent was rejected by the local scanning code'],
		['a message that you sent contained one or more recipient addresses'],
		['a message that you sent contained no recipient addresses'],
		['a message that you have sent could not be delivered to'],
		['message that you sent has not yet been delivered to'],
		['the following address(es) failed'],
		['could not be delivered to all of its recipients'],
		['which was sent by you could not be delivered to'],
		['has been frozen', 'have yet to be delivered'],
		['has been frozen', 'the sender is'],
		['smtp error from remote mail server after'],
		['smtp error from remote mailer after'],
		['message could not be delivered to the following address(es)'],
	],
	from: [
		'the following address(es) failed:',
		'the following addresses failed:',
		'the following address failed:',
		'the following address(es) have not yet been delivered:',
		'the following addresses have not yet been delivered:',
		'the following address has not yet been delivered:',
		'not yet been delivered is:',
		'not yet been delivered are:',
		'following address(es) have failed:',
		'have yet to be delivered:',
		'following address(es):',
		'this is a permanent error.',
	],
	until: [
		'\nno action is required',
		'\nthe following text was generated during',
		'\nthe message identifier is',
		'\ndelivery attempts will continue',
	],
});
