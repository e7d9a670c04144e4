/** Where messages wait for their next attempt: a heap by the time at which they are due, bounded in number and in octets. */

export interface WaitingRoomOptions<T> {
	/** 10,000 when left out. */
	readonly maxItems?: number;
	/** 32 MB when left out. */
	readonly maxBytes?: number;
	/** Octets that an item keeps in memory; the same each time it is asked. */
	readonly sizeOf: (item: T) => number;
}

interface Waiting<T> {
	readonly item: T;
	readonly dueAtMs: number;
	/** Of two that are due at the same time, who came first goes first. */
	readonly ticket: number;
}

export class WaitingRoom<T> {
	readonly #maxItems: number;
	readonly #maxBytes: number;
	readonly #sizeOf: (item: T) => number;
	/** Nobody is due before his parent, at (place - 1) >> 1. */
	readonly #heap: Waiting<T>[] = [];
	#bytes = 0;
	#tickets = 0;

	constructor({ maxItems = 10_000, maxBytes = 32_000_000, sizeOf }: WaitingRoomOptions<T>) {
		this.#maxItems = maxItems;
		this.#maxBytes = maxBytes;
		this.#sizeOf = sizeOf;
	}

	get size(): number {
		return this.#heap.length;
	}

	/** When the earliest is due, on the same clock as `put`; Infinity when nobody waits. */
	get nextAtMs(): number {
		return this.#heap[0]?.dueAtMs ?? Number.POSITIVE_INFINITY;
	}

	/** Monotonic milliseconds. False: there is no room, and the item was not taken in. An empty room takes an item of any size. */
	put(item: T, dueAtMs: number): boolean {
		const isEmpty = this.#heap.length === 0;
		const hasRoom = this.#heap.length < this.#maxItems && this.#bytes + this.#sizeOf(item) <= this.#maxBytes;
		if (!isEmpty && !hasRoom) return false;
		this.putBack(item, dueAtMs);
		return true;
	}

	/** For one that has waited here before: it is taken in also when there is no room. */
	putBack(item: T, dueAtMs: number): void {
		this.#bytes += this.#sizeOf(item);
		this.#tickets += 1;
		this.#heap.push({ item, dueAtMs, ticket: this.#tickets });
		this.#rise(this.#heap.length - 1);
	}

	/** The earliest of those who are due, or null. */
	take(nowMs: number): T | null {
		return nowMs < this.nextAtMs ? null : this.#pop();
	}

	#pop(): T | null {
		const first = this.#heap[0];
		const last = this.#heap.pop();
		if (first === undefined || last === undefined) return null;
		if (this.#heap.length > 0) {
			this.#heap[0] = last;
			this.#sink(0);
		}
		this.#bytes -= this.#sizeOf(first.item);
		return first.item;
	}

	#rise(from: number): void {
		for (let place = from; place > 0; ) {
			const parent = (place - 1) >> 1;
			if (!this.#isBefore(place, parent)) return;
			this.#swap(place, parent);
			place = parent;
		}
	}

	#sink(from: number): void {
		for (let place = from; ; ) {
			const left = 2 * place + 1;
			const child = left + 1 < this.#heap.length && this.#isBefore(left + 1, left) ? left + 1 : left;
			if (child >= this.#heap.length || !this.#isBefore(child, place)) return;
			this.#swap(place, child);
			place = child;
		}
	}

	#isBefore(one: number, other: number): boolean {
		const [a, b] = [this.#heap[one], this.#heap[other]];
		if (a === undefined || b === undefined) return false;
		return a.dueAtMs !== b.dueAtMs ? a.dueAtMs < b.dueAtMs : a.ticket < b.ticket;
	}

	#swap(one: number, other: number): void {
		const [a, b] = [this.#heap[one], this.#heap[other]];
		if (a === undefined || b === undefined) return;
		this.#heap[one] = b;
		this.#heap[other] = a;
	}
}
