/** Standard output and standard error that end no run: their errors mute them, and nothing is lost of what they still take. */
import type { Output } from './surroundings.ts';

/** The first error mutes the stream, whatever it is: a reader that went away, a closed terminal, a full disk. The campaign goes on. */
export function surviveErrors(stream: NodeJS.WritableStream): void {
	const muted = (...given: readonly unknown[]): boolean => {
		for (const part of given) if (typeof part === 'function') queueMicrotask(() => part());
		return true;
	};
	stream.on('error', () => {
		stream.write = muted;
	});
}

/** Resolves when everything written so far has left the process, or never will. */
export function drained(stream: NodeJS.WritableStream): Promise<void> {
	return new Promise((resolve) => {
		stream.write('', () => resolve());
	});
}

/** Waits, where a slow reader has let the buffer grow full, until it is empty, broken, or the signal is aborted; null when there is no need to. */
export function waitForRoom(output: Output, signal: AbortSignal): Promise<void> | null {
	if (output.writableNeedDrain !== true) return null;
	const events = ['drain', 'error', 'close'] as const;
	return new Promise((resolve) => {
		const goOn = (): void => {
			for (const event of events) output.off?.(event, goOn);
			signal.removeEventListener('abort', goOn);
			resolve();
		};
		for (const event of events) output.once?.(event, goOn);
		signal.addEventListener('abort', goOn, { once: true });
		if (signal.aborted) goOn();
	});
}
