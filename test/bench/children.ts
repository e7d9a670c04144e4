/** Ends everything that a process has started, and what that started: sinks, shells around a measured command, the command itself. */
import { readdirSync, readFileSync } from 'node:fs';

/** Kills the children of `pid` and theirs, not itself. */
export function killDescendants(pid: number): void {
	for (const child of childrenOf(pid)) {
		killDescendants(child);
		try {
			process.kill(child, 'SIGKILL');
		} catch {
			// It has ended meanwhile, which is what was wanted.
		}
	}
}

function childrenOf(pid: number): readonly number[] {
	try {
		const tasks = readdirSync(`/proc/${pid}/task`);
		return tasks.flatMap((task) =>
			readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
		);
	} catch {
		return []; // It has ended, and its children are somebody else's or none.
	}
}
