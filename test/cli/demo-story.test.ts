import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderDemoEnd, renderDemoStart } from '../../src/cli/demo-story.ts';
import { plainPaint } from '../../src/cli/paint.ts';
import { textWidth } from '../../src/cli/text-width.ts';
import { nobody } from '../../src/results/selection.ts';
import { Tally } from '../../src/results/tally.ts';
import { makeAccepted, makeBounced, makeMalformed, makeSkipped } from '../results/make-result.ts';

const ending = {
	campaign: 'demo',
	state: 'finished',
	seconds: 0.2,
	toSend: 3,
	left: 0,
	earlier: nobody,
	command: '',
	runId: '01KAMN4Q2V8D6T2YB7N5KXWCRA',
	isFirstRun: true,
	logPath: 'mailshot-demo/results.jsonl',
	summaryPath: 'mailshot-demo/results.jsonl.summary.json',
} as const;

function story(text: string): string {
	const tally = new Tally();
	for (const result of [makeAccepted(), makeBounced(), makeMalformed(), makeSkipped()]) tally.add(result);
	const example = {
		from: 'Acme News <news@acme.example>',
		to: 'Zoë <zoe@example.com>',
		subject: 'Zoë, your update',
		listUnsubscribe: '',
		text,
	};
	const files = { list: '/p/samples/customers.csv', template: '/p/templates/newsletter.hbs' };
	return (
		renderDemoStart(4) +
		renderDemoEnd({ tally, ending, example, rows: 4, hasBar: false, files }, { width: 80, paint: plainPaint })
	);
}

test('the demo shows the first message, why some were refused, where the log is, and what to do next', () => {
	const said = story('Hello Zoë,\n\nyou are on the free plan.');
	assert.ok(
		said.includes(`  │ From:     Acme News <news@acme.example>
  │ To:       Zoë <zoe@example.com>
  │ Subject:  Zoë, your update
  │
  │ Hello Zoë,
  │ you are on the free plan.
  └─`),
	);
	assert.ok(said.includes('  accepted 1 · bounced 1 · failed 1 · skipped 1\n'));
	assert.match(said, / {2}Why not 4\? {3}invalid_recipient {3}1 {3}550 5\.1\.1 /);
	assert.match(said, /Results in \.\/mailshot-demo\/results\.jsonl/);
	assert.match(said, /mailshot send list\.csv -t news\.hbs --sandbox/);
});

test('nothing of it is wider than 80 columns or moves the cursor', () => {
	const said = story(`${'word '.repeat(100)}\u001b[2J\n${'長い'.repeat(100)}`);
	for (const line of said.split('\n')) assert.ok(textWidth(line) <= 80, line);
	assert.doesNotMatch(said, /[\u0000-\u0009\u000b-\u001f]/);
});
