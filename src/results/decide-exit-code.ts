/** How a run ends for scripts (design.md §6): the exit code speaks of the campaign after this run. */
import { type ExitCode, exitCodes } from '../support/errors.ts';

export interface RunEnd {
	/** What stopped the run early, with its own code; null when it went to its end. */
	readonly stopped: ExitCode | null;
	readonly bounced: number;
	readonly failed: number;
	readonly unknown: number;
	readonly deferred: number;
	/** Rows without a result. */
	readonly left: number;
}

/** A cause that stopped the run comes first, then work that is left (run it again), then recipients that were not accepted. */
export function decideExitCode(end: RunEnd): ExitCode {
	if (end.stopped !== null) return end.stopped;
	if (end.deferred > 0 || end.left > 0) return exitCodes.workLeft;
	if (end.bounced > 0 || end.failed > 0 || end.unknown > 0) return exitCodes.someNotAccepted;
	return exitCodes.done;
}
