/** Who holds a log, as the lock file and the lock's socket say it: one JSON object on one line. */
import { isStillRunning, type ProcessIdentity } from './process-identity.ts';

export interface LockHolder extends ProcessIdentity {
	/** Milliseconds since 1970. */
	readonly sinceMs: number;
}

/** `running` here, `elsewhere` (another machine or container: nobody can see from here), or `gone`. */
export type HolderState = 'running' | 'elsewhere' | 'gone';

export function encodeHolder({ pid, pidStarted, bootId, host, sinceMs }: LockHolder): string {
	const since = new Date(sinceMs).toISOString();
	return `${JSON.stringify({ pid, pid_started: pidStarted, boot_id: bootId, host, since })}\n`;
}

/** Null for what encodeHolder did not write. */
export function parseHolder(text: string): LockHolder | null {
	const { pid, pid_started: pidStarted, boot_id: bootId, host, since }: HolderFields = parseObject(text);
	const sinceMs = typeof since === 'string' ? Date.parse(since) : Number.NaN;
	if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0 || Number.isNaN(sinceMs)) return null;
	if (typeof pidStarted !== 'string' || typeof bootId !== 'string' || typeof host !== 'string') return null;
	return { pid, pidStarted, bootId, host, sinceMs };
}

/** What a crash leaves of encodeHolder: nothing, a beginning, or the zeros of a page that never reached the disk. Other text is somebody else's. */
export function isTornHolder(text: string): boolean {
	const written = text.replace(/\0+$/, '');
	const beginning = '{"pid":';
	if (written.endsWith('}\n')) return false;
	return written.length < beginning.length ? beginning.startsWith(written) : written.startsWith(beginning);
}

/** The state of a holder as `observer`, a process on this machine, can see it. */
export function stateOfHolder(holder: LockHolder, observer: ProcessIdentity): HolderState {
	if (holder.host !== observer.host) return 'elsewhere';
	if (holder.bootId !== '' && observer.bootId !== '' && holder.bootId !== observer.bootId) return 'gone';
	return isStillRunning(holder) ? 'running' : 'gone';
}

interface HolderFields {
	readonly pid?: unknown;
	readonly pid_started?: unknown;
	readonly boot_id?: unknown;
	readonly host?: unknown;
	readonly since?: unknown;
}

function parseObject(text: string): HolderFields {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null ? value : {};
	} catch {
		// No JSON is no holder.
		return {};
	}
}
