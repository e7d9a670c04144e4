/** From laps to the table: medians over the rounds, and ratios within a round, since the machine itself is faster and slower by turns. */
import type { Cost } from './measure.ts';

export interface Lap {
	readonly name: string;
	readonly round: number;
	readonly messages: number;
	readonly cost: Cost;
	readonly sinkCpuSeconds: number;
}

/** Median, least and most. */
export interface Spread {
	readonly median: number;
	readonly least: number;
	readonly most: number;
}

export interface Conditions {
	readonly connections: number;
	readonly rounds: number;
	/** Octets of a message between DATA and the final dot. */
	readonly wireBytes: number;
	readonly node: string;
	readonly cores: number;
}

export interface ContenderFigures {
	readonly name: string;
	readonly messages: number;
	readonly perSecond: Spread;
	/** Microseconds of CPU per message, in the contender and in the sink. */
	readonly cpuUs: Spread;
	readonly sinkCpuUs: Spread;
	readonly peakMegabytes: number;
	/** How many times as fast the first contender was in the same round; of itself 1. */
	readonly firstIsFasterBy: Spread;
}

export interface BenchSummary {
	readonly conditions: Conditions;
	readonly contenders: readonly ContenderFigures[];
}

/** The first lap's contender is the one that the others are compared with. */
export function summarise(laps: readonly Lap[], conditions: Conditions): BenchSummary {
	const names = [...new Set(laps.map((lap) => lap.name))];
	const first = laps.filter((lap) => lap.name === names[0]);
	const contenders = names.map((name): ContenderFigures => {
		const own = laps.filter((lap) => lap.name === name);
		const ratios = own.map((lap) => {
			const rival = first.find((other) => other.round === lap.round);
			return rival === undefined ? Number.NaN : rate(rival) / rate(lap);
		});
		return {
			name,
			messages: own[0]?.messages ?? 0,
			perSecond: spread(own.map(rate)),
			cpuUs: spread(own.map((lap) => (lap.cost.cpuSeconds / lap.messages) * 1e6)),
			sinkCpuUs: spread(own.map((lap) => (lap.sinkCpuSeconds / lap.messages) * 1e6)),
			peakMegabytes: Math.max(...own.map((lap) => lap.cost.peakBytes)) / 1e6,
			firstIsFasterBy: spread(ratios),
		};
	});
	return { conditions, contenders };
}

export function printTable(summary: BenchSummary): void {
	const { connections, rounds, wireBytes, node, cores } = summary.conditions;
	const lines = [
		`${connections} connections, ${wireBytes} bytes a message, ${rounds} rounds, Node ${node}, ${cores} cores; median (least-most)`,
		'',
		row(['', 'messages', 'messages/s', 'CPU us each', 'sink us each', 'peak RSS', 'mailshot is']),
		...summary.contenders.map((each, index) =>
			row([
				each.name,
				whole(each.messages),
				show(each.perSecond, whole),
				show(each.cpuUs, whole),
				whole(each.sinkCpuUs.median),
				`${whole(each.peakMegabytes)} MB`,
				index === 0 ? '' : show(each.firstIsFasterBy, (ratio) => `${ratio.toFixed(2)}x`),
			]),
		),
	];
	process.stdout.write(`${lines.join('\n')}\n`);
}

function rate(lap: Lap): number {
	return lap.messages / lap.cost.seconds;
}

function spread(values: readonly number[]): Spread {
	const sorted = [...values].sort((one, other) => one - other);
	const middle = (sorted.length - 1) / 2;
	const median = ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
	return { median, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN };
}

function show({ median, least, most }: Spread, format: (value: number) => string): string {
	return `${format(median)} (${format(least)}-${format(most)})`;
}

function whole(value: number): string {
	return Math.round(value).toLocaleString('en');
}

const widths = [24, 9, 26, 15, 13, 9, 22];

function row(cells: readonly string[]): string {
	return cells
		.map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
		.join(' ')
		.trimEnd();
}
