/** Units of time that a rate may be given in. */

export interface PeriodUnit {
	readonly name: 'second' | 'minute' | 'hour' | 'day';
	/** As rates are written: `14/s`. */
	readonly short: string;
	readonly ms: number;
	/** What people type for it. */
	readonly spellings: readonly string[];
}

const secondUnit: PeriodUnit = {
	name: 'second',
	short: 's',
	ms: 1_000,
	spellings: ['s', 'sec', 'secs', 'second', 'seconds'],
};

/** The shortest first. */
export const periodUnits: readonly PeriodUnit[] = [
	secondUnit,
	{ name: 'minute', short: 'min', ms: 60_000, spellings: ['m', 'min', 'mins', 'minute', 'minutes'] },
	{ name: 'hour', short: 'h', ms: 3_600_000, spellings: ['h', 'hour', 'hours'] },
	{ name: 'day', short: 'day', ms: 86_400_000, spellings: ['d', 'day', 'days'] },
];

/** Whole seconds as so many of the longest unit that fits: 300,000 ms are 5 minutes. */
export function splitPeriod(periodMs: number): { readonly times: number; readonly unit: PeriodUnit } {
	const unit = periodUnits.findLast(({ ms }) => periodMs % ms === 0) ?? secondUnit;
	return { times: periodMs / unit.ms, unit };
}
