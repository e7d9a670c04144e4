/** Opens connections to one server: how many at once, how long to wait after a failure, and when to give up. */
import { setMaxListeners } from 'node:events';
import { type DialFailure, type Dialled, dial } from '../smtp/dial.ts';
import type { ServerSettings } from '../smtp/server-settings.ts';
import type { Clock, Timer } from '../support/clock.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { dialError } from './dial-error.ts';

export interface ConnectorOptions {
	readonly server: ServerSettings;
	readonly connections: number;
	readonly clock: Clock;
	/** 0 to 1, for jitter. */
	readonly random: () => number;
	readonly onDialled: (dialled: Dialled) => void;
	/** No connection can be had: the run cannot go on. */
	readonly onHopeless: (error: unknown) => void;
	readonly onNotice: (text: string) => void;
	/** Dialling or waiting came to an end without a connection. */
	readonly onChange: () => void;
}

// Pauses of 1, 2, 4 ... 32 s: about a minute until a server that went away is given up; what is left goes out with the next run.
const maxFruitlessDials = 7;
const firstPauseMs = 1_000;

export class Connector {
	readonly #options: ConnectorOptions;
	readonly #abort = new AbortController();
	/** More connections than this could not be opened lately. */
	#cap: number;
	#open = 0;
	#dialling = 0;
	#hasConnected = false;
	/** Connections in a row that could not be opened, or closed before anything was answered on them. */
	#fruitless = 0;
	#pause: Timer | null = null;

	constructor(options: ConnectorOptions) {
		this.#options = options;
		this.#cap = options.connections;
		// Each connection that is being dialled listens.
		setMaxListeners(options.connections, this.#abort.signal);
	}

	/** No connection stands, is being opened or waited for. */
	get isQuiet(): boolean {
		return this.#open === 0 && this.#dialling === 0 && this.#pause === null;
	}

	/** Opens what is missing: the first connection alone, to learn whether the server lets us in, then the others at once. */
	fill(): void {
		if (this.#abort.signal.aborted || this.#pause !== null) return;
		if (this.#fruitless > 0) return this.#fillLater();
		const wanted = this.#hasConnected ? this.#cap : 1;
		while (this.#open + this.#dialling < wanted) this.#dial();
	}

	/** The server answered something about a message: it is alive. */
	bearsFruit(): void {
		this.#fruitless = 0;
	}

	/** A connection is gone. `isFruitless`: before anything was answered on it. `said` is how it ended. */
	closed(isFruitless: boolean, said: string): void {
		this.#open -= 1;
		if (!isFruitless) return;
		this.#fruitless += 1;
		const { host, port } = this.#options.server;
		if (this.#fruitless > maxFruitlessDials && this.#open === 0) {
			const message = `${host}:${port} lets us in and then breaks every connection: ${said}`;
			const hint = "The rows that are left were not sent; look into the server's log before trying again.";
			this.#options.onHopeless(new RunError(exitCodes.serverUnreachable, message, { hint }));
		} else {
			this.#options.onNotice(`${host}:${port}: ${said}; connecting again`);
		}
	}

	/** Opens nothing more; what is being dialled is given up. */
	stop(): void {
		this.#abort.abort();
		this.#pause?.cancel();
		this.#pause = null;
	}

	#dial(): void {
		this.#dialling += 1;
		const { server, clock } = this.#options;
		dial(server, { clock, signal: this.#abort.signal }).then(
			(result) => {
				this.#dialling -= 1;
				if (result.kind === 'dialled') this.#connected(result);
				else this.#failed(result);
			},
			(error: unknown) => {
				this.#dialling -= 1;
				this.#options.onHopeless(error);
				this.#options.onChange();
			},
		);
	}

	#connected(dialled: Dialled): void {
		if (this.#abort.signal.aborted) {
			dialled.socket.destroy();
			return this.#options.onChange();
		}
		this.#hasConnected = true;
		this.#open += 1;
		// After a refusal one more is tried with each connection that opens, so that a passing shortage does not last for the run.
		this.#cap = Math.min(Math.max(this.#cap, this.#open) + 1, this.#options.connections);
		this.#options.onDialled(dialled);
	}

	#failed(failure: DialFailure): void {
		if (failure.cause === 'dropped' || this.#abort.signal.aborted) return this.#options.onChange();
		const error = dialError(this.#options.server, failure);
		if (this.#isHopeless(error)) return this.#options.onHopeless(error);
		if (this.#open > 0) {
			// Use those that opened.
			if (this.#cap > this.#open) this.#options.onNotice(`going on with ${this.#open} connections: ${error.message}`);
			this.#cap = this.#open;
		} else {
			this.#fruitless += 1;
			this.#options.onNotice(`${error.message}; connecting again`);
		}
		this.#options.onChange();
	}

	/** A server that never let us in, or refuses the login, will do the same at the next try (and counts wrong passwords). */
	#isHopeless(error: RunError): boolean {
		return !this.#hasConnected || error.exitCode === exitCodes.loginRefused || this.#fruitless >= maxFruitlessDials;
	}

	/** One connection after a pause that doubles, with jitter so that several senders do not knock in step. */
	#fillLater(): void {
		if (this.#dialling > 0) return;
		const pauseMs = firstPauseMs * 2 ** (this.#fruitless - 1) * (0.5 + this.#options.random() / 2);
		this.#pause = this.#options.clock.after(pauseMs, () => {
			this.#pause = null;
			if (this.#open + this.#dialling < this.#cap) this.#dial();
			this.#options.onChange();
		});
	}
}
