/** Group commit: when marks become durable, how many of them a sync serves, and what the commit records say. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { header, makeMark, openJournal, recordsIn, settleMark, sizeOf, typesIn, until } from './write-journal.ts';

test('records of one turn reach the journal with one write behind the run record, and the log after it with another', async (context) => {
	const { path, logPath, files, journal } = openJournal(context);
	const mark = makeMark(journal);
	settleMark(journal, mark.id);
	makeMark(journal);
	assert.equal(sizeOf(path), 0);
	await nextTurn();
	assert.deepEqual(typesIn(path), ['run', 'mark', 'settle', 'mark']);
	assert.equal(recordsIn(logPath).length, 1);
	assert.equal(files.count('write'), 3);
	makeMark(journal);
	settleMark(journal, mark.id + 1);
	await nextTurn();
	assert.equal(files.count('write'), 5);
	await journal.close();
});

test('a run that began at the instant of another writes no record behind its header', async (context) => {
	const { path, logPath, files, pair, journal } = openJournal(context);
	const write = files.write.bind(files);
	files.write = (descriptor, bytes, offset) => {
		const written = write(descriptor, bytes, offset);
		// The other one's header, behind ours, as if he had looked at the file when we did.
		appendFileSync(path, header);
		return written;
	};
	const mark = makeMark(journal);
	settleMark(journal, mark.id);
	await nextTurn();
	assert.equal(pair.error?.exitCode, 74);
	assert.deepEqual(typesIn(path), ['run', 'run']);
	assert.equal(sizeOf(logPath), 0);
	await journal.close();
	assert.deepEqual(typesIn(path), ['run', 'run']);
});

test('a journal to which nothing is written stays empty, and needs no sync', async (context) => {
	const { path, logPath, files, clock, journal } = openJournal(context);
	clock.advance(10_000);
	await nextTurn();
	await journal.close();
	assert.equal(sizeOf(path), 0);
	assert.equal(sizeOf(logPath), 0);
	assert.equal(files.count('fdatasync'), 0);
	assert.equal(clock.timers, 0);
});

test('the run record stands in front of the first record, once', async (context) => {
	const { path, journal } = openJournal(context);
	makeMark(journal);
	await nextTurn();
	makeMark(journal);
	await journal.close();
	assert.ok(readFileSync(path, 'utf8').startsWith(header));
	assert.equal(typesIn(path).filter((type) => type === 'run').length, 1);
});

test('a row alone brings the run record along', async (context) => {
	const { path, journal } = openJournal(context);
	journal.appendRow('{}\n');
	await journal.close();
	assert.deepEqual(typesIn(path), ['run', 'commit']);
});

test('a mark is not durable before its sync has come back', async (context) => {
	const { files, journal } = openJournal(context, { holdSyncs: true });
	const mark = makeMark(journal);
	journal.hurry();
	assert.equal(files.count('fdatasync'), 0);
	await nextTurn();
	assert.equal(files.count('fdatasync'), 1);
	await nextTurn();
	assert.equal(mark.isDurable, false);
	files.faults = {};
	files.finishSyncs();
	await until(() => mark.isDurable);
	await journal.close();
});

test('one sync serves all marks of a turn, and its listener is called once', async (context) => {
	const { files, journal } = openJournal(context);
	let calls = 0;
	journal.onDurable(() => {
		calls += 1;
	});
	const marks = Array.from({ length: 50 }, () => makeMark(journal));
	for (const _ of marks) journal.hurry();
	await until(() => marks.every((mark) => mark.isDurable));
	assert.equal(files.count('fdatasync'), 1);
	assert.equal(calls, 1);
	await journal.close();
});

test('a mark for which nobody waits is durable a moment later', async (context) => {
	const { files, clock, journal } = openJournal(context);
	const mark = makeMark(journal);
	await nextTurn();
	clock.advance(1);
	assert.equal(files.count('fdatasync'), 0);
	clock.advance(1);
	assert.equal(files.count('fdatasync'), 1);
	await until(() => mark.isDurable);
	await journal.close();
});

test('when many marks wait they are synced without a hurry', async (context) => {
	const { files, journal } = openJournal(context, {}, { marksPerCommit: 3 });
	makeMark(journal);
	makeMark(journal);
	await nextTurn();
	assert.equal(files.count('fdatasync'), 0);
	const mark = makeMark(journal);
	await until(() => mark.isDurable);
	assert.equal(files.count('fdatasync'), 1);
	await journal.close();
});

test('a mark made during a sync waits for the next one, which begins when the first is over', async (context) => {
	const { files, journal } = openJournal(context, { holdSyncs: true });
	const first = makeMark(journal);
	journal.hurry();
	await nextTurn();
	const second = makeMark(journal);
	journal.hurry();
	await nextTurn();
	assert.equal(files.count('fdatasync'), 1);
	files.finishSyncs();
	await until(() => first.isDurable);
	assert.equal(second.isDurable, false);
	await until(() => files.count('fdatasync') === 2);
	assert.equal(second.isDurable, false);
	files.faults = {};
	files.finishSyncs();
	await until(() => second.isDurable);
	await journal.close();
});

test('a hurry for what is being synced already causes no second sync', async (context) => {
	const { files, journal } = openJournal(context, { holdSyncs: true });
	const mark = makeMark(journal);
	journal.hurry();
	await nextTurn();
	journal.hurry();
	files.faults = {};
	files.finishSyncs();
	await until(() => mark.isDurable);
	for (let turn = 0; turn < 5; turn += 1) await nextTurn();
	assert.equal(files.count('fdatasync'), 1);
	await journal.close();
});

test('settle records and rows are synced within 200 ms, each file once, also when no mark waits', async (context) => {
	const { files, clock, journal } = openJournal(context);
	settleMark(journal, 1);
	await nextTurn();
	clock.advance(199);
	assert.equal(files.count('fdatasync'), 0);
	clock.advance(1);
	assert.equal(files.count('fdatasync'), 2);
	await until(() => clock.timers === 0);
	clock.advance(10_000);
	await nextTurn();
	assert.equal(files.count('fdatasync'), 2);
	await journal.close();
});

test('a commit record says what was durable when it was written, with the checksum of all before it', async (context) => {
	const { path, logPath, files, clock, journal } = openJournal(context);
	const mark = makeMark(journal);
	settleMark(journal, mark.id);
	await nextTurn();
	const durable = { journal: sizeOf(path), log: sizeOf(logPath) };
	const logText = readFileSync(logPath);
	clock.advance(200);
	await until(() => files.finishedSyncs === 2);
	settleMark(journal, 7);
	await nextTurn();
	const text = readFileSync(path, 'utf8');
	const start = text.indexOf('{"type":"commit"');
	const [commit] = recordsIn(path).filter(({ type }) => type === 'commit');
	assert.equal(start, durable.journal);
	assert.deepEqual(commit, {
		type: 'commit',
		...durable,
		covers: durable.journal,
		crc: crc32(text.slice(0, start)),
		log_crc: crc32(logText),
	});
	await journal.close();
});

test('rows that came after the sync began are not covered by it', async (context) => {
	const { path, logPath, files, clock, journal } = openJournal(context, { holdSyncs: true });
	settleMark(journal, 1);
	await nextTurn();
	clock.advance(200);
	const covered = { journal: sizeOf(path), log: sizeOf(logPath) };
	settleMark(journal, 2);
	await nextTurn();
	files.faults = {};
	files.finishSyncs();
	await until(() => files.finishedSyncs === 2);
	settleMark(journal, 3);
	await nextTurn();
	const [commit] = recordsIn(path).filter(({ type }) => type === 'commit');
	const octets = readFileSync(path);
	assert.ok(covered.journal < octets.indexOf('{"type":"commit"'), 'something was appended in between');
	assert.equal(commit?.['journal'], covered.journal);
	assert.equal(commit['crc'], crc32(octets.subarray(0, covered.journal)));
	assert.equal(commit?.['log'], covered.log);
	assert.equal(commit?.['covers'], covered.journal);
	await journal.close();
});

test('the last record of a closed journal covers everything', async (context) => {
	const { path, logPath, journal, clock } = openJournal(context);
	settleMark(journal, 1);
	await nextTurn();
	settleMark(journal, 2);
	await Promise.all([journal.close(), journal.close()]);
	const text = readFileSync(path, 'utf8');
	const start = text.lastIndexOf('{"type":"commit"');
	assert.deepEqual(recordsIn(path).at(-1), {
		type: 'commit',
		journal: start,
		log: sizeOf(logPath),
		covers: start,
		crc: crc32(text.slice(0, start)),
		log_crc: crc32(readFileSync(logPath)),
	});
	assert.equal(clock.timers, 0);
});

test('more than 64 KB are written without waiting for the end of the turn, the journal before the log', async (context) => {
	const { path, logPath, journal } = openJournal(context);
	for (let mark = 1; sizeOf(logPath) === 0; mark += 1) {
		settleMark(journal, mark);
		assert.ok(recordsIn(path).length >= recordsIn(logPath).length);
		assert.ok(mark < 5000);
	}
	await journal.close();
});

test('short writes are completed, so that no line is torn or doubled, and the checksum is right', async (context) => {
	const { path, logPath, journal } = openJournal(context, { shortWrites: 7 });
	for (let mark = 1; mark <= 20; mark += 1) settleMark(journal, mark, `bob${mark}@ümlaut.example`);
	await journal.close();
	const text = readFileSync(path, 'utf8');
	assert.equal(recordsIn(logPath).length, 20);
	assert.equal(recordsIn(path).at(-1)?.['crc'], crc32(text.slice(0, text.lastIndexOf('{"type":"commit"'))));
});
