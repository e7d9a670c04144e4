/** Reads rates, the retry schedule and the safety limits. */
import { domainToASCII } from 'node:url';
import { parseRate } from '../../delivery/pace/parse-rate.ts';
import type { Rate } from '../../delivery/pace/rate.ts';
import { parseRetrySchedule, type RetrySchedule } from '../../delivery/retry/retry-schedule.ts';
import { UsageError } from '../../support/errors.ts';
import { parseWhole } from '../flag-values.ts';
import { checked, type Given, said, typed } from './origin.ts';

/** `14/s`, `10000/day`: all of them hold. */
export function parseRates(givens: readonly Given[]): readonly Rate[] {
	return givens.map((given) => checked(given, (one) => rateOf(one, { text: one.text, example: '14/s' })));
}

/** `gmail.com=5/s`; domains in lower case as A-labels. */
export function parseDomainRates(givens: readonly Given[]): ReadonlyMap<string, Rate> {
	const rates = new Map<string, Rate>();
	for (const given of givens) {
		const { domain, rate } = checked(given, parseDomainRate);
		checked(given, () => {
			if (rates.has(domain)) throw new UsageError(`${said(given)}: there is a rate for ${domain} already`);
		});
		rates.set(domain, rate);
	}
	return rates;
}

function parseDomainRate(given: Given): { readonly domain: string; readonly rate: Rate } {
	const { text, origin } = given;
	const equals = text.indexOf('=');
	if (equals === -1) {
		throw new UsageError(`${said(given)} is not domain=rate`, { hint: typed(origin, 'gmail.com=5/s') });
	}
	const name = text.slice(0, equals).trim();
	// domainToASCII would decode %41 and cut at a slash.
	const domain = /^[\p{L}\p{M}\p{N}._-]+$/u.test(name) ? domainToASCII(name) : '';
	if (domain === '' || !domain.includes('.') || /^\.|\.\.|\.$/.test(domain)) {
		throw new UsageError(`${said(given)} begins with no domain, the part of an address behind the @`, {
			hint: typed(origin, 'gmail.com=5/s'),
		});
	}
	return { domain, rate: rateOf(given, { text: text.slice(equals + 1).trim(), example: `${name}=5/s` }) };
}

function rateOf(given: Given, { text, example }: { readonly text: string; readonly example: string }): Rate {
	const parsed = parseRate(text);
	if (parsed.kind === 'rate') return parsed.rate;
	throw new UsageError(`${said(given)} ${parsed.problem}`, { hint: typed(given.origin, example) });
}

export function parseRetry(given: Given): RetrySchedule {
	const parsed = parseRetrySchedule(given.text);
	if (parsed.kind === 'schedule') return parsed.schedule;
	throw new UsageError(`${said(given)} ${parsed.problem}`, {
		hint: `${typed(given.origin, '1m,5m*2,30m')}, or ${typed(given.origin, 'none')}`,
	});
}

/** `20%` is 0.2; Infinity for `none`. A number without the sign could mean either. */
export function parseShare(given: Given): number {
	if (given.text === 'none') return Number.POSITIVE_INFINITY;
	const percent = Number(/^(\d{1,3}(?:\.\d{1,4})?) ?%$/.exec(given.text)?.[1] ?? Number.NaN);
	if (percent > 0 && percent <= 100) return percent / 100;
	throw new UsageError(`${said(given)} is no share: a number above 0 and up to 100 with %, or none`, {
		hint: typed(given.origin, '10%'),
	});
}

/** At least 1; Infinity for `none`. */
export function parseCountLimit(given: Given): number {
	if (given.text === 'none') return Number.POSITIVE_INFINITY;
	return parseWhole(given, { min: 1, max: Number.MAX_SAFE_INTEGER });
}
