/** Dials one server: how many connections stand or are on their way. When to dial and what a failure means, its Server decides. */
import { setMaxListeners } from 'node:events';
import { type DialFailure, type Dialled, dial } from '../smtp/dial.ts';
import { type ServerSettings, serverName } from '../smtp/server-settings.ts';
import type { DialogueTrace } from '../smtp/trace.ts';
import type { Clock } from '../support/clock.ts';

/** A connection that stands: what dial() gives, its number in the run, and who writes down what is said on it. */
export interface Opened {
	readonly dialled: Dialled;
	readonly number: number;
	readonly trace: DialogueTrace | null;
}

export interface ConnectorOptions {
	readonly settings: ServerSettings;
	/** Connections at the same time at most. */
	readonly connections: number;
	readonly clock: Clock;
	/** The number of the connection that is dialled next, in the whole run. */
	readonly nextNumber: () => number;
	readonly trace: ((connection: number, server: ServerSettings) => DialogueTrace) | null;
	readonly onDialled: (opened: Opened) => void;
	readonly onFailed: (failure: DialFailure) => void;
	/** Dialling threw: a bug. */
	readonly onBug: (bug: unknown) => void;
	readonly onNotice: (text: string) => void;
	/** Dialling was given up. */
	readonly onQuiet: () => void;
}

const longWaitMs = 10_000;

export class Connector {
	readonly #options: ConnectorOptions;
	readonly #abort = new AbortController();
	#open = 0;
	#dialling = 0;
	#hasConnected = false;

	constructor(options: ConnectorOptions) {
		this.#options = options;
		// Each connection that is being dialled listens.
		setMaxListeners(options.connections, this.#abort.signal);
	}

	get open(): number {
		return this.#open;
	}

	/** No connection stands or is being opened. */
	get isQuiet(): boolean {
		return this.#open === 0 && this.#dialling === 0;
	}

	/** This server let us in at least once. */
	get hasConnected(): boolean {
		return this.#hasConnected;
	}

	/** So many connections stand or are on their way. */
	isFull(connections: number): boolean {
		return this.#open + this.#dialling >= connections;
	}

	/** Dials until so many connections stand or are on their way. */
	fill(wanted: number): void {
		while (!this.#abort.signal.aborted && this.#open + this.#dialling < wanted) this.#dial();
	}

	/** A connection that was dialled is gone. */
	closed(): void {
		this.#open -= 1;
	}

	/** Opens nothing more; what is being dialled is given up. */
	stop(): void {
		this.#abort.abort();
	}

	#dial(): void {
		this.#dialling += 1;
		const { settings, clock, nextNumber, onQuiet, onBug } = this.#options;
		const number = nextNumber();
		const trace = this.#options.trace?.(number, settings) ?? null;
		const patience = this.#hasConnected ? null : clock.after(longWaitMs, () => this.#sayThatWeWait());
		dial(settings, { clock, signal: this.#abort.signal, trace })
			.finally(() => {
				patience?.cancel();
				this.#dialling -= 1;
			})
			.then((result) => {
				if (result.kind === 'dialled') this.#connected({ dialled: result, number, trace });
				else if (result.cause === 'dropped' || this.#abort.signal.aborted) onQuiet();
				else this.#options.onFailed(result);
			})
			.catch(onBug);
	}

	/** RFC 5321 gives a greeting five minutes; somebody who mistook the port should not need them. */
	#sayThatWeWait(): void {
		const { settings, onNotice } = this.#options;
		const advice =
			settings.tls === 'implicit' ? '' : ' (a port that speaks TLS from the first byte, such as 465, wants smtps://)';
		onNotice(`still waiting for ${serverName(settings)} to let us in${advice}`);
	}

	#connected(opened: Opened): void {
		if (this.#abort.signal.aborted) {
			opened.dialled.socket.destroy();
			return this.#options.onQuiet();
		}
		this.#hasConnected = true;
		this.#open += 1;
		this.#options.onDialled(opened);
	}
}
