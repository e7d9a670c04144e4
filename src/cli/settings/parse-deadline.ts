/** Reads the time at which a run ends: `18:00`, `2026-11-23T06:00`, or with a zone; always one that is still to come. */
import { UsageError } from '../../support/errors.ts';
import { type Given, said, typed } from './origin.ts';

const timeOfDay = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const dateAndTime =
	/^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/** Milliseconds since 1970. A time of day is the next one in the local zone; so is a date without a zone. Null for `none`. */
export function parseDeadline(given: Given, options: { readonly now: number }): number | null {
	const { now } = options;
	const text = given.text.trim();
	if (text === 'none') return null;
	const time = timeOfDay.exec(text);
	const at = time === null ? readDate(text) : nextTime(time, now);
	if (at === null) {
		throw new UsageError(`${said(given)} is no time: 18:00, 2026-11-23T06:00, or that with Z or +01:00 behind it`, {
			hint: typed(given.origin, '18:00'),
		});
	}
	if (at > now) return at;
	throw new UsageError(`${said(given)} is over: it is ${new Date(now).toISOString().slice(0, 19)}Z`, {
		hint: 'Nothing would be sent. Write a time that is still to come, or none.',
	});
}

function nextTime([, hourText, minuteText, secondText]: RegExpExecArray, now: number): number | null {
	const [hour, minute, second] = [hourText, minuteText, secondText ?? 0].map(Number);
	if (hour === undefined || minute === undefined || second === undefined) return null;
	if (hour > 23 || minute > 59 || second > 59) return null;
	const today = new Date(now);
	const on = (day: number) => new Date(today.getFullYear(), today.getMonth(), day, hour, minute, second).getTime();
	const at = on(today.getDate());
	// The calendar's next day, which is 23 or 25 hours long when clocks are changed.
	return at > now ? at : on(today.getDate() + 1);
}

function readDate(text: string): number | null {
	const parts = dateAndTime.exec(text);
	if (parts === null) return null;
	const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
		.slice(1, 7)
		.map((part) => Number(part ?? 0));
	const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
	// Date takes 31 February for 3 March.
	const written = new Date(asUtc);
	if (written.getUTCDate() !== day || written.getUTCMonth() !== month - 1 || hour > 23 || minute > 59 || second > 59) {
		return null;
	}
	const zone = parts[7];
	if (zone === undefined) return new Date(year, month - 1, day, hour, minute, second).getTime();
	const offset = offsetMs(zone);
	return offset === null ? null : asUtc - offset;
}

function offsetMs(zone: string): number | null {
	if (/^z$/i.test(zone)) return 0;
	const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
	const [hours, minutes] = [Number(digits.slice(0, 2)), Number(digits.slice(2))];
	if (hours > 14 || minutes > 59) return null;
	return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
