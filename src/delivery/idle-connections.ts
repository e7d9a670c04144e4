/** The connections on which nothing is under way: who of them is used next, and who is not needed any more. */
import type { Connection } from './connection.ts';
import type { Server } from './server.ts';
import type { Supply } from './supply.ts';

// Servers close connections that say nothing for one to five minutes (reference/reliability.md §3 fault 31): we say goodbye first.
const maxIdleMs = 30_000;

export class IdleConnections {
	/** Who was idle first stands first; the last one is used first, so that the others can be closed. */
	readonly #connections = new Set<Connection>();

	get size(): number {
		return this.#connections.size;
	}

	add(connection: Connection, nowMs: number): void {
		connection.idleSinceMs = nowMs;
		this.#connections.add(connection);
	}

	delete(connection: Connection): void {
		this.#connections.delete(connection);
	}

	/** One of the server's could take a message. */
	has(server: Server): boolean {
		for (const connection of this.#connections) if (connection.server === server && !connection.isLeaving) return true;
		return false;
	}

	/** Wakes as many as there is something for that may go out now. */
	wake(supply: Supply, monotonicMs: () => number): void {
		for (const connection of [...this.#connections].reverse()) {
			if (!supply.hasMore) return;
			const nowMs = monotonicMs();
			if (connection.isLeaving || connection.server.pace.readyAtMs(nowMs) > nowMs) continue;
			this.#connections.delete(connection);
			connection.session.wake();
		}
	}

	/** Says goodbye on those that were not used for long. */
	finishStale(nowMs: number): void {
		for (const connection of [...this.#connections]) {
			if (nowMs - connection.idleSinceMs >= maxIdleMs) connection.finish();
		}
	}

	finishAll(): void {
		for (const connection of [...this.#connections]) connection.finish();
	}
}
