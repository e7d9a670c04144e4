/** A session with its number, what was dialled, and whether anything was answered on it. */

import type { PipeliningDepth } from '../smtp/conversation.ts';
import type { Dialled } from '../smtp/dial.ts';
import type { Break, Outcome } from '../smtp/outcome.ts';
import { Session, type SessionOwner } from '../smtp/session.ts';
import type { Clock } from '../support/clock.ts';
import type { Parcel } from './parcel-queue.ts';
import type { Supply } from './supply.ts';
import type { Window } from './window.ts';

/** The delivery, as one of its connections sees it. */
export interface Dispatcher {
	readonly depth: PipeliningDepth;
	settled(
		connection: Connection,
		parcel: Parcel,
		verdict: { readonly outcome: Outcome; readonly startedAtMs: number },
	): void;
	idle(connection: Connection): void;
	closed(connection: Connection, why: Break | null): void;
}

export class Connection implements SessionOwner<Parcel> {
	/** From 1, in the order opened. */
	readonly number: number;
	readonly dialled: Dialled;
	readonly session: Session<Parcel>;
	readonly window: Window;
	/** Its content is due, but its mark is not durable yet. */
	heldBack: Parcel | null = null;
	/** Messages that the server answered. */
	answered = 0;
	/** The depth at which commands were written last. */
	depthUsed: PipeliningDepth;
	readonly #dispatcher: Dispatcher;
	readonly #supply: Supply;
	/** Messages that the session will still take. */
	#messagesLeft: number;

	constructor(
		dispatcher: Dispatcher,
		facts: {
			readonly dialled: Dialled;
			readonly number: number;
			readonly messagesPerConnection: number;
			readonly supply: Supply;
			readonly clock: Clock;
		},
	) {
		const { dialled, number, messagesPerConnection, supply, clock } = facts;
		const { socket, capabilities } = dialled;
		this.#dispatcher = dispatcher;
		this.#supply = supply;
		this.dialled = dialled;
		this.number = number;
		this.depthUsed = dispatcher.depth;
		// RFC 9422: a server may announce how many messages it takes in one session.
		const announced = capabilities.mailMax > 0 ? capabilities.mailMax : Number.POSITIVE_INFINITY;
		const maxMessages = Math.min(messagesPerConnection, announced);
		this.#messagesLeft = maxMessages;
		this.window = supply.openWindow(number);
		this.session = new Session<Parcel>(this, { socket, capabilities, clock, maxMessages });
	}

	/** One more message may be marked for this connection. */
	get canMark(): boolean {
		return this.window.hasRoom && this.window.ahead < this.#messagesLeft;
	}

	/** Takes nothing more; what is under way goes on. */
	retire(): void {
		this.#messagesLeft = 0;
		this.session.retire();
	}

	take(): Parcel | null {
		const parcel = this.#supply.take(this);
		if (parcel !== null) this.#messagesLeft -= 1;
		return parcel;
	}

	mayEnd(parcel: Parcel): boolean {
		return this.#supply.mayEnd(this, parcel);
	}

	settled(parcel: Parcel, outcome: Outcome, startedAtMs: number): void {
		this.#dispatcher.settled(this, parcel, { outcome, startedAtMs });
	}

	idle(): void {
		this.#dispatcher.idle(this);
	}

	closed(why: Break | null): void {
		this.#dispatcher.closed(this, why);
	}

	depth(): PipeliningDepth {
		this.depthUsed = this.#dispatcher.depth;
		return this.depthUsed;
	}
}
