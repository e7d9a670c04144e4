/** A session with its number, its server, what was dialled, and whether anything was answered on it. */

import type { Dialled } from '../smtp/dial.ts';
import type { Break, Outcome } from '../smtp/outcome.ts';
import type { PipeliningDepth } from '../smtp/pipelining-depth.ts';
import { Session, type SessionOwner } from '../smtp/session.ts';
import type { Clock } from '../support/clock.ts';
import type { Opened } from './connector.ts';
import type { Parcel } from './parcel-queue.ts';
import type { RepeatedSecrets } from './repeated-secrets.ts';
import type { Server } from './server.ts';
import type { Supply } from './supply.ts';
import type { Window } from './window.ts';

/** The delivery, as one of its connections sees it. */
export interface Dispatcher {
	settled(
		connection: Connection,
		parcel: Parcel,
		verdict: { readonly outcome: Outcome; readonly startedAtMs: number },
	): void;
	idle(connection: Connection): void;
	closed(connection: Connection, why: Break | null): void;
}

export class Connection implements SessionOwner<Parcel> {
	/** From 1, in the order dialled. */
	readonly number: number;
	readonly server: Server;
	readonly dialled: Dialled;
	readonly session: Session<Parcel>;
	readonly window: Window;
	/** Its content is due, but its mark is not durable yet. */
	heldBack: Parcel | null = null;
	/** Messages that the server answered. */
	answered = 0;
	/** Monotonic: since when nothing is under way on it. */
	idleSinceMs = 0;
	/** The depth at which commands were written last. */
	depthUsed: PipeliningDepth;
	readonly #dispatcher: Dispatcher;
	readonly #supply: Supply;
	readonly #secrets: RepeatedSecrets;
	/** Messages that the session will still take. */
	#messagesLeft: number;
	#isIdle = false;

	constructor(
		dispatcher: Dispatcher,
		facts: { readonly server: Server; readonly opened: Opened; readonly supply: Supply; readonly clock: Clock },
	) {
		const { server, supply, clock } = facts;
		const { dialled, number, trace } = facts.opened;
		const { socket, capabilities } = dialled;
		this.#dispatcher = dispatcher;
		this.#supply = supply;
		this.#secrets = server.secrets;
		this.server = server;
		this.dialled = dialled;
		this.number = number;
		this.depthUsed = server.depth;
		// RFC 9422: a server may announce how many messages it takes in one session.
		const announced = capabilities.mailMax > 0 ? capabilities.mailMax : Number.POSITIVE_INFINITY;
		const maxMessages = Math.min(server.messagesPerConnection, announced);
		this.#messagesLeft = maxMessages;
		this.window = supply.openWindow(number);
		this.session = new Session<Parcel>(this, { socket, capabilities, clock, maxMessages, trace });
	}

	/** One more message may be marked for this connection. */
	get canMark(): boolean {
		return this.window.hasRoom && this.window.ahead < this.#messagesLeft;
	}

	/** It takes nothing more. */
	get isLeaving(): boolean {
		return this.#messagesLeft === 0;
	}

	/** Takes nothing more, lets what is under way reach its verdict, and says goodbye. Also while its session is telling an outcome. */
	finish(): void {
		this.#messagesLeft = 0;
		if (this.#isIdle) this.session.finish();
		else this.session.retire();
	}

	/** Lets no final dot go out any more; a verdict that is due may still come. */
	leave(reason: string): void {
		this.#messagesLeft = 0;
		this.session.leave(reason);
	}

	take(): Parcel | null {
		const parcel = this.#supply.take(this);
		if (parcel === null) return null;
		this.#messagesLeft -= 1;
		this.#isIdle = false;
		return parcel;
	}

	mayEnd(parcel: Parcel): boolean {
		return this.#supply.mayEnd(this, parcel);
	}

	settled(parcel: Parcel, outcome: Outcome, startedAtMs: number): void {
		this.#dispatcher.settled(this, parcel, { outcome: this.#secrets.outOf(outcome), startedAtMs });
	}

	idle(): void {
		this.#isIdle = true;
		this.#dispatcher.idle(this);
	}

	closed(why: Break | null): void {
		this.#dispatcher.closed(this, why);
	}

	depth(): PipeliningDepth {
		const { depth } = this.server;
		const { chunking } = this.dialled.capabilities;
		this.depthUsed = depth === 'whole_transactions' && !chunking ? 'across_messages' : depth;
		return this.depthUsed;
	}

	chunkingFailed(why: string): void {
		this.server.chunkingFailed(why);
	}
}
