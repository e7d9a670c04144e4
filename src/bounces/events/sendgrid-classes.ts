/** What SendGrid's classes and reasons mean in our words (reference/bounces.md §1, and SendGrid's pages on bounces and drops). */
import type { BounceCategory } from '../refusal.ts';
import type { JsonObject } from './event-format.ts';
import { textOf } from './json-fields.ts';
import type { RelayClass } from './relay-refusal.ts';

/** `bounce_classification`, lower case. */
const classCategories: Readonly<Record<string, BounceCategory>> = {
	'invalid address': 'invalid_recipient',
	// Full or disabled: of the two, the one that suppresses nobody who is alive.
	'mailbox unavailable': 'mailbox_full',
	'frequency or volume too high': 'rate_limited',
	'technical failure': 'system',
	reputation: 'reputation',
	content: 'spam',
};

export function sendgridBounceClass(object: JsonObject): RelayClass {
	const isBlocked = textOf(object, 'type') === 'blocked' || textOf(object, 'event') === 'blocked';
	const name = textOf(object, 'bounce_classification').toLowerCase();
	const category = classCategories[name];
	if (category !== undefined) return { rule: `sendgrid:${name.replaceAll(' ', '-')}`, category };
	// A block says nothing about the address, a bare bounce too little.
	return isBlocked
		? { rule: 'sendgrid:blocked', category: 'reputation' }
		: { rule: 'sendgrid:bounce', category: 'unknown' };
}

export type SendgridDrop =
	| { readonly kind: 'complaint' | 'unsubscribe' }
	| { readonly kind: 'bounce'; readonly relayClass: RelayClass };

/** The reasons of a drop are SendGrid's own: it stands on one of the account's lists, or the message was at fault. */
const drops: readonly (readonly [reason: RegExp, category: BounceCategory])[] = [
	[/^bounced address/i, 'inactive'],
	[/^invalid smtpapi/i, 'message'],
	[/^invalid$|^invalid (?:email )?address/i, 'invalid_recipient'],
	[/^spam content/i, 'spam'],
	[/over (?:package )?quota|credits/i, 'account'],
];

export function sendgridDropKind(reason: string): SendgridDrop {
	if (/^spam report/i.test(reason)) return { kind: 'complaint' };
	if (/^(?:group )?unsubscribed/i.test(reason)) return { kind: 'unsubscribe' };
	const known = drops.find(([pattern]) => pattern.test(reason));
	if (known === undefined) return { kind: 'bounce', relayClass: { rule: 'sendgrid:dropped', category: 'unknown' } };
	return { kind: 'bounce', relayClass: { rule: 'sendgrid:dropped', category: known[1], isOwn: true } };
}
