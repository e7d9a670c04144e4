/**
 * Which of the servers is used: the first one that can be. One that rests is passed over until its pause is over; then one connection tries it while the
 * next server goes on, and with its first answer it is used again (reference/reliability.md §3 fault 49).
 */
import { exitCodes, RunError } from '../support/errors.ts';
import type { DeliverOptions, WaitsFor } from './deliver-options.ts';
import type { Server } from './server.ts';

// A shorter wait is over before anybody has read of it.
const leastToldMs = 2_000;
// A quota is counted for a little longer than its period: who says 24 h means the daily one.
const patience = 1.02;

export class Servers {
	readonly #servers: readonly Server[];
	readonly #options: Pick<DeliverOptions, 'clock' | 'maxWaitMs' | 'onNotice'>;
	#current: Server | null = null;
	/** Who stands behind this place is not used. */
	#last: number;

	constructor(servers: readonly Server[], options: Pick<DeliverOptions, 'clock' | 'maxWaitMs' | 'onNotice'>) {
		this.#servers = servers;
		this.#options = options;
		this.#last = servers.length - 1;
	}

	/** None of them is worth waiting for any longer. */
	get areAllOut(): boolean {
		const hasAnyConnected = this.#servers.some((server) => server.connector.hasConnected);
		return this.#servers.every(
			(server) => server.isOut || server.isPastPatience || (!hasAnyConnected && server.isUnreachable),
		);
	}

	/** No connection stands or is being opened. */
	get areQuiet(): boolean {
		return this.#servers.every((server) => server.connector.isQuiet);
	}

	/** The server that messages go to now; null when all of them rest. Says so when it is another one than before. */
	choose(nowMs: number): Server | null {
		const chosen = this.#servers.find((server) => isUsable(server, nowMs) && !this.#isSpent(server, nowMs)) ?? null;
		// When none of them can be relied on, each is tried.
		this.#last = chosen === null ? this.#servers.length - 1 : this.#servers.indexOf(chosen);
		if (chosen !== null && chosen !== this.#current) {
			if (this.#current !== null || chosen !== this.#servers[0]) this.#options.onNotice(this.#describeChange(chosen));
			this.#current = chosen;
		}
		return chosen;
	}

	/** The chosen one, and those before it, which are tried; all of them while none is chosen. */
	mayUse(server: Server): boolean {
		return this.#servers.indexOf(server) <= this.#last;
	}

	/** Who may be dialled now. */
	*toBeFilled(nowMs: number): Generator<Server> {
		for (const server of this.#servers) {
			if (server.isOut || nowMs < server.restsUntilMs || !this.mayUse(server)) continue;
			yield server;
		}
	}

	/** A connection more may be opened when a message may go out. */
	mayGrow(nowMs: number): boolean {
		return this.#servers.some((server) => server.mayGrow && isUsable(server, nowMs) && this.mayUse(server));
	}

	/** Monotonic: when, later than `nowMs`, the first server that may be used lets a message go that is there at `workAtMs`; Infinity when none will. */
	readyAfterMs(nowMs: number, workAtMs: number): number {
		let earliest = Number.POSITIVE_INFINITY;
		for (const server of this.#servers) {
			if (server.isOut || !this.mayUse(server)) continue;
			const readyAtMs = Math.max(workAtMs, server.restsUntilMs, server.pace.readyAtMs(nowMs));
			// One that could take it now and does not must not hide those that can later.
			if (readyAtMs > nowMs) earliest = Math.min(earliest, readyAtMs);
		}
		return earliest;
	}

	/** Monotonic: when the first rest that is not over yet is; Infinity when nobody rests. */
	restEndsAtMs(nowMs: number): number {
		let earliest = Number.POSITIVE_INFINITY;
		for (const { isOut, restsUntilMs } of this.#servers) {
			if (!isOut && restsUntilMs > nowMs) earliest = Math.min(earliest, restsUntilMs);
		}
		return earliest;
	}

	/** What holds the run up for longer than a moment; null when a server could be used now. */
	waitsFor(nowMs: number): WaitsFor | null {
		let first: WaitsFor | null = null;
		for (const server of this.#servers) {
			if (server.isOut || !this.mayUse(server)) continue;
			const { pace, restsUntilMs } = server;
			const readyAtMs = pace.readyAtMs(nowMs);
			const untilMs = Math.max(readyAtMs, restsUntilMs);
			if (first !== null && untilMs >= first.untilMs) continue;
			first = { what: restsUntilMs > readyAtMs ? server.name : `the limit of ${pace.waitsFor}`, untilMs };
		}
		return first === null || first.untilMs - nowMs < leastToldMs ? null : first;
	}

	/** Each is out, or has a quota for which nobody wants to wait so long. */
	areAllSpent(nowMs: number): boolean {
		return this.#servers.every((server) => server.isOut || this.#isSpent(server, nowMs));
	}

	/** Why no server is used: what is about us counts more than a server that is away. */
	lastError(): RunError {
		const nowMs = this.#options.clock.monotonicMs();
		for (const server of this.#servers)
			if (!server.isOut && this.#isSpent(server, nowMs)) return this.#quotaSpent(server, nowMs);
		const errors = this.#servers.map(({ error }) => error).filter((error) => error !== null);
		const first = errors.find(({ exitCode }) => exitCode === exitCodes.stoppedBySafetyLimit) ?? errors[0];
		if (first === undefined) throw new Error('no server is used, and none says why');
		const others = errors.filter((error) => error !== first).map(({ message }) => message);
		const hint = [first.hint, ...others].filter((line) => line !== '').join('\n');
		return new RunError(first.exitCode, first.message, { hint, cause: first.cause });
	}

	stop(): void {
		for (const server of this.#servers) server.connector.stop();
	}

	/** Gives back what was not used of quotas. */
	close(): void {
		for (const server of this.#servers) server.pace.close();
	}

	#isSpent(server: Server, nowMs: number): boolean {
		return server.pace.readyAtMs(nowMs) - nowMs > this.#options.maxWaitMs * patience;
	}

	#quotaSpent({ name, pace }: Server, nowMs: number): RunError {
		const waitMs = pace.readyAtMs(nowMs) - nowMs;
		const when = new Date(this.#options.clock.now() + waitMs);
		const until =
			waitMs === Number.POSITIVE_INFINITY ? 'later' : `after ${when.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
		return new RunError(exitCodes.workLeft, `the limit of ${pace.waitsFor} for ${name} is used up`, {
			hint: `The same command goes on; run it ${until}. --max-wait says how long a run may wait for that.`,
		});
	}

	#describeChange(chosen: Server): string {
		const before = this.#servers[this.#servers.indexOf(chosen) - 1];
		if (this.#current !== null && this.#servers.indexOf(chosen) < this.#servers.indexOf(this.#current)) {
			return `${chosen.name} answers again: going on with it`;
		}
		if (before === undefined) return `going on with ${chosen.name}`;
		const { pace, error } = before;
		const reason =
			error === null && pace.waitsFor !== ''
				? `the limit of ${pace.waitsFor} for ${before.name} is used up`
				: `${before.name} cannot be used now`;
		return `going on with ${chosen.name}, because ${reason}`;
	}
}

/** Messages may go to it now. One that is on trial has one connection, and the next server goes on beside it. */
function isUsable(server: Server, nowMs: number): boolean {
	return !server.isOut && nowMs >= server.restsUntilMs && !server.isOnTrial;
}
