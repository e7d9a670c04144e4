/** Says a rate in words, for terminals and notices. */
import { splitPeriod } from './period.ts';
import type { Rate } from './rate.ts';

/** `14 a second`, `10,000 a day`, `50 in 5 minutes`; without the burst. */
export function describeRate({ count, periodMs }: Rate): string {
	const { times, unit } = splitPeriod(periodMs);
	const shown = count.toLocaleString('en-US');
	if (times !== 1) return `${shown} in ${times.toLocaleString('en-US')} ${unit.name}s`;
	return `${shown} ${unit.name === 'hour' ? 'an' : 'a'} ${unit.name}`;
}
