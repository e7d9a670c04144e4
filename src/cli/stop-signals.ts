/** Ctrl-C and its relatives: the first one starts nothing new and lets what is under way finish, the second one, or the end of the grace, drops it. */
import type { Clock, Timer } from '../support/clock.ts';
import { type ExitCode, exitCodes, RunError } from '../support/errors.ts';
import { formatDuration } from './format.ts';
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

/** How long what is under way may take after the first signal. */
export interface Grace {
	readonly clock: Clock;
	readonly graceMs: number;
}

export class StopSignals {
	readonly #signals: Signals;
	readonly #grace: Grace | null;
	readonly #stop = new AbortController();
	readonly #drop = new AbortController();
	readonly #listeners: readonly (readonly [StopSignal, () => void])[];
	#onStop: (text: string) => void = () => {};
	#onDrop: (text: string) => void = () => {};
	#first: StopSignal | null = null;
	#timer: Timer | null = null;

	/** Without a grace what is under way has all the time it needs: for commands that have nothing to drop. */
	constructor(signals: Signals, grace: Grace | null = null) {
		this.#signals = signals;
		this.#grace = grace;
		this.#listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => [name, () => this.#take(name)] as const);
		for (const [name, listener] of this.#listeners) signals.on(name, listener);
	}

	/** Aborted by the first signal, with a RunError that says so. */
	get stop(): AbortSignal {
		return this.#stop.signal;
	}

	/** Aborted by the second, or when the grace is over. */
	get drop(): AbortSignal {
		return this.#drop.signal;
	}

	/** 130 for Ctrl-C and so on; null before any. */
	get exitCode(): ExitCode | null {
		return this.#first === null ? null : codes[this.#first];
	}

	/** What people are told when they stop a run that is under way, each a sentence without its stop. */
	announce(callbacks: { readonly onStop: (text: string) => void; readonly onDrop: (text: string) => void }): void {
		this.#onStop = callbacks.onStop;
		this.#onDrop = callbacks.onDrop;
	}

	/** Signals do again what they always do, and no timer is left. */
	release(): void {
		this.#timer?.cancel();
		for (const [name, listener] of this.#listeners) this.#signals.off(name, listener);
	}

	#take(name: StopSignal): void {
		if (this.#first !== null) {
			this.#dropNow('Dropping what is under way');
			return;
		}
		this.#first = name;
		this.#stop.abort(new RunError(codes[name], `${causes[name]}: nothing was sent`));
		const again = name === 'SIGINT' ? 'Ctrl-C again' : 'a second signal';
		const time = this.#startGrace();
		const drops =
			time === null ? `${again} drops what is under way` : `what is under way has ${time}; ${again} drops it`;
		this.#onStop(`Stopping: nothing new starts; ${drops}`);
	}

	/** Gives how long it is, in words. */
	#startGrace(): string | null {
		if (this.#grace === null) return null;
		const { clock, graceMs } = this.#grace;
		const time = graceWords(graceMs);
		this.#timer = clock.after(graceMs, () => this.#dropNow(`The ${time} are over: dropping what is under way`));
		return time;
	}

	#dropNow(text: string): void {
		if (this.#drop.signal.aborted) return;
		this.#timer?.cancel();
		this.#drop.abort();
		this.#onDrop(text);
	}
}

/** `20 s`, `500 ms`: a round number, because somebody chose it. */
function graceWords(graceMs: number): string {
	if (graceMs % 1000 !== 0) return `${graceMs} ms`;
	return graceMs < 60_000 ? `${graceMs / 1000} s` : formatDuration(graceMs / 1000);
}
