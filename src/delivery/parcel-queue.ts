/**
 * The messages that are not settled: pulled from the source one by one, those that a connection let fall, those that wait to be tried again, and those
 * whose domain had its share.
 *
 *     source --+
 *     fallen --+--> shelf (a domain's pace) --take()--> a connection --+-- result
 *     waiting -+                                                       +-- putBack() -> fallen, suspects
 *     suspects +                                                       +-- wait()    -> waiting
 */
import type { RenderedMessage } from '../message/rendered-message.ts';
import type { Submission } from '../smtp/command.ts';
import type { Mark } from './attempt-marks.ts';
import type { MessageSource } from './deliver-options.ts';
import type { DeliveryResult } from './delivery-result.ts';
import type { DomainPace } from './pace/domain-pace.ts';
import { Shelf } from './pace/shelf.ts';
import { WaitingRoom } from './retry/waiting-room.ts';

/** The mark of a parcel that no connection has. */
export const unmarked: Mark = { id: 0, isDurable: false };

/** A message on its way through connections. */
export interface Parcel extends Submission {
	message: RenderedMessage;
	content: Buffer;
	/** Monotonic. */
	readonly takenAtMs: number;
	/** Of the attempt that it is about to have or has; a new one for each attempt. */
	mark: Mark;
	/** It waits behind all others when it is put back. */
	isSuspect: boolean;
	/** Those of this run that came to an end. */
	attempts: number;
	/** Those of them that were recorded as deferred. */
	tries: number;
	/** In memory, in this round: so it goes on there, and its attempts keep their count. */
	hasWaited: boolean;
	/** Connections that broke with it since, so that it may be what breaks them. */
	falls: number;
	/** Times that the server said "not so fast" to it since. */
	brakes: number;
	/** What is recorded should nobody take it any more; its attempt's mark is closed. */
	lastFall: DeliveryResult | null;
}

/** Of the attempt that the parcel is about to have or has, as in Attempt.number. */
export function attemptNumber({ attempts }: Parcel): number {
	return attempts + 1;
}

/** A message with which so many connections broke is recorded as deferred: it may be what breaks them. So many attempts it has at most in one round. */
export const maxFalls = 3;
// A suspect waits until the others are through, in memory, with its content: 6 MB of ordinary newsletters.
const maxSuspects = 1_000;
const mostWaiting = 10_000;
const maxAside = 5_000;
const maxContentBytes = 32 * 1024 * 1024;

export interface ParcelQueueOptions {
	readonly source: MessageSource;
	readonly monotonicMs: () => number;
	/** Null: no domain has a pace of its own. */
	readonly domainPace: DomainPace | null;
	/** As in DeliverOptions. */
	readonly maxWaiting: number | undefined;
}

export class ParcelQueue {
	readonly #source: MessageSource;
	readonly #monotonicMs: () => number;
	/** Fell through no fault of their own: they go first. */
	readonly #fallen: Parcel[] = [];
	/** Were under way when a connection broke: they go last, so that one poisonous message cannot stop the rest. */
	readonly #suspects: Parcel[] = [];
	readonly #waiting: WaitingRoom<Parcel>;
	readonly #shelf: Shelf<Parcel> | null;
	/** The source was asked last and had nothing. */
	#isSourceDry = false;
	#underWay = 0;

	constructor({ source, monotonicMs, domainPace, maxWaiting = mostWaiting }: ParcelQueueOptions) {
		this.#source = source;
		this.#waiting = new WaitingRoom<Parcel>({
			maxItems: maxWaiting,
			maxBytes: maxContentBytes,
			sizeOf: (parcel) => parcel.sizeBytes,
		});
		this.#monotonicMs = monotonicMs;
		this.#shelf =
			domainPace === null
				? null
				: new Shelf<Parcel>({
						pace: domainPace,
						domainOf: ({ envelope }) => domainOf(envelope.to),
						sizeOf: (parcel) => parcel.sizeBytes,
						maxItems: maxAside,
						maxBytes: maxContentBytes,
					});
	}

	/** The next parcel, or null when there is none just now. Throws what the source throws. */
	take(): Parcel | null {
		const parcel = this.#next();
		if (parcel !== null) this.#underWay += 1;
		return parcel;
	}

	/** True when there is something to take, now or later: before anybody dials for it. Throws what the source throws. */
	look(): boolean {
		if (!this.#isEmpty || this.#waiting.size > 0) return true;
		const parcel = this.#pull();
		if (parcel !== null) this.#fallen.push(parcel);
		return parcel !== null;
	}

	/** A taken parcel has its result. */
	settle(): void {
		this.#underWay -= 1;
	}

	/** A taken parcel was certainly not sent and is to be taken again. */
	putBack(parcel: Parcel, isSuspect: boolean): void {
		this.#underWay -= 1;
		parcel.isSuspect = isSuspect;
		if (!isSuspect) return void this.#fallen.push(parcel);
		standAlone(parcel);
		this.#suspects.push(parcel);
	}

	/** A taken parcel is to be taken again, but not before then. False: too many wait, and it is not kept. */
	wait(parcel: Parcel, dueAtMs: number): boolean {
		if (parcel.hasWaited) this.#waiting.putBack(parcel, dueAtMs);
		else if (!this.#waiting.put(parcel, dueAtMs)) return false;
		standAlone(parcel);
		parcel.hasWaited = true;
		this.#underWay -= 1;
		return true;
	}

	/** Domains have a pace of their own: what take() gives is to go out at once. */
	get isPaced(): boolean {
		return this.#shelf !== null;
	}

	/** Everything that will ever come has its result. */
	get isDrained(): boolean {
		return this.isDrainedBut(0);
	}

	/** The same, but for so many that are taken and wait for what becomes of others. */
	isDrainedBut(keptBack: number): boolean {
		return this.#source.ended && this.#underWay === keptBack && this.#isEmpty && this.#waiting.size === 0;
	}

	/** A connection that is free now could have something to do. */
	get hasMore(): boolean {
		if (this.#fallen.length > 0 || this.#suspects.length > 0) return true;
		const nowMs = this.#monotonicMs();
		if (this.#waiting.nextAtMs <= nowMs) return true;
		if (this.#shelf !== null && this.#shelf.readyAtMs(nowMs) <= nowMs) return true;
		return !this.#isSourceDry && !this.#source.ended && this.#shelf?.isFull !== true;
	}

	/** Nothing to take now: the source was asked, and may give more later. */
	get isWaitingForSource(): boolean {
		return this.#isSourceDry && !this.#source.ended && this.#fallen.length === 0 && this.#suspects.length === 0;
	}

	/** It told so; until then nobody dials or is woken for what it may give. */
	sourceIsReadable(): void {
		this.#isSourceDry = false;
	}

	/** Monotonic: when one that waits may be taken; Infinity when none does. */
	nextAtMs(nowMs: number): number {
		return Math.min(this.#waiting.nextAtMs, this.#shelf?.readyAtMs(nowMs) ?? Number.POSITIVE_INFINITY);
	}

	/** Monotonic: when the first of those may go that wait for their domain's pace, while nothing else is to be done; -Infinity otherwise. */
	asideUntilMs(nowMs: number, keptBack: number): number {
		const shelf = this.#shelf;
		if (shelf === null || shelf.size === 0 || this.#underWay > keptBack) return Number.NEGATIVE_INFINITY;
		const isSourceLeft = !this.#source.ended && !shelf.isFull;
		if (isSourceLeft || this.#waiting.size > 0 || this.#fallen.length > 0 || this.#suspects.length > 0)
			return Number.NEGATIVE_INFINITY;
		return shelf.readyAtMs(nowMs);
	}

	/** When nothing is left but messages that may be what breaks connections: takes them all out for good. Otherwise gives none. */
	giveUpSuspects(): Parcel[] {
		if (!this.#source.ended || this.#underWay > 0 || this.#fallen.length > 0) return [];
		if (this.#suspects.some(({ falls }) => falls === 0)) return [];
		if ((this.#shelf?.size ?? 0) > 0 || this.#waiting.size > 0) return [];
		return this.#suspects.splice(0);
	}

	get #isEmpty(): boolean {
		return this.#fallen.length === 0 && this.#suspects.length === 0 && (this.#shelf?.size ?? 0) === 0;
	}

	#next(): Parcel | null {
		const shelf = this.#shelf;
		if (shelf === null) return this.#pull();
		const nowMs = this.#monotonicMs();
		const aside = shelf.take(nowMs);
		if (aside !== null) return aside;
		for (;;) {
			const parcel = this.#pull();
			if (parcel === null || shelf.admit(parcel, nowMs)) return parcel;
			standAlone(parcel);
		}
	}

	#pull(): Parcel | null {
		const fallen = this.#fallen.pop();
		if (fallen !== undefined) return fallen;
		if (this.#waiting.size > 0) {
			const due = this.#waiting.take(this.#monotonicMs());
			if (due !== null) return due;
		}
		if (this.#suspects.length > maxSuspects) return this.#suspects.shift() ?? null;
		if (this.#shelf?.isFull === true) return this.#suspects.shift() ?? null;
		const message = this.#source.next();
		this.#isSourceDry = message === null;
		if (message === null) return this.#suspects.shift() ?? null;
		const { envelope, content, sizeBytes } = message;
		return {
			message,
			envelope,
			content,
			sizeBytes,
			takenAtMs: this.#monotonicMs(),
			mark: unmarked,
			isSuspect: false,
			attempts: this.#source.round * maxFalls,
			tries: this.#source.round,
			hasWaited: false,
			falls: 0,
			brakes: 0,
			lastFall: null,
		};
	}
}

/** Whoever stays longer than a moment takes its content out of the memory that it shares with others, which could not be freed before. */
function standAlone(parcel: Parcel): void {
	const { content, message } = parcel;
	if (content.buffer.byteLength === content.length) return;
	const own = Buffer.allocUnsafeSlow(content.length);
	own.set(content);
	parcel.content = own;
	parcel.message = { ...message, content: own };
}

function domainOf(address: string): string {
	return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
