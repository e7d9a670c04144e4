/** What somebody is told who wants a log that another run holds: which run, since when, and what can be done. */
import { cleanText } from '../../support/clean-text.ts';
import { exitCodes, RunError } from '../../support/errors.ts';
import { shellWord } from '../../support/shell-word.ts';
import type { LockHolder } from './lock-holder.ts';

export interface LogInUseOptions {
	/** Null: it holds the log and does not say who it is. */
	readonly holder: LockHolder | null;
	readonly state: 'running' | 'elsewhere';
	readonly lockPath: string;
	/** Milliseconds since 1970. */
	readonly now: number;
}

/** RunError 75. */
export function logInUse(logPath: string, options: LogInUseOptions): RunError {
	const { holder, now } = options;
	if (holder === null) {
		return new RunError(exitCodes.logInUse, `another run on this machine holds the log ${logPath}`, {
			hint: 'It does not say which process it is. Wait until it ends; to find it:\n  pgrep -fa mailshot',
		});
	}
	const host = cleanText(holder.host, 100);
	return new RunError(
		exitCodes.logInUse,
		`another run holds the log ${logPath}: process ${holder.pid} on ${host}, ${sinceWords(holder.sinceMs, now)}`,
		{ hint: hintFor(holder, { ...options, host }) },
	);
}

function hintFor(holder: LockHolder, { state, lockPath, host }: LogInUseOptions & { readonly host: string }): string {
	const remove = `  rm ${shellWord(lockPath)}`;
	if (state === 'elsewhere') {
		return [
			`From here nobody can see whether that run goes on: ${host} is another machine or container.`,
			'Wait until it ends. If it is gone for sure, remove what it left:',
			remove,
		].join('\n');
	}
	const wait = [
		'Wait until it ends, or stop it; it finishes what is under way, and the same command goes on from there:',
		`  kill ${holder.pid}`,
	];
	// Where the kernel does not say when a process started, another one may have its number now.
	const doubt =
		holder.pidStarted === ''
			? [`If that process is no mailshot (ps -p ${holder.pid}), remove what is left:`, remove]
			: [];
	return [...wait, ...doubt].join('\n');
}

/** `since 06:50:11, 12 minutes ago`, in local time; with the day when it was another one. */
export function sinceWords(sinceMs: number, now: number): string {
	const since = new Date(sinceMs);
	const [, month, day] = since.toDateString().split(' ');
	const isToday = since.toDateString() === new Date(now).toDateString();
	const time = since.toTimeString().slice(0, 8);
	const moment = isToday ? time : `${Number(day)} ${month} ${time}`;
	// A clock that was set back would tell of the future.
	return now < sinceMs ? `since ${moment}` : `since ${moment}, ${ago((now - sinceMs) / 1000)}`;
}

function ago(seconds: number): string {
	const [count, unit] =
		seconds < 60
			? [seconds, 'second']
			: seconds < 3600
				? [seconds / 60, 'minute']
				: seconds < 2 * 86_400
					? [seconds / 3600, 'hour']
					: [seconds / 86_400, 'day'];
	const whole = Math.floor(count);
	return `${whole} ${unit}${whole === 1 ? '' : 's'} ago`;
}
