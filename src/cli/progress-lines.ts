/** Progress in words: the two lines under the cursor of a terminal, and the self-contained lines of a log. */
import type { Status } from '../results/result.ts';
import { cleanText } from '../support/clean-text.ts';
import { formatCount, formatRate, formatShortDuration, formatTimeLeft } from './format.ts';
import type { Paint } from './paint.ts';
import type { RunSnapshot } from './run-snapshot.ts';
import { fitText } from './text-width.ts';

const mostBlocks = 32;
const fewestBlocks = 8;

/** `  ████░░░░  53%  6,526/12,313   20.0/s   4:49 left` */
export function barLine(snapshot: RunSnapshot, look: { readonly width: number; readonly paint: Paint }): string {
	const { done, toSend, percent, ratePerSecond, secondsLeft } = snapshot;
	const left = secondsLeft === null || done === toSend ? '' : `   ${formatTimeLeft(secondsLeft)} left`;
	const numbers = `  ${String(percent).padStart(3)}%  ${formatCount(done)}/${formatCount(toSend)}   ${formatRate(ratePerSecond)}${left}`;
	// One column stays free: a terminal that is written to its edge wraps.
	const blocks = Math.min(mostBlocks, Math.max(fewestBlocks, look.width - 3 - numbers.length));
	const full = toSend === 0 ? blocks : Math.floor((done / toSend) * blocks);
	const bar = look.paint('green', '█'.repeat(full)) + look.paint('dim', '░'.repeat(blocks - full));
	return `  ${bar}${fitText(numbers, look.width - 3 - blocks)}`;
}

/** `  accepted 6,431 · bounced 83 · deferred 12 (9 wait, next in 4:12) · failed 0`: nine are going to be tried again. */
export function countsLine(snapshot: RunSnapshot, look: { readonly width: number; readonly paint: Paint }): string {
	return fitText(`  ${heldUpWords(snapshot)}${countWords(snapshot)}`, look.width - 1);
}

/** `53%, 6,526 of 12,313, 20.0/s, 4:49 left: accepted 6,431 · bounced 83 · deferred 12 · failed 0` */
export function statusSentence(snapshot: RunSnapshot): string {
	const { done, toSend, percent, ratePerSecond, secondsLeft } = snapshot;
	const left = secondsLeft === null || done === toSend ? '' : `, ${formatTimeLeft(secondsLeft)} left`;
	return `${percent}%, ${formatCount(done)} of ${formatCount(toSend)}, ${formatRate(ratePerSecond)}${left}: ${heldUpWords(snapshot)}${countWords(snapshot)}`;
}

/** `waits 0:40 for the limit of 60 a minute · `, in front of all else: it is why nothing moves. */
function heldUpWords({ waitsFor }: RunSnapshot): string {
	return waitsFor === null ? '' : `waits ${formatTimeLeft(waitsFor.seconds)} for ${waitsFor.what} · `;
}

function countWords({ counts, waiting, nextTryInSeconds }: RunSnapshot): string {
	const always: readonly Status[] = ['accepted', 'bounced', 'deferred', 'failed'];
	const shown = counts.unknown > 0 ? [...always, 'unknown' as const] : always;
	const words = (status: Status) => `${status} ${formatCount(counts[status])}`;
	const deferred = waiting === 0 ? words('deferred') : `${words('deferred')} (${waitWords(waiting, nextTryInSeconds)})`;
	return shown.map((status) => (status === 'deferred' ? deferred : words(status))).join(' · ');
}

/** `9 wait, next in 4:12`; `9 wait` when they are due. */
function waitWords(waiting: number, nextTryInSeconds: number | null): string {
	const next = (nextTryInSeconds ?? 0) <= 0 ? '' : `, next in ${formatTimeLeft(nextTryInSeconds ?? 0)}`;
	return `${formatCount(waiting)} wait${next}`;
}

const longestValue = 160;
/** Notices: at their end stands when it goes on, behind the server's own words. */
const longestText = 600;
/** Paths and commands: a part of one is of no use to whoever copies it. */
const copiedFields: ReadonlySet<string> = new Set(['log', 'list', 'resolve', 'go_on']);
const longestCopied = 8192;

export type PlainFields = Readonly<Record<string, string | number>>;

/** `2026-11-22T09:00:00Z november-news start to_send=12313 ...`: one line, values quoted when they need it. */
export function plainLine(
	at: number,
	campaign: string,
	words: { readonly event: string; readonly fields: PlainFields },
): string {
	const time = new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
	const longest = (name: string) =>
		copiedFields.has(name) ? longestCopied : name === 'text' ? longestText : longestValue;
	const fields = Object.entries(words.fields).map(
		([name, value]) => `${name}=${plainValue(String(value), longest(name))}`,
	);
	return `${[time, plainValue(campaign, longestValue), words.event, ...fields].join(' ')}\n`;
}

function plainValue(value: string, maxLength: number): string {
	const clean = cleanText(value, maxLength);
	return clean === '' || /[\s"=]/.test(clean) ? JSON.stringify(clean) : clean;
}

/** The fields of a status line; `unknown`, `waiting` and `waits_for` are there when there is anything to say. */
export function statusFields(snapshot: RunSnapshot): PlainFields {
	const { counts, waiting, nextTryInSeconds, waitsFor, ratePerSecond, secondsLeft } = snapshot;
	const { accepted, bounced, deferred, failed, unknown } = counts;
	return {
		accepted,
		bounced,
		deferred,
		failed,
		...(unknown > 0 ? { unknown } : {}),
		...(waiting > 0 ? { waiting, next_try: formatShortDuration(nextTryInSeconds ?? 0) } : {}),
		...(waitsFor === null ? {} : { waits_for: waitsFor.what, waits: formatShortDuration(waitsFor.seconds) }),
		rate: formatRate(ratePerSecond).replaceAll(',', ''),
		...(secondsLeft === null ? {} : { eta: formatShortDuration(secondsLeft) }),
	};
}
