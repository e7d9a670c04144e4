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
