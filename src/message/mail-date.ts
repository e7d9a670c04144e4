/** The Date header's value (RFC 5322 §3.3) in UTC, made once a second. */
import type { Clock } from '../support/clock.ts';

export function makeMailDate(clock: Clock): () => string {
	let second = Number.NaN;
	let text = '';
	return () => {
		const now = Math.floor(clock.now() / 1000);
		if (now !== second) {
			second = now;
			// toUTCString is `Tue, 04 Nov 2025 10:00:00 GMT`; RFC 5322 §4.3 calls the zone name obsolete.
			text = new Date(now * 1000).toUTCString().replace('GMT', '+0000');
		}
		return text;
	};
}
