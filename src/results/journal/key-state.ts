/**
 * What is known of one key, in seven bits of a KeyTable: the strongest status in the journal so far, and the category when it was refused. While a run goes
 * on it keeps here who was deferred, so that millions of them cost nothing more.
 */
import type { BounceCategory } from '../../bounces/refusal.ts';
import type { KeyTable } from '../../recipients/key-table.ts';
import type { Status } from '../result.ts';
import { byStrength } from './journal-record.ts';

/** 0: nothing is known. Low three bits: 1 + place in byStrength, or `forRound`. The next four: 1 + place in categories. */
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

/** Instead of a status. No journal has it: who waits for a round is deferred there. */
const forRound = byStrength.length + 1;

/** Deferred in this run, and to be given to delivery again when the list is read once more. */
export function waitingForRound(category: BounceCategory | ''): KeyState {
	return (keyState('deferred', category) & ~7) | forRound;
}

/**
 * Visits the key: true when it waits for the round that reads the list now, and it does not any more then. Of two rows with one key the second is not called:
 * a key that was visited in the round is over 127.
 */
export function isCalled(keys: Pick<KeyTable, 'visit' | 'value'>, key: string): boolean {
	const state = keys.visit(key);
	if (state > 127 || (state & 7) !== forRound) return false;
	keys.value = keyState('deferred', categoryOfState(state));
	return true;
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
