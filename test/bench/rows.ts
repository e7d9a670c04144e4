/** How cost grows with the list: a thousand rows, ten thousand and so on through a pipe, to the last log line. It must be flat per message, and so must memory. */
import { assertEachRowOnce, inDirectory, type Setting, sendFromPipe } from './big-campaign.ts';
import { type Spread, spread } from './measure.ts';
import { type Contender, type Lap, race } from './race.ts';
import { show, summarise, whole } from './race-table.ts';
import { type BenchContext, type Figure, type Measure, type Section, scaled } from './section.ts';
import { startQuickSink } from './servers.ts';

const million = 1e6;

export const measureRows: Measure = async (context) => {
	const { workload, connections, rounds, say } = context;
	const server = await startQuickSink();
	try {
		const contender = (rows: number) => fedCampaign(context.directory, { workload, server, connections }, rows);
		// At least two sizes, with a duplicate in each.
		const sizes = listSizes(scaled(context, million, 2000));
		const usual = sizes.filter((rows) => rows <= million);
		const laps = [...(await race(usual.map(contender), { rounds, say }))];
		// Ten minutes each.
		const huge = sizes.filter((rows) => rows > million);
		laps.push(...(await race(huge.map(contender), { rounds: 1, say })));
		return section(context, laps);
	} finally {
		await server.stop();
	}
};

/** The powers of ten from a thousand on below `largest`, and that. */
export function listSizes(largest: number): readonly number[] {
	const sizes: number[] = [];
	for (let rows = 1000; rows < largest; rows *= 10) sizes.push(rows);
	return [...sizes, largest];
}

function fedCampaign(directory: string, setting: Setting, rows: number): Contender {
	return {
		name: `${whole(rows)} rows`,
		messages: rows,
		server: setting.server,
		run: () =>
			inDirectory(directory, async (cwd) => {
				const cost = await sendFromPipe(setting, cwd, { rows });
				assertEachRowOnce(cwd, rows);
				return cost;
			}),
	};
}

function section({ connections }: BenchContext, laps: readonly Lap[]): Section {
	const sizes = summarise(laps);
	const further = sizes.map((size, at) => furtherCpuUs(laps, { name: size.name, before: sizes[at - 1]?.name }));
	return {
		name: 'rows',
		title: 'How cost grows with the rows',
		notes: [
			`A process of its own makes the rows and writes them to \`mailshot send -\`; ${connections} connections into smtp-sink; the same messages as above.`,
			'One row in a thousand has the address of an earlier one. The log was read afterwards: one line a row, exactly those skipped as duplicates, all others accepted; the summary says the same.',
			'A further message: what one more costs, from the difference to the size before; start and warm-up of the program are in neither. Above a million rows: one round.',
		],
		columns: ['', 's', 'messages/s', 'CPU us each', 'CPU us a further one', 'sink us each', 'peak RSS'],
		rows: sizes.map((size, at) => [
			size.name,
			(size.messages / size.perSecond.median).toFixed(1),
			show(size.perSecond, whole),
			show(size.cpuUs, whole),
			further[at] === undefined ? '' : show(further[at], whole),
			whole(size.serverCpuUs.median),
			`${whole(size.peakMegabytes)} MB`,
		]),
		data: sizes.map((size, at) => ({ ...size, furtherCpuUs: further[at] ?? null })),
		figures: sizes.flatMap(({ messages, peakMegabytes }): Figure[] => {
			const limits = memoryLimits.get(messages);
			if (limits === undefined) return [];
			const what = `RSS at ${whole(messages)} rows`;
			return [{ what, value: peakMegabytes, unit: 'MB', ...limits, better: 'less' }];
		}),
	};
}

/** By rows (design.md §8). */
const memoryLimits: ReadonlyMap<number, { readonly must: number; readonly aim: number }> = new Map([
	[million, { must: 160, aim: 130 }],
	[10 * million, { must: 420, aim: 350 }],
]);

function furtherCpuUs(
	laps: readonly Lap[],
	{ name, before }: { readonly name: string; readonly before: string | undefined },
): Spread | undefined {
	const differences = laps.flatMap((lap) => {
		const smaller = laps.find((other) => other.name === before && other.round === lap.round);
		if (lap.name !== name || smaller === undefined) return [];
		const cpuSeconds = lap.cost.cpuSeconds - smaller.cost.cpuSeconds;
		return [(cpuSeconds / (lap.messages - smaller.messages)) * 1e6];
	});
	return differences.length === 0 ? undefined : spread(differences);
}
