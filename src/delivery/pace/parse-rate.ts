/** Reads rates as people type them: `14/s`, `600/min`, `50/5min`, `10000/day`, `14/s,burst=14`. */
import { cleanText } from '../../support/clean-text.ts';
import { nearest } from '../../support/nearest.ts';
import { periodUnits, splitPeriod } from './period.ts';
import type { Rate } from './rate.ts';

export type ParsedRate =
	| { readonly kind: 'rate'; readonly rate: Rate }
	/** `problem` reads on behind the text that was given: `has no unit of time behind the /`. */
	| { readonly kind: 'invalid'; readonly problem: string };

// Quotas by the month exist (reference/reliability.md §4, Mailjet). The ledger keeps what it needs for so long, and no longer.
const longestPeriodMs = 31 * 86_400_000;
const largestCount = 1_000_000_000;
const longestText = 100;
const unitNames = 's, min, h or day';

/** Spaces around the parts and capital letters are fine. The longest period is 31 days, the largest count 1,000,000,000. */
export function parseRate(text: string): ParsedRate {
	const words = text.trim().toLowerCase();
	if (words.length > longestText) return invalid(`is longer than ${longestText} characters`);
	if (/^\d{1,3}(?:,\d{3})+(?!\d)/.test(words)) return invalid('has a comma in its number: write 10000/day');
	const [rate = '', ...settings] = words.split(',').map((part) => part.trim());
	const [count = '', period, ...more] = rate.split('/').map((part) => part.trim());
	if (period === undefined) return invalid('does not say how many in how much time, like 14/s or 10000/day');
	if (more.length > 0) return invalid('has more than one / in it');
	const read = readPeriod(period);
	if (typeof read === 'string') return invalid(read);
	const problem = countProblem(count, read.periodMs);
	if (problem !== '') return invalid(problem);
	return withBurst({ count: Number(count), periodMs: read.periodMs, burst: 1 }, settings);
}

/** The text that parses to the same: `14/s`, `50/5min`, `14/s,burst=14`. */
export function formatRate({ count, periodMs, burst }: Rate): string {
	const { times, unit } = splitPeriod(periodMs);
	return `${count}/${times === 1 ? '' : times}${unit.short}${burst > 1 ? `,burst=${burst}` : ''}`;
}

/** A text says what is wrong with it. */
function readPeriod(period: string): { readonly periodMs: number } | string {
	const [, digits = '', word = ''] = /^(\d*)\s*(.*)$/s.exec(period) ?? [];
	if (word === '') return `has no unit of time behind the /: ${unitNames}`;
	const unit = periodUnits.find(({ spellings }) => spellings.includes(word));
	if (unit === undefined) {
		const known = periodUnits.flatMap(({ spellings }) => spellings).filter((spelling) => spelling.length > 2);
		const meant = nearest(word, known);
		const question = meant === null ? '' : `; did you mean ${meant}?`;
		return `has ${quoted(word)} where a unit of time belongs: ${unitNames}${question}`;
	}
	const times = digits === '' ? 1 : Number(digits);
	if (times === 0) return 'has a period that takes no time';
	if (times * unit.ms > longestPeriodMs) return 'has a period of more than 31 days';
	return { periodMs: times * unit.ms };
}

/** '' when it is a whole number in the range. */
function countProblem(count: string, periodMs: number): string {
	if (count === '') return 'has no number in front of the /';
	if (/^\d+$/.test(count)) {
		if (Number(count) === 0) return 'lets nothing go out: 1 is the least';
		if (Number(count) > largestCount) return 'is more than anybody sends: no rate at all means no limit';
		return '';
	}
	const instead = /^\d{1,6}\.\d{1,6}$/.test(count) ? inWholeNumbers(Number(count), periodMs) : '';
	return `has ${quoted(count)} where a whole number belongs${instead === '' ? '' : `: write ${instead}`}`;
}

/** 1.5 a second is `90/min`; '' when there is no such rate. */
function inWholeNumbers(count: number, periodMs: number): string {
	for (const { ms, short } of periodUnits) {
		// Binary fractions make 65.99999999999999 of 1.1 times 60.
		const inUnit = Number(((count * ms) / periodMs).toPrecision(12));
		if (ms > periodMs && inUnit >= 1 && Number.isInteger(inUnit)) return `${inUnit}/${short}`;
	}
	return '';
}

function withBurst(rate: Rate, settings: readonly string[]): ParsedRate {
	const [setting, ...more] = settings;
	if (setting === undefined) return { kind: 'rate', rate };
	const value = /^burst\s*=\s*(.*)$/s.exec(setting)?.[1];
	if (value === undefined) return invalid(`has ${quoted(setting)} behind it, where only burst=N can stand`);
	if (more.length > 0) return invalid('has more behind its burst');
	if (!/^\d+$/.test(value) || Number(value) === 0) {
		return invalid(`has ${quoted(value)} where the burst belongs: a whole number from 1 to ${rate.count}`);
	}
	if (Number(value) > rate.count) return invalid(`has a burst above the ${rate.count} that may go out at all`);
	return { kind: 'rate', rate: { ...rate, burst: Number(value) } };
}

function quoted(text: string): string {
	return `"${cleanText(text, 20)}"`;
}

function invalid(problem: string): ParsedRate {
	return { kind: 'invalid', problem };
}
