/** How long a message waits before it is tried again in the same run, step by step: `1m,5m*2,30m`. */

export interface RetrySchedule {
	/** Milliseconds before the second attempt, the third, and so on; empty: nothing is tried again in a run. */
	readonly delaysMs: readonly number[];
}

/** Patience for a greylisting server, and for one that restarts. */
export const defaultRetrySchedule: RetrySchedule = { delaysMs: [60_000, 300_000, 900_000] };

export type ParsedRetrySchedule =
	| { readonly kind: 'schedule'; readonly schedule: RetrySchedule }
	/** `problem` reads on behind the text that was given: `is longer than 7 days`. */
	| { readonly kind: 'invalid'; readonly problem: string };

// More than anybody waits for in one run; a day's run with a try a quarter of an hour fits.
const mostSteps = 100;
const longestStepMs = 7 * 86_400_000;
const longestText = 400;
const step = /^(\d{1,9})(ms|s|m|h|d)(?:\*(\d{1,3}))?$/;
const unitsMs: readonly (readonly [unit: string, ms: number])[] = [
	['d', 86_400_000],
	['h', 3_600_000],
	['m', 60_000],
	['s', 1_000],
	['ms', 1],
];

/** `1m,5m*2,30m`, `none`; units ms, s, m, h, d; spaces around commas and `*` are fine. Each step is 1 ms to 7 days, and there are at most 100. */
export function parseRetrySchedule(text: string): ParsedRetrySchedule {
	const words = text.trim().toLowerCase();
	if (words === 'none') return { kind: 'schedule', schedule: { delaysMs: [] } };
	if (words === '') return invalid('has no time in it: write times like 1m,5m*2,30m, or none');
	if (words.length > longestText) return invalid(`is longer than ${longestText} characters`);
	const delaysMs: number[] = [];
	for (const part of words.split(',')) {
		const [, count = '', unit = '', times = '1'] = step.exec(part.replace(/\s/g, '')) ?? [];
		if (count === '') return invalid(`has "${part.trim()}" where a time like 30s, 5m or 5m*2 belongs`);
		const delayMs = Number(count) * (unitsMs.find(([name]) => name === unit)?.[1] ?? 0);
		if (delayMs < 1) return invalid(`has "${part.trim()}", and nothing is tried again without a pause`);
		if (delayMs > longestStepMs) return invalid(`has "${part.trim()}", and 7d is the longest step`);
		if (Number(times) === 0) return invalid(`has "${part.trim()}", which is no time at all: leave it out`);
		if (delaysMs.length + Number(times) > mostSteps) return invalid(`has more than ${mostSteps} steps`);
		for (let time = 0; time < Number(times); time += 1) delaysMs.push(delayMs);
	}
	return { kind: 'schedule', schedule: { delaysMs } };
}

/** The shortest text that parses to the same: `1m,5m*2,30m`, `none`. */
export function formatRetrySchedule({ delaysMs }: RetrySchedule): string {
	const runs: { readonly delayMs: number; times: number }[] = [];
	for (const delayMs of delaysMs) {
		const last = runs.at(-1);
		if (last?.delayMs === delayMs) last.times += 1;
		else runs.push({ delayMs, times: 1 });
	}
	const words = runs.map(({ delayMs, times }) => `${formatDelay(delayMs)}${times === 1 ? '' : `*${times}`}`);
	return words.length === 0 ? 'none' : words.join(',');
}

function formatDelay(delayMs: number): string {
	const [unit, ms] = unitsMs.find(([, unitMs]) => delayMs % unitMs === 0) ?? ['ms', 1];
	return `${delayMs / ms}${unit}`;
}

function invalid(problem: string): ParsedRetrySchedule {
	return { kind: 'invalid', problem };
}
