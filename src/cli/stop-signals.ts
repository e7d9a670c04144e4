/** Ctrl-C and its relatives: the first one starts nothing new and lets what is under way finish, the second one drops it. */
import { type ExitCode, exitCodes, RunError } from '../support/errors.ts';
import type { Signals } from './surroundings.ts';

type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const codes: Readonly<Record<StopSignal, ExitCode>> = {
	SIGHUP: exitCodes.hangup,
	SIGINT: exitCodes.interrupted,
	SIGTERM: exitCodes.terminated,
};

const causes: Readonly<Record<StopSignal, string>> = {
	SIGHUP: 'the terminal went away',
	SIGINT: 'stopped by Ctrl-C',
	SIGTERM: 'stopped by SIGTERM',
};

export class StopSignals {
	readonly #signals: Signals;
	readonly #stop = new AbortController();
	readonly #drop = new AbortController();
	readonly #listeners: readonly (readonly [StopSignal, () => void])[];
	#onStop: (again: string) => void = () => {};
	#onDrop: () => void = () => {};
	#first: StopSignal | null = null;

	constructor(signals: Signals) {
		this.#signals = signals;
		this.#listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => [name, () => this.#take(name)] as const);
		for (const [name, listener] of this.#listeners) signals.on(name, listener);
	}

	/** Aborted by the first signal, with a RunError that says so. */
	get stop(): AbortSignal {
		return this.#stop.signal;
	}

	/** Aborted by the second. */
	get drop(): AbortSignal {
		return this.#drop.signal;
	}

	/** 130 for Ctrl-C and so on; null before any. */
	get exitCode(): ExitCode | null {
		return this.#first === null ? null : codes[this.#first];
	}

	/** What people are told when they stop a run that is under way; `again` is what drops it: `Ctrl-C again`, `a second signal`. */
	announce(callbacks: { readonly onStop: (again: string) => void; readonly onDrop: () => void }): void {
		this.#onStop = callbacks.onStop;
		this.#onDrop = callbacks.onDrop;
	}

	/** Signals do again what they always do. */
	release(): void {
		for (const [name, listener] of this.#listeners) this.#signals.off(name, listener);
	}

	#take(name: StopSignal): void {
		if (this.#first === null) {
			this.#first = name;
			this.#stop.abort(new RunError(codes[name], `${causes[name]}: nothing was sent`));
			this.#onStop(name === 'SIGINT' ? 'Ctrl-C again' : 'a second signal');
			return;
		}
		if (this.#drop.signal.aborted) return;
		this.#drop.abort();
		this.#onDrop();
	}
}
