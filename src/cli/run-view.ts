/** What a run shows while it goes on and when it ends; which one it is depends on who is looking. */
import type { WaitsFor } from '../delivery/deliver-options.ts';
import type { Summary } from '../results/summary.ts';
import type { Tally } from '../results/tally.ts';
import type { Clock } from '../support/clock.ts';
import type { Paint } from './paint.ts';
import type { SendOptions } from './send-options.ts';
import type { RunEnding } from './summary-block.ts';
import type { Output } from './surroundings.ts';

export interface RunView {
	/** Before the first connection. */
	start(): void;
	/** The first connection stands. */
	connected(): void;
	/** A rare event worth a line. */
	notice(text: string): void;
	/** Something was wrong: said also to those who asked to hear of nothing else. */
	warning(text: string): void;
	/** A line at once, whatever the interval is. */
	showNow(): void;
	/** Progress ends; what was drawn stays. Nothing is shown of how it ended. */
	halt(): void;
	/** After `halt`: what became of it. */
	end(ending: RunEnding, summary: Summary): void;
}

export interface RunFacts {
	readonly campaign: string;
	readonly toSend: number;
	readonly skipped: number;
	/** `smtp.acme.example:587`, `sandbox` */
	readonly server: string;
	readonly logPath: string;
	readonly tally: Tally;
	/** What the delivery waits for; null while it works. */
	readonly waitsFor: () => WaitsFor | null;
}

export interface ViewContext {
	readonly facts: RunFacts;
	readonly stdout: Output;
	readonly stderr: Output;
	readonly clock: Clock;
	readonly paint: Paint;
	readonly progressMs: number | null;
}

/** Loads what the view needs: ora and cli-progress only for a terminal that somebody looks at. */
export async function openView(
	output: SendOptions['output'],
	context: ViewContext,
	options: { readonly isAnimated: boolean },
): Promise<RunView> {
	switch (output) {
		case 'json':
			return new (await import('./json-view.ts')).JsonView(context);
		case 'quiet':
			return new (await import('./plain-view.ts')).QuietView(context);
		case 'text': {
			if (options.isAnimated) return (await import('./terminal-view.ts')).TerminalView.open(context);
			return new (await import('./plain-view.ts')).PlainView(context);
		}
	}
}
