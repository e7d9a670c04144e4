/** Listens to a connection being set up, and tells how long each step took. */
import type { DialogueTrace } from '../smtp/trace.ts';
import { cleanText } from '../support/clean-text.ts';
import type { Clock } from '../support/clock.ts';

/** In milliseconds; null: it did not come to that. */
export interface DialTimes {
	/** The look-up of the name and TCP, with smtps:// TLS as well. */
	readonly connectMs: number | null;
	/** From the connection to the greeting. */
	readonly greetingMs: number | null;
	/** STARTTLS and the handshake after it. */
	readonly tlsMs: number | null;
	/** What the server said first, cleaned; '' for nothing. */
	readonly greeting: string;
	/** `192.0.2.10 port 587`; '' for nowhere. */
	readonly connectedTo: string;
}

// As dial() says it.
const connected = 'connected to ';

/** Hands everything on to `next`. */
export class DialogueTimes implements DialogueTrace {
	readonly #clock: Clock;
	readonly #next: DialogueTrace | null;
	readonly #startedAtMs: number;
	#connectedAtMs: number | null = null;
	#greetedAtMs: number | null = null;
	#startTlsAtMs: number | null = null;
	#securedAtMs: number | null = null;
	#greeting = '';
	#connectedTo = '';

	constructor(clock: Clock, next: DialogueTrace | null) {
		this.#clock = clock;
		this.#next = next;
		this.#startedAtMs = clock.monotonicMs();
	}

	client(text: string): void {
		this.#next?.client(text);
		if (text.startsWith('STARTTLS')) this.#startTlsAtMs = this.#clock.monotonicMs();
	}

	server(text: string): void {
		this.#next?.server(text);
		if (this.#greetedAtMs !== null) return;
		this.#greetedAtMs = this.#clock.monotonicMs();
		this.#greeting = cleanText(text.trimEnd(), 300);
	}

	note(text: string): void {
		this.#next?.note(text);
		const nowMs = this.#clock.monotonicMs();
		if (text.startsWith(connected)) {
			this.#connectedAtMs = nowMs;
			this.#connectedTo = cleanText(text.slice(connected.length), 100);
		} else if (this.#startTlsAtMs !== null) this.#securedAtMs ??= nowMs;
	}

	get times(): DialTimes {
		const between = (from: number | null, until: number | null) =>
			from === null || until === null ? null : until - from;
		return {
			connectMs: between(this.#startedAtMs, this.#connectedAtMs),
			greetingMs: between(this.#connectedAtMs, this.#greetedAtMs),
			tlsMs: between(this.#startTlsAtMs, this.#securedAtMs),
			greeting: this.#greeting,
			connectedTo: this.#connectedTo,
		};
	}
}
