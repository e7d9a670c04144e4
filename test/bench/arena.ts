/** Where a contender runs: a folder of its own, a server, a number of connections; and the check that it did its work. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchContext } from './section.ts';
import type { Server } from './servers.ts';
import type { Workload } from './workload.ts';

export interface Arena {
	readonly directory: string;
	readonly workload: Workload;
	readonly server: Server;
	readonly connections: number;
	/** Of a server that speaks TLS from the first byte: whom to trust. */
	readonly caFile?: string;
}

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** With as many connections as the whole run unless told otherwise. */
export function arenaOf(context: BenchContext, server: Server, connections = context.connections): Arena {
	const { directory, workload } = context;
	return { directory, workload, server, connections };
}

/** Gives `run` an empty folder and takes it away. */
export async function inFreshDirectory<Result>(
	{ directory }: { readonly directory: string },
	run: (cwd: string) => Promise<Result>,
): Promise<Result> {
	const cwd = mkdtempSync(join(directory, 'run-'));
	try {
		return await run(cwd);
	} finally {
		rmSync(cwd, { recursive: true });
	}
}

/** A contender that did not do its work must not win: throws unless there are as many accepted lines as messages. */
export function checkLog(path: string, messages: number): void {
	const log = readFileSync(path);
	let count = 0;
	for (let at = log.indexOf(acceptedText); at !== -1; at = log.indexOf(acceptedText, at + 1)) count++;
	if (count !== messages) throw new Error(`${path}: ${count} of ${messages} messages accepted`);
}

const acceptedText = Buffer.from('"status":"accepted"');
