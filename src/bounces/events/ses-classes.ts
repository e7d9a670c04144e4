/** What the bounce types of Amazon SES mean in our words (reference/bounces.md §1, and the SES developer guide on notification contents). */
import type { BounceCategory } from '../refusal.ts';
import type { RelayClass } from './relay-refusal.ts';

/** By type and subtype as SES writes them, lower case. */
const bounceClasses: ReadonlyMap<string, Omit<RelayClass, 'rule'>> = new Map<string, Omit<RelayClass, 'rule'>>([
	['permanent/general', { category: 'invalid_recipient' }],
	['permanent/noemail', { category: 'invalid_recipient' }],
	// On the list of SES, or on that of the account, for bounces before this one: no server was asked.
	['permanent/suppressed', { category: 'inactive', isOwn: true }],
	['permanent/onaccountsuppressionlist', { category: 'inactive', isOwn: true }],
	['transient/general', { category: 'system' }],
	['transient/mailboxfull', { category: 'mailbox_full' }],
	['transient/messagetoolarge', { category: 'message' }],
	['transient/contentrejected', { category: 'spam' }],
	['transient/attachmentrejected', { category: 'spam' }],
	['transient/customtimeoutexceeded', { category: 'network', isOwn: true }],
]);

/** By the type alone, for subtypes that are newer than this table. */
const typeCategories: Readonly<Record<string, BounceCategory>> = { transient: 'system' };

const delayCategories: Readonly<Record<string, BounceCategory>> = {
	mailboxfull: 'mailbox_full',
	general: 'system',
	internalfailure: 'system',
	recipientservererror: 'system',
	spamdetected: 'spam',
	transientcommunicationfailure: 'network',
	ipfailure: 'reputation',
	byoiphostnamelookupunavailable: 'sender_auth',
	sendingdeferral: 'rate_limited',
};

export function sesBounceClass(type: string, subtype: string): RelayClass {
	const name = `${type}/${subtype}`.toLowerCase();
	const known = bounceClasses.get(name) ?? { category: typeCategories[type.toLowerCase()] ?? 'unknown' };
	return { rule: `ses:${name}`, ...known };
}

export function sesDelayClass(type: string): RelayClass {
	const name = type.toLowerCase();
	return { rule: `ses:delay/${name}`, category: delayCategories[name] ?? 'system' };
}

export const sesRejectClass: RelayClass = { rule: 'ses:reject', category: 'spam', isOwn: true };
