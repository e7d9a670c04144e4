/** How much each contender really sends, counted by a server of our own, so that like is compared with like. */
import type { Arena } from './arena.ts';
import { mailshot } from './contenders.ts';
import { smtpSource } from './peers.ts';
import { type Contender, runLap } from './race.ts';
import { type BenchContext, scaled } from './section.ts';
import { startCountingSink } from './servers.ts';

export type Entry = (arena: Arena, messages: number) => Contender;

/** Octets of a message on the wire, between DATA and the final dot (mean). A contender that sends fewer messages than it says is thrown out here. */
export async function weigh(context: BenchContext, entry: Entry): Promise<number> {
	const { directory, workload } = context;
	const server = await startCountingSink('--no-chunking');
	try {
		const messages = scaled(context, 100);
		const { counts } = await runLap(entry({ directory, workload, server, connections: 1 }, messages), 1);
		return (counts?.octets ?? Number.NaN) / messages;
	} finally {
		await server.stop();
	}
}

/** The `-l` that makes smtp-source send as many octets as mailshot does. */
export async function smtpSourcePayload(context: BenchContext): Promise<number> {
	const trial = 1000;
	const overhead = (await weigh(context, (arena, n) => smtpSource(arena, n, { payloadBytes: trial }))) - trial;
	return Math.round((await weigh(context, mailshot)) - overhead);
}
