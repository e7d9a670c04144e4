/** Colour, decided for the stream that it goes to. */
import { styleText } from 'node:util';
import type { Environment, Output } from './surroundings.ts';

export type Tone = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Gives the text as it should be written to one stream. */
export type Paint = (tone: Tone, text: string) => string;

export const plainPaint: Paint = (_tone, text) => text;

/** Off when the stream is no terminal that has colours (NO_COLOR, TERM=dumb), with --no-color, or in CI; FORCE_COLOR puts it on. */
export function paintFor(stream: Output, options: { readonly env: Environment; readonly color: boolean }): Paint {
	const { env, color } = options;
	const { NO_COLOR: noColor = '', FORCE_COLOR: forceColor = '', TERM: term = '' } = env;
	const isForced = forceColor !== '' && forceColor !== '0';
	const isWanted = isForced || (noColor === '' && term !== 'dumb' && stream.hasColors?.() === true);
	if (!color || !isWanted) return plainPaint;
	// Without validateStream newer Nodes would ask standard output instead of this stream.
	return (tone, text) => styleText(tone, text, { validateStream: false });
}

/** A bar, a spinner or anything else that moves the cursor is for a terminal that somebody looks at. */
export function canAnimate(stream: Output, env: Environment): boolean {
	const { CI: ci = '', TERM: term = '' } = env;
	return stream.isTTY === true && (ci === '' || ci === 'false' || ci === '0') && term !== 'dumb';
}
