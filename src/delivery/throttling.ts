/** Tells by what a server says whether it wants us to slow down, and with what (reference/reliability.md §3, faults 4, 29 and 42 to 45). */
import type { Refusal } from '../bounces/refusal.ts';

// A server that ends connections after fewer messages than this wants us to slow down.
const fewMessages = 10;

/** Of a 421 after so many answers: a bare one is how servers end a session that had its share; a text that says so, or one at once, is about our pace. */
export function isThrottling({ action, rule }: Refusal, answered: number): boolean {
	return action === 'slow' && answered > 0 && (!rule.startsWith('code:') || answered < fewMessages);
}

export function tooMuchOf(said: string): 'connections' | 'rate' | 'both' {
	if (/connection/i.test(said)) return 'connections';
	return /\brate\b|too (?:fast|quickly|much)/i.test(said) ? 'rate' : 'both';
}

// So many of the last answers: fewer are a price worth paying, since a message that was put off goes out a moment later.
const enough = 3;

/** Whether a server says "not so fast" often enough for it to be about our pace, and not about one message or recipient. */
export class SlowSigns {
	/** 1 for "not so fast", of the last answers. */
	readonly #answers = new Uint8Array(50);
	#place = 0;
	#count = 0;
	#inARow = 0;

	add(isSlow: boolean): void {
		const sign = isSlow ? 1 : 0;
		this.#count += sign - (this.#answers[this.#place] ?? 0);
		this.#answers[this.#place] = sign;
		this.#place = (this.#place + 1) % this.#answers.length;
		this.#inARow = isSlow ? this.#inARow + 1 : 0;
	}

	get areFrequent(): boolean {
		return this.#count >= enough;
	}

	get areInARow(): boolean {
		return this.#inARow >= enough;
	}
}
