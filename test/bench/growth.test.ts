/** The sections about growth do not believe a program that says it is done: every row of the pipe is accounted for in the log. */
import assert from 'node:assert/strict';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, type TestContext, test } from 'node:test';
import { buildList } from '../helpers/list-builder.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { assertEachRowOnce, countLog, logName } from './big-campaign.ts';
import { isDuplicate, withRowFeed } from './row-feed.ts';
import { listSizes } from './rows.ts';

test('the rows from the pipe are those of the workload, with each thousandth address said before', async (t) => {
	const directory = temporaryDirectory(t);
	const list = readFileSync(buildList(directory, { rows: 2000 }), 'utf8').replace(
		/^user(1000|2000)@/gm,
		(_, n: string) => `user${Number(n) - 500}@`,
	);

	const fed = await withRowFeed(directory, 2000, { use: (pipe) => buffer(createReadStream(pipe)) });

	assert.equal(fed.toString(), list);
});

test('a reader that leaves rows in the pipe fails the measurement', async (t) => {
	const directory = temporaryDirectory(t);
	const use = async (pipe: string) => {
		for await (const _ of createReadStream(pipe)) break;
	};

	await assert.rejects(withRowFeed(directory, 100_000, { use }), /100000 rows ended with 1:.*EPIPE/s);
});

describe('a campaign of 2,000 rows from the pipe', () => {
	test('passes when each row has its line and only the duplicates are skipped', (t) => {
		const cwd = campaign(t, { rows: 2000 });

		assertEachRowOnce(cwd, 2000);
	});

	test('fails when a row has no line, or two', (t) => {
		const short = campaign(t, { rows: 1999 });
		const long = campaign(t, { rows: 2001 });

		assert.throws(() => assertEachRowOnce(short, 2000), /"lines":1999/);
		assert.throws(() => assertEachRowOnce(long, 2000), /"lines":2001/);
	});

	test('fails when another row was taken for the duplicate', (t) => {
		const cwd = campaign(t, { rows: 2000, isSkipped: (row) => row === 1000 || row === 1999 });

		assert.throws(() => assertEachRowOnce(cwd, 2000), /row 1999 was skipped as a duplicate and is none/);
	});

	test('fails when the summary says something else than the log', (t) => {
		const cwd = campaign(t, { rows: 2000, counted: { accepted: 1997, skipped: 2 } });

		assert.throws(() => assertEachRowOnce(cwd, 2000), /"inSummary":\[1997,2\]/);
	});
});

test('a log is counted right wherever a block of it ends', (t) => {
	const path = join(temporaryDirectory(t), logName);
	const rows = 50_000;
	writeFileSync(path, lines(rows, isDuplicate));
	assert.ok(readFileSync(path).length > 4 * 1024 * 1024, 'the log has several blocks');

	const counts = countLog(path);

	const duplicateRows = new Set(Array.from({ length: 50 }, (_, at) => (at + 1) * 1000));
	assert.deepEqual(counts, { lines: rows, accepted: rows - 50, duplicateRows });
});

test('list sizes grow by the power of ten up to the largest', () => {
	assert.deepEqual(listSizes(1e6), [1000, 10_000, 100_000, 1_000_000]);
	assert.deepEqual(listSizes(3000), [1000, 3000]);
	assert.deepEqual(listSizes(20), [20]);
});

/** Log and summary of a campaign as far as they are looked at. Returns its directory. */
function campaign(
	t: TestContext,
	options: {
		readonly rows: number;
		readonly isSkipped?: (row: number) => boolean;
		readonly counted?: { readonly accepted: number; readonly skipped: number };
	},
): string {
	const { rows, isSkipped = isDuplicate, counted = { accepted: 1998, skipped: 2 } } = options;
	const cwd = temporaryDirectory(t);
	writeFileSync(join(cwd, logName), lines(rows, isSkipped));
	const counts = { ...counted, to_send: counted.accepted, left: 0 };
	writeFileSync(join(cwd, `${logName}.summary.json`), JSON.stringify({ counts }));
	return cwd;
}

function lines(rows: number, isSkipped: (row: number) => boolean): string {
	const line = (row: number) => {
		const isLeftOut = isSkipped(row);
		const status = isLeftOut ? 'skipped' : 'accepted';
		return `{"v":1,"status":"${status}","key":"user${row}@example.com","row":${row},"skip_reason":"${isLeftOut ? 'duplicate' : ''}"}\n`;
	};
	return Array.from({ length: rows }, (_, at) => line(at + 1)).join('');
}
