/** What the journal knows of one key, in seven bits of a KeyTable: the strongest status so far, and the category when it was refused. */
import type { BounceCategory } from '../../bounces/refusal.ts';
import type { Status } from '../result.ts';
import { byStrength } from './journal-record.ts';

/** 0: nothing is known. Low three bits: 1 + place in byStrength. The next four: 1 + place in categories. */
export type KeyState = number;

export const categories: readonly BounceCategory[] = [
	'invalid_recipient',
	'invalid_domain',
	'inactive',
	'mailbox_full',
	'rate_limited',
	'greylisted',
	'network',
	'system',
	'reputation',
	'spam',
	'sender_auth',
	'policy',
	'message',
	'account',
	'unknown',
];

export const nothingKnown: KeyState = 0;

/** What somebody found out about a key, whatever it was before. */
export function resolvedState(status: 'accepted' | 'not_sent'): KeyState {
	return keyState(status === 'accepted' ? 'accepted' : 'deferred', '');
}

export function keyState(status: Status, category: BounceCategory | ''): KeyState {
	const refused = category === '' ? 0 : categories.indexOf(category) + 1;
	return (byStrength.indexOf(status) + 1) | (refused << 3);
}

/** The stronger one; of two equal ones the later. */
export function stronger(earlier: KeyState, later: KeyState): KeyState {
	return (later & 7) >= (earlier & 7) ? later : earlier;
}

/** Null: nothing is known. */
export function statusOfState(state: KeyState): Status | null {
	return byStrength[(state & 7) - 1] ?? null;
}

/** '': nobody refused. */
export function categoryOfState(state: KeyState): BounceCategory | '' {
	return categories[((state >> 3) & 15) - 1] ?? '';
}

/** A settled key is passed over by the next run: accepted, unknown, and bounced (whose action is suppress or drop). */
export function isSettled(state: KeyState): boolean {
	const status = statusOfState(state);
	return status === 'accepted' || status === 'unknown' || status === 'bounced';
}
