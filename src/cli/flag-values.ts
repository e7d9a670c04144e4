/** Reads the values of flags and variables; each is right, or a UsageError that says where it came from and what to type. */
import { UsageError } from '../support/errors.ts';
import { type Given, said, typed } from './settings/origin.ts';

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

/** `30s`, `2m`, `1h`, `1d`, `500ms`, a number of seconds, or `none`; gives milliseconds, or null for none. */
export function parseInterval(given: Given): number | null {
	if (given.text === 'none') return null;
	const milliseconds = parseTime(given.text);
	// Below 100 ms the lines would be the work.
	if (milliseconds !== null && milliseconds >= 100) return milliseconds;
	throw new UsageError(`${said(given)} is not an interval: a number with ms, s, m, h or d from 100ms to 24d, or none`, {
		hint: `${typed(given.origin, '10s')}, or ${typed(given.origin, 'none')}`,
	});
}

/** `20s`, `2m`, `1h`, `1d`, `500ms`, or a number of seconds; gives milliseconds. */
export function parseDuration(given: Given): number {
	const milliseconds = parseTime(given.text);
	if (milliseconds !== null) return milliseconds;
	throw new UsageError(`${said(given)} is no time: a number with ms, s, m, h or d, at most 24d`, {
		hint: typed(given.origin, '20s'),
	});
}

function parseTime(text: string): number | null {
	const match = /^(\d{1,10})(ms|s|m|h|d|)$/.exec(text);
	const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, '': 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
	const milliseconds = Number(match?.[1]) * (units[match?.[2] ?? ''] ?? 0);
	// A timer takes no more.
	return milliseconds <= 2 ** 31 - 1 ? milliseconds : null;
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

/** As parseDuration, but no time at all would send nothing; null for `none`. */
export function parseRuntime(given: Given): number | null {
	if (given.text === 'none') return null;
	const milliseconds = parseDuration(given);
	if (milliseconds > 0) return milliseconds;
	throw new UsageError(`${said(given)} leaves no time to send anything`, { hint: typed(given.origin, '2h') });
}
