/**
 * The look-ahead: messages whose domain had its share stand aside, in bounded memory, so that those behind them can go.
 *
 *     admit() --may go--> out
 *        |
 *        +--> a queue for each domain that has a rate --take()--> out
 *
 * Domains with a rate are few, so they are looked through one by one.
 */

import type { DomainPace } from './domain-pace.ts';
import { Fifo } from './fifo.ts';

export interface ShelfOptions<T> {
	readonly pace: DomainPace;
	readonly domainOf: (item: T) => string;
	readonly sizeOf: (item: T) => number;
	/** Both bind: the shelf is full when either is reached. */
	readonly maxItems: number;
	readonly maxBytes: number;
}

interface Waiting<T> {
	readonly item: T;
	/** The smaller, the longer it waits. */
	readonly turn: number;
}

export class Shelf<T> {
	readonly #options: ShelfOptions<T>;
	/** By domain; none is empty. */
	readonly #queues = new Map<string, Fifo<Waiting<T>>>();
	#size = 0;
	#bytes = 0;
	#lastTurn = 0;
	/** Monotonic: nothing may be taken before then. */
	#nextAtMs = Number.NEGATIVE_INFINITY;

	constructor(options: ShelfOptions<T>) {
		this.#options = options;
	}

	get size(): number {
		return this.#size;
	}

	/** No more is to be taken from where the messages come from. What is under way already still finds room. */
	get isFull(): boolean {
		const { maxItems, maxBytes } = this.#options;
		return this.#size >= maxItems || this.#bytes >= maxBytes;
	}

	/** Behind the others of its domain. */
	put(item: T): void {
		this.#lastTurn += 1;
		this.#queueFor(item).push({ item, turn: this.#lastTurn });
	}

	/** Of the messages whose domain may have one now, the one that waits longest; its domain's pace is spent. Null when there is none. */
	take(nowMs: number): T | null {
		if (nowMs < this.#nextAtMs) return null;
		const { pace, sizeOf } = this.#options;
		let found: { readonly domain: string; readonly queue: Fifo<Waiting<T>>; readonly first: Waiting<T> } | null = null;
		let nextAtMs = Number.POSITIVE_INFINITY;
		for (const [domain, queue] of this.#queues) {
			const readyAtMs = pace.readyAtMs(domain, nowMs);
			const { first } = queue;
			nextAtMs = Math.min(nextAtMs, readyAtMs);
			if (readyAtMs > nowMs || first === undefined) continue;
			if (found === null || first.turn < found.first.turn) found = { domain, queue, first };
		}
		this.#nextAtMs = nextAtMs;
		if (found === null) return null;
		const { domain, queue, first } = found;
		pace.spend(domain, nowMs);
		queue.shift();
		if (queue.first === undefined) this.#queues.delete(domain);
		this.#size -= 1;
		this.#bytes -= sizeOf(first.item);
		return first.item;
	}

	/** True: it may go at once, and its domain's pace is spent. False: it was put on the shelf, where others of its domain may wait before it. */
	admit(item: T, nowMs: number): boolean {
		const { pace, domainOf } = this.#options;
		const domain = domainOf(item);
		if (!pace.isLimited(domain)) return true;
		if (!this.#queues.has(domain) && pace.readyAtMs(domain, nowMs) <= nowMs) {
			pace.spend(domain, nowMs);
			return true;
		}
		this.put(item);
		return false;
	}

	/** Monotonic: when take() gives something, not later than `nowMs` when it does now; Infinity when the shelf is empty. */
	readyAtMs(nowMs: number): number {
		if (nowMs < this.#nextAtMs) return this.#nextAtMs;
		let readyAtMs = Number.POSITIVE_INFINITY;
		for (const domain of this.#queues.keys()) {
			readyAtMs = Math.min(readyAtMs, this.#options.pace.readyAtMs(domain, nowMs));
		}
		return readyAtMs;
	}

	#queueFor(item: T): Fifo<Waiting<T>> {
		const { domainOf, sizeOf } = this.#options;
		const domain = domainOf(item);
		this.#size += 1;
		this.#bytes += sizeOf(item);
		this.#nextAtMs = Number.NEGATIVE_INFINITY;
		let queue = this.#queues.get(domain);
		if (queue === undefined) {
			queue = new Fifo<Waiting<T>>();
			this.#queues.set(domain, queue);
		}
		return queue;
	}
}
