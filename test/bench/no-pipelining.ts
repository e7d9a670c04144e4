/** A server without PIPELINING: everybody waits for the reply to each command. */
import { arenaOf } from './arena.ts';
import { mailshot } from './contenders.ts';
import { nodemailerPool, requirePeers, smtpSource } from './peers.ts';
import { race } from './race.ts';
import { fasterBy, raceTable } from './race-table.ts';
import { type BenchContext, type Section, scaled } from './section.ts';
import { startQuickSink } from './servers.ts';
import { smtpSourcePayload } from './weigh.ts';

export async function measureNoPipelining(context: BenchContext): Promise<Section> {
	requirePeers('smtpSource');
	const payloadBytes = await smtpSourcePayload(context);
	const sink = await startQuickSink(['-p']);
	try {
		const arena = arenaOf(context, sink);
		const contenders = [
			mailshot(arena, scaled(context, 60_000)),
			nodemailerPool(arena, scaled(context, 10_000)),
			smtpSource(arena, scaled(context, 60_000), { payloadBytes }),
		];
		const laps = await race(contenders, context);
		const { columns, rows, contenders: data } = raceTable(laps);
		return {
			name: 'no_pipelining',
			title: `A server without PIPELINING: ${context.connections} connections, smtp-sink -p`,
			notes: ['four round trips a message for everybody; smtp-source never does otherwise'],
			columns,
			rows,
			data: { contenders: data },
			figures: [
				{
					what: 'a server without PIPELINING against nodemailer there',
					value: fasterBy(laps, { fast: 'mailshot send', slow: 'nodemailer pool script' }).median,
					unit: 'x',
					must: 5,
					aim: 6,
					better: 'more',
				},
			],
		};
	} finally {
		await sink.stop();
	}
}
