/** What pipes and programs read while a run goes on: plain lines and JSON lines. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonView } from '../../src/cli/json-view.ts';
import { canAnimate, paintFor, plainPaint } from '../../src/cli/paint.ts';
import { PlainView, QuietView } from '../../src/cli/plain-view.ts';
import type { RunView, ViewContext } from '../../src/cli/run-view.ts';
import { nobody } from '../../src/results/selection.ts';
import { makeSummary, type Summary } from '../../src/results/summary.ts';
import { Tally } from '../../src/results/tally.ts';
import {
	makeAccepted,
	makeBounced,
	makeDeferred,
	makeMalformed,
	makeUnknown,
	TestClock,
} from '../results/make-result.ts';
import { FakeOutput } from './fake-output.ts';

function scene() {
	const tally = new Tally();
	const stdout = new FakeOutput();
	const stderr = new FakeOutput();
	const clock = new TestClock();
	const facts = {
		campaign: 'news',
		toSend: 4,
		skipped: 2,
		server: 'smtp.acme.example:587',
		logPath: 'r.jsonl',
		tally,
		waitsFor: () => null,
	};
	const context: ViewContext = { facts, stdout, stderr, clock, paint: plainPaint, progressMs: 30_000 };
	const ending = {
		campaign: 'news',
		state: 'finished',
		seconds: 61,
		toSend: 4,
		left: 0,
		earlier: nobody,
		command: 'mailshot send list.csv -t news.hbs',
		runId: 'R',
		isFirstRun: true,
		logPath: 'r.jsonl',
		summaryPath: 's.json',
	} as const;
	return { tally, stdout, stderr, clock, context, ending };
}

function summaryOf(tally: Tally, exitCode: number): Summary {
	const start = {
		runId: 'R',
		campaign: 'news',
		tool: 'mailshot 0.1.0',
		node: '20',
		startedAt: 0,
		template: { file: 'news.hbs', sha256: '' },
		data: { file: 'list.csv', sha256: '', rows: 4, encoding: 'utf-8', delimiter: ',' },
		server: { address: 'h', port: 25, tls: 'off' },
		toSend: 4,
		earlier: nobody,
	};
	return makeSummary(start, tally, {
		state: { state: 'finished', exitCode, finishedAt: 61_000 },
		left: 0,
		seconds: 61,
	});
}

test('a pipe gets a line at the start, every 30 s and at the end, and what went wrong', () => {
	const { tally, stdout, stderr, clock, context, ending } = scene();
	const view = new PlainView(context);
	view.start();
	clock.advance(29_999);
	tally.add(makeAccepted());
	tally.add(makeBounced());
	clock.advance(1);
	view.notice('the server\u001b[2J closed');
	tally.add(makeUnknown());
	tally.add(makeMalformed());
	view.halt();
	clock.advance(60_000);
	view.end(ending, summaryOf(tally, 3));
	assert.equal(stdout.text, '');
	assert.equal(
		stderr.text,
		`2026-11-22T09:00:00Z news start to_send=4 skipped=2 server=smtp.acme.example:587 log=r.jsonl
2026-11-22T09:00:30Z news 50% 2/4 accepted=1 bounced=1 deferred=0 failed=0 rate=0.1/s eta=30s
2026-11-22T09:00:30Z news notice text="the server closed"
2026-11-22T09:01:30Z news why category=invalid_recipient count=1 sample="550 5.1.1 <bob@old.example>: User unknown"
2026-11-22T09:01:30Z news why error=address.invalid count=1 sample="line 14 of list.csv: \\"bob@\\" has no domain"
2026-11-22T09:01:30Z news unknown recipient=bob@old.example line=977 reason="no answer within 10 minutes after the final dot"
2026-11-22T09:01:30Z news hint list="mailshot log unknown r.jsonl" resolve="mailshot log resolve r.jsonl --accepted ADDRESS..."
2026-11-22T09:01:30Z news done accepted=1 bounced=1 deferred=0 failed=1 unknown=1 seconds=61 rate=0/s log=r.jsonl exit=3
`,
	);
	assert.equal(clock.timers, 0);
});

test('quiet says nothing when all was accepted, and one line when not', () => {
	const { tally, stdout, stderr, context, ending } = scene();
	const view: RunView = new QuietView(context);
	view.start();
	view.end(ending, summaryOf(tally, 0));
	assert.equal(stdout.text + stderr.text, '');
	tally.add(makeBounced());
	view.notice('going on with 1 connection');
	view.end(ending, summaryOf(tally, 3));
	assert.match(stderr.text, /^2026-11-22T09:00:00Z news done accepted=0 bounced=1 .* exit=3\n$/);
});

test('quiet names who is unknown, what was wrong with the log, and how to go on', () => {
	const { tally, stderr, context, ending } = scene();
	const view = new QuietView(context);
	view.warning('the journal ended in a torn line: cut off');
	view.start();
	tally.add(makeUnknown());
	view.end({ ...ending, state: 'stopped', left: 3 }, summaryOf(tally, 130));
	assert.equal(
		stderr.text.replaceAll('2026-11-22T09:00:00Z news ', ''),
		`warning text="the journal ended in a torn line: cut off"
unknown recipient=bob@old.example line=977 reason="no answer within 10 minutes after the final dot"
hint list="mailshot log unknown r.jsonl" resolve="mailshot log resolve r.jsonl --accepted ADDRESS..."
hint go_on="mailshot send list.csv -t news.hbs"
stopped accepted=0 bounced=0 deferred=0 failed=0 unknown=1 left=3 seconds=61 rate=0/s log=r.jsonl exit=130
`,
	);
});

test('a run that leaves somebody says in lines and in JSON which command goes on', () => {
	const { tally, stdout, stderr, context, ending } = scene();
	tally.add(makeDeferred());
	const [plain, json] = [new PlainView(context), new JsonView(context)];
	plain.warning('a torn line: cut off');
	json.warning('a torn line: cut off');
	const command = `mailshot send ${'long/'.repeat(100)}list.csv -t news.hbs`;
	plain.end({ ...ending, command }, summaryOf(tally, 5));
	json.end({ ...ending, command }, summaryOf(tally, 5));
	assert.match(stderr.text, / news warning text="a torn line: cut off"\n/);
	assert.ok(stderr.text.includes(` news hint go_on="${command}"\n`), stderr.text);
	const objects = stdout.text
		.trimEnd()
		.split('\n')
		.map((line): Record<string, unknown> => JSON.parse(line));
	const { type, text } = objects[0] ?? {};
	assert.deepEqual([type, text], ['warning', 'a torn line: cut off']);
	const { go_on } = objects[1] ?? {};
	assert.equal(go_on, command);
});

test('nobody is left: no command goes on', () => {
	const { tally, stdout, stderr, context, ending } = scene();
	tally.add(makeAccepted());
	new PlainView(context).end(ending, summaryOf(tally, 0));
	new JsonView(context).end(ending, summaryOf(tally, 0));
	assert.doesNotMatch(stderr.text, /go_on/);
	assert.match(stdout.text, /"go_on":""/);
});

test('a short run took some time', () => {
	const { tally, stderr, context, ending } = scene();
	new PlainView(context).end({ ...ending, seconds: 0.043 }, summaryOf(tally, 0));
	assert.match(stderr.text, / seconds=0\.043 /);
});

test('JSON lines are a start, states and at the end the summary, with its counts', () => {
	const { tally, stdout, stderr, clock, context, ending } = scene();
	const view = new JsonView(context);
	view.start();
	clock.advance(30_000);
	tally.add(makeAccepted());
	view.halt();
	view.end(ending, summaryOf(tally, 0));
	const objects = stdout.text
		.trimEnd()
		.split('\n')
		.map((line): Record<string, unknown> => JSON.parse(line));
	assert.deepEqual(
		objects.map(({ type }) => type),
		['start', 'status', 'summary'],
	);
	const { seconds_left } = objects[1] ?? {};
	assert.equal(seconds_left, -1);
	const { counts, exit_code } = objects[2] ?? {};
	assert.deepEqual(counts, summaryOf(tally, 0).counts);
	assert.equal(exit_code, 0);
	assert.equal(stderr.text, '');
	assert.equal(clock.timers, 0);
});

test('who waits to be tried again is in every state, and none of the words say so when nobody does', () => {
	const { tally, stdout, stderr, clock, context } = scene();
	const [plain, json] = [new PlainView(context), new JsonView(context)];
	const jsonNow = (): Record<string, unknown> => JSON.parse(stdout.text.trimEnd().split('\n').at(-1) ?? '');
	tally.add(makeAccepted());
	plain.showNow();
	json.showNow();
	assert.doesNotMatch(stderr.text, /waiting|next_try/);
	assert.deepEqual([jsonNow()['waiting'], jsonNow()['next_try_seconds']], [0, -1]);
	tally.add(makeDeferred({ sequel: { kind: 'retry', at: clock.now() + 61_500 } }));
	plain.showNow();
	json.showNow();
	assert.match(stderr.text, / 25% 1\/4 accepted=1 bounced=0 deferred=1 failed=0 waiting=1 next_try=1m2s rate=/);
	assert.deepEqual([jsonNow()['done'], jsonNow()['waiting'], jsonNow()['next_try_seconds']], [1, 1, 62]);
});

test('with --progress none there is no timer', () => {
	const { clock, context, stderr } = scene();
	new PlainView({ ...context, progressMs: null }).start();
	clock.advance(1e9);
	assert.equal(stderr.text.split('\n').length, 2);
});

test('a bar is for a terminal that somebody looks at', () => {
	const terminal = new FakeOutput({ isTTY: true });
	assert.equal(canAnimate(terminal, {}), true);
	assert.equal(canAnimate(terminal, { CI: 'false' }), true);
	assert.equal(canAnimate(terminal, { CI: 'true' }), false);
	assert.equal(canAnimate(terminal, { TERM: 'dumb' }), false);
	assert.equal(canAnimate(new FakeOutput(), {}), false);
});

test('colours obey the stream, NO_COLOR, TERM, FORCE_COLOR and --no-color', () => {
	const terminal = new FakeOutput({ isTTY: true });
	const isColored = (output: FakeOutput, env: Record<string, string>, color = true) =>
		paintFor(output, { env, color })('red', 'x') !== 'x';
	assert.equal(isColored(terminal, {}), true);
	assert.equal(isColored(terminal, { NO_COLOR: '1' }), false);
	assert.equal(isColored(terminal, { NO_COLOR: '' }), true);
	assert.equal(isColored(terminal, { TERM: 'dumb' }), false);
	assert.equal(isColored(new FakeOutput(), {}), false);
	assert.equal(isColored(new FakeOutput(), { FORCE_COLOR: '1' }), true);
	assert.equal(isColored(terminal, { FORCE_COLOR: '1' }, false), false);
});
