/** From laps to a table: medians over the rounds, and ratios within a round, since the machine itself is faster and slower by turns. */
import { type Spread, spread } from './measure.ts';
import type { Lap } from './race.ts';

export interface ContenderFigures {
	readonly name: string;
	readonly messages: number;
	readonly perSecond: Spread;
	/** Microseconds of CPU per message, in the contender and in the server. */
	readonly cpuUs: Spread;
	readonly serverCpuUs: Spread;
	readonly peakMegabytes: number;
	/** How many times as fast the first contender was in the same round; of itself 1. */
	readonly firstIsFasterBy: Spread;
}

export interface RaceTable {
	readonly columns: readonly string[];
	readonly rows: readonly (readonly string[])[];
	readonly contenders: readonly ContenderFigures[];
}

/** Seconds that a lap counts for. */
export type Timing = (lap: Lap) => number;

/** The time of the whole process, start and exit included. */
export const wholeProcess: Timing = (lap) => lap.cost.seconds;

/** The first lap's contender is the one that the others are compared with. */
export function summarise(laps: readonly Lap[], timing: Timing = wholeProcess): readonly ContenderFigures[] {
	const names = [...new Set(laps.map((lap) => lap.name))];
	return names.map((name): ContenderFigures => {
		const own = laps.filter((lap) => lap.name === name);
		return {
			name,
			messages: own[0]?.messages ?? 0,
			perSecond: spread(own.map((lap) => lap.messages / timing(lap))),
			cpuUs: spread(own.map((lap) => (lap.cost.cpuSeconds / lap.messages) * 1e6)),
			serverCpuUs: spread(own.map((lap) => (lap.serverCpuSeconds / lap.messages) * 1e6)),
			peakMegabytes: Math.max(...own.map((lap) => lap.cost.peakBytes)) / 1e6,
			firstIsFasterBy: fasterBy(laps, { fast: names[0] ?? '', slow: name }, timing),
		};
	});
}

/** How many times as fast `fast` was as `slow`, in each round. */
export function fasterBy(
	laps: readonly Lap[],
	{ fast, slow }: { readonly fast: string; readonly slow: string },
	timing: Timing = wholeProcess,
): Spread {
	const ratios = laps
		.filter((lap) => lap.name === slow)
		.map((lap) => {
			const rival = laps.find((other) => other.name === fast && other.round === lap.round);
			return rival === undefined ? Number.NaN : rival.messages / timing(rival) / (lap.messages / timing(lap));
		});
	return spread(ratios);
}

export function raceTable(laps: readonly Lap[], timing: Timing = wholeProcess): RaceTable {
	const contenders = summarise(laps, timing);
	return {
		columns: ['', 'messages', 'messages/s', 'CPU us each', 'sink us each', 'peak RSS', 'first is'],
		rows: contenders.map((each, index) => [
			each.name,
			whole(each.messages),
			show(each.perSecond, (rate) => (rate < 100 ? rate.toFixed(1) : whole(rate))),
			show(each.cpuUs, whole),
			whole(each.serverCpuUs.median),
			`${whole(each.peakMegabytes)} MB`,
			index === 0 ? '' : show(each.firstIsFasterBy, times),
		]),
		contenders,
	};
}

/** `21,000 (18,000-23,000)`; of one round `21,000`. */
export function show({ median, least, most }: Spread, format: (value: number) => string): string {
	if (least === most) return format(median);
	return `${format(median)} (${format(least)}-${format(most)})`;
}

export function whole(value: number): string {
	return Math.round(value).toLocaleString('en');
}

export function times(ratio: number): string {
	return `${ratio.toFixed(2)}x`;
}
