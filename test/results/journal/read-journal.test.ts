/** What a journal amounts to when it is read whole: who is settled, what is open, and what the log may lack. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { localIdentity } from '../../../src/results/journal/local-identity.ts';
import { readJournal } from '../../../src/results/journal/read-journal.ts';
import { nodeFileSystem } from '../../../src/support/file-system.ts';
import { bounced, JournalText, makeMark, makeRun, readJournalOf, tables } from './make-journal.ts';

test('a key has the strongest status that was recorded for it, and its category', async (context) => {
	const journal = new JournalText().run().mark(1).settle(1, bounced).mark(2, { key: 'r1@old.example' });
	journal.settle(2, { key: 'r1@old.example', status: 'deferred', code: 450 });
	journal
		.mark(3)
		.settle(3, { status: 'deferred' })
		.mark(4, { key: 'r3@old.example' })
		.settle(4, { key: 'r3@old.example' });
	const { status, reading } = await readJournalOf(journal.commit().write(context));
	assert.equal(status('r1@old.example'), 'bounced');
	assert.equal(status('r3@old.example'), 'accepted');
	assert.deepEqual(reading.results, { accepted: 1, bounced: 1, deferred: 2, failed: 0, skipped: 0, unknown: 0 });
});

test('a journal is read the same whether a commit record vouches for it or not', async (context) => {
	const lines = (journal: JournalText) =>
		journal.mark(1).mark(2).settle(1, bounced).mark(3).release(2).local().mark(4).settle(3, { status: 'unknown' });
	const vouched = await readJournalOf(lines(new JournalText().run()).commit().write(context));
	const tail = await readJournalOf(lines(new JournalText().run()).write(context));
	for (const { reading, status } of [vouched, tail]) {
		assert.deepEqual(reading.openMarks, [makeMark({ mark: 4 })]);
		assert.equal(status('r1@old.example'), 'bounced');
		assert.equal(status('r3@old.example'), 'unknown');
		assert.equal(status('twice@old.example'), 'skipped');
		assert.equal(reading.torn, null);
	}
	assert.equal(vouched.reading.uncovered.length, 0);
	assert.equal(tail.reading.uncovered.length, 3);
	assert.equal(vouched.reading.records, tail.reading.records + 1);
});

test('the reading has the length and CRC that the next run goes on with', async (context) => {
	const journal = new JournalText().run().mark(1).commit().settle(1);
	const { reading } = await readJournalOf(journal.write(context));
	assert.equal(reading.lengthBytes, journal.length);
	assert.equal(reading.crc, crc32(journal.text));
	assert.equal(reading.runs, 1);
	assert.deepEqual(reading.firstRun, makeRun());
});

test('a mark is closed by the settle or release record of its own run and number only', async (context) => {
	const journal = new JournalText().run().mark(1).mark(2).run({ run: 2 }).mark(1, { run: 2 }).release(2, 1);
	journal.settle(1, { run: 2 });
	const { reading } = await readJournalOf(journal.write(context));
	assert.deepEqual(reading.openMarks, [makeMark({ mark: 1 })]);
});

test('an open mark that a later run settled is closed, and what its own run says afterwards still counts', async (context) => {
	const journal = new JournalText().run().mark(1).run({ run: 2 }).settle(1, { status: 'unknown' });
	const closed = await readJournalOf(journal.write(context));
	assert.deepEqual(closed.reading.openMarks, []);
	assert.equal(closed.status('r1@old.example'), 'unknown');
	const late = await readJournalOf(journal.settle(1).write(context));
	assert.equal(late.status('r1@old.example'), 'accepted');
	assert.deepEqual(
		late.reading.uncovered.map(({ mark }) => mark),
		[makeMark(), makeMark()],
	);
});

test('a release of a mark that another run closed changes nothing', async (context) => {
	const journal = new JournalText().run().mark(1).run({ run: 2 }).settle(1, { status: 'unknown' }).release(1);
	const { reading, status } = await readJournalOf(journal.write(context));
	assert.deepEqual(reading.openMarks, []);
	assert.equal(status('r1@old.example'), 'unknown');
});

test('two runs that both took the same number do not close each other`s marks: the second one`s fence cannot have held', async (context) => {
	const journal = new JournalText()
		.run()
		.mark(1)
		.mark(2)
		.run({ run_id: 'OTHER' })
		.mark(1, { key: 'other@old.example' });
	const { reading } = await readJournalOf(journal.mark(3).settle(1).write(context));
	assert.deepEqual(reading.openMarks, [makeMark({ mark: 2 }), makeMark({ mark: 3 })]);
	assert.equal(reading.headers.get(1)?.run_id, makeRun().run_id);
});

test('under a number that two runs took, only a verdict that leaves nothing to send closes a mark', async (context) => {
	const journal = () => new JournalText().run().mark(1).mark(2).run({ run_id: 'OTHER' });
	const openAfter = async (text: JournalText) =>
		(await readJournalOf(text.write(context))).reading.openMarks.map(({ mark }) => mark);
	assert.deepEqual(await openAfter(journal().release(1)), [1, 2]);
	assert.deepEqual(await openAfter(journal().settle(1, { status: 'deferred', bounce_category: 'system' })), [1, 2]);
	assert.deepEqual(await openAfter(journal().settle(1).settle(2, { status: 'unknown' })), []);
});

test('a commit record that another run`s header overtook is still right for what was durable', async (context) => {
	const journal = new JournalText().run().mark(1);
	const [length, crc] = [journal.length, crc32(journal.text)];
	journal.run({ run: 2 }).commit({ journal: length, crc, covers: length });
	const { reading } = await readJournalOf(journal.write(context));
	assert.equal(reading.lastCommit?.journal, length);
	assert.deepEqual(reading.openMarks, [makeMark()]);
});

test('of commit records that stand close together the one that promises most counts, also when it is not the last', async (context) => {
	const journal = new JournalText().run().mark(1);
	const early = { journal: journal.length, crc: crc32(journal.text), covers: journal.length };
	const most = journal.settle(1).length;
	for (const text of [journal.commit().commit(early).text, journal.commit(early).mark(2).text]) {
		const { reading } = await readJournalOf(journal.write(context, { journal: text }));
		assert.equal(reading.lastCommit?.journal, most);
		assert.deepEqual(reading.uncovered, []);
	}
});

test('thousands of open marks are remembered, in the order of the file', async (context) => {
	const journal = new JournalText().run();
	for (let mark = 1; mark <= 10_000; mark += 1) journal.add('').mark(mark);
	for (let mark = 1; mark <= 10_000; mark += 1) if (mark % 1000 !== 7) journal.release(mark);
	const expected = Array.from({ length: 10 }, (_, index) => index * 1000 + 7);
	for (const text of [journal.text, journal.commit().text, journal.run({ run: 2 }).text]) {
		const { reading } = await readJournalOf(journal.write(context, { journal: text }));
		assert.deepEqual(
			reading.openMarks.map(({ mark }) => mark),
			expected,
		);
	}
});

test('resolving a recipient sets aside what came before, an open mark included, and not what comes after', async (context) => {
	const key = 'r1@old.example';
	const journal = new JournalText().run().mark(1).mark(2).settle(2, { status: 'unknown' });
	journal.resolve(key, 'not_sent').resolve('r2@old.example', 'accepted');
	const resolved = await readJournalOf(journal.write(context));
	assert.deepEqual(resolved.reading.openMarks, []);
	assert.equal(resolved.status(key), 'deferred');
	assert.equal(resolved.status('r2@old.example'), 'accepted');
	const again = await readJournalOf(journal.run({ run: 2 }).mark(1, { run: 2 }).write(context));
	assert.deepEqual(again.reading.openMarks, [makeMark({ run: 2 })]);
});

test('whoever was resolved as not sent is deferred, whatever came before, and what comes after counts again', async (context) => {
	const journal = new JournalText().run().mark(1).settle(1, bounced).resolve('r1@old.example', 'not_sent');
	assert.equal((await readJournalOf(journal.write(context))).status('r1@old.example'), 'deferred');
	journal.mark(2, { key: 'r1@old.example' }).settle(2, { key: 'r1@old.example', status: 'unknown' });
	assert.equal((await readJournalOf(journal.write(context))).status('r1@old.example'), 'unknown');
});

test('a resolve record has a row, too: it is uncovered until a commit record has it in the log', async (context) => {
	const journal = new JournalText().run().mark(1).settle(1, { status: 'unknown' }).commit();
	journal.run({ run: 2 }).resolve('r1@old.example', 'not_sent', { run: 2, row: 1, line: 2 });
	const { reading } = await readJournalOf(journal.write(context));
	assert.deepEqual(
		reading.uncovered.map(({ record, mark, run }) => [record.type, mark, run.run]),
		[['resolve', null, 2]],
	);
	const covered = await readJournalOf(journal.commit().write(context));
	assert.deepEqual(covered.reading.uncovered, []);
});

test('uncovered are the records whose rows no commit record has in the log, each with its mark and run', async (context) => {
	const journal = new JournalText().run().mark(1).mark(2).settle(1).commit();
	const covered = journal.length;
	journal.settle(2, bounced).local().run({ run: 2 }).mark(1, { run: 2 }).settle(1, { run: 2 });
	// A commit record whose log sync began before these.
	journal.commit({ covers: covered });
	const { reading } = await readJournalOf(journal.write(context));
	assert.deepEqual(
		reading.uncovered.map(({ record, mark, run }) => [record.type, record.status, mark?.mark ?? null, run.run]),
		[
			['settle', 'bounced', 2, 1],
			['local', 'skipped', null, 1],
			['settle', 'accepted', 1, 2],
		],
	);
});

test('local rows are remembered by reason, recipient and line', async (context) => {
	const journal = new JournalText().run().local().local({
		status: 'failed',
		key: '',
		to: 'bob@',
		line: 14,
		skip_reason: '',
		error_type: 'address.invalid',
	});
	const { locals } = await readJournalOf(journal.write(context));
	assert.ok(locals.has(localIdentity('duplicate', 'twice@old.example', 91)));
	assert.ok(locals.has(localIdentity('address.invalid', 'bob@', 14)));
	assert.equal(locals.size, 2);
});

test('keys with quotes, backslashes, letters of all scripts and 10,000 characters are themselves', async (context) => {
	const keys = [
		'a"b',
		'a\\b',
		'"',
		'zoé@bücher.example',
		'收件人',
		'\u{1f600}',
		'__proto__',
		'constructor',
		'k'.repeat(10_000),
		'a\r\nb',
	];
	const journal = new JournalText().run();
	for (const [index, key] of keys.entries()) journal.mark(index + 1, { key }).settle(index + 1, { key });
	for (const text of [journal.text, journal.commit().text]) {
		const { status, keys: table } = await readJournalOf(journal.write(context, { journal: text }));
		for (const key of keys) assert.equal(status(key), 'accepted', key.slice(0, 20));
		assert.equal(table.size, keys.length);
	}
});

test('a journal that an editor gave CRLF line ends reads the same when nothing vouches for the octets', async (context) => {
	const journal = new JournalText().run().mark(1).mark(2).settle(1);
	const { reading, status } = await readJournalOf(
		journal.write(context, { journal: journal.text.replaceAll('\n', '\r\n') }),
	);
	assert.equal(status('r1@old.example'), 'accepted');
	assert.equal(reading.openMarks.length, 1);
});

test('records that no commit record vouches for are held in bounded memory, and read the same', async (context) => {
	const journal = new JournalText().run();
	for (let mark = 1; mark <= 12_000; mark += 1) journal.mark(mark);
	for (let mark = 1; mark <= 11_999; mark += 1) journal.settle(mark, {}, { inLog: false });
	const path = journal.write(context);
	const whole = await readJournalOf(path);
	const bounded = await readJournalOf(path, { heldBytes: 100_000 });
	assert.deepEqual(bounded.reading, whole.reading);
	assert.equal(bounded.reading.openMarks.length, 1);
	assert.ok(journal.length > 4 * 1024 * 1024);
});

test('the event loop turns while a journal is read, progress is told, and a signal ends it', async (context) => {
	const journal = new JournalText().run();
	for (let mark = 1; mark <= 20_000; mark += 1)
		journal.add(
			`{"type":"mark","run":1,"mark":${mark},"key":"r${mark}","to":"${'x'.repeat(100)}","row":1,"line":1,"attempt":1,"connection":1}\n`,
		);
	const path = journal.commit().write(context);
	const controller = new AbortController();
	const seen: number[] = [];
	const onProgress = (records: number) => {
		seen.push(records);
		if (seen.length === 2) controller.abort(new Error('enough'));
	};
	const options = { files: nodeFileSystem, ...tables(), onProgress, signal: controller.signal };
	await assert.rejects(readJournal(`${path}.journal`, options), /enough/);
	assert.equal(seen.length, 2);
});

test('an empty journal has nothing in it, and nothing is wrong with it', async (context) => {
	const { reading } = await readJournalOf(new JournalText().write(context));
	assert.deepEqual([reading.firstRun, reading.lengthBytes, reading.torn, reading.crc], [null, 0, null, 0]);
});
