/** What a crash leaves is cut off; anything else is refused and named (design.md §5, Repair). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RunError } from '../../../src/support/errors.ts';
import { bounced, JournalText, makeMark, readJournalOf } from './make-journal.ts';

/** Two commits, and a tail behind them. */
function smallJournal(): JournalText {
	return new JournalText()
		.run()
		.mark(1)
		.mark(2)
		.commit()
		.settle(1)
		.mark(3)
		.commit()
		.release(3)
		.settle(2, bounced)
		.mark(4);
}

function octetsOf(journal: JournalText): Buffer {
	return Buffer.from(journal.text);
}

async function refusal(
	journal: JournalText,
	octets: string | Uint8Array,
	context: Parameters<JournalText['write']>[0],
): Promise<RunError> {
	try {
		await readJournalOf(journal.write(context, { journal: octets }));
	} catch (error) {
		assert.ok(error instanceof RunError, String(error));
		assert.equal(error.exitCode, 74);
		return error;
	}
	return assert.fail('it was not refused');
}

test('every prefix of a journal is what a crash can leave: whole lines are kept, the rest is torn', async (context) => {
	const journal = smallJournal();
	const octets = octetsOf(journal);
	for (let length = 0; length <= octets.length; length += 1) {
		const { reading } = await readJournalOf(journal.write(context, { journal: octets.subarray(0, length) }));
		const good = octets.lastIndexOf(0x0a, length - 1) + 1;
		const expected = length === 0 ? 0 : good;
		assert.equal(reading.lengthBytes, expected, `cut at ${length}`);
		assert.deepEqual(
			reading.torn,
			expected === length ? null : { bytes: length - good, what: 'a line without its end' },
		);
	}
});

test('NULs behind what was durable are cut off, also when whole lines follow them', async (context) => {
	const journal = smallJournal();
	const [head, tail] = [journal.text, '\0'.repeat(4096)];
	for (const rest of [
		tail,
		`${tail}\n`,
		`${tail}{"type":"mark"}\n`,
		`half a line${tail}${journal.text.split('\n')[1]}\n`,
	]) {
		const { reading } = await readJournalOf(journal.write(context, { journal: head + rest }));
		assert.equal(reading.lengthBytes, head.length);
		assert.deepEqual(reading.torn, { bytes: rest.length, what: 'NUL octets, as a power cut leaves them' });
		assert.deepEqual(reading.openMarks, [makeMark({ mark: 4 })]);
	}
});

test('a hole in what was not durable is cut off although a commit record stands behind it', async (context) => {
	const journal = smallJournal();
	const durable = journal.length;
	const lost = journal.mark(5).mark(6).length;
	const octets = octetsOf(journal.commit({ journal: durable, crc: Number(JSON.parse(crcLine(journal, durable)).crc) }));
	octets.fill(0, durable, lost);
	const { reading } = await readJournalOf(journal.write(context, { journal: octets }));
	assert.equal(reading.lengthBytes, durable);
	assert.equal(reading.openMarks.length, 1);
});

/** The commit record that stands at `length`. */
function crcLine(journal: JournalText, length: number): string {
	const start = new JournalText().add(journal.text.slice(0, length)).commit().text;
	return start.slice(length);
}

test('damage that a later commit record promised to be durable is refused, with file, octet, line and the way out', async (context) => {
	const journal = smallJournal();
	const octets = octetsOf(journal);
	const start = journal.text.indexOf('{"type":"mark","run":1,"mark":2');
	octets.fill(0, start + 5, start + 20);
	const error = await refusal(journal, octets, context);
	assert.match(
		error.message,
		new RegExp(`results\\.jsonl\\.journal is damaged at octet ${start} \\(line 3\\): NUL octets`),
	);
	assert.match(error.hint, /mailshot log verify .*results\.jsonl\n.*mailshot log repair .*results\.jsonl/);
});

test('a verdict behind a hole, on a message marked behind it, says that the hole was durable: refused without any commit record', async (context) => {
	const journal = smallJournal();
	const hole = journal.length;
	for (const facts of [{}, { status: 'unknown' }, { ...bounced, stage: 'verdict' }] as const) {
		const rest = new JournalText().add('\0'.repeat(512)).add('\n').mark(5).settle(5, facts, { inLog: false });
		const error = await refusal(journal, journal.text + rest.text, context);
		assert.match(error.message, new RegExp(`is damaged at octet ${hole} `));
	}
	// These can stand there after a power cut: nothing of it need have been durable.
	const lost = new JournalText().add('\0'.repeat(512)).add('\n').mark(5).settle(5, bounced, { inLog: false });
	lost.settle(4, {}, { inLog: false }).run({ run: 2 }).mark(1, { run: 2 });
	const { reading } = await readJournalOf(journal.write(context, { journal: journal.text + lost.text }));
	assert.equal(reading.lengthBytes, hole);
});

test('a flipped bit that still parses is found by the next commit record, which names the stretch', async (context) => {
	const journal = smallJournal();
	const first = journal.text.indexOf('{"type":"commit"');
	const error = await refusal(journal, journal.text.replace('"key":"r3@', '"key":"r5@'), context);
	const [, from = '', to = '', line = ''] =
		/between octets (\d+) and (\d+) \(from line (\d+) on\)/.exec(error.message) ?? [];
	assert.ok(Number(from) <= first && Number(to) > journal.text.indexOf('"mark":3'), error.message);
	assert.equal(line, '4');
});

test('a record that contradicts those before it is refused even where nothing vouches for it: no crash makes that', async (context) => {
	const contradictions: [string, RegExp][] = [
		[new JournalText().settle(9, {}, { inLog: false }).text, /it closes mark 9 of run 1, which was never made/],
		[new JournalText().release(9).text, /it closes mark 9 of run 1, which was never made/],
		[new JournalText().mark(4).text, /mark 4 of run 1 comes after mark 4/],
		[new JournalText().mark(3).text, /mark 3 of run 1 comes after mark 4/],
		[new JournalText().mark(1, { run: 7 }).text, /a record of run 7, which never began/],
		[
			new JournalText().settle(4, { key: 'other@old.example' }, { inLog: false }).text,
			/closes mark 4 of run 1, which is of another recipient/,
		],
		[new JournalText().run({ run: 2, campaign_id: 'f'.repeat(32) }).text, /a run of another campaign/],
		[new JournalText().mark(5).text.replace('mark"', 'nark"'), /a record of a type that does not exist/],
		[
			new JournalText().mark(5).text.replace('"mark":5', '"mark":-5'),
			/a mark record whose field mark is missing or out of range/,
		],
		[new JournalText().commit({ journal: 1_000_000 }).text, /promises more octets than lie before it/],
		[new JournalText().commit({ covers: 1_000_000 }).text, /promises more octets than lie before it/],
	];
	for (const [line, expected] of contradictions) {
		const journal = smallJournal();
		assert.match((await refusal(journal, journal.text + line, context)).message, expected);
	}
});

test('a commit record that promises more than lies before it is refused also when a right one stands behind it', async (context) => {
	for (const promise of [{ journal: 1_000_000 }, { covers: 1_000_000 }]) {
		const journal = smallJournal();
		const at = journal.length;
		const error = await refusal(journal, journal.commit(promise).mark(5).commit().text, context);
		assert.match(error.message, new RegExp(`octet ${at} .*promises more octets than lie before it`));
	}
});

test('a journal of a newer version is refused, and says which mailshot wrote it', async (context) => {
	const journal = smallJournal();
	for (const text of [journal.text, smallJournal().commit().text]) {
		const newer = `${JSON.stringify({ type: 'run', v: 2, run: 2, tool: 'mailshot 9.1.0' })}\n{"type":"commit2"}\n`;
		const error = await refusal(journal, text + newer, context);
		assert.match(
			error.message,
			/was written by mailshot 9\.1\.0 \(journal version 2, line \d+\), and this mailshot reads up to version 1/,
		);
		assert.doesNotMatch(error.hint, /repair/);
	}
	// Also when a commit record of ours stands behind it.
	const mixed = new JournalText()
		.run()
		.add(`${JSON.stringify({ type: 'run', v: 2, tool: 'mailshot 9.1.0' })}\n`)
		.commit();
	assert.match((await refusal(mixed, mixed.text, context)).message, /mailshot 9\.1\.0/);
});

test('a crash while the journal was made leaves nothing that was promised', async (context) => {
	const header = new JournalText().run().text;
	for (const octets of [
		'{',
		'{"type"',
		header.slice(0, -1),
		'\0'.repeat(100),
		`\0${header.slice(1)}`,
		`${'\0'.repeat(512)}"}\n`,
	]) {
		const { reading } = await readJournalOf(new JournalText().write(context, { journal: octets }));
		assert.deepEqual([reading.firstRun, reading.lengthBytes], [null, 0], octets);
		assert.equal(reading.torn?.bytes, octets.length);
	}
});

test('a file that was never a journal is refused, and not taken for what a crash left', async (context) => {
	const mark = new JournalText().mark(1).text;
	for (const octets of [
		'hello',
		'hello\n',
		mark,
		'\n',
		'{"v":1,"status":"accepted"}\n',
		new JournalText().commit().text,
	]) {
		assert.match((await refusal(new JournalText(), octets, context)).message, /octet 0 \(line 1\): /);
	}
});

test('a header that was damaged after marks followed it is refused, not taken for a new campaign', async (context) => {
	const journal = new JournalText().run().mark(1).commit();
	for (const [from, to] of [
		['{"type":"run"', '{"type":"rum"'],
		['{"type":"run"', '\0\0\0\0\0\0\0\0\0\0\0\0\0'],
		['{"type":"run",', 'xxxxxxxxxxxxxx'],
	] as const) {
		await refusal(journal, journal.text.replace(from, to), context);
	}
});

test('no octet that a commit record vouches for can change without being refused, and no mark is ever forgotten', async (context) => {
	const journal = smallJournal();
	const octets = octetsOf(journal);
	const firstDurable = journal.text.indexOf('{"type":"commit"');
	const firstEnd = journal.text.indexOf('\n', firstDurable) + 1;
	const durable = journal.text.lastIndexOf('{"type":"commit"');
	const promiseEnd = journal.text.indexOf('\n', durable) + 1;
	const flips = fc.record({ at: fc.nat({ max: octets.length - 1 }), to: fc.nat({ max: 255 }) });
	await fc.assert(
		fc.asyncProperty(fc.array(flips, { minLength: 1, maxLength: 3 }), async (changes) => {
			const changed = Buffer.from(octets);
			for (const { at, to } of changes) changed[at] = to;
			const isVouchedChanged = !changed.subarray(0, durable).equals(octets.subarray(0, durable));
			try {
				const { reading, status } = await readJournalOf(journal.write(context, { journal: changed }));
				// A change of the last commit record itself takes its promise away; the one before it still stands.
				if (isVouchedChanged)
					assert.ok(!changed.subarray(durable, promiseEnd).equals(octets.subarray(durable, promiseEnd)));
				if (!changed.subarray(0, firstDurable).equals(octets.subarray(0, firstDurable))) {
					assert.ok(!changed.subarray(firstDurable, firstEnd).equals(octets.subarray(firstDurable, firstEnd)));
				} else if (changed.subarray(firstDurable, firstEnd).equals(octets.subarray(firstDurable, firstEnd))) {
					const open = new Set(reading.openMarks.map(({ key }) => key));
					for (const key of ['r1@old.example', 'r2@old.example']) assert.ok(open.has(key) || status(key) !== null, key);
				}
			} catch (error) {
				assert.ok(error instanceof RunError, String(error));
				assert.equal(error.exitCode, 74);
			}
		}),
		{ numRuns: 1500 },
	);
});

test('a line without end is no record, however long, and memory stays bounded', async (context) => {
	const journal = smallJournal();
	const octets = Buffer.concat([octetsOf(journal), Buffer.alloc(3 * 1024 * 1024, 'x')]);
	const path = journal.write(context, { journal: octets });
	const { reading } = await readJournalOf(path, { heldBytes: 1024 * 1024 });
	assert.equal(reading.lengthBytes, journal.length);
	assert.equal(reading.torn?.bytes, 3 * 1024 * 1024);
	const promised = Buffer.concat([
		octets,
		Buffer.from(`\n${new JournalText().commit({ journal: journal.length + 5 }).text}`),
	]);
	await assert.rejects(
		readJournalOf(journal.write(context, { journal: promised }), { heldBytes: 1024 * 1024 }),
		/is damaged/,
	);
});
