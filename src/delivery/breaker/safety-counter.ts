/** The two limits that people set on a campaign: dead addresses (--max-bounce-rate) and whatever went wrong (--max-failures). */
import type { SafetyLimits } from '../deliver-options.ts';

export type CountedStatus = 'accepted' | 'bounced_hard' | 'bounced' | 'failed' | 'unknown' | 'deferred';

/** Why the campaign stops, and what can be done. */
export interface StopReason {
	/** One line for people, with the server's own words. */
	readonly why: string;
	readonly hint: string;
}

/** The rate of fewer recipients is chance. */
const windowLength = 200;

export class SafetyCounter {
	readonly #limits: SafetyLimits;
	/** 1 for a dead address. */
	readonly #window = new Uint8Array(windowLength);
	#counted = 0;
	#dead = 0;
	#failures = 0;

	constructor(limits: SafetyLimits) {
		this.#limits = limits;
	}

	/** `said`: what the server said to this one, or ''. A deferred recipient has no verdict yet and is not counted. */
	counted(status: CountedStatus, said: string): StopReason | null {
		if (status === 'deferred') return null;
		const place = this.#counted % windowLength;
		const isDead = status === 'bounced_hard' ? 1 : 0;
		this.#dead += isDead - (this.#window[place] ?? 0);
		this.#window[place] = isDead;
		this.#counted += 1;
		if (status !== 'accepted') this.#failures += 1;
		return this.#tooManyDead(said) ?? this.#tooManyFailures(status, said);
	}

	#tooManyDead(said: string): StopReason | null {
		const { maxBounceRate } = this.#limits;
		const rate = this.#dead / windowLength;
		if (this.#counted < windowLength || rate <= maxBounceRate) return null;
		const allowed = `--max-bounce-rate allows ${percent(maxBounceRate)}`;
		const why = `${this.#dead} of the last ${windowLength} addresses are dead: ${percent(rate)}, and ${allowed}`;
		const hint =
			'Mail servers shut out senders of such lists. Clean the list; if it must go on, the same command with a higher --max-bounce-rate does.';
		return { why: withLastWords(why, said), hint };
	}

	#tooManyFailures(status: CountedStatus, said: string): StopReason | null {
		const { maxFailures } = this.#limits;
		if (status === 'accepted' || this.#failures < maxFailures) return null;
		const messages = this.#failures === 1 ? '1 message' : `${this.#failures} messages`;
		const why = `${messages} bounced, failed or became unknown, and --max-failures is ${maxFailures}`;
		const hint = 'See the log for the reasons; the same command goes on, with a higher --max-failures if need be.';
		return { why: withLastWords(why, said), hint };
	}
}

function withLastWords(why: string, said: string): string {
	return said === '' ? why : `${why}. The last refusal: ${said}`;
}

function percent(share: number): string {
	return `${Math.round(share * 1_000) / 10} %`;
}
