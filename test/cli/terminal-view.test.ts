/** The bar on a terminal whose window changes. */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { plainPaint } from '../../src/cli/paint.ts';
import type { ViewContext } from '../../src/cli/run-view.ts';
import { TerminalView } from '../../src/cli/terminal-view.ts';
import { Tally } from '../../src/results/tally.ts';
import { TestClock } from '../results/make-result.ts';
import { FakeOutput } from './fake-output.ts';

class FakeTerminal extends Writable {
	readonly isTTY = true;
	columns: number;
	text = '';

	constructor(columns: number) {
		super();
		this.columns = columns;
	}

	override _write(chunk: Buffer, _encoding: string, done: () => void): void {
		this.text += chunk.toString();
		done();
	}

	cursorTo(): boolean {
		return true;
	}

	moveCursor(): boolean {
		return true;
	}

	clearLine(): boolean {
		return true;
	}
}

/** What is written when the window gets `columns` wide and the bar is drawn again. */
async function resized(from: number, to: number): Promise<string> {
	const stderr = new FakeTerminal(from);
	const facts = {
		campaign: 'news',
		toSend: 4,
		skipped: 0,
		server: 'h:25',
		logPath: 'r.jsonl',
		tally: new Tally(),
		waitsFor: () => null,
	};
	const context: ViewContext = {
		facts,
		stdout: new FakeOutput(),
		stderr,
		clock: new TestClock(),
		paint: plainPaint,
		progressMs: null,
	};
	const view = await TerminalView.open(context);
	view.connected();
	view.notice('first');
	stderr.text = '';
	stderr.columns = to;
	view.notice('second');
	const { text } = stderr;
	view.halt();
	return text;
}

test('a window that gets narrower wraps the bar: it is erased whole, once', async () => {
	assert.match(
		await resized(120, 40),
		/^[^░]*\u001b\[2A\r\u001b\[J[^\u001b]*\u001b\[2K {2}\d\d:\d\d:\d\d {2}second[^\u0000]*░[^\u0000]*accepted 0/,
	);
	// The counts, which did not wrap, are erased with it and come back.
	assert.match(await resized(120, 51), /\u001b\[1A\r\u001b\[J[^\u0000]*░[^\u0000]*accepted 0/);
	assert.doesNotMatch(await resized(120, 80), /\u001b\[J/);
	assert.doesNotMatch(await resized(40, 120), /\u001b\[J/);
	// A bar that was cut at the edge does not wrap.
	assert.doesNotMatch(await resized(30, 30), /\u001b\[J/);
});
