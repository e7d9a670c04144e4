/** Opens connections to one server: how many at once, how long to wait after a failure, and when to give up. */
import { setMaxListeners } from 'node:events';
import { type DialFailure, type Dialled, dial } from '../smtp/dial.ts';
import { type ServerSettings, serverName } from '../smtp/server-settings.ts';
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
const maxSetbacks = 7;
const firstPauseMs = 1_000;
const longestPauseMs = 32_000;
const longWaitMs = 10_000;

const leftHint = 'The rows that are left were not sent.';

export class Connector {
	readonly #options: ConnectorOptions;
	readonly #abort = new AbortController();
	/** More connections than this could not be had lately. */
	#cap: number;
	#open = 0;
	#dialling = 0;
	#hasConnected = false;
	/** Times in a row that the server was tried and nothing was answered; ten connections that fail together are one time. */
	#setbacks = 0;
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
		if (this.#setbacks > 0 && this.#open + this.#dialling === 0) {
			this.#fillLater();
			return;
		}
		const wanted = this.#hasConnected && this.#setbacks === 0 ? this.#cap : 1;
		while (this.#open + this.#dialling < wanted) this.#dial();
	}

	/** A new connection had its first answer about a message: the server is alive, and one connection more may be tried. */
	bearsFruit(): void {
		this.#setbacks = 0;
		this.#pause?.cancel();
		this.#pause = null;
		this.#cap = Math.min(this.#cap + 1, this.#options.connections);
		this.#options.onChange();
	}

	/** A connection is gone. `said` tells how it ended when that was before anything was answered on it, otherwise ''. */
	closed(said: string): void {
		this.#open -= 1;
		if (said === '' || this.#abort.signal.aborted) return;
		const message = `${serverName(this.#options.server)} let us in and then broke the connection: ${said}`;
		this.#setBack(new RunError(exitCodes.serverUnreachable, message, { hint: leftHint }));
	}

	/** Opens nothing more; what is being dialled is given up. */
	stop(): void {
		this.#abort.abort();
		this.#pause?.cancel();
		this.#pause = null;
	}

	#dial(): void {
		this.#dialling += 1;
		const { server, clock, onChange, onHopeless } = this.#options;
		const patience = this.#hasConnected ? null : clock.after(longWaitMs, () => this.#sayThatWeWait());
		dial(server, { clock, signal: this.#abort.signal })
			.finally(() => {
				patience?.cancel();
				this.#dialling -= 1;
			})
			.then((result) => {
				if (result.kind === 'dialled') this.#connected(result);
				else this.#failed(result);
			})
			.catch((bug: unknown) => {
				onHopeless(bug);
				onChange();
			});
	}

	/** RFC 5321 gives a greeting five minutes; somebody who mistook the port should not need them. */
	#sayThatWeWait(): void {
		const { server, onNotice } = this.#options;
		const advice =
			server.tls === 'implicit' ? '' : ' (a port that speaks TLS from the first byte, such as 465, wants smtps://)';
		onNotice(`still waiting for ${serverName(server)} to let us in${advice}`);
	}

	#connected(dialled: Dialled): void {
		if (this.#abort.signal.aborted) {
			dialled.socket.destroy();
			return this.#options.onChange();
		}
		this.#hasConnected = true;
		this.#open += 1;
		this.#options.onDialled(dialled);
	}

	#failed(failure: DialFailure): void {
		if (failure.cause === 'dropped' || this.#abort.signal.aborted) return this.#options.onChange();
		const error = dialError(this.#options.server, failure);
		// A server that never let us in, or refuses the login, will do the same at the next try (and counts wrong passwords).
		if (!this.#hasConnected || error.exitCode === exitCodes.loginRefused) return this.#options.onHopeless(error);
		this.#setBack(new RunError(error.exitCode, error.message, { hint: leftHint }));
		this.#options.onChange();
	}

	/** A connection could not be had, or was good for nothing. */
	#setBack(error: RunError): void {
		if (this.#open > 0) {
			// Use those that opened.
			const connections = `${this.#open} ${this.#open === 1 ? 'connection' : 'connections'}`;
			if (this.#cap > this.#open) this.#options.onNotice(`going on with ${connections}: ${error.message}`);
			this.#cap = this.#open;
			return;
		}
		// Connections that were opened together fail together: the round was counted, and its pause runs.
		if (this.#pause !== null) return;
		this.#setbacks += 1;
		if (this.#setbacks > maxSetbacks) return this.#options.onHopeless(error);
		const pauseMs = this.#fillLater();
		this.#options.onNotice(`${error.message}; connecting again in ${Math.ceil(pauseMs / 1_000)} s`);
	}

	/** One connection after a pause that doubles, with jitter so that several senders do not knock in step. */
	#fillLater(): number {
		const doubledMs = Math.min(firstPauseMs * 2 ** (this.#setbacks - 1), longestPauseMs);
		const pauseMs = doubledMs * (0.5 + this.#options.random() / 2);
		this.#pause = this.#options.clock.after(pauseMs, () => {
			this.#pause = null;
			if (this.#open + this.#dialling === 0) this.#dial();
			this.#options.onChange();
		});
		return pauseMs;
	}
}
