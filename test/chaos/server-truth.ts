/** What the chaos server knows and no client can: every final dot that reached it, what became of it, and what was said about it. */
import { closeSync, openSync, writeSync } from 'node:fs';

export interface Dot {
	/** From 1, in the order in which they came. */
	readonly number: number;
	readonly recipient: string;
	readonly connection: number;
	/** Milliseconds since 1970. */
	readonly at: number;
	readonly messageId: string;
	/** `lost`: received, not taken, and nothing said. */
	readonly verdict: 'accepted' | 'refused' | 'lost';
	/** The reply to it that was written while the client was there; '' for none. */
	said: string;
}

/** A no before the dot: to MAIL, RCPT or DATA. */
export interface Refusal {
	readonly recipient: string;
	readonly at: number;
	readonly said: string;
}

export interface TruthReport {
	readonly dots: readonly Dot[];
	readonly refusals: readonly Refusal[];
	/** Faults whose outcome no client can know: each may leave one recipient unknown. */
	readonly ambiguous: number;
	readonly connections: number;
	/** Faults by `stage action`. */
	readonly faults: Readonly<Record<string, number>>;
	/** Content that is not this recipient's, a bare CR or LF on the wire: what a server has to complain about. */
	readonly complaints: readonly string[];
}

export class ServerTruth {
	readonly #dots: Dot[] = [];
	readonly #refusals: Refusal[] = [];
	readonly #complaints: string[] = [];
	readonly #faults: Record<string, number> = {};
	readonly #attempts = new Map<string, number>();
	readonly #file: number | null;
	#ambiguous = 0;
	connections = 0;

	/** `path`: a file that gets each dot and each word about it as a line, before the client does. */
	constructor(path: string | null) {
		this.#file = path === null ? null : openSync(path, 'a', 0o600);
	}

	get dotCount(): number {
		return this.#dots.length;
	}

	/** How often this recipient was named so far. */
	attempts(recipient: string): number {
		return this.#attempts.get(recipient) ?? 0;
	}

	named(recipient: string): void {
		this.#attempts.set(recipient, this.attempts(recipient) + 1);
	}

	dot(facts: Omit<Dot, 'number' | 'at' | 'said'>): Dot {
		const dot: Dot = { number: this.#dots.length + 1, at: Date.now(), ...facts, said: '' };
		this.#dots.push(dot);
		this.#write({ type: 'dot', ...dot });
		return dot;
	}

	said(dot: Dot, reply: string): void {
		dot.said = reply;
		this.#write({ type: 'said', number: dot.number, said: reply });
	}

	refused(recipient: string, said: string): void {
		this.#refusals.push({ recipient, at: Date.now(), said });
	}

	fault(name: string, isAmbiguous: boolean): void {
		this.#faults[name] = (this.#faults[name] ?? 0) + 1;
		if (isAmbiguous) this.#ambiguous += 1;
	}

	complain(text: string): void {
		this.#complaints.push(text);
	}

	report(): TruthReport {
		return {
			dots: this.#dots,
			refusals: this.#refusals,
			ambiguous: this.#ambiguous,
			connections: this.connections,
			faults: this.#faults,
			complaints: this.#complaints,
		};
	}

	close(): void {
		if (this.#file !== null) closeSync(this.#file);
	}

	#write(line: Readonly<Record<string, unknown>>): void {
		if (this.#file !== null) writeSync(this.#file, `${JSON.stringify(line)}\n`);
	}
}
