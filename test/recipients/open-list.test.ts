import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openList } from '../../src/recipients/open-list.ts';
import { RunError, UsageError } from '../../src/support/errors.ts';
import { type Flags, outline, readAll, readList, withFile } from './reading.ts';

/** What opening the list dies of. */
async function refusal(content: string | Buffer, flags: Flags = {}): Promise<RunError | UsageError> {
	return withFile(content, (path) => refusalOf(path, flags));
}

async function refusalOf(path: string, flags: Flags = {}): Promise<RunError | UsageError> {
	try {
		await readAll((await openList({ path, displayName: 'list.csv', ...flags })).rows());
	} catch (error) {
		assert.ok(error instanceof RunError || error instanceof UsageError, String(error));
		return error;
	}
	return assert.fail('the list was accepted');
}

test('a list that is not there, is a directory or cannot be read ends with exit code 66', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'mailshot-list-'));
	try {
		symlinkSync('loop', join(folder, 'loop'));
		for (const [path, message] of [
			[join(folder, 'list.csv'), 'list.csv does not exist'],
			[folder, 'list.csv is a directory, not a CSV file'],
			[join(folder, 'loop'), 'list.csv cannot be read (ELOOP)'],
			['/dev/null', 'list.csv is not a regular file; a list is read twice'],
		] as const) {
			const error = await refusalOf(path);
			assert.equal(error.exitCode, 66);
			assert.equal(error.message, message);
		}
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test('a list without a header line is empty, one without rows has none', async () => {
	for (const content of ['', '\n\r\n \n', '\ufeff', ',,,\n;;\n']) {
		const error = await refusal(content);
		assert.equal(error.exitCode, 65);
		assert.equal(error.message, 'list.csv is empty');
	}
	for (const content of ['email', 'email,name\n', '\n\n"email"\r\n\r\n'])
		assert.deepEqual((await readList(content)).rows, []);
});

test('the delimiter is the one that occurs most in the header, outside quotes', async () => {
	for (const [header, delimiter, name] of [
		['email,name', ',', ','],
		['email;name', ';', ';'],
		['email\tname', '\t', 'tab'],
		['email|name', '|', '|'],
		['email', ',', ','],
		['"a,b,c";email', ';', ';'],
		['"say ""a,b""";email;x', ';', ';'],
	] as const) {
		const { list } = await readList(`${header}\n`);
		assert.equal(list.delimiter, delimiter);
		assert.equal(list.delimiterName, name);
		assert.notEqual(list.columns.find('email'), -1);
	}
});

test('--delimiter wins, also as a word', async () => {
	for (const [flag, delimiter] of [
		[';', ';'],
		['tab', '\t'],
		['\\t', '\t'],
		['TAB', '\t'],
		['\t', '\t'],
		[':', ':'],
		['pipe', '|'],
	] as const) {
		const { list, rows } = await readList(`email${delimiter}a,b,c\na@ex.com${delimiter}x\n`, { delimiter: flag });
		assert.deepEqual(list.columns.names, ['email', 'a,b,c']);
		assert.deepEqual(outline(rows), ['2 a@ex.com']);
	}
	for (const delimiter of ['', ';;', 'x', '"', '\n', '§', '\u0000']) {
		const error = await refusal('email\n', { delimiter });
		assert.ok(error instanceof UsageError);
		assert.match(error.hint, /--delimiter tab/);
	}
});

test('sep= on the first line is obeyed, skipped and counted', async () => {
	for (const [line, delimiter] of [
		['sep=;', ';'],
		['SEP=,', ','],
		['"sep=;"', ';'],
		['sep=\t', '\t'],
		['sep=\\t', '\t'],
		['sep=|', '|'],
	] as const) {
		const { list, rows } = await readList(`\ufeff${line}\r\nemail${delimiter}x:y:z:w\r\na@ex.com${delimiter}"x"`);
		assert.equal(list.delimiter, delimiter);
		assert.equal(list.headerLine, 2);
		assert.equal(rows[0]?.line, 3);
	}
	const { list } = await readList('sep=;\nemail,name\n', { delimiter: ',' });
	assert.deepEqual([list.delimiter, list.headerLine], [',', 2]);
	assert.match((await refusal('sep=x\nemail,name\n')).message, /line 1 of list.csv: "x" cannot stand between cells/);
});

test('blank lines above the header are skipped and counted', async () => {
	const { list, rows } = await readList('\n  \n;;\nemail;name\na@ex.com;A\n');
	assert.equal(list.headerLine, 4);
	assert.deepEqual(outline(rows), ['5 a@ex.com']);
});

test('a header over several lines is one header', async () => {
	const { list, rows } = await readList('"First\nname","E-mail\naddress"\nA,a@ex.com\n');
	assert.deepEqual([list.columns.find('firstname'), list.emailColumn], [0, 1]);
	assert.deepEqual(outline(rows), ['4 a@ex.com']);
});

test('a header that cannot be used stops the run and says where', async () => {
	for (const [content, message] of [
		['email,name,Name\n', 'line 1 of list.csv: "name" (column 2) and "Name" (column 3) are the same column'],
		[
			'\nemail,First Name,first_name\n',
			'line 2 of list.csv: "First Name" (column 2) and "first_name" (column 3) are the same column',
		],
		['email,email\n', 'line 1 of list.csv: "email" (column 1) and "email" (column 2) are the same column'],
		['email, ,name\n', 'line 1 of list.csv: column 2 has no name'],
		[',email\n', 'line 1 of list.csv: column 1 has no name'],
		['bob@example.com,Bob\n', 'line 1 of list.csv: there is no header line, "bob@example.com" is an address'],
		['Bob <bob@example.com>\n', 'line 1 of list.csv: there is no header line, "Bob <bob@example.com>" is an address'],
		['email,"name\na@ex.com,A\n', 'line 1 of list.csv: a quote is opened in the header and never closed'],
		['email,"na"me"\n', 'line 1 of list.csv: a quote is opened in the header and never closed'],
		['email,"na""me"x\n', 'line 1 of list.csv: the quotes in the header do not match'],
		['email,na\u0000me\n', 'line 1 of list.csv: the header has NUL characters in it'],
		[`${'x'.repeat(3 * 1024 * 1024)}`, 'list.csv has no header line in its first megabyte'],
	] as const) {
		const error = await refusal(content);
		assert.equal(error.exitCode, 65);
		assert.equal(error.message, message);
	}
});

test('empty header cells behind the last column are ignored', async () => {
	const { list, rows } = await readList('email,name,,\na@ex.com,A,,\nb@ex.com,B\nc@ex.com,C,x,\n');
	assert.deepEqual(list.columns.names, ['email', 'name']);
	assert.deepEqual(outline(rows), ['2 a@ex.com', '3 b@ex.com', '4 csv.too_many_cells']);
});

test('a word under a column without a name says so', async () => {
	const { rows } = await readList('email,first_name,\na@ex.com,A,\nb@ex.com,B,x\nc@ex.com,C,,y\n');
	assert.deepEqual(
		rows.map((row) => (row.kind === 'malformed' ? row.message : row.address)),
		[
			'a@ex.com',
			'line 3 of list.csv: cell 3 is filled, and column 3 has no name in the header',
			'line 4 of list.csv: 4 cells where the header has 2',
		],
	);
});

test('a header below notes is found by its address column, and its line is told', async () => {
	const notes = 'Notes:\r\n"When exporting, you may notice that some are missing, or ""private""."\r\n5" of it\r\n\r\n';
	const header = 'First Name,URL,Email Address,Position\r\n';
	for (const flags of [{}, { emailColumn: 'e-mail address' }, { delimiter: ',' }]) {
		const { list, rows } = await readList(`${notes}${header}Zoe,u,zoe@ex.com,x\r\n`, flags);
		assert.deepEqual([list.headerLine, list.emailColumn, list.columns.names.length], [5, 2, 4]);
		assert.deepEqual(outline(rows), ['6 zoe@ex.com']);
	}
	const named = await readList('Notes:\n\nemail,Contact\nx,a@ex.com\n', { emailColumn: 'contact' });
	assert.deepEqual([named.list.headerLine, outline(named.rows)], [3, ['4 a@ex.com']]);
	const long = await readList(`${'note\n'.repeat(20)}email;name\n${'a@ex.com;A\n'.repeat(9000)}`);
	assert.deepEqual([long.list.headerLine, long.list.delimiter, long.rows.length], [21, ';', 9000]);
});

test('a row is never taken for a header below notes', async () => {
	for (const [content, flags] of [
		['Name,Channel\nBob,email\n', {}],
		['"Na\nme",Channel\nBob,email\n', {}],
		['Name,Contact,Channel\nZoe,zoe@ex.com,post\nemail\n', {}],
		[`${'note\n'.repeat(21)}email\na@ex.com\n`, {}],
		['Notes\nemail\na@ex.com\n', { emailColumn: 'mailbox' }],
	] as const) {
		assert.match((await refusal(content, flags)).message, /has no (?:address column|column "mailbox")/, content);
	}
	const { list } = await readList('email,name\nmail,to\na@ex.com,A\n');
	assert.equal(list.headerLine, 1);
});

test('the address column is found by the names that programs give it, the better known first', async () => {
	for (const [header, column] of [
		['name,E-Mail', 1],
		['to,email', 1],
		['Name,EMAIL_ADDRESS,x', 1],
		['First Name,E-mail 1 - Value', 1],
		['nombre,Correo Electrónico', 1],
		['名前,メールアドレス', 1],
	] as const) {
		assert.equal((await readList(`${header}\n`)).list.emailColumn, column, header);
	}
});

test('--email-column names it, folded; a name that is not there gets the nearest one', async () => {
	const content = 'email,Work Address\na@ex.com,b@ex.com\n';
	assert.deepEqual(outline((await readList(content, { emailColumn: 'work_address' })).rows), ['2 b@ex.com']);
	const error = await refusal(content, { emailColumn: 'wrok-address' });
	assert.equal(error.exitCode, 65);
	assert.equal(error.message, 'list.csv has no column "wrok-address". Its columns: email, Work Address');
	assert.equal(error.hint, "Did you mean --email-column 'Work Address'?");
	assert.equal((await refusal(content, { keyColumn: 'id' })).hint, '--key takes one of them.');
});

test('without an address column the run stops; a column of addresses is suggested, never taken', async () => {
	const rows = Array.from(
		{ length: 150 },
		(_, index) => `N${index},${index % 50 === 0 ? '' : `user${index}@ex.com`},\n`,
	).join('\n');
	const error = await refusal(`Name,Contact,City\n${rows}`);
	assert.equal(error.exitCode, 65);
	assert.equal(error.message, 'list.csv has no address column. Its columns: Name, Contact, City');
	assert.equal(error.hint, '"Contact" looks like addresses in 98 of 100 rows:  --email-column Contact');
	assert.equal((await refusal('Name,City\nA,B\n')).hint, 'Name it with --email-column NAME.');
	assert.match((await refusal('Name:Mailbox\nA:B\n')).hint, /--delimiter/);
});

test('a shell cannot be tricked by the column that is suggested', async () => {
	const error = await refusal("Name,$(rm -rf x)'s\nA,a@ex.com\n");
	assert.match(error.hint, /--email-column '\$\(rm -rf x\)'\\''s'$/);
});
