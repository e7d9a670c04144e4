/** The lines of the plan about time: how fast, how long it will take, what is tried again, and what ends it early. */
import type { SafetyLimits, ServerPlan } from '../delivery/deliver-options.ts';
import { describeRate } from '../delivery/pace/describe-rate.ts';
import type { Rate } from '../delivery/pace/rate.ts';
import { formatRetrySchedule, type RetrySchedule } from '../delivery/retry/retry-schedule.ts';
import type { Survey } from '../recipients/survey-list.ts';
import { formatCount, formatCounted, formatDuration } from './format.ts';
import { joinFitting, textWidth } from './text-width.ts';

export type ServerPace = Pick<ServerPlan, 'connections' | 'messagesPerConnection' | 'rates'>;

export interface PlannedTime {
	/** Of the server that is tried first. */
	readonly pace: ServerPace;
	/** By domain. */
	readonly domainRates: ReadonlyMap<string, Rate>;
	readonly retry: RetrySchedule;
	readonly safety: SafetyLimits;
	readonly maxWaitMs: number;
	/** Null for none. */
	readonly maxRuntimeMs: number | null;
	/** Wall clock, milliseconds since 1970; null for none. */
	readonly deadlineAt: number | null;
}

const hourMs = 3_600_000;

type Count = { readonly toSend: number; readonly survey: Pick<Survey, 'recipients' | 'domains'> };

/** Behind `Pace`, one text a line. */
export function paceLines({ pace, domainRates, maxWaitMs }: PlannedTime, count: Count, width: number): string[] {
	const { connections, messagesPerConnection, rates } = pace;
	const lines = [
		`${formatCounted(connections, 'connection')}, up to ${formatCounted(messagesPerConnection, 'message')} each`,
	];
	if (domainRates.size > 0) {
		const words = [...domainRates].map(([domain, rate]) => `${domain} ${describeRate(rate)}`);
		lines.unshift(
			joinFitting(words, width, { separator: ' · ', rest: (hidden) => (hidden > 0 ? `${hidden} more` : '') }),
		);
	}
	const stop = quotaStop(rates, count.toSend, maxWaitMs);
	const about = stop === null ? aboutTime(secondsFor(rates, domainRates, count)) : '';
	if (stop !== null) {
		const left = formatCount(count.toSend - stop.count);
		lines.unshift(`stops at ${formatCount(stop.count)}; run it again later for the other ${left}`);
	}
	const hint = spreadHint(rates, count.toSend);
	if (hint !== '') lines.unshift(hint);
	const together = rates.map(describeRate).join(', ');
	if (together !== '') lines.unshift(`${together}${about}`);
	else if (about !== '') lines[0] = `${lines[0]}${about}`;
	return lines;
}

/** `5 a second, 2 connections` */
export function describePace({ connections, rates }: ServerPace): string {
	return [...rates.map(describeRate), formatCounted(connections, 'connection')].join(', ');
}

/** `1m, 5m, 15m; waits up to 1 h for a server that is away`, behind `Retries`. */
export function describeRetries({ retry, maxWaitMs }: PlannedTime): string {
	const schedule = formatRetrySchedule(retry).replaceAll(',', ', ');
	const waits = maxWaitMs === 0 ? 'does not wait' : `waits up to ${formatWait(maxWaitMs)}`;
	return `${schedule}; ${waits} for a server that is away`;
}

/** Behind `Stops`, one text a line; empty when nothing but the end of the list stops it. */
export function stopLines({ safety, maxRuntimeMs, deadlineAt }: PlannedTime, width: number): string[] {
	const { maxBounceRate, maxFailures } = safety;
	const words = [
		Number.isFinite(maxBounceRate) ? `above ${percent(maxBounceRate)} bounced` : '',
		Number.isFinite(maxFailures) ? `after ${formatCounted(maxFailures, 'failure')}` : '',
		maxRuntimeMs === null ? '' : `after ${formatWait(maxRuntimeMs)}`,
		deadlineAt === null ? '' : `at ${localTime(deadlineAt)}`,
	];
	const lines: string[] = [];
	for (const word of words.filter((text) => text !== '')) {
		const longer = `${lines.at(-1)} · ${word}`;
		if (lines.length > 0 && textWidth(longer) <= width) lines.splice(-1, 1, longer);
		else lines.push(word);
	}
	return lines;
}

/** The quota that is spent before everybody has it, when the run does not wait for more. */
function quotaStop(rates: readonly Rate[], toSend: number, maxWaitMs: number): Rate | null {
	const [shortest, ...quotas] = byPeriod(rates);
	if (shortest === undefined) return null;
	const spentFirst = quotas.filter(({ count, periodMs }) => {
		const waitMs = periodMs - (count / shortest.count) * shortest.periodMs;
		return toSend > count && waitMs > maxWaitMs;
	});
	return spentFirst.reduce<Rate | null>(
		(least, rate) => (least === null || rate.count < least.count ? rate : least),
		null,
	);
}

/** At the pace that is set; what the servers can take is not known before. 0 when nothing is set. */
function secondsFor(
	rates: readonly Rate[],
	domainRates: PlannedTime['domainRates'],
	{ toSend, survey }: Count,
): number {
	const [shortest, ...quotas] = byPeriod(rates);
	const times = [0];
	if (shortest !== undefined) {
		const msFor = (count: number) => (count / shortest.count) * shortest.periodMs;
		times.push(msFor(toSend));
		for (const { count, periodMs } of quotas) {
			const periods = Math.floor(Math.max(0, toSend - 1) / count);
			times.push(periods * Math.max(periodMs, msFor(count)) + msFor(toSend - periods * count));
		}
	}
	const share = survey.recipients === 0 ? 0 : toSend / survey.recipients;
	for (const { domain, count } of survey.domains) {
		const rate = domainRates.get(domain);
		if (rate !== undefined) times.push(((count * share) / rate.count) * rate.periodMs);
	}
	return Math.max(...times) / 1000;
}

/** A quota alone is spread over its whole period, which surprises who has few messages. */
function spreadHint([quota, ...others]: readonly Rate[], toSend: number): string {
	if (quota === undefined || others.length > 0 || quota.periodMs < hourMs || toSend < 2) return '';
	return 'evenly spread over it; with --rate 1/s beside it, at that pace';
}

function byPeriod(rates: readonly Rate[]): Rate[] {
	return [...rates].sort((a, b) => a.periodMs - b.periodMs);
}

function aboutTime(seconds: number): string {
	return seconds === 0 ? '' : `: about ${formatDuration(seconds)}`;
}

/** `500 ms`, `30 s`, `1 h`, `1 h 30 min` */
function formatWait(milliseconds: number): string {
	if (milliseconds < 1000) return `${milliseconds} ms`;
	const [hours, minutes, seconds] = [3_600_000, 60_000, 1000].map((unit) => Math.floor(milliseconds / unit));
	if (hours === undefined || minutes === undefined || seconds === undefined) return '';
	const parts = [
		hours > 0 ? `${hours} h` : '',
		minutes % 60 > 0 ? `${minutes % 60} min` : '',
		seconds % 60 > 0 ? `${seconds % 60} s` : '',
	];
	return parts.filter((part) => part !== '').join(' ');
}

function percent(share: number): string {
	return `${Number((share * 100).toFixed(4))} %`;
}

/** `2026-11-22 18:00`, as the clock on the wall shows it. */
function localTime(at: number): string {
	const time = new Date(at);
	const two = (value: number) => String(value).padStart(2, '0');
	const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
	return `${date} ${two(time.getHours())}:${two(time.getMinutes())}`;
}
