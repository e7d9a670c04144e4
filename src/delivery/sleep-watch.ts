/** Notices that the machine slept, or that its clock was set: the wall clock has moved on and the monotonic one has not (reference/reliability.md §3 faults 50, 51). */
import type { Clock } from '../support/clock.ts';

// A step of NTP is less; connections that nobody used for longer may be gone without anybody having said so.
const noticedMs = 30_000;

export class SleepWatch {
	readonly #clock: Clock;
	#wallMs: number;
	#monotonicMs: number;

	constructor(clock: Clock) {
		this.#clock = clock;
		this.#wallMs = clock.now();
		this.#monotonicMs = clock.monotonicMs();
	}

	/** Milliseconds that were slept since the last look; 0 when none were. A clock that is set back is none. */
	look(): number {
		const [wallMs, monotonicMs] = [this.#clock.now(), this.#clock.monotonicMs()];
		const sleptMs = wallMs - this.#wallMs - (monotonicMs - this.#monotonicMs);
		this.#wallMs = wallMs;
		this.#monotonicMs = monotonicMs;
		return sleptMs > noticedMs ? sleptMs : 0;
	}
}
