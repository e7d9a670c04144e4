/** Keeps notices from flooding: each kind is said once, then at most every 30 s with how many more there were. */
import type { Clock } from '../support/clock.ts';
import { formatCounted } from './format.ts';

interface Kind {
	/** The latest that was held back. */
	text: string;
	heldBack: number;
	/** Monotonic milliseconds. */
	saidAt: number;
}

const sayAgainMs = 30_000;
/** Servers put random words into their replies: what comes after so many kinds counts as one more. */
const mostKinds = 50;

export class NoticeDigest {
	readonly #clock: Clock;
	readonly #say: (text: string) => void;
	readonly #kinds = new Map<string, Kind>();

	constructor(clock: Clock, say: (text: string) => void) {
		this.#clock = clock;
		this.#say = say;
	}

	add(text: string): void {
		const now = this.#clock.monotonicMs();
		const name = this.#nameOf(text);
		const kind = this.#kinds.get(name);
		if (kind === undefined) {
			this.#kinds.set(name, { text, heldBack: 0, saidAt: now });
			this.#say(text);
			return;
		}
		kind.text = text;
		kind.heldBack += 1;
		if (now - kind.saidAt >= sayAgainMs) this.#sayHeldBack(kind, now);
	}

	/** At the end of the run: what was held back. */
	end(): void {
		const now = this.#clock.monotonicMs();
		for (const kind of this.#kinds.values()) if (kind.heldBack > 0) this.#sayHeldBack(kind, now);
	}

	/** Ports, counts and identifiers make no other kind. */
	#nameOf(text: string): string {
		const name = text.replace(/\S*\d\S*/g, '#');
		return this.#kinds.has(name) || this.#kinds.size < mostKinds ? name : '';
	}

	#sayHeldBack(kind: Kind, now: number): void {
		this.#say(`${kind.text} (${formatCounted(kind.heldBack, 'more notice')} like this)`);
		kind.heldBack = 0;
		kind.saidAt = now;
	}
}
