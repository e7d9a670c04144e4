/** Which process this is, so that another one can tell later whether it still runs: a pid alone is used again. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessIdentity {
	readonly pid: number;
	/** When the process started, in clock ticks since boot as the kernel writes them; '' where it cannot be known (macOS). */
	readonly pidStarted: string;
	/** Changes with each boot of the machine; '' where it cannot be known. Containers of one machine have the same. */
	readonly bootId: string;
	readonly host: string;
}

/** Of this process. */
export function readProcessIdentity(): ProcessIdentity {
	const { started } = parseStat(readQuietly('/proc/self/stat'));
	return { pid: process.pid, pidStarted: started, bootId: readQuietly(bootIdPath).trim(), host: hostname() };
}

/** Whether the process of that number on this machine is the one that started then; in doubt it is. */
export function isStillRunning({ pid, pidStarted }: Pick<ProcessIdentity, 'pid' | 'pidStarted'>): boolean {
	if (!hasProcess(pid)) return false;
	const { state, started } = parseStat(readQuietly(`/proc/${pid}/stat`));
	// Killed, and its parent has not asked yet what became of it: containers without an init leave them so for good.
	if (state === 'Z' || state === 'X') return false;
	return pidStarted === '' || started === '' || started === pidStarted;
}

/** Fields 3 and 22 of proc_pid_stat(5); '' when it is none. The second field is the program's name, which may hold blanks and parentheses. */
export function parseStat(stat: string): { readonly state: string; readonly started: string } {
	// The first piece is the empty one before the third field.
	const fields = stat.slice(stat.lastIndexOf(')') + 1).split(' ');
	const [state = '', started = ''] = [fields[3 - 2], fields[22 - 2]];
	return /^\d+$/.test(started) ? { state, started } : { state: '', started: '' };
}

const bootIdPath = '/proc/sys/kernel/random/boot_id';

function hasProcess(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// EPERM: it is there, and belongs to somebody else.
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
}

/** '' for what is not there: no /proc, a process that has ended, or one that is hidden from us (hidepid). */
function readQuietly(path: string): string {
	try {
		return readFileSync(path, 'latin1');
	} catch {
		return '';
	}
}
