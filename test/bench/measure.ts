/** Runs a command to its end and says what it cost: wall clock, CPU of all its threads, peak memory. Linux only (/proc). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { killDescendants } from './children.ts';

export interface Cost {
	readonly seconds: number;
	/** User and system time of the process, start and exit included. */
	readonly cpuSeconds: number;
	readonly peakBytes: number;
}

/** Median, least and most. */
export interface Spread {
	readonly median: number;
	readonly least: number;
	readonly most: number;
}

// A contender that hangs must not hang the whole: ten million rows are done in less.
const limitMs = 3_600_000;

// bash's `time` says what the kernel counted for the child it waited for. On stdout: the child's number, to watch its memory, then the figures; on stderr: what the child says.
const announce = 'echo $$ >&3; exec "$@" >&4 2>&4 3>&- 4>&-';
const script = `exec 3>&1 4>&2; TIMEFORMAT="%R %U %S"; { time bash -c '${announce}' bash "$@"; } 2>&3`;

/** Throws with what the command said when it ends with another code than 0. */
export async function measure(
	command: string,
	args: readonly string[],
	options: { readonly cwd: string },
): Promise<Cost> {
	const child = spawn('bash', ['-c', script, 'bash', command, ...args], {
		cwd: options.cwd,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let figures = '';
	let said = '';
	let peakBytes = 0;
	child.stdout.on('data', (chunk: Buffer) => {
		figures += chunk.toString();
	});
	child.stderr.on('data', (chunk: Buffer) => {
		said = (said + chunk.toString()).slice(-4000);
	});
	const watch = setInterval(() => {
		const pid = /^(\d+)\n/.exec(figures)?.[1];
		if (pid !== undefined) peakBytes = Math.max(peakBytes, peakMemory(pid));
	}, 20);
	const limit = setTimeout(() => killDescendants(child.pid ?? 0), limitMs);
	const [code] = await once(child, 'close');
	clearInterval(watch);
	clearTimeout(limit);
	if (code !== 0) throw new Error(`${command} ended with ${code}:\n${said}`);
	const [seconds = 0, user = 0, system = 0] = (figures.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
	return { seconds, cpuSeconds: user + system, peakBytes };
}

/** The kernel keeps the high-water mark, so the last look before the end tells it all. */
function peakMemory(pid: string): number {
	try {
		return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
	} catch {
		return 0; // It has ended: the mark read before stands.
	}
}

/** CPU seconds of a running process so far, to 10 ms. */
export function cpuSecondsOf(pid: number): number {
	const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '';
	const fields = afterName.split(' ');
	return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** NaN when there are no values. */
export function spread(values: readonly number[]): Spread {
	const sorted = [...values].sort((one, other) => one - other);
	const middle = (sorted.length - 1) / 2;
	const median = ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
	return { median, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN };
}
