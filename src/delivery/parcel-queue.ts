/** The messages that are not settled: pulled from the source one by one, and those that a connection let fall. */
import type { RenderedMessage } from '../message/rendered-message.ts';
import type { Submission } from '../smtp/command.ts';
import type { PullSource } from '../support/pull-source.ts';
import type { Mark } from './attempt-marks.ts';
import type { DeliveryResult } from './delivery-result.ts';

/** The mark of a parcel that no connection has. */
export const unmarked: Mark = { id: 0, isDurable: false };

/** A message on its way through connections. */
export interface Parcel extends Submission {
	readonly message: RenderedMessage;
	/** Monotonic. */
	readonly takenAtMs: number;
	/** Of the attempt that it is about to have or has; a new one for each attempt. */
	mark: Mark;
	/** It waits behind all others when it is put back. */
	isSuspect: boolean;
	/** Connections that broke with it, so that it may be what breaks them. */
	falls: number;
	/** What is recorded should nobody take it any more; its attempt's mark is closed. */
	lastFall: DeliveryResult | null;
}

// A suspect waits until the others are through, in memory, with its content: 6 MB of ordinary newsletters.
const maxSuspects = 1_000;

export class ParcelQueue {
	readonly #source: PullSource<RenderedMessage>;
	readonly #monotonicMs: () => number;
	/** Fell through no fault of their own: they go first. */
	readonly #fallen: Parcel[] = [];
	/** Were under way when a connection broke: they go last, so that one poisonous message cannot stop the rest. */
	readonly #suspects: Parcel[] = [];
	#underWay = 0;

	constructor(source: PullSource<RenderedMessage>, monotonicMs: () => number) {
		this.#source = source;
		this.#monotonicMs = monotonicMs;
	}

	/** The next parcel, or null when there is none just now. Throws what the source throws. */
	take(): Parcel | null {
		const parcel = this.#next();
		if (parcel !== null) this.#underWay += 1;
		return parcel;
	}

	/** True when there is something to take just now: before anybody dials for it. Throws what the source throws. */
	look(): boolean {
		const parcel = this.take();
		if (parcel === null) return false;
		this.putBack(parcel, parcel.isSuspect);
		return true;
	}

	/** A taken parcel has its result. */
	settle(): void {
		this.#underWay -= 1;
	}

	/** A taken parcel was certainly not sent and is to be taken again. */
	putBack(parcel: Parcel, isSuspect: boolean): void {
		this.#underWay -= 1;
		parcel.isSuspect = isSuspect;
		if (isSuspect) this.#suspects.push(parcel);
		else this.#fallen.push(parcel);
	}

	/** Everything that will ever come has its result. */
	get isDrained(): boolean {
		return this.#source.ended && this.#underWay === 0 && this.#fallen.length === 0 && this.#suspects.length === 0;
	}

	/** Another connection could have something to do. */
	get hasMore(): boolean {
		return !this.#source.ended || this.#fallen.length > 0 || this.#suspects.length > 0;
	}

	/** Nothing to take now, but the source may give more later. */
	get isWaiting(): boolean {
		return !this.#source.ended && this.#fallen.length === 0 && this.#suspects.length === 0;
	}

	/** When nothing but suspects is left: takes them all out for good. Otherwise gives none. */
	giveUpSuspects(): Parcel[] {
		if (!this.#source.ended || this.#underWay > 0 || this.#fallen.length > 0) return [];
		return this.#suspects.splice(0);
	}

	#next(): Parcel | null {
		const fallen = this.#fallen.pop();
		if (fallen !== undefined) return fallen;
		if (this.#suspects.length > maxSuspects) return this.#suspects.shift() ?? null;
		const message = this.#source.next();
		if (message === null) return this.#suspects.shift() ?? null;
		const { envelope, content, sizeBytes } = message;
		const takenAtMs = this.#monotonicMs();
		return {
			message,
			envelope,
			content,
			sizeBytes,
			takenAtMs,
			mark: unmarked,
			isSuspect: false,
			falls: 0,
			lastFall: null,
		};
	}
}
