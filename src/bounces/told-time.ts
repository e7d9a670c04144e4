/** When a refusal says to come back (RFC 6647 §2.7 has servers do so): the waiting time out of the text of a reply. */
import type { Reply } from '../smtp/reply.ts';

// A server that asks for more is not speaking of this message, or not to be obeyed.
const longestMs = 7 * 86_400_000;

/**
 * Milliseconds from `now` (wall clock, since 1970), more than 0 and at most 7 days; null when the reply names no time, one that has passed, one without
 * its time zone, or more. Never throws, and looks at 10 KB of the reply at most.
 */
export function toldDelayMs(reply: Reply, now: number): number | null {
	const text = beginningOf(reply.lines);
	for (const asks of [askings, states]) {
		for (const { 0: words, index } of text.matchAll(asks)) {
			const rest = text.slice(index + words.length, index + words.length + longestPhrase);
			const delayMs = amountIn(rest, words === 'wait') ?? untilIn(rest, now);
			if (delayMs !== null && delayMs > 0 && delayMs <= longestMs) return Math.ceil(delayMs);
		}
	}
	return null;
}

/** What asks to be tried again is believed before what only describes: `greylisted for 1 hour, retry in 5 minutes`. */
const askings =
	/\b(?:try(?:ing)?(?: it| this| sending| delivery)? again|re-?try(?:ing)?|re-?send|reconnect|come back|wait)\b/g;
const states =
	/\b(?:gr[ae]y-? ?list(?:ed|ing)|deferred|delayed|postponed|throttled|blocked|locked|suspended|disabled|limited|paused|enabled|available|unblocked|lifted|probation|rejected)\b/g;

const longestPhrase = 120;
// QUIRK: `retry your message in`, `come back, please, after`. Words without digits, in one sentence, so that a count or a rate in between ends the search.
const someWords = "(?:[\\s,:()-]+[a-z']{1,14}\\b){0,4}?";
const fewWords = '(?:\\s+[a-z]{1,14}\\b){0,3}?';
const unit = '(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?:\\(s\\))?(?![a-z])';
const amount = `(\\d{1,7}|an?|one)(?:\\.\\d{1,3})?[ -]?(?:more |another )?(${unit})`;
const more = `(?:(?:,? and|,)? ?(\\d{1,4}) ?(${unit}))?`;
/** `00:05:00`, which is no time of day. */
const timer = '(\\d{1,3}):([0-5]\\d):([0-5]\\d)(?![:\\d]| ?(?:utc|gmt|z\\b|[ap]m\\b|[+-]\\d))';
const how = `[\\s:(]+(?:${amount}${more}${more}|${timer})`;
const afterPreposition = new RegExp(`^${someWords}[\\s,:()-]+(?:in|after|for)\\b:?${fewWords}${how}`);
/** `wait 5 minutes` needs no word between. */
const afterWait = new RegExp(`^${someWords}${how}`);

function amountIn(text: string, isWait: boolean): number | null {
	const found = (isWait ? afterWait : afterPreposition).exec(text);
	if (found === null) return null;
	const [, count, unit, secondCount, secondUnit, thirdCount, thirdUnit, hours, minutes, seconds] = found;
	if (hours !== undefined) return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
	return partMs(count, unit) + partMs(secondCount, secondUnit) + partMs(thirdCount, thirdUnit);
}

function partMs(count: string | undefined, unit: string | undefined): number {
	if (count === undefined || unit === undefined) return 0;
	const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit.charAt(0)] ?? 0;
	return (/\d/.test(count) ? Number(count) : 1) * unitMs;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const clockTime = '(\\d{1,2}):([0-5]\\d)(?::([0-5]\\d)(?:\\.\\d{1,9})?)? ?(z|utc|gmt|[+-]\\d\\d:?\\d\\d)\\b';
const until = `^${someWords}[\\s,:()-]+(?:after|until|at|from)\\b:?[\\s:(]+`;
/** RFC 5322 §3.3: `Mon, 25 Aug 2025 07:00:31 UTC`. */
const mailDate = new RegExp(`${until}(?:[a-z]{3,9},? )?(\\d{1,2})[ -]([a-z]{3})[a-z]{0,6}[ -](\\d{4}),? ${clockTime}`);
/** RFC 3339: `2025-08-25T07:00:31Z`. */
const isoDate = new RegExp(`${until}(\\d{4})-(\\d\\d)-(\\d\\d)[t ]${clockTime}`);

function untilIn(text: string, now: number): number | null {
	const mail = mailDate.exec(text);
	const [, day, month = '', year, ...mailTime] = mail ?? [];
	if (mail !== null) return timeOf({ year, month: months.indexOf(month), day }, mailTime) - now;
	const iso = isoDate.exec(text);
	const [, isoYear, isoMonth, isoDay, ...isoTime] = iso ?? [];
	return iso === null ? null : timeOf({ year: isoYear, month: Number(isoMonth) - 1, day: isoDay }, isoTime) - now;
}

interface DateWords {
	readonly year: string | undefined;
	/** From 0; -1 is no month. */
	readonly month: number;
	readonly day: string | undefined;
}

/** Milliseconds since 1970; -Infinity, which has passed, for what is no date. */
function timeOf({ year, month, day }: DateWords, time: readonly (string | undefined)[]): number {
	const [hours, minutes, seconds = '0', zone = ''] = time;
	if (month < 0) return Number.NEGATIVE_INFINITY;
	const atUtc = Date.UTC(Number(year), month, Number(day), Number(hours), Number(minutes), Number(seconds));
	const [, sign, zoneHours, zoneMinutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
	const eastMs = sign === undefined ? 0 : (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000;
	return sign === '-' ? atUtc + eastMs : atUtc - eastMs;
}

const longestLine = 512;
const firstLines = 14;
const lastLines = 6;

/** As one line in lower case. The cut comes first: RFC 5321 §4.5.3.1.5 allows 512 octets a line, and a hostile reply has a megabyte. */
function beginningOf(lines: readonly string[]): string {
	const few =
		lines.length <= firstLines + lastLines ? lines : [...lines.slice(0, firstLines), ...lines.slice(-lastLines)];
	return few
		.map((line) => line.slice(0, longestLine))
		.join(' ')
		.toLowerCase();
}
