/** What a command may touch of the process it runs in; tests hand in their own. */
import type { Clock } from '../support/clock.ts';
import type { ControllingTerminal } from './controlling-terminal.ts';

/** The part of a tty.WriteStream that is used; a pipe or a file has only `write`. */
export interface Output {
	write(text: string): unknown;
	readonly isTTY?: boolean | undefined;
	/** 0 on some pseudo-terminals. */
	readonly columns?: number | undefined;
	hasColors?(): boolean;
	/** A slow reader has let the buffer grow full. */
	readonly writableNeedDrain?: boolean;
	once?(event: 'drain' | 'error' | 'close', listener: () => void): unknown;
	off?(event: 'drain' | 'error' | 'close', listener: () => void): unknown;
}

/** `process`, as far as signals go. */
export interface Signals {
	on(signal: NodeJS.Signals, listener: () => void): unknown;
	off(signal: NodeJS.Signals, listener: () => void): unknown;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Surroundings {
	/** As typed, for hints: `mailshot send list.csv -t news.hbs`. */
	readonly command: string;
	readonly env: Environment;
	readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
	/** Data only. */
	readonly stdout: Output;
	/** Everything for people. */
	readonly stderr: Output;
	readonly clock: Clock;
	readonly randomBytes: (count: number) => Buffer;
	readonly signals: Signals;
	/** The terminal of the session, also when all three streams are redirected; null when there is none (cron, CI). */
	readonly openTerminal: () => ControllingTerminal | null;
}
