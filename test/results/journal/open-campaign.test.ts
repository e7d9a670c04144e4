/** Whether a log name is free, has a campaign to go on with, or something that nobody may touch but the repair. */
import assert from 'node:assert/strict';
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { openCampaign } from '../../../src/results/open-campaign.ts';
import { RunError } from '../../../src/support/errors.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { bounced, JournalText, tables } from './make-journal.ts';

function open(path: string) {
	return openCampaign(path, tables());
}

async function tailOf(path: string) {
	const opened = await open(path);
	assert.equal(opened.kind, 'existing');
	return opened.kind === 'existing' ? opened.tail : assert.fail();
}

async function refused(path: string, exitCode: number): Promise<RunError> {
	try {
		await open(path);
	} catch (error) {
		assert.ok(error instanceof RunError, String(error));
		assert.equal(error.exitCode, exitCode);
		return error;
	}
	return assert.fail('it was not refused');
}

function nameIn(context: TestContext): string {
	return join(temporaryDirectory(context), 'results.jsonl');
}

test('a name that nothing stands under is free', async (context) => {
	assert.deepEqual(await open(nameIn(context)), { kind: 'new', leftovers: false });
});

test('what a crash leaves of a log that was only just made is free to be taken over', async (context) => {
	const header = new JournalText().run().text;
	for (const [log, journal] of [
		['', null],
		['', ''],
		[null, ''],
		['', header.slice(0, 50)],
		[null, '\0\0\0'],
		['', 'as a power cut\nleaves it, \u00ff{"type":"run","v":1,"ru'],
	] as const) {
		const path = nameIn(context);
		if (log !== null) writeFileSync(path, log);
		if (journal !== null) writeFileSync(`${path}.journal`, journal);
		assert.deepEqual(await open(path), { kind: 'new', leftovers: true });
	}
});

test('somebody else`s file beside a log that is not there is not taken for a leftover, nor one with a record in it', async (context) => {
	const path = nameIn(context);
	writeFileSync(`${path}.journal`, '2026-11-22 lunch\n    expenses:food  12 EUR\n');
	await refused(path, 74);
	const marked = new JournalText().run().mark(1).text;
	writeFileSync(path, '');
	writeFileSync(`${path}.journal`, `x${marked.slice(1)}`);
	await refused(path, 74);
});

test('reading changes nothing on the disk', async (context) => {
	const path = new JournalText()
		.run()
		.mark(1)
		.settle(1, {}, { inLog: false })
		.add('{"torn')
		.write(context, { log: 'torn' });
	await open(path);
	assert.deepEqual(readdirSync(join(path, '..')).sort(), ['results.jsonl', 'results.jsonl.journal']);
	assert.equal(readFileSync(path, 'utf8'), 'torn');
});

test('one file without the other is refused, with the command that repairs', async (context) => {
	const path = new JournalText().run().mark(1).settle(1).write(context);
	rmSync(`${path}.journal`);
	const error = await refused(path, 74);
	assert.match(error.message, /results\.jsonl without .*results\.jsonl\.journal/);
	assert.match(error.hint, /mailshot log repair .*results\.jsonl/);
	const other = new JournalText().run().mark(1).settle(1).write(context);
	rmSync(other);
	assert.match((await refused(other, 74)).message, /results\.jsonl\.journal without/);
	const third = new JournalText().run().mark(1).settle(1).write(context, { journal: '{"type":"ru' });
	assert.match((await refused(third, 74)).message, /whose journal has nothing in it/);
});

test('what is no regular file is refused as no place for a log', async (context) => {
	const directory = nameIn(context);
	mkdirSync(directory);
	assert.match((await refused(directory, 73)).message, /is a directory/);
	const link = nameIn(context);
	symlinkSync('/nowhere', `${link}.journal`);
	assert.match((await refused(link, 73)).message, /results\.jsonl\.journal is a symbolic link/);
});

test('a repair that was interrupted has to end before anything else happens', async (context) => {
	const path = new JournalText().run().mark(1).settle(1).write(context);
	writeFileSync(`${path}.repair`, 'x');
	assert.match((await refused(path, 74)).message, /was interrupted/);
});

test('rows that the journal has and the log has not are named, in order, exactly once', async (context) => {
	const journal = new JournalText().run().mark(1).mark(2).settle(1).commit();
	journal.settle(2, bounced, { inLog: false }).local().mark(3).settle(3).mark(4).settle(4, {}, { inLog: false });
	const tail = await tailOf(journal.write(context));
	assert.deepEqual(
		tail.missing.map(({ record }) => record.key),
		['r2@old.example', 'r4@old.example'],
	);
	assert.deepEqual([tail.lengthBytes, tail.crc, tail.torn], [Buffer.byteLength(journal.log), crc32(journal.log), null]);
});

test('without any commit record every row is looked for', async (context) => {
	const journal = new JournalText()
		.run()
		.mark(1)
		.mark(2)
		.settle(1, {}, { inLog: false })
		.settle(2)
		.local({}, { inLog: false });
	const tail = await tailOf(journal.write(context));
	assert.deepEqual(
		tail.missing.map(({ record }) => record.key),
		['r1@old.example', 'twice@old.example'],
	);
});

test('two results of one recipient are two rows: a retry in another attempt, a late verdict after an unknown', async (context) => {
	const journal = new JournalText().run().mark(1).settle(1, { status: 'deferred' });
	journal
		.mark(2, { key: 'r1@old.example', row: 1, attempt: 2 })
		.settle(2, { key: 'r1@old.example', status: 'deferred' }, { inLog: false });
	assert.equal((await tailOf(journal.write(context))).missing.length, 1);
	const late = new JournalText()
		.run()
		.mark(1)
		.run({ run: 2 })
		.settle(1, { status: 'unknown' })
		.settle(1, {}, { inLog: false });
	assert.deepEqual(
		(await tailOf(late.write(context))).missing.map(({ record }) => record.status),
		['accepted'],
	);
});

test('a settle record without a mark is found by its recipient and status', async (context) => {
	const journal = new JournalText().run().mark(1).settle(1, { mark: 0, status: 'deferred' });
	assert.deepEqual((await tailOf(journal.write(context))).missing, []);
	const missing = new JournalText().run().mark(1).settle(1, { mark: 0, status: 'deferred' }, { inLog: false });
	assert.equal((await tailOf(missing.write(context))).missing.length, 1);
});

test('a torn end of the log is cut, and the rows in it are missing', async (context) => {
	const journal = new JournalText().run().mark(1).mark(2).settle(1).settle(2);
	const lines = journal.log.split(/(?<=\n)/);
	const ends = [lines[1]?.slice(0, 40), '\0'.repeat(4096), `\0\0\n${lines[1]}`, `garbage\n${lines[1]}`];
	for (const end of ends) {
		const tail = await tailOf(journal.write(context, { log: `${lines[0]}${end}` }));
		assert.equal(tail.lengthBytes, lines[0]?.length);
		assert.equal(tail.torn?.bytes, end?.length);
		assert.deepEqual(
			tail.missing.map(({ record }) => record.key),
			['r2@old.example'],
		);
		assert.equal(tail.crc, crc32(lines[0] ?? ''));
	}
});

test('rows of others in the tail are left alone', async (context) => {
	const journal = new JournalText().run().mark(1).settle(1).commit();
	const bounce = '{"v":1,"source":"dsn","status":"bounced","key":"nobody@old.example"}\n';
	const tail = await tailOf(journal.write(context, { log: journal.log + bounce }));
	assert.deepEqual([tail.torn, tail.missing, tail.lengthBytes], [null, [], journal.log.length + bounce.length]);
});

test('a log that is shorter than what was durable, or has no line end there, is refused', async (context) => {
	const journal = new JournalText().run().mark(1).settle(1).commit();
	const path = journal.write(context);
	truncateSync(path, journal.log.length - 1);
	assert.match((await refused(path, 74)).message, /has \d+ octets, and its journal says that \d+ were durable/);
	const edited = journal.write(context, { log: `${journal.log.slice(0, -1)}  \n` });
	assert.match((await refused(edited, 74)).message, /has no line end at octet \d+/);
});

test('a log that tells of sending which the journal has never heard of is refused: the journal is an older copy', async (context) => {
	const journal = new JournalText().run().mark(1).settle(1).commit();
	const older = journal.text;
	journal.mark(2).mark(3).settle(2);
	const path = journal.write(context, { journal: older });
	const error = await refused(path, 74);
	assert.match(
		error.message,
		/says that run 01KAMN4Q2V8D6T2YB7N5KXWCR1 sent to r2@old\.example \(accepted\), and its journal knows nothing of it/,
	);
	const torn = journal.log.replace('\n', '\n\0\0\n');
	const behind = new JournalText().run().mark(1).settle(1).write(context, { log: torn });
	assert.match((await refused(behind, 74)).message, /sent to r2@old\.example/);
	// A mark is enough: its verdict is lost, and known to be.
	const marked = await tailOf(journal.write(context, { journal: older + new JournalText().mark(2).text }));
	assert.deepEqual(marked.missing, []);
	assert.ok(existsSync(path));
});

test('one that was refused before the dot needs no mark that survived', async (context) => {
	const journal = new JournalText().run().mark(1).settle(1).commit();
	const older = journal.text;
	journal.mark(2).settle(2, bounced);
	assert.deepEqual((await tailOf(journal.write(context, { journal: older }))).missing, []);
});

test('a log in which somebody changed one octet of what was durable is refused, and what was appended later is not', async (context) => {
	const text = new JournalText().run().mark(1).settle(1).commit().mark(2).settle(2);
	const path = text.write(context);
	assert.deepEqual((await tailOf(path)).missing, []);
	const octets = readFileSync(path);
	const at = octets.indexOf('accepted');
	octets[at] = 0x41;
	writeFileSync(path, octets);
	const error = await refused(path, 74);
	assert.match(error.message, /the first \d+ octets of .*results\.jsonl are not those that its journal vouches for/);
	assert.match(error.hint, /log verify .*\n.*log repair/);
});

test('reading a long log can be stopped', async (context) => {
	const path = new JournalText().run().mark(1).settle(1).commit().write(context);
	const reason = new Error('enough');
	await assert.rejects(openCampaign(path, { ...tables(), signal: AbortSignal.abort(reason) }), reason);
});
