/** The parts of `mailshot bounces` that the whole program shows too seldom: progress, warnings beside it, counts that grow. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { RecipientReport } from '../../src/bounces/returned/returned-mail.ts';
import { bouncesCommand } from '../../src/cli/bounces-command.ts';
import { bouncesJson } from '../../src/cli/bounces-json.ts';
import { BouncesProgress } from '../../src/cli/bounces-progress.ts';
import { renderBouncesSummary } from '../../src/cli/bounces-summary.ts';
import { BouncesTally } from '../../src/cli/bounces-tally.ts';
import { plainPaint } from '../../src/cli/paint.ts';
import { textWidth } from '../../src/cli/text-width.ts';
import { TestClock } from '../results/make-result.ts';
import { FakeOutput } from './fake-output.ts';
import { bounceMail, unknownUser } from './returned-mails.ts';

function report(parts: Partial<RecipientReport> = {}): RecipientReport {
	return {
		kind: 'bounce',
		recipient: 'ann@example.com',
		finalRecipient: '',
		enhancedCode: '5.1.1',
		reply: '550 5.1.1 no such user',
		server: '',
		refusal: { type: 'hard', category: 'invalid_recipient', action: 'suppress', rule: 'text:x' },
		isUndo: false,
		...parts,
	};
}

test('reasons that differ in numbers and addresses only are one', () => {
	const tally = new BouncesTally();
	for (let index = 0; index < 5000; index += 1) {
		tally.addReport(
			report({
				recipient: `u${index}@d${index}.example`,
				reply: `550 <u${index}@d${index}.example> id ${index} unknown`,
			}),
		);
		tally.addReport(report({ reply: `550 ${'abcdefghij'.charAt(index % 10).repeat(index % 400)} no` }));
	}
	const [category, ...others] = tally.categories;
	assert.deepEqual(others, []);
	assert.equal(category?.count, 10_000);
	assert.deepEqual(category?.reasons[0], { sample: '550 <u0@d0.example> id 0 unknown', count: 5000 });
	assert.equal(category?.reasons.length, 2);
});

test('no line of the summary is wider than the screen, and nothing in it moves the cursor', () => {
	const tally = new BouncesTally();
	tally.mails = 1_234_567;
	tally.events = 3;
	tally.notRead = 12;
	for (const kind of ['bounce', 'complaint', 'none', 'auth-report'] as const) tally.addKind(kind);
	tally.addReport(
		report({ recipient: `x@${'long'.repeat(30)}.\u001b[2J.example`, reply: `550 \u001b[2J${'日本'.repeat(100)}` }),
	);
	for (const width of [40, 80, 120]) {
		const text = renderBouncesSummary({ tally, seconds: 4000, command: '', log: null }, { width, paint: plainPaint });
		assert.ok(text.startsWith('\n  1,234,567 mails and 3 events read'));
		assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f]/);
		for (const line of text.split('\n')) {
			// What tells where to look further is one sentence on every screen.
			if (!line.includes('standard error')) assert.ok(textWidth(line) <= width, line);
		}
	}
});

test('a line of JSON holds no character that a terminal obeys, and loses none', () => {
	const recipient = 'a\u009b2J\u202e\u007f@example.com';
	const line = bouncesJson({
		file: 'x\u001b.eml',
		report: report({ recipient }),
		messageId: '<\u0085>',
		isMatched: false,
	});
	assert.doesNotMatch(line.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u200b-\u202e]/);
	const read = JSON.parse(line);
	assert.deepEqual([read.file, read.recipient, read.message_id], ['x\u001b.eml', recipient, '<\u0085>']);
});

test('what is no refusal has empty words for it, and a complaint that is taken back says so', () => {
	const line = bouncesJson({
		file: 'x',
		report: report({ kind: 'complaint', refusal: null, isUndo: true }),
		messageId: '',
		isMatched: false,
	});
	const { bounce_type, bounce_category, bounce_action, bounce_rule, undo } = JSON.parse(line);
	assert.deepEqual([bounce_type, bounce_category, bounce_action, bounce_rule, undo], ['', '', '', '', true]);
});

/** A reader that goes away when it has read one line. */
class ShortReader extends FakeOutput {
	readonly #listeners = new Set<() => void>();

	override write(text: string): void {
		super.write(text);
		for (const listener of this.#listeners) listener();
	}

	once(_event: string, listener: () => void): void {
		this.#listeners.add(listener);
	}

	off(_event: string, listener: () => void): void {
		this.#listeners.delete(listener);
	}

	get listeners(): number {
		return this.#listeners.size;
	}
}

test('when nobody reads the lines any more, no more mails are read, and no listener is left', async () => {
	let given = 0;
	const stdin = Readable.from(
		(async function* () {
			for (; given < 1000; given += 1)
				yield `From - Sun Nov 22 10:00:00 2026\n${bounceMail('ann@example.com', unknownUser)}\n`;
		})(),
		{ highWaterMark: 1 },
	);
	const stdout = new ShortReader();
	const code = await bouncesCommand(
		['-'],
		{ json: true },
		{ command: '', env: {}, stdin, stdout, stderr: new FakeOutput(), clock: new TestClock(), randomBytes },
	);
	assert.equal(code, 0);
	assert.equal(stdout.text.split('\n').length, 2);
	assert.equal(stdout.listeners, 0);
	assert.ok(given < 10, `${given} mails were read`);
});

test('where nobody looks a long run says every half minute how far it is, and a quiet one nothing', () => {
	const clock = new TestClock();
	const [stderr, quiet] = [new FakeOutput(), new FakeOutput()];
	const options = { clock, isAnimated: false, isColored: false };
	const progress = new BouncesProgress({ ...options, stderr, isQuiet: false });
	const quietProgress = new BouncesProgress({ ...options, stderr: quiet, isQuiet: true });
	for (let count = 0; count < 9000; count += 1) {
		progress.add();
		quietProgress.add();
	}
	clock.advance(30_000);
	progress.warn('warning: x');
	quietProgress.warn('warning: x');
	progress.end();
	quietProgress.end();
	clock.advance(60_000);
	assert.equal(stderr.text, '9,000 read, 300/s\nwarning: x\n');
	assert.equal(quiet.text, 'warning: x\n');
});
