/** What SIGUSR2 asks for: how far the run is, at once, in every view. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainPaint } from '../../src/cli/paint.ts';
import { openView, type ViewContext } from '../../src/cli/run-view.ts';
import { Tally } from '../../src/results/tally.ts';
import { makeAccepted, makeBounced, TestClock } from '../results/make-result.ts';
import { FakeOutput } from './fake-output.ts';

function scene() {
	const [tally, stdout, stderr, clock] = [new Tally(), new FakeOutput(), new FakeOutput(), new TestClock()];
	const facts = {
		campaign: 'news',
		toSend: 4,
		skipped: 0,
		server: 'smtp.acme.example:587',
		logPath: 'r.jsonl',
		tally,
		waitsFor: () => null,
	};
	const context: ViewContext = { facts, stdout, stderr, clock, paint: plainPaint, progressMs: null };
	return { tally, stdout, stderr, clock, context };
}

for (const [name, output, isAnimated, expected] of [
	[
		'plain',
		'text',
		false,
		/^2026-11-22T09:00:10Z news 50% 2\/4 accepted=1 bounced=1 deferred=0 failed=0 rate=0\.2\/s eta=10s\n$/,
	],
	[
		'quiet',
		'quiet',
		false,
		/^2026-11-22T09:00:10Z news 50% 2\/4 accepted=1 bounced=1 deferred=0 failed=0 rate=0\.2\/s eta=10s\n$/,
	],
	[
		'terminal',
		'text',
		true,
		/^ {2}\d\d:00:10 {2}50%, 2 of 4, 0\.2\/s, 0:10 left: accepted 1 · bounced 1 · deferred 0\n {12}· failed 0\n$/,
	],
	['JSON', 'json', false, /"type":"status","done":2,"to_send":4,"accepted":1,"bounced":1/],
] as const) {
	test(`the ${name} view says how far the run is when it is asked`, async () => {
		const { tally, stdout, stderr, clock, context } = scene();
		const view = await openView(output, context, { isAnimated });
		view.start();
		tally.add(makeAccepted());
		tally.add(makeBounced());
		clock.advance(10_000);
		const before = stdout.text.length + stderr.text.length;
		view.showNow();
		view.halt();
		assert.match((stdout.text + stderr.text).slice(before), expected);
		assert.equal(clock.timers, 0);
	});
}
