/** The terminal of the session (/dev/tty): questions are asked there, also when all three streams are redirected. */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';

export interface ControllingTerminal {
	write(text: string): void;
	/** One line, without its end; '' when the input ends. With `hidden` what is typed is not shown. Rejects with the reason of the signal. */
	readLine(options: { readonly hidden: boolean; readonly signal: AbortSignal }): Promise<string>;
	close(): void;
}

/** Null when the process has none: cron, CI, a service. */
export function openControllingTerminal(): ControllingTerminal | null {
	try {
		// Two descriptors, because the stream closes its own.
		const output = openSync('/dev/tty', constants.O_WRONLY | constants.O_NOCTTY);
		return new DeviceTerminal(output, new ReadStream(openSync('/dev/tty', constants.O_RDONLY | constants.O_NOCTTY)));
	} catch {
		// ENXIO, ENOENT or EACCES: there is none that we could use.
		return null;
	}
}

const lineEnd = /[\r\n]/;
const endOfInput = '\u0004';
const interrupt = '\u0003';
const erase = /[\u007f\b]/;

class DeviceTerminal implements ControllingTerminal {
	readonly #output: number;
	readonly #input: ReadStream;

	constructor(output: number, input: ReadStream) {
		this.#output = output;
		this.#input = input;
		this.#input.setEncoding('utf8');
		this.#input.pause();
	}

	write(text: string): void {
		writeSync(this.#output, text);
	}

	readLine({ hidden, signal }: { readonly hidden: boolean; readonly signal: AbortSignal }): Promise<string> {
		const input = this.#input;
		return new Promise((resolve, reject) => {
			let typed = '';
			const finish = (settle: () => void, { isInLine }: { readonly isInLine: boolean }): void => {
				input.off('data', read);
				input.off('end', end);
				signal.removeEventListener('abort', abort);
				if (hidden) input.setRawMode(false);
				input.pause();
				if (isInLine) this.write('\n');
				settle();
			};
			// Return moves the cursor down when it is shown; Ctrl-C and Ctrl-D do not.
			const enter = (): void => finish(() => resolve(typed), { isInLine: hidden });
			const end = (): void => finish(() => resolve(typed), { isInLine: true });
			const abort = (): void => finish(() => reject(signal.reason), { isInLine: true });
			const read = (chunk: string): void => {
				for (const character of chunk) {
					if (lineEnd.test(character) || (hidden && character === endOfInput)) return enter();
					// In raw mode the terminal does not turn Ctrl-C into a signal.
					if (hidden && character === interrupt) return void process.kill(process.pid, 'SIGINT');
					typed = hidden && erase.test(character) ? typed.slice(0, -1) : typed + character;
				}
			};
			if (signal.aborted) return reject(signal.reason);
			signal.addEventListener('abort', abort, { once: true });
			if (hidden) input.setRawMode(true);
			input.on('data', read);
			input.once('end', end);
			input.resume();
		});
	}

	close(): void {
		this.#input.destroy();
		closeSync(this.#output);
	}
}
