/** Who is sent to by a run that goes on with a log: what is settled is passed over, unless it was asked for by name (design.md §5). */
import type { BounceCategory } from '../bounces/refusal.ts';
import { categoryOfState, isSettled, type KeyState, statusOfState } from './journal/key-state.ts';
import type { Status } from './result.ts';

/** `--resend STATUS[:CATEGORY]`; '' for every category. */
export interface Resend {
	readonly status: 'accepted' | 'bounced' | 'unknown';
	readonly category: BounceCategory | '';
}

export interface Selection {
	readonly resend: readonly Resend[];
	/** `--only`: of those who would be sent to, the ones that ended like this; null for all. */
	readonly only: 'deferred' | 'failed' | 'unknown' | null;
}

export const everybody: Selection = { resend: [], only: null };

/** As a run record has it: `accepted,bounced:policy`; '' for none. */
export function describeResend({ resend }: Selection): string {
	return resend.map(({ status, category }) => (category === '' ? status : `${status}:${category}`)).join(',');
}

/** For each of the 128 states: 1 when a key in it is passed over. Asked once per row. */
export type PassOver = Uint8Array;

export function passOver(selection: Selection): PassOver {
	return Uint8Array.from({ length: 128 }, (_, state) => (isSentTo(state, selection) ? 0 : 1));
}

function isSentTo(state: KeyState, { resend, only }: Selection): boolean {
	const status = statusOfState(state);
	if (only !== null && status !== only) return false;
	if (!isSettled(state)) return true;
	const category = categoryOfState(state);
	return resend.some((it) => it.status === status && (it.category === '' || it.category === category));
}

/** Counts of a list that no run has seen. */
export const nobody: Readonly<Record<Status, number>> = {
	accepted: 0,
	bounced: 0,
	deferred: 0,
	failed: 0,
	skipped: 0,
	unknown: 0,
};

/** How rows ended in earlier runs; `byState`: their number by the state of their key. Rows that nothing is known of are in none. */
export function countsOf(byState: readonly number[]): Readonly<Record<Status, number>> {
	const counts = { ...nobody };
	for (const [state, count] of byState.entries()) {
		const status = statusOfState(state);
		if (status !== null) counts[status] += count;
	}
	return counts;
}

/** Of those who are sent to: the settled ones, whom `--resend` names. */
export function resentCounts(sentTo: readonly number[]): Readonly<Record<Status, number>> {
	return countsOf(sentTo.map((count, state) => (isSettled(state) ? count : 0)));
}

/**
 * What earlier runs decided and this one has not: rows that are passed over, and those that `--resend` names until they have a result again
 * (`replaced`).
 */
export function earlierCounts(
	survey: { readonly passedOver: readonly number[]; readonly sentTo: readonly number[] },
	replaced: Readonly<Record<Status, number>>,
): Readonly<Record<Status, number>> {
	const [passedOver, resent] = [countsOf(survey.passedOver), resentCounts(survey.sentTo)];
	const left = (status: Status) => passedOver[status] + resent[status] - replaced[status];
	return {
		accepted: left('accepted'),
		bounced: left('bounced'),
		deferred: left('deferred'),
		failed: left('failed'),
		skipped: left('skipped'),
		unknown: left('unknown'),
	};
}
