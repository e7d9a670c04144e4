/** Progress on a terminal: one bar with rate and time left, one line of counts, and rare events scrolling above (cli-progress). */
import { stripVTControlCharacters } from 'node:util';
import type { MultiBar, Options } from 'cli-progress';
import type { Summary } from '../results/summary.ts';
import { cleanText } from '../support/clean-text.ts';
import { plainPaint } from './paint.ts';
import { barLine, countsLine, statusSentence } from './progress-lines.ts';
import { RunMeter, type RunSnapshot } from './run-snapshot.ts';
import type { RunView, ViewContext } from './run-view.ts';
import { type RunEnding, renderSummaryBlock } from './summary-block.ts';
import { layoutWidth, textWidth, wrapText } from './text-width.ts';
import { isStream, startWaiting, type Waiting } from './waiting.ts';

type MakeBars = (options: Options) => MultiBar;

const framesPerSecond = 10;
const eraseToEndOfLine = '\u001b[K';
/** As wide as `  09:03:12  `. */
const noticeIndent = '            ';

export class TerminalView implements RunView {
	readonly #context: ViewContext;
	readonly #makeBars: MakeBars;
	#waiting: Waiting;
	#meter: RunMeter;
	#bars: MultiBar | null = null;

	/** Begins with the spinner of the wait for the first connection. */
	static async open(context: ViewContext): Promise<TerminalView> {
		const { MultiBar } = (await import('cli-progress')).default;
		const waiting = await startWaiting(`Connecting to ${context.facts.server}`, context.stderr, {
			isAnimated: true,
			isColored: context.paint !== plainPaint,
		});
		return new TerminalView(context, { waiting, makeBars: (options) => new MultiBar(options) });
	}

	private constructor(context: ViewContext, parts: { readonly waiting: Waiting; readonly makeBars: MakeBars }) {
		this.#context = context;
		this.#waiting = parts.waiting;
		this.#makeBars = parts.makeBars;
		this.#meter = this.#newMeter();
	}

	start(): void {}

	connected(): void {
		this.#waiting.stop();
		const { stderr, paint } = this.#context;
		if (this.#bars !== null || !isStream(stderr)) return;
		// The rate counts from here: waiting for the connection is no sending.
		this.#meter = this.#newMeter();
		const drawn = new DrawnLines(stderr);
		const line = (index: number, render: (snapshot: RunSnapshot) => string) => ({
			format: () => drawn.keep(index, render(this.#meter.snapshot())),
		});
		const look = () => ({ width: layoutWidth(stderr), paint });
		const bars = this.#makeBars({
			stream: stderr,
			fps: framesPerSecond,
			hideCursor: true,
			// QUIRK: cli-progress 3.12 cuts its last drawing at the width, counting colour codes as columns: `halt` draws instead.
			clearOnComplete: true,
			stopOnComplete: false,
			// Ours (signals.ts); cli-progress would take SIGINT over.
			gracefulExit: false,
			autopadding: false,
			// Two short lines; the same ones are drawn anew where the window was erased.
			forceRedraw: true,
			linewrap: false,
		});
		this.#bars = bars;
		bars.on('redraw-pre', () => stderr.write(drawn.eraseWrapped()));
		bars.create(
			1,
			0,
			{},
			line(0, (snapshot) => barLine(snapshot, look())),
		);
		bars.create(
			1,
			0,
			{},
			line(1, (snapshot) => countsLine(snapshot, look())),
		);
	}

	notice(text: string): void {
		const { stderr, clock } = this.#context;
		const time = new Date(clock.now()).toTimeString().slice(0, 8);
		const [first = '', ...others] = wrapText(cleanText(text), layoutWidth(stderr) - noticeIndent.length - 1);
		const line = [`  ${time}  ${first}`, ...others.map((other) => noticeIndent + other), ''].join('\n');
		if (this.#bars !== null) {
			// QUIRK: cli-progress 3.12 clears only the first line that it writes over the bars.
			this.#bars.log(line.replaceAll('\n', `${eraseToEndOfLine}\n`));
			this.#bars.update();
			return;
		}
		this.#waiting.stop();
		stderr.write(line);
	}

	warning(text: string): void {
		this.notice(text);
	}

	/** The bar is there all the time: a line above it keeps how far it was at this moment. */
	showNow(): void {
		this.notice(statusSentence(this.#meter.snapshot()));
	}

	halt(): void {
		this.#waiting.stop();
		if (this.#bars === null) return;
		// Lines that wait above the bar are drawn first.
		this.#bars.update();
		this.#bars.stop();
		this.#bars = null;
		const { stderr, paint } = this.#context;
		const look = { width: layoutWidth(stderr), paint };
		// No time is left of a run that ends, be it at its end or not, and nobody waits any more.
		const snapshot = { ...this.#meter.snapshot(), secondsLeft: null, waiting: 0, waitsFor: null };
		stderr.write(`${barLine(snapshot, look)}\n${countsLine(snapshot, look)}\n`);
	}

	end(ending: RunEnding, _summary: Summary): void {
		const { stderr, paint, facts } = this.#context;
		stderr.write(renderSummaryBlock(ending, facts.tally, { width: layoutWidth(stderr), paint }));
	}

	#newMeter(): RunMeter {
		const { facts, clock } = this.#context;
		return new RunMeter(facts, clock);
	}
}

/** What stands under the cursor: a window that got narrower has wrapped it, so that it takes more rows than it was drawn in. */
class DrawnLines {
	readonly #stream: { readonly columns?: number | undefined };
	readonly #widths: number[] = [];
	#columns: number;

	constructor(stream: { readonly columns?: number | undefined }) {
		this.#stream = stream;
		this.#columns = this.#columnsNow();
	}

	/** Gives the line back. */
	keep(index: number, line: string): string {
		this.#columns = this.#columnsNow();
		this.#widths[index] = Math.min(textWidth(stripVTControlCharacters(line)), this.#columns);
		return line;
	}

	/** From the first row of the drawing as cli-progress counts it; '' when nothing wrapped. */
	eraseWrapped(): string {
		const columns = this.#columnsNow();
		if (columns >= this.#columns) return '';
		const rows = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
		const more = rows - this.#widths.length;
		return more > 0 ? `\u001b[${more}A\r\u001b[J` : '';
	}

	#columnsNow(): number {
		return this.#stream.columns || Number.POSITIVE_INFINITY;
	}
}
