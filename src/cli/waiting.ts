/** A spinner for the two waits of a run: counting rows and connecting. Nothing where nobody looks. */
import type { Output } from './surroundings.ts';
import { fitText, layoutWidth } from './text-width.ts';

export interface Waiting {
	say(text: string): void;
	/** Leaves no trace. */
	stop(): void;
}

const silent: Waiting = { say: () => {}, stop: () => {} };

export async function startWaiting(
	text: string,
	stderr: Output,
	options: { readonly isAnimated: boolean; readonly isColored: boolean },
): Promise<Waiting> {
	if (!options.isAnimated || !isStream(stderr)) return silent;
	const { default: ora } = await import('ora');
	const fit = (said: string) => fitText(said, layoutWidth(stderr) - 6);
	const spinner = ora({
		text: fit(text),
		stream: stderr,
		indent: 2,
		color: options.isColored ? 'cyan' : false,
		// Standard input may be the list, and Ctrl-C is handled elsewhere.
		discardStdin: false,
		isEnabled: true,
	}).start();
	return {
		say: (said) => {
			spinner.text = fit(said);
		},
		stop: () => {
			spinner.stop();
			// QUIRK: ora leaves the cursor at its indent.
			stderr.write('\r');
		},
	};
}

/** ora and cli-progress want the stream itself, not the part of it that we use. */
export function isStream(output: Output): output is Output & NodeJS.WritableStream {
	return 'pipe' in output && 'once' in output;
}
