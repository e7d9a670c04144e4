/** What verify finds and repair makes of it: afterwards all is fine, and nobody who was sent to is sent to again. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyTable } from '../../../src/recipients/key-table.ts';
import { isSettled } from '../../../src/results/journal/key-state.ts';
import { parseLogLine } from '../../../src/results/journal/parse-log-line.ts';
import { parseRecord } from '../../../src/results/journal/parse-record.ts';
import { repairLog } from '../../../src/results/journal/repair-log.ts';
import { verifyLog } from '../../../src/results/journal/verify-log.ts';
import { openCampaign } from '../../../src/results/open-campaign.ts';
import { RunError, UsageError } from '../../../src/support/errors.ts';
import { type FileSystem, nodeFileSystem } from '../../../src/support/file-system.ts';
import { bounced, campaignId, JournalText, readJournalOf, tables } from './make-journal.ts';

const makeTable = () => new KeyTable(new Uint8Array(16));

function verify(path: string) {
	return verifyLog(path, { files: nodeFileSystem, makeTable });
}

function repair(path: string, options: { readonly keyRule?: string; readonly files?: FileSystem } = {}) {
	const randomBytes = (count: number) => new Uint8Array(count).fill(0xab);
	return repairLog(path, { files: nodeFileSystem, makeTable, randomBytes, tool: 'mailshot 0.1.0', ...options });
}

/** Keys that the next run does not send to: settled, or open. */
async function passedOver(path: string, keys: readonly string[]): Promise<string[]> {
	const { keys: table, locals } = tables();
	const opened = await openCampaign(path, { keys: table, locals });
	const open = new Set(opened.kind === 'existing' ? opened.reading.openMarks.map(({ key }) => key) : []);
	return keys.filter((key) => {
		if (open.has(key)) return true;
		table.seek(key);
		return isSettled(table.value);
	});
}

/** Two runs; the second one crashed with 6 under way and the row of 5 not written. */
function campaign(): JournalText {
	const journal = new JournalText().run().mark(1).mark(2).settle(1).local().commit().settle(2, bounced).commit();
	journal
		.run({ run: 2 })
		.mark(1, { run: 2, key: 'r3@old.example', row: 3 })
		.settle(1, { run: 2, key: 'r3@old.example' });
	journal
		.mark(2, { run: 2, key: 'r4@old.example', row: 4 })
		.settle(2, { run: 2, key: 'r4@old.example', status: 'unknown' })
		.commit();
	journal.mark(3, { run: 2, key: 'r5@old.example', row: 5 });
	journal.settle(3, { run: 2, key: 'r5@old.example' }, { inLog: false });
	return journal.mark(4, { run: 2, key: 'r6@old.example', row: 6 });
}

const sentTo = [
	'r1@old.example',
	'r2@old.example',
	'r3@old.example',
	'r4@old.example',
	'r5@old.example',
	'r6@old.example',
];
const settled = sentTo.slice(0, 4);

async function isFine(path: string): Promise<void> {
	const { conclusion, findings, missingRows } = await verify(path);
	assert.ok(conclusion === 'fine' || conclusion === 'torn', JSON.stringify(findings));
	assert.equal(missingRows, 0);
}

test('verify counts what is in both files, and says that a whole log is fine', async (context) => {
	const path = new JournalText().run().mark(1).mark(2).settle(1).settle(2, bounced).local().commit().write(context);
	const { conclusion, findings } = await verify(path);
	assert.equal(conclusion, 'fine');
	assert.deepEqual(
		findings.map(({ kind, text }) => [kind, text.replaceAll(path, 'LOG')]),
		[
			[
				'fine',
				`LOG.journal: 7 records of 1 run in ${statSync(`${path}.journal`).size} octets, every commit record is right`,
			],
			['fine', 'LOG.journal: 3 records of results: 1 accepted, 1 bounced, 1 skipped'],
			['fine', 'LOG: 3 rows: 1 accepted, 1 bounced, 1 skipped'],
		],
	);
});

test('verify tells what a crash left from damage, and changes nothing', async (context) => {
	const journal = campaign();
	const path = journal.write(context, { journal: `${journal.text}{"type":`, log: `${journal.log}{"v":1` });
	const { conclusion, findings, missingRows } = await verify(path);
	assert.equal(conclusion, 'torn');
	assert.equal(missingRows, 1);
	const notices = findings.filter(({ kind }) => kind === 'notice').map(({ text }) => text.replaceAll(path, 'LOG'));
	assert.deepEqual(notices, [
		'LOG.journal ends in a line without its end (8 octets)',
		'LOG.journal: nothing says what became of 1 message, so the next run records it as unknown',
		`LOG: 1 line that cannot be read, from octet ${journal.log.length} on`,
		'LOG lacks 1 row that its journal has',
	]);
	assert.equal(readFileSync(path, 'utf8'), `${journal.log}{"v":1`);
});

test('verify finds an edited log that no reader of its end would notice', async (context) => {
	const journal = campaign();
	const path = journal.write(context, { log: journal.log.replace('"accepted"', '"deferred"') });
	const { conclusion, findings } = await verify(path);
	assert.equal(conclusion, 'damaged');
	assert.match(
		findings.map(({ text }) => text).join('\n'),
		/its first \d+ octets are not those that the journal vouches for: it was edited/,
	);
});

test('verify names a log that does not exist, a missing half, a truncated log and an older journal', async (context) => {
	const journal = campaign();
	const path = journal.write(context);
	assert.equal((await verify(`${path}.none`)).conclusion, 'none');
	const cases: [string, () => void][] = [
		['is missing', () => rmSync(path)],
		['it was truncated', () => writeFileSync(path, '')],
		[
			'it was cut, or is an older copy',
			() => writeFileSync(`${path}.journal`, new JournalText().run().mark(1).settle(1).text),
		],
		['is missing', () => rmSync(`${path}.journal`)],
	];
	for (const [expected, change] of cases) {
		writeFileSync(path, journal.log);
		writeFileSync(`${path}.journal`, journal.text);
		change();
		const { conclusion, findings } = await verify(path);
		assert.equal(conclusion, 'damaged', expected);
		assert.ok(
			findings.some(({ kind, text }) => kind === 'damage' && text.includes(expected)),
			expected,
		);
	}
});

test('a fine log is left alone', async (context) => {
	const path = new JournalText().run().mark(1).settle(1).commit().write(context);
	const before = readFileSync(`${path}.journal`);
	assert.equal((await repair(path)).kind, 'nothing');
	assert.deepEqual(readFileSync(`${path}.journal`), before);
});

test('what a crash left is completed in place, once', async (context) => {
	const journal = campaign();
	const path = journal.write(context, { journal: `${journal.text}\0\0\0`, log: `${journal.log}{"v":1` });
	const { kind, lines } = await repair(path);
	assert.equal(kind, 'completed');
	assert.match(lines.join('\n'), /rows written to the log that only the journal had: 1/);
	await isFine(path);
	assert.deepEqual(await passedOver(path, sentTo), sentTo);
	assert.equal(readFileSync(path, 'utf8').split('\n').length, journal.log.split('\n').length + 1);
	assert.ok(readFileSync(`${path}.journal`, 'utf8').startsWith(journal.text));
	assert.equal((await repair(path)).lines[0], `${path} and its journal are whole`);
	assert.equal(readFileSync(path, 'utf8').split('\n').length, journal.log.split('\n').length + 1);
});

test('a journal damaged before its durable length is salvaged: what it lost comes from the log', async (context) => {
	const journal = campaign();
	for (const lost of [
		'{"type":"run","v":1,"run":1,',
		'{"type":"mark","run":1,"mark":2',
		'{"type":"settle","run":1,"mark":1',
		'{"type":"run","v":1,"run":2,',
		'{"type":"settle","run":2,"mark":2',
	]) {
		const octets = Buffer.from(journal.text);
		octets.fill(0, journal.text.indexOf(lost) + 3, journal.text.indexOf(lost) + 9);
		const path = journal.write(context, { journal: octets });
		const { kind, kept, lines } = await repair(path);
		assert.equal(kind, 'salvaged', lost);
		assert.deepEqual(kept, [`${path}.journal.damaged-1`, `${path}.damaged-1`]);
		assert.deepEqual(readFileSync(kept[0] ?? ''), octets);
		assert.match(lines.join('\n'), /1 line \(\d+ octets\) could not be read/);
		assert.match(lines.join('\n'), /may have been sent without a trace, at most 20 for each run/);
		await isFine(path);
		assert.deepEqual(await passedOver(path, settled), settled, lost);
		const opened = await openCampaign(path, tables());
		assert.equal(opened.kind === 'existing' ? opened.reading.firstRun.campaign_id : '', campaignId);
	}
});

test('one header that names another campaign, because a digit of it changed, goes with the others', async (context) => {
	const journal = campaign().run({ run: 3 });
	const changed = journal.text.replace(campaignId, `f${campaignId.slice(1)}`);
	const path = journal.write(context, { journal: changed });
	assert.equal((await repair(path)).kind, 'salvaged');
	await isFine(path);
	const opened = await openCampaign(path, tables());
	assert.equal(opened.kind === 'existing' ? opened.reading.firstRun.campaign_id : '', campaignId);
});

test('a log alone becomes a campaign again, with a new id, and says so', async (context) => {
	const journal = campaign();
	const path = journal.write(context);
	rmSync(`${path}.journal`);
	const { lines } = await repair(path);
	assert.match(lines.join('\n'), /the campaign has a new id: .* another Message-ID/);
	assert.match(lines.join('\n'), /whether it was a rehearsal \(--sandbox\) cannot be known/);
	await isFine(path);
	assert.deepEqual(await passedOver(path, sentTo), settled);
	const opened = await openCampaign(path, tables());
	assert.ok(opened.kind === 'existing');
	const { firstRun, results } = opened.reading;
	assert.deepEqual(
		[firstRun.campaign_id, firstRun.key_rule, firstRun.campaign],
		['ab'.repeat(16), 'address', 'november-news'],
	);
	assert.deepEqual([results.accepted, results.bounced, results.unknown, results.skipped], [2, 1, 1, 1]);
});

test('a log alone whose keys are not addresses needs to be told what they are', async (context) => {
	const journal = new JournalText()
		.run({ key_rule: 'column:id' })
		.mark(1, { key: 'A-1', to: 'a@old.example' })
		.settle(1, { key: 'A-1' });
	const path = journal.write(context);
	rmSync(`${path}.journal`);
	await assert.rejects(repair(path), (error) => error instanceof UsageError && /--key COLUMN/.test(error.hint));
	assert.deepEqual(readdirSync(dirname(path)), ['results.jsonl']);
	await repair(path, { keyRule: 'column:ic' });
	assert.deepEqual(await passedOver(path, ['A-1']), ['A-1']);
	assert.equal((await repair(path)).kind, 'nothing');
	const corrected = await repair(path, { keyRule: 'column:id' });
	assert.match(corrected.lines.join('\n'), /identifies a recipient is column:id now, and was column:ic/);
	const { reading } = await readJournalOf(path);
	assert.equal(reading.lastRun?.key_rule, 'column:id');
	await isFine(path);
	assert.equal((await repair(path, { keyRule: 'column:id' })).kind, 'nothing');
	assert.deepEqual(await passedOver(path, ['A-1']), ['A-1']);
});

test('the header of a real run is believed, not a --key that contradicts it', async (context) => {
	const path = new JournalText().run({ key_rule: 'column:id' }).mark(1).settle(1).commit().write(context);
	const { kind, lines } = await repair(path, { keyRule: 'column:ic' });
	assert.equal(kind, 'nothing');
	assert.match(lines.join('\n'), /column:id .*header of a run.*--key changes nothing/);
});

test('a journal alone gets its log back, every row of it', async (context) => {
	const journal = campaign();
	const path = journal.write(context);
	rmSync(path);
	const { lines } = await repair(path);
	assert.match(lines.join('\n'), /6 rows rebuilt from the journal/);
	await isFine(path);
	assert.deepEqual(await passedOver(path, sentTo), sentTo);
	assert.equal(readFileSync(path, 'utf8').split('\n').length, 7);
});

test('what was resolved as not sent stays so, although the log still says unknown', async (context) => {
	const journal = new JournalText()
		.run()
		.mark(1)
		.settle(1, { status: 'unknown', at: 0 })
		.resolve('r1@old.example', 'not_sent')
		.mark(2)
		.settle(2)
		.commit();
	const path = journal.write(context, { journal: journal.text.replace('"mark":2', '"mark":3') });
	assert.equal((await repair(path)).kind, 'salvaged');
	assert.deepEqual(await passedOver(path, ['r1@old.example', 'r2@old.example']), ['r2@old.example']);
});

test('files in which nothing can be read are left where they are', async (context) => {
	const path = new JournalText().write(context, { journal: 'hello\n', log: '\0\0\0' });
	await assert.rejects(
		repair(path),
		(error) => error instanceof RunError && error.exitCode === 74 && /nothing in .* can be read/.test(error.message),
	);
	assert.equal(readFileSync(`${path}.journal`, 'utf8'), 'hello\n');
	assert.deepEqual(readdirSync(dirname(path)).sort(), ['results.jsonl', 'results.jsonl.journal']);
});

test('a journal of a newer version is not repaired', async (context) => {
	const path = new JournalText().run().add('{"type":"run","v":2,"tool":"mailshot 9.0.0"}\n').write(context);
	await assert.rejects(
		repair(path),
		(error) => error instanceof RunError && /mailshot 9\.0\.0/.test(error.message) && /Update/.test(error.hint),
	);
});

test('a log of which nothing was recorded yet needs no repair', async (context) => {
	for (const [journal, log] of [
		['', ''],
		['{"type":"run"', ''],
	] as const) {
		assert.equal((await repair(new JournalText().write(context, { journal, log }))).kind, 'nothing');
	}
	const path = new JournalText().write(context);
	rmSync(`${path}.journal`);
	assert.match((await repair(path)).lines.join('\n'), /nothing was recorded/);
	await assert.rejects(repair(`${path}.none`), (error) => error instanceof RunError && error.exitCode === 66);
});

/** Ends the program, as it were, at the call with this number that changes something. */
function crashingAt(fatal: number): { readonly files: FileSystem; readonly reached: () => boolean } {
	let calls = 0;
	const step = <T>(call: () => T): T => {
		calls += 1;
		if (calls >= fatal) throw new Error('crash');
		return call();
	};
	const files: FileSystem = {
		...nodeFileSystem,
		open: (path, flags, mode) =>
			(flags & 0o102) === 0
				? nodeFileSystem.open(path, flags, mode)
				: step(() => nodeFileSystem.open(path, flags, mode)),
		write: (descriptor, bytes, offset) => step(() => nodeFileSystem.write(descriptor, bytes, offset)),
		fsync: (descriptor) => step(() => nodeFileSystem.fsync(descriptor)),
		ftruncate: (descriptor, length) => step(() => nodeFileSystem.ftruncate(descriptor, length)),
		rename: (from, to) => step(() => nodeFileSystem.rename(from, to)),
		unlink: (path) => step(() => nodeFileSystem.unlink(path)),
	};
	return { files, reached: () => calls >= fatal };
}

async function crashEverywhere(make: () => string, safe: readonly string[]): Promise<number> {
	for (let fatal = 1; ; fatal += 1) {
		const path = make();
		const { files, reached } = crashingAt(fatal);
		try {
			await repair(path, { files });
		} catch (error) {
			assert.ok(reached(), String(error));
		}
		if (!reached()) return fatal - 1;
		// The next command refuses, or is right.
		try {
			assert.deepEqual(await passedOver(path, safe), safe, `crash at ${fatal}`);
		} catch (error) {
			assert.ok(error instanceof RunError && error.exitCode === 74, `crash at ${fatal}: ${error}`);
		}
		await repair(path);
		await isFine(path);
		assert.deepEqual(await passedOver(path, safe), safe, `repaired after a crash at ${fatal}`);
		assert.ok(
			!readdirSync(dirname(path)).some((name) => /salvaged|\.repair|\.tmp/.test(name)),
			`crash at ${fatal}: ${readdirSync(dirname(path))}`,
		);
	}
}

test('a crash at any moment of a salvage leaves a log that is refused or right, and the repair ends the next time', async (context) => {
	const journal = campaign();
	const octets = Buffer.from(journal.text);
	octets.fill(0, 20, 30);
	assert.ok((await crashEverywhere(() => journal.write(context, { journal: octets }), settled)) > 10);
	const alone = () => {
		const path = journal.write(context);
		rmSync(path);
		return path;
	};
	await crashEverywhere(alone, settled);
	const without = () => {
		const path = journal.write(context);
		rmSync(`${path}.journal`);
		return path;
	};
	await crashEverywhere(without, settled);
});

test('a crash at any moment of completing leaves what can be completed again', async (context) => {
	const journal = campaign();
	const torn = () => journal.write(context, { journal: `${journal.text}\0\0`, log: `${journal.log}{"v"` });
	assert.ok((await crashEverywhere(torn, sentTo)) >= 7);
});

test('whatever octets are changed in both files, a repair ends in a log that is fine and forgets nobody of whom a line is left', async (context) => {
	const journal = campaign();
	const [octets, rows] = [Buffer.from(journal.text), Buffer.from(journal.log)];
	const change = fc.record({
		inLog: fc.boolean(),
		at: fc.nat(),
		length: fc.integer({ min: 1, max: 300 }),
		to: fc.constantFrom(0, 0x0a, 0x22, 0x31, 0x7b),
	});
	await fc.assert(
		fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
			const [changed, log] = [Buffer.from(octets), Buffer.from(rows)];
			for (const { inLog, at, length, to } of changes) {
				const file = inLog ? log : changed;
				file.fill(to, at % file.length, Math.min(file.length, (at % file.length) + length));
			}
			const path = journal.write(context, { journal: changed, log });
			const before = `${changed}${log}`;
			// Told what a key is: the headers and a key may be among what was changed.
			await repair(path, { keyRule: 'address' });
			await isFine(path);
			const whole = settled.filter((key) => before.split('\n').some((line) => isWholeResult(line, key)));
			assert.deepEqual(await passedOver(path, whole), whole);
		}),
		{ numRuns: 150 },
	);
});

function isWholeResult(line: string, key: string): boolean {
	const parsed = parseRecord(line);
	if (parsed.kind === 'record') return parsed.record.type === 'settle' && parsed.record.key === key;
	const row = parseLogLine(Buffer.from(`${line}\n`));
	return (
		row.kind === 'line' &&
		row.source === 'smtp' &&
		row.key === key &&
		['accepted', 'unknown', 'bounced'].includes(row.status)
	);
}
