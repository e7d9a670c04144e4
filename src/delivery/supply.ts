/**
 * Gives each connection its next parcel, marked, and lets its dot go when that mark is durable (design.md §5 Mark, then dot).
 *
 * A connection marks ahead inside its window, so that the disk works while the server answers. What it has marked and not started is still anybody's: a
 * connection that finds the queue empty takes it over, so that a slow one does not hold up the end of a run.
 *
 * Where a pace is kept nothing is marked ahead: the message that may go now is marked now, and its MAIL is written in the same tick.
 */
import type { AttemptMarks } from './attempt-marks.ts';
import type { Connection } from './connection.ts';
import { type Unfitness, unfitness } from './judge.ts';
import type { Parcel, ParcelQueue } from './parcel-queue.ts';
import type { Server } from './server.ts';
import { type ReleaseReason, Window } from './window.ts';

export interface SupplyOptions {
	readonly queue: ParcelQueue;
	readonly marks: AttemptMarks;
	/** Attempts per connection that are marked and not settled, at least 1. */
	readonly windowSize: number;
	readonly monotonicMs: () => number;
	/** Open ones. */
	readonly connections: ReadonlySet<Connection>;
	/** The server cannot take this parcel at all, so it was not marked; it is no longer in the queue. */
	readonly onUnfit: (parcel: Parcel, connection: Connection, unfit: Unfitness) => void;
	/** The source broke: it gives nothing any more. */
	readonly onBroken: (error: unknown) => void;
}

export class Supply {
	readonly #options: SupplyOptions;
	/** Wait for a mark to become durable. */
	readonly #heldBack = new Set<Connection>();
	#hasStopped = false;
	#triedAtMs = Number.NEGATIVE_INFINITY;

	constructor(options: SupplyOptions) {
		this.#options = options;
		options.marks.onDurable(this.#letGo);
	}

	openWindow(connection: number): Window {
		const { marks, windowSize } = this.#options;
		return new Window(marks, { size: windowSize, connection });
	}

	/** A connection that is free would have something to do. */
	get hasMore(): boolean {
		return this.#options.queue.hasMore || this.#longestAhead() !== null;
	}

	/** Monotonic: when a connection asked for a parcel last. */
	get triedAtMs(): number {
		return this.#triedAtMs;
	}

	/** The connection's next parcel, or null when there is none just now. */
	take(connection: Connection): Parcel | null {
		const { window, server } = connection;
		this.#triedAtMs = this.#options.monotonicMs();
		if (this.#isPaced(server)) {
			try {
				return this.#takeInPace(connection);
			} catch (error) {
				this.#options.onBroken(error);
				return null;
			}
		}
		this.#markAhead(connection);
		if (window.ahead === 0 && connection.canMark && this.#takeOver()) this.#markAhead(connection);
		return window.start();
	}

	/** A message may go out only at its time, which the server's pace or its domain's decides. */
	#isPaced(server: Server): boolean {
		return server.pace.isLimited || this.#options.queue.isPaced;
	}

	#takeInPace(connection: Connection): Parcel | null {
		const { window, server } = connection;
		const nowMs = this.#triedAtMs;
		if (server.pace.readyAtMs(nowMs) > nowMs) return null;
		// What was marked ahead before there was a pace goes first.
		if (window.ahead === 0) this.#markOne(connection);
		const parcel = window.start();
		if (parcel !== null) server.pace.spend(nowMs);
		return parcel;
	}

	/** The final dot of a parcel that was taken may go out; otherwise the connection is woken when it may. */
	mayEnd(connection: Connection, parcel: Parcel): boolean {
		if (parcel.mark.isDurable) {
			if (connection.heldBack !== null) this.#forget(connection);
			return true;
		}
		connection.heldBack = parcel;
		this.#heldBack.add(connection);
		// The verdict before it has made room: what is marked now joins the commit.
		this.#markAhead(connection);
		this.#options.marks.hurry();
		return false;
	}

	/** The attempt came to nothing, its dot never went out, and another connection may have the parcel. */
	putBack(
		connection: Connection,
		parcel: Parcel,
		{ why, isSuspect }: { readonly why: ReleaseReason; readonly isSuspect: boolean },
	): void {
		connection.window.release(parcel, why);
		this.#options.queue.putBack(parcel, isSuspect);
	}

	/** The same, but nobody is to have it before then. */
	putOff(
		connection: Connection,
		parcel: Parcel,
		{ why, untilMs }: { readonly why: ReleaseReason; readonly untilMs: number },
	): void {
		connection.window.release(parcel, why);
		if (!this.#options.queue.wait(parcel, untilMs)) this.#options.queue.putBack(parcel, false);
	}

	/** The connection is gone: what it has marked ahead goes back to where it came from. */
	closed(connection: Connection): void {
		this.#forget(connection);
		this.#releaseAhead(connection, 'unused');
	}

	/** Nothing is taken any more, and what was marked ahead is left. */
	stop(): void {
		this.#hasStopped = true;
		for (const connection of this.#options.connections) this.#releaseAhead(connection, 'stopped');
	}

	close(): void {
		this.#options.marks.onDurable(null);
	}

	/** Marks as much for the connection as its window allows and the queue gives. */
	#markAhead(connection: Connection): void {
		while (!this.#isPaced(connection.server) && this.#markOne(connection));
	}

	/** False when nothing was marked. */
	#markOne(connection: Connection): boolean {
		if (!connection.canMark || this.#hasStopped) return false;
		const parcel = this.#takeFit(connection);
		if (parcel === null) return false;
		connection.window.mark(parcel);
		// Whatever was called on the way may have stopped the run, or ended this connection.
		if (!this.#hasStopped && !connection.isLeaving) return true;
		this.#releaseAhead(connection, 'stopped');
		return false;
	}

	/** The next parcel that this connection's server takes at all. */
	#takeFit(connection: Connection): Parcel | null {
		while (!this.#hasStopped) {
			const parcel = this.#takeFromQueue();
			if (parcel === null) return null;
			const unfit = unfitness(parcel.message, connection.dialled.capabilities);
			if (unfit === null) return parcel;
			this.#options.queue.settle();
			this.#options.onUnfit(parcel, connection, unfit);
		}
		return null;
	}

	#takeFromQueue(): Parcel | null {
		try {
			return this.#options.queue.take();
		} catch (error) {
			this.#options.onBroken(error);
			return null;
		}
	}

	/** Puts a parcel that waits behind others on its connection back into the queue. */
	#takeOver(): boolean {
		const parcel = this.#longestAhead()?.window.unmarkLast('taken_over') ?? null;
		if (parcel !== null) this.#options.queue.putBack(parcel, parcel.isSuspect);
		return parcel !== null;
	}

	#longestAhead(): Connection | null {
		let longest: Connection | null = null;
		for (const connection of this.#options.connections) {
			if (connection.window.ahead > (longest?.window.ahead ?? 0)) longest = connection;
		}
		return longest;
	}

	#releaseAhead({ window }: Connection, why: ReleaseReason): void {
		for (let parcel = window.unmarkLast(why); parcel !== null; parcel = window.unmarkLast(why)) {
			this.#options.queue.putBack(parcel, parcel.isSuspect);
		}
	}

	/** Marks became durable: wakes the connections that waited for one of them. */
	#letGo = (): void => {
		for (const connection of [...this.#heldBack]) {
			if (connection.heldBack?.mark.isDurable !== true) continue;
			this.#forget(connection);
			connection.session.wake();
		}
		// The others were marked after the commit had begun.
		if (this.#heldBack.size > 0) this.#options.marks.hurry();
	};

	#forget(connection: Connection): void {
		this.#heldBack.delete(connection);
		connection.heldBack = null;
	}
}
