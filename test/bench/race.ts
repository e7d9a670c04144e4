/** Contenders take turns, round after round, so that a slow minute of the machine meets them all; each must have done its work. */
import { type Cost, cpuSecondsOf } from './measure.ts';
import type { Server, ServerCounts } from './servers.ts';

export interface Contender {
	readonly name: string;
	readonly messages: number;
	/** Where it sends to. */
	readonly server: Server;
	/** Rejects when its log does not say that all messages were accepted. */
	run(): Promise<Cost>;
}

export interface Lap {
	readonly name: string;
	readonly round: number;
	readonly messages: number;
	readonly cost: Cost;
	readonly serverCpuSeconds: number;
	/** What the server saw of this lap; null where it does not count (smtp-sink). */
	readonly counts: ServerCounts | null;
}

export interface RaceOptions {
	readonly rounds: number;
	readonly say: (text: string) => void;
}

/** Rejects when a contender fails, or its server took another number of messages than it was to send. */
export async function race(contenders: readonly Contender[], { rounds, say }: RaceOptions): Promise<readonly Lap[]> {
	const laps: Lap[] = [];
	for (let round = 1; round <= rounds; round++) {
		for (const contender of contenders) {
			const lap = await runLap(contender, round);
			laps.push(lap);
			say(`round ${round}  ${contender.name}  ${Math.round(contender.messages / lap.cost.seconds)}/s`);
		}
	}
	return laps;
}

export async function runLap(contender: Contender, round: number): Promise<Lap> {
	const { name, messages, server } = contender;
	const before = cpuSecondsOf(server.pid);
	const cost = await contender.run();
	const serverCpuSeconds = cpuSecondsOf(server.pid) - before;
	const counts = await server.takeCounts();
	if (counts !== null) {
		if (counts.accepted !== messages)
			throw new Error(`${name}: the server took ${counts.accepted} of ${messages} messages`);
		if (counts.faults > 0)
			throw new Error(`${name}: the server saw ${counts.faults} faults, the last: ${counts.lastFault}`);
	}
	return { name, round, messages, cost, serverCpuSeconds, counts };
}
