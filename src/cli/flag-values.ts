/** Reads the values of flags and variables; each is right, or a UsageError that says where it came from and what to type. */
import { UsageError } from '../support/errors.ts';

/** A value together with what to call it in a message: `--concurrency`, `MAILSHOT_CONCURRENCY`. */
export interface Given {
	readonly text: string;
	readonly origin: string;
}

export function parseWhole(given: Given, range: { readonly min: number; readonly max: number }): number {
	const { min, max } = range;
	const value = /^\d{1,15}$/.test(given.text) ? Number(given.text) : Number.NaN;
	if (value >= min && value <= max) return value;
	const expected = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
	throw new UsageError(`${said(given)} is not a whole number ${expected}`);
}

export interface CountRange {
	readonly min: number;
	readonly max: number;
}

/** `12000..13000`, or one number for exactly that many. */
export function parseRange(given: Given): CountRange {
	const match = /^(\d{1,15})(?:\.\.(\d{1,15}))?$/.exec(given.text);
	const min = Number(match?.[1]);
	const max = Number(match?.[2] ?? match?.[1]);
	if (match !== null && min <= max) return { min, max };
	throw new UsageError(`${said(given)} is not a range of counts`, { hint: `${given.origin} 12000..13000` });
}

/** `name=value`; the name must not be empty, the value may. */
export function parseAssignments(givens: readonly Given[]): ReadonlyMap<string, string> {
	const assignments = new Map<string, string>();
	for (const given of givens) {
		const equals = given.text.indexOf('=');
		const name = given.text.slice(0, Math.max(equals, 0)).trim();
		if (name === '') throw new UsageError(`${said(given)} is not name=value`, { hint: `${given.origin} city=Berlin` });
		if (assignments.has(name)) throw new UsageError(`${given.origin} ${name}=... is given twice`);
		assignments.set(name, given.text.slice(equals + 1));
	}
	return assignments;
}

/** `30s`, `2m`, `500ms`, a number of seconds, or `none`; gives milliseconds, or null for none. */
export function parseInterval(given: Given): number | null {
	if (given.text === 'none') return null;
	const match = /^(\d{1,9})(ms|s|m|)$/.exec(given.text);
	const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, '': 1000, m: 60_000 };
	const milliseconds = Number(match?.[1]) * (units[match?.[2] ?? ''] ?? 0);
	// Below 100 ms the lines would be the work; a timer takes at most 2^31 ms.
	if (milliseconds >= 100 && milliseconds <= 2 ** 31 - 1) return milliseconds;
	throw new UsageError(`${said(given)} is not an interval`, { hint: `${given.origin} 10s, or ${given.origin} none` });
}

/** As parseInterval, but none is no answer, and 0 is one. */
export function parseDuration(given: Given): number {
	if (/^0(ms|s|m|)$/.test(given.text)) return 0;
	const milliseconds = given.text === 'none' ? null : parseInterval(given);
	if (milliseconds !== null) return milliseconds;
	throw new UsageError(`${said(given)} is no time`, { hint: `${given.origin} 20s` });
}

export function parseChoice<Choice extends string>(given: Given, choices: readonly Choice[]): Choice {
	const choice = choices.find((candidate) => candidate === given.text);
	if (choice !== undefined) return choice;
	throw new UsageError(`${said(given)} is none of ${choices.join(', ')}`);
}

/** A text that is not empty and holds nothing that could break a line. */
export function parseText(given: Given): string {
	const { text, origin } = given;
	if (text.trim() === '') throw new UsageError(`${origin} is empty`);
	if (/\p{Cc}/u.test(text)) throw new UsageError(`${origin} holds a line break or another control character`);
	return text;
}

function said({ origin, text }: Given): string {
	return origin.startsWith('-') ? `${origin} ${JSON.stringify(text)}` : `${origin}=${JSON.stringify(text)}`;
}
