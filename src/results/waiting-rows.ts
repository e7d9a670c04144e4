/** Rows that were deferred and will be tried again in this run: how many, and when the next is due. */
import type { Sequel } from '../delivery/delivery-result.ts';
import { WaitingRoom } from '../delivery/retry/waiting-room.ts';
import type { Clock } from '../support/clock.ts';

export class WaitingRows {
	#count = 0;
	/** By the wall clock. A time that has passed is that of a row which is on its way, and tells nothing any more. */
	readonly #dueTimes = new WaitingRoom<true>({ sizeOf: () => 0 });
	/** When the next round over the list begins, on the monotonic clock; -Infinity: nobody waits for one. */
	#roundAtMs = Number.NEGATIVE_INFINITY;

	get count(): number {
		return this.#count;
	}

	/** A row was deferred at `now` (wall clock). */
	add(sequel: Sequel, now: number): void {
		if (sequel.kind === 'left') return;
		this.#count += 1;
		this.#forgetUntil(now);
		if (sequel.kind === 'retry') this.#dueTimes.put(true, sequel.at);
		else this.#roundAtMs = Math.max(this.#roundAtMs, sequel.atMs);
	}

	/** One of them has its next result. */
	remove(): void {
		this.#count -= 1;
	}

	/** Milliseconds until the next is due; 0: those who wait are due; null: nobody waits. */
	nextInMs(clock: Pick<Clock, 'now' | 'monotonicMs'>): number | null {
		if (this.#count === 0) return null;
		const now = clock.now();
		this.#forgetUntil(now);
		const inMs = [this.#dueTimes.nextAtMs - now, this.#roundAtMs - clock.monotonicMs()].filter((ms) => ms > 0);
		const nextMs = Math.min(...inMs);
		return nextMs === Number.POSITIVE_INFINITY ? 0 : nextMs;
	}

	#forgetUntil(now: number): void {
		while (this.#dueTimes.take(now) !== null);
	}
}
