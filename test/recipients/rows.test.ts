import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openList } from '../../src/recipients/open-list.ts';
import { RunError } from '../../src/support/errors.ts';
import { outline, readAll, readList, withFile } from './reading.ts';

const mebibyte = 1024 * 1024;

test('each row is a recipient with its cells, its line and its number', async () => {
	const { rows } = await readList('email,name\nBob@Example.com,"Bob, the ""first"""\nzoe@bücher.example,Zoë\n');
	assert.deepEqual(rows, [
		{
			kind: 'recipient',
			key: 'bob@example.com',
			row: 1,
			line: 2,
			address: 'Bob@example.com',
			fields: ['Bob@Example.com', 'Bob, the "first"'],
		},
		{
			kind: 'recipient',
			key: 'zoe@xn--bcher-kva.example',
			row: 2,
			line: 3,
			address: 'zoe@xn--bcher-kva.example',
			fields: ['zoe@bücher.example', 'Zoë'],
		},
	]);
});

test('the last row needs no line end', async () => {
	const { rows } = await readList('email,name\na@ex.com,A\nb@ex.com,"B"');
	assert.deepEqual(outline(rows), ['2 a@ex.com', '3 b@ex.com']);
});

test('blank lines and rows of empty cells are no rows, but they are lines', async () => {
	const { rows } = await readList('email,name\n\n\na@ex.com,A\n,\n , \n,,,,\n"",""\n\nb@ex.com,B\n\n\n');
	assert.deepEqual(outline(rows), ['4 a@ex.com', '10 b@ex.com']);
	assert.deepEqual(
		rows.map((row) => row.row),
		[1, 2],
	);
});

test('a line break inside a cell is kept as LF, and the next row has the line that an editor shows', async () => {
	for (const lineEnd of ['\n', '\r\n', '\r']) {
		const { rows } = await readList('email,note\na@ex.com,"one\ntwo\n\nthree"\nb@ex.com,B\n'.replaceAll('\n', lineEnd));
		assert.deepEqual(outline(rows), ['2 a@ex.com', '6 b@ex.com']);
		const [first] = rows;
		assert.ok(first?.kind === 'recipient');
		assert.equal(first.fields[1], 'one\ntwo\n\nthree');
	}
});

test('a row with too few cells fails, alone', async () => {
	const { rows } = await readList('email,name,city\na@ex.com,A\nb@ex.com,B,Bonn\n');
	assert.deepEqual(rows[0], {
		kind: 'malformed',
		row: 1,
		line: 2,
		cell: 'a@ex.com',
		reason: 'csv.too_few_cells',
		message: 'line 2 of list.csv: 2 cells where the header has 3',
	});
	assert.deepEqual(outline(rows), ['2 csv.too_few_cells', '3 b@ex.com']);
});

test('empty cells behind the last column are fine, a word there is not', async () => {
	const { rows } = await readList('email,name\na@ex.com,A,, ,\nb@ex.com,B,surplus\n');
	assert.deepEqual(outline(rows), ['2 a@ex.com', '3 csv.too_many_cells']);
	const [first] = rows;
	assert.ok(first?.kind === 'recipient');
	assert.deepEqual(first.fields, ['a@ex.com', 'A']);
});

test('an address that is none fails its row and says why, with file and line', async () => {
	const { rows } = await readList(
		'email,name\nbob@,Bob\n,Eve\n"a@ex.com, b@ex.com",Two\n"a@ex.com\nBcc: x@ex.com",Injected\nok@ex.com,Ok\n',
	);
	assert.deepEqual(
		rows.map((row) => (row.kind === 'malformed' ? row.message : row.address)),
		[
			'line 2 of list.csv: "bob@" has no domain',
			'line 3 of list.csv: the address is empty',
			'line 4 of list.csv: "a@ex.com, b@ex.com" holds two addresses',
			'line 5 of list.csv: "a@ex.com Bcc: x@ex.com" has a line break',
			'ok@ex.com',
		],
	);
	assert.deepEqual(outline(rows), [
		'2 address.invalid',
		'3 address.empty',
		'4 address.invalid',
		'5 address.invalid',
		'7 ok@ex.com',
	]);
});

test('a hostile cell reaches no terminal: controls are taken out and the length is bounded', async () => {
	const { rows } = await readList(`email\n"\u001b[2J\u0007${'x'.repeat(5000)}"\n`);
	const [row] = rows;
	assert.ok(row?.kind === 'malformed');
	assert.doesNotMatch(row.cell + row.message, /[\u0000-\u001f]/);
	assert.ok(row.cell.length <= 320 && row.message.length < 200);
});

test('quotes that do not match fail their row and no other', async () => {
	const { rows } = await readList(
		[
			'email,name',
			'a@ex.com,"A "the" first"',
			'b@ex.com,B',
			'c@ex.com,5" pipe',
			'd@ex.com,"D"x',
			'e@ex.com,"E"',
			'f@ex.com,"F" ',
			'g@ex.com,G',
			'',
		].join('\n'),
	);
	assert.deepEqual(outline(rows), [
		'2 csv.quoting',
		'3 b@ex.com',
		'4 csv.quoting',
		'5 csv.quoting',
		'6 e@ex.com',
		'7 csv.quoting',
		'8 g@ex.com',
	]);
	assert.deepEqual(
		rows.map((row) => row.row),
		[1, 2, 3, 4, 5, 6, 7],
	);
});

test('an unclosed quote that meets another quote costs its own line only', async () => {
	const { rows } = await readList('email,name\na@ex.com,A\nb@ex.com,"B\nc@ex.com,C\n"d@ex.com","D"\n"e@ex.com","E"\n');
	assert.deepEqual(outline(rows), ['2 a@ex.com', '3 csv.quoting', '4 c@ex.com', '5 d@ex.com', '6 e@ex.com']);
});

test('an unclosed quote that swallows the rest stops the run and names the line where its row began', async () => {
	const rest = Array.from({ length: 50_000 }, (_, index) => `user${index}@ex.com,U`).join('\n');
	for (const tail of ['c@ex.com,C\n', rest]) {
		await withFile(`email,note\n\na@ex.com,"one\ntwo"\nb@ex.com,"B\n${tail}`, async (path) => {
			const source = (await openList({ path, displayName: 'list.csv' })).rows();
			const seen: string[] = [];
			await assert.rejects(
				async () => {
					for (;;) {
						const row = source.next();
						if (row !== null) seen.push(...outline([row]));
						else await new Promise<void>((resolve) => source.whenReadable(resolve));
					}
				},
				(error) => {
					assert.ok(error instanceof RunError);
					assert.equal(error.exitCode, 65);
					assert.equal(error.message, 'line 5 of list.csv: a quote is opened in this row and never closed');
					assert.match(error.hint, /line 5/);
					return true;
				},
			);
			assert.deepEqual(seen, ['3 a@ex.com']);
			assert.equal(source.ended, false);
			assert.throws(() => source.next(), RunError, 'another connection that pulls hears of it, too');
			source.close();
		});
	}
});

test('a cell of 10 MB fails its row; rows before and after it are read', async () => {
	const big = 'x'.repeat(10 * mebibyte);
	for (const [cell, lines] of [
		[big, 1],
		[`"${big}"`, 1],
		[`"${'x""\n'.repeat(mebibyte)}"`, mebibyte + 1],
		[`"${'x,'.repeat(mebibyte)}" and a quote "`, 1],
	] as const) {
		const { rows } = await readList(`email,note\na@ex.com,A\nb@ex.com,${cell}\nc@ex.com,"C"\n`);
		assert.deepEqual(outline(rows), ['2 a@ex.com', '3 csv.row_too_large', `${3 + lines} c@ex.com`]);
	}
});

test('a row of exactly 1 MiB is taken, one octet more is too much, with and without quotes', async () => {
	for (const around of ['', '"']) {
		const start = `b@ex.com,${around}`;
		const fitting = 'x'.repeat(mebibyte - start.length - around.length);
		const { rows } = await readList(
			`email,note\n${start}${fitting}${around}\n${start}${fitting}x${around}\nc@ex.com,C`,
		);
		assert.deepEqual(outline(rows), ['2 b@ex.com', '3 csv.row_too_large', '4 c@ex.com']);
	}
});

test('a NUL anywhere fails its row and no other', async () => {
	const { rows } = await readList('email,note\na@ex.com,A\u0000\nb@ex.com,"B\n\u0000"\n\u0000,\nc@ex.com,C\n\u0000');
	assert.deepEqual(outline(rows), ['2 csv.nul', '3 csv.nul', '5 csv.nul', '6 c@ex.com', '7 csv.nul']);
});

test('a list of 2,000 columns works, blank lines and broken rows among its rows', async () => {
	const names = Array.from({ length: 2000 }, (_, index) => (index === 1234 ? 'email' : `column ${index}`));
	const cells = (address: string) => names.map((name) => (name === 'email' ? address : 'x')).join(';');
	const { list, rows } = await readList(
		[names.join(';'), cells('a@ex.com'), '', cells('"b@ex.com'), cells('"c@ex.com"'), ''].join('\n'),
	);
	assert.equal(list.emailColumn, 1234);
	assert.deepEqual(outline(rows), ['2 a@ex.com', '4 csv.quoting', '5 c@ex.com']);
});

test('columns called __proto__ and constructor are columns', async () => {
	const { list, rows } = await readList('__proto__,email,constructor\np,a@ex.com,c\n');
	assert.equal(list.columns.find('__proto__'), 0);
	const [row] = rows;
	assert.ok(row?.kind === 'recipient');
	assert.deepEqual(row.fields, ['p', 'a@ex.com', 'c']);
});

test('--key takes the identity from a column, and a row without one fails', async () => {
	const { rows } = await readList('email,Customer No\na@ex.com, K-1 \nb@ex.com,\n', { keyColumn: 'customer_no' });
	const [first, second] = rows;
	assert.ok(first?.kind === 'recipient' && second?.kind === 'malformed');
	assert.equal(first.key, 'K-1');
	assert.equal(second.reason, 'key.empty');
	assert.equal(second.message, 'line 3 of list.csv: the cell that --key names is empty');
});

test('every pass over a list gives the same rows', async () => {
	await withFile(
		`email,n\n${Array.from({ length: 5000 }, (_, index) => `user${index}@ex.com,${index}`).join('\n')}\n`,
		async (path) => {
			const list = await openList({ path, displayName: 'list.csv' });
			const [first, second] = await Promise.all([readAll(list.rows()), readAll(list.rows())]);
			assert.equal(first.length, 5000);
			assert.deepEqual(second, first);
		},
	);
});

test('a list that changes between or during its passes stops the run', async () => {
	const content = `email,n\n${Array.from({ length: 20_000 }, (_, index) => `user${index}@ex.com,${index}`).join('\n')}\n`;
	const changed = (error: unknown) =>
		error instanceof RunError && error.exitCode === 65 && error.message === 'list.csv changed while it was being read';
	await withFile(content, async (path) => {
		const list = await openList({ path, displayName: 'list.csv' });
		const during = list.rows();
		await new Promise<void>((resolve) => during.whenReadable(resolve));
		appendFileSync(path, 'new@ex.com,1\n');
		await assert.rejects(readAll(during), changed);
		const after = list.rows();
		const seen: unknown[] = [];
		await assert.rejects(async () => {
			while (!after.ended) {
				const row = after.next();
				if (row !== null) seen.push(row);
				else await new Promise<void>((resolve) => after.whenReadable(resolve));
			}
		}, changed);
		assert.deepEqual(seen, [], 'not one row may come out of it');
	});
	await withFile(content, async (path) => {
		const list = await openList({ path, displayName: 'list.csv' });
		writeFileSync(`${path}.new`, content);
		renameSync(`${path}.new`, path);
		await assert.rejects(readAll(list.rows()), changed);
	});
});

test('a waiter is called when there are rows already, when there will be none, and when the source was closed', async () => {
	await withFile('email\na@ex.com\n', async (path) => {
		const list = await openList({ path, displayName: 'list.csv' });
		const waited = list.rows();
		await new Promise<void>((resolve) => waited.whenReadable(resolve));
		await new Promise<void>((resolve) => waited.whenReadable(resolve));
		assert.equal(waited.next()?.line, 2);
		assert.equal(waited.next(), null);
		while (!waited.ended) {
			await new Promise<void>((resolve) => waited.whenReadable(resolve));
			assert.equal(waited.next(), null);
		}
		await new Promise<void>((resolve) => waited.whenReadable(resolve));

		const closed = list.rows();
		const woken = new Promise<void>((resolve) => closed.whenReadable(resolve));
		closed.close();
		closed.close();
		await woken;
		assert.equal(closed.ended, true);
		assert.equal(closed.next(), null);
		await new Promise<void>((resolve) => closed.whenReadable(resolve));
	});
});

test('a list without rows ends for one who only waits', async () => {
	await withFile('email,name\n', async (path) => {
		const source = (await openList({ path, displayName: 'list.csv' })).rows();
		await new Promise<void>((resolve) => source.whenReadable(resolve));
		assert.equal(source.next(), null);
		if (!source.ended) await new Promise<void>((resolve) => source.whenReadable(resolve));
		assert.equal(source.ended, true);
	});
});

test('a source that is closed half-way leaves no file open', async () => {
	await withFile(`email,n\n${'user@ex.com,1\n'.repeat(100_000)}`, async (path) => {
		const list = await openList({ path, displayName: 'list.csv' });
		const openFiles = () => readdirSync('/dev/fd').length;
		const before = openFiles();
		const sources = Array.from({ length: 10 }, () => list.rows());
		for (const source of sources) {
			await new Promise<void>((resolve) => source.whenReadable(resolve));
			assert.equal(source.next()?.line, 2);
		}
		assert.ok(openFiles() > before);
		for (const source of sources) source.close();
		for (let turn = 0; turn < 1000 && openFiles() > before; turn++)
			await new Promise((resolve) => setImmediate(resolve));
		assert.equal(openFiles(), before);
	});
});

test('a quote that ran on past 1 MiB is forgotten with its row', async () => {
	const huge = 'y'.repeat(3 * mebibyte);
	const { rows } = await readList(`email\na@ex.com\n"${huge}"\nb@ex.com\nc@ex.com\u0000`);
	assert.deepEqual(outline(rows), ['2 a@ex.com', '3 csv.row_too_large', '4 b@ex.com', '5 csv.nul']);
});
