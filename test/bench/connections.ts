/** How cost grows with the connections: the same list over 1 to 200 of them into a server without a delay. */
import { inDirectory, readCounts, type Setting, sendFromFile } from './big-campaign.ts';
import { type Contender, race } from './race.ts';
import { raceTable } from './race-table.ts';
import { type Measure, scaled } from './section.ts';
import { startQuickSink } from './servers.ts';

const counts = [1, 2, 5, 10, 20, 50, 100, 200];

export const measureConnections: Measure = async (context) => {
	const { directory, workload, rounds, say } = context;
	const messages = scaled(context, 100_000);
	const server = await startQuickSink();
	try {
		const contenders = counts.map((connections) => listed(directory, { workload, server, connections }, messages));
		const { columns, rows, contenders: data } = raceTable(await race(contenders, { rounds, say }));
		// Who is how many times as fast as one connection says nothing that messages/s does not.
		const withoutRatio = (row: readonly string[]) => row.slice(0, -1);
		return {
			name: 'connections',
			title: 'How cost grows with the connections',
			notes: [
				'Into smtp-sink, which answers at once: more connections than keep both processes busy can only cost. On a long line they are what hides the round trip (wan).',
			],
			columns: withoutRatio(columns),
			rows: rows.map(withoutRatio),
			data,
			figures: [],
		};
	} finally {
		await server.stop();
	}
};

function listed(directory: string, setting: Setting, messages: number): Contender {
	const { connections, server, workload } = setting;
	return {
		name: connections === 1 ? '1 connection' : `${connections} connections`,
		messages,
		server,
		run: () =>
			inDirectory(directory, async (cwd) => {
				const cost = await sendFromFile(setting, cwd, { list: workload.list(messages) });
				const { accepted } = readCounts(cwd);
				if (accepted !== messages) throw new Error(`${accepted} of ${messages} accepted on ${connections} connections`);
				return cost;
			}),
	};
}
