/** What the journal costs where the server is what everybody waits for. */
import { arenaOf } from './arena.ts';
import { mailshot } from './contenders.ts';
import { race } from './race.ts';
import { fasterBy, raceTable } from './race-table.ts';
import { type BenchContext, type Section, scaled } from './section.ts';
import { startCountingSink } from './servers.ts';

// The figure of design.md §8.
const verdictMs = 20;
const connections = 10;
const noJournal = 'mailshot, no journal';

export async function measureSlowServer(context: BenchContext): Promise<Section> {
	const server = await startCountingSink('--no-chunking', '--verdict-ms', `${verdictMs}`);
	try {
		const arena = arenaOf(context, server, connections);
		const count = scaled(context, 5000);
		const contenders = [mailshot(arena, count), mailshot(arena, count, { withoutJournal: true, name: noJournal })];
		const laps = await race(contenders, context);
		const { columns, rows, contenders: data } = raceTable(laps);
		return {
			name: 'slow_server',
			title: `A server that takes ${verdictMs} ms for each verdict: ${connections} connections`,
			notes: [`chunking-sink.mjs with PIPELINING: at most ${(connections * 1000) / verdictMs} messages a second`],
			columns,
			rows,
			data: { contenders: data },
			figures: [
				{
					what: `journal on against off, ${connections} connections, ${verdictMs} ms server`,
					value: fasterBy(laps, { fast: 'mailshot send', slow: noJournal }).median,
					unit: 'x',
					must: 0.97,
					aim: 1,
					better: 'more',
				},
			],
		};
	} finally {
		await server.stop();
	}
}
