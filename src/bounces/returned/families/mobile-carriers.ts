/** Japanese carriers, providers and gateways, and gateways from mail to telephones. */
import type { NoticeFamily } from './notice-family.ts';
import { shapedFamily } from './shaped-family.ts';

export const mobileCarriers: readonly NoticeFamily[] = [
	// KDDI: "Your mail sent on: ... / Could not be delivered to: <jo@example.ne.jp> / As their mailbox is full."
	shapedFamily({
		id: 'kddi',
		signs: [
			['your mail sent on', 'could not be delivered to'],
			['your mail attempted to be delivered on', 'could not be delivered to'],
			['as their mailbox is full'],
		],
		from: ['could not be delivered to:', 'could not be delivered to'],
		neverDelays: true,
	}),
	// au (ezweb): "The user(s) account is disabled. / <jo@ezweb.ne.jp>:" or "Each of the following recipients was rejected by a remote mail server." with a transcript.
	shapedFamily({
		id: 'ezweb',
		signs: [
			['the user(s) account is'],
			['each of the following recipients was rejected by a remote mail server'],
			['the following recipients was rejected'],
			['the following recipients did not receive this message'],
			['recipients of the mail', 'ezweb.ne.jp'],
			['ezweb.ne.jp', 'rcpt to:'],
			['au.com', 'the user(s)'],
		],
		from: [],
		neverDelays: true,
	}),
	// m-FILTER: "-------server message" above the reply, "-------original message" below it.
	shapedFamily({
		id: 'm-filter',
		signs: [['-------server message'], ['---server message'], ['server message', 'original mail', 'm-filter']],
		from: ['server message'],
		neverDelays: true,
	}),
	// docomo, SoftBank, Y!mobile, Biglobe, So-net and others in Japanese: the address beside or below the sentence.
	shapedFamily({
		id: 'japanese',
		signs: [
			['送信できませんでした'],
			['送信できません'],
			['お届けできませんでした'],
			['お届けできません'],
			['届けることができませんでした'],
			['配信できませんでした'],
			['配信できません'],
			['配信されませんでした'],
			['配送できませんでした'],
			['配送できません'],
			['配達できませんでした'],
			['配信に失敗'],
			['送信に失敗'],
			['宛先不明'],
			['宛先が不明'],
			['宛先が見つかりません'],
			['宛先アドレスが'],
			['宛先のメールアドレス'],
			['メールボックスがいっぱい'],
			['メールボックスが一杯'],
			['メールボックスの容量'],
			['受信できませんでした'],
			['受信者が存在しません'],
			['エラーメール'],
			['返送いたします'],
			['返送します'],
			['配信が遅れ'],
			['配送が遅れ'],
		],
		from: [],
		hasNames: true,
	}),
	// Verizon: "Message could not be delivered to mobile. / Error: No valid recipients for this MM"; the address stands in "To:" or "RCPT TO:".
	shapedFamily({
		id: 'verizon',
		signs: [
			['message could not be delivered to mobile'],
			['no valid recipients for this mm'],
			['vtext.com', 'error:'],
			['vzwpix.com', 'error:'],
			['could not be delivered', 'mms'],
		],
		from: ['rcpt to:', ' to: ', '\nto:'],
		neverDelays: true,
	}),
];
