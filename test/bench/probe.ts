/** Measures a part of the built program alone: a script of probes/ in a process of its own, which prints its figures as one line of JSON. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface ProbeFigures {
	/** What was done, so often. */
	readonly count: number;
	readonly seconds: number;
	/** User and system time, the collector's threads included, without the start of the process. */
	readonly cpuSeconds: number;
	readonly peakBytes: number;
}

/** `name`: of the script, without `.mjs`. `node`: flags for Node. */
export async function probe(
	name: string,
	args: readonly string[],
	{ node = [] }: { readonly node?: readonly string[] } = {},
): Promise<ProbeFigures> {
	const script = fileURLToPath(new URL(`probes/${name}.mjs`, import.meta.url));
	const { stdout } = await promisify(execFile)(process.execPath, [...node, script, ...args]);
	return JSON.parse(stdout);
}

export function cpuUsEach({ cpuSeconds, count }: ProbeFigures): number {
	return (cpuSeconds / count) * 1e6;
}
