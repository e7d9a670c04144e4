/** The fast way to read a journal and the exact one come to the same, whatever is in it: records, what a crash left, damage, and lies. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { encodeMark, encodeSettle } from '../../../src/results/journal/encode-record.ts';
import { categories } from '../../../src/results/journal/key-state.ts';
import { RecordScanner } from '../../../src/results/journal/scan-record.ts';
import { RunError } from '../../../src/support/errors.ts';
import { JournalText, makeMark, makeSettle, readJournalOf } from './make-journal.ts';

/** Leaves every line to parse-record.ts. */
class NothingScanned extends RecordScanner {
	override scan(...line: Parameters<RecordScanner['scan']>): null {
		super.scan(...line);
		return null;
	}
}

const keys = ['r1@old.example', 'r2@old.example', 'a b', 'a"b', 'zoé@bücher.example', '__proto__', 'x'.repeat(300)];
const key = fc.constantFrom(...keys);
const run = fc.oneof(
	{ weight: 9, arbitrary: fc.constant(1) },
	{ weight: 1, arbitrary: fc.integer({ min: 1, max: 12 }) },
);
const mark = fc.integer({ min: 1, max: 30 });
const settle = fc.record({
	run,
	key,
	status: fc.constantFrom('accepted', 'bounced', 'deferred', 'unknown'),
	code: fc.constantFrom(0, 250, 251, 550, 999),
	bounce_category: fc.constantFrom('' as const, ...categories),
	response: fc.constantFrom('', '250 2.0.0 Ok', '550 "no" \\ é', 'x'.repeat(400)),
	final: fc.boolean(),
});

type Step = (journal: JournalText, next: number) => JournalText;
const step: fc.Arbitrary<Step> = fc.oneof(
	// Nearly always the next number, as it has to be.
	{
		weight: 8,
		arbitrary: key.map(
			(key): Step =>
				(journal, next) =>
					journal.mark(next, { key }),
		),
	},
	{
		weight: 1,
		arbitrary: fc.tuple(run, mark, key).map(
			([run, mark, key]): Step =>
				(it) =>
					it.mark(mark, { run, key }),
		),
	},
	{
		weight: 6,
		arbitrary: settle.map(
			(facts): Step =>
				(it, next) =>
					it.settle(next - 1, { ...facts, run: 1 }, { inLog: false }),
		),
	},
	{
		weight: 2,
		arbitrary: fc.tuple(mark, settle).map(
			([mark, facts]): Step =>
				(it) =>
					it.settle(mark, facts, { inLog: false }),
		),
	},
	{
		weight: 2,
		arbitrary: fc.nat({ max: 3 }).map(
			(back): Step =>
				(it, next) =>
					it.release(Math.max(0, next - back)),
		),
	},
	{
		weight: 1,
		arbitrary: run.map(
			(run): Step =>
				(it) =>
					it.run({ run }),
		),
	},
	{
		weight: 1,
		arbitrary: key.map(
			(key): Step =>
				(it) =>
					it.local({ key }, { inLog: false }),
		),
	},
	{
		weight: 1,
		arbitrary: key.map(
			(key): Step =>
				(it) =>
					it.resolve(key, 'not_sent'),
		),
	},
	{ weight: 3, arbitrary: fc.constant<Step>((it) => it.commit()) },
	{
		weight: 1,
		arbitrary: fc.nat({ max: 4000 }).map(
			(journal): Step =>
				(it) =>
					it.commit({ journal }),
		),
	},
	{
		weight: 1,
		arbitrary: fc.nat({ max: 4000 }).map(
			(covers): Step =>
				(it) =>
					it.commit({ covers }),
		),
	},
	// What no writer writes, with commit records behind it that vouch for it all the same.
	{
		weight: 1,
		arbitrary: fc
			.constantFrom(
				'',
				'hello',
				'\0\0\0',
				'{}',
				'{"type":"mark"}',
				'{"type":"commit","journal":5}',
				'{"type":"settle","run":1,"mark":1,"key":"r1@old.example","status":"accepted"}',
				encodeMark(makeMark({ mark: 9 })).slice(0, 60),
				encodeMark(makeMark({ mark: 9 }))
					.trim()
					.replace('"run":1', '"run":01'),
				encodeMark(makeMark({ mark: 9 }))
					.trim()
					.replace('"key":', '"key" :'),
				`{"x":1,${encodeMark(makeMark({ mark: 25 }))
					.trim()
					.slice(1)}`,
				encodeSettle(makeSettle({ mark: 1 }))
					.trim()
					.replace('"code":250', '"code":2500'),
				encodeSettle(makeSettle({ mark: 1 }))
					.trim()
					.replace('"status":"accepted"', '"status":"accepteb"'),
				encodeSettle(makeSettle({ mark: 1 }))
					.trim()
					.replace('@old', '\\u0040old'),
			)
			.map(
				(line): Step =>
					(it) =>
						it.add(`${line}\n`),
			),
	},
);

interface Damage {
	readonly at: number;
	readonly octets: string;
	readonly how: 'written over' | 'put in' | 'cut off';
}
const damage: fc.Arbitrary<Damage> = fc.record({
	at: fc.nat({ max: 8000 }),
	octets: fc.constantFrom('\0', '\0'.repeat(512), '\n', '"', '7', '}', 'x', '\u00ff'),
	how: fc.constantFrom('written over', 'put in', 'cut off'),
});

function damaged(octets: Buffer, { at, octets: text, how }: Damage): Buffer {
	const place = at % (octets.length + 1);
	if (how === 'cut off') return octets.subarray(0, place);
	const rest = octets.subarray(how === 'put in' ? place : place + text.length);
	return Buffer.concat([octets.subarray(0, place), Buffer.from(text, 'latin1'), rest]);
}

async function outcomeOf(path: string, scanner: RecordScanner): Promise<object> {
	try {
		const { reading, status, keys: table, locals } = await readJournalOf(path, { scanner });
		return { reading, statuses: keys.map(status), keys: table.size, locals: locals.size };
	} catch (error) {
		assert.ok(error instanceof RunError, String(error));
		return { refused: error.message };
	}
}

test('a journal reads the same record by record and as fast as it can be, also when it is torn, damaged or a lie', async (context: TestContext) => {
	const path = new JournalText().write(context);
	const told = { read: 0, refused: 0 };
	await fc.assert(
		fc.asyncProperty(
			fc.array(step, { maxLength: 60 }),
			fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: fc.array(damage, { maxLength: 2 }) }),
			async (steps, damages) => {
				const journal = new JournalText().run();
				for (const take of steps) take(journal, journal.text.split('{"type":"mark"').length);
				writeFileSync(`${path}.journal`, damages.reduce(damaged, Buffer.from(journal.text)));
				const exact = await outcomeOf(path, new NothingScanned());
				assert.deepEqual(await outcomeOf(path, new RecordScanner()), exact);
				told['refused' in exact ? 'refused' : 'read']++;
			},
		),
		{ numRuns: 1500 },
	);
	assert.ok(told.read > 300 && told.refused > 300, JSON.stringify(told));
});

test('what waits to be taken in with others is not overtaken by a record that is taken in at once', async (context: TestContext) => {
	const key = 'r1@old.example';
	const journal = new JournalText().run().mark(1).settle(1).resolve(key, 'not_sent').commit();
	assert.equal((await readJournalOf(journal.write(context))).status(key), 'deferred');
	journal.mark(2, { key }).settle(2, { key, status: 'unknown' }).local({ key }).mark(3, { key: 'zoé' });
	journal.settle(3, { key: 'zoé', status: 'deferred' }).commit();
	const { status } = await readJournalOf(journal.write(context));
	assert.equal(status(key), 'unknown');
	assert.equal(status('zoé'), 'deferred');
});
