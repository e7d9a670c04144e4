/** Lists as the programs that people use export them: test/fixtures/lists. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ListOptions, openList, type RecipientList } from '../../src/recipients/open-list.ts';
import type { Row } from '../../src/recipients/row.ts';
import { outline, readAll } from './reading.ts';

async function readFixture(
	name: string,
	flags: Partial<ListOptions> = {},
): Promise<{ readonly list: RecipientList; readonly rows: readonly Row[] }> {
	const path = fileURLToPath(new URL(`../fixtures/lists/${name}`, import.meta.url));
	const list = await openList({ path, displayName: name, ...flags });
	return { list, rows: await readAll(list.rows()) };
}

function cell(list: RecipientList, row: Row | undefined, column: string): string | undefined {
	return row?.kind === 'recipient' ? row.fields[list.columns.find(column)] : undefined;
}

test('a CSV of a European Excel: sep=, semicolons, windows-1252, CRLF, an empty row', async () => {
	const { list, rows } = await readFixture('excel-semicolon-windows-1252.csv', { encoding: 'windows-1252' });
	assert.deepEqual([list.delimiter, list.headerLine, list.encoding], [';', 2, 'windows-1252']);
	assert.deepEqual(outline(rows), ['3 zoe@xn--bcher-kva.example', '4 joerg@example.com', '7 ines@example.com']);
	assert.equal(cell(list, rows[0], 'Betrag'), '12,50 €');
	assert.equal(cell(list, rows[0], 'notiz'), '„Stammkundin“ – seit 2019');
	assert.equal(cell(list, rows[1], 'notiz'), 'zweizeilig\nmit “Anführung” und "doppelt"');
});

test('the same file without --encoding stops and shows how it would read', async () => {
	await assert.rejects(
		readFixture('excel-semicolon-windows-1252.csv'),
		/is not UTF-8\. Line 3 would read\n {4}windows-1252 {3}Zoë;Müller;zoe@bücher\.example/,
	);
});

test('the Unicode text of Excel: UTF-16LE with tabs', async () => {
	const { list, rows } = await readFixture('excel-unicode-text-utf-16le.txt');
	assert.deepEqual([list.delimiterName, list.encoding], ['tab', 'utf-16le']);
	assert.deepEqual(outline(rows), ['2 anna@example.com', '3 kenji@example.com', '4 emoji@example.com']);
	assert.equal(cell(list, rows[0], 'city'), 'Łódź');
	assert.equal(cell(list, rows[2], 'First Name'), '😀');
	assert.equal(cell(list, rows[2], 'city'), 'Tab\tand "quotes"');
});

test('an audience export of Mailchimp', async () => {
	const { list, rows } = await readFixture('mailchimp-audience.csv');
	assert.equal(list.columns.names[list.emailColumn], 'Email Address');
	assert.deepEqual(outline(rows), ['2 ada@example.com', '3 grace@example.com', '5 alan@example.com']);
	assert.equal(cell(list, rows[0], 'tags'), '"VIP","newsletter"');
});

test('a contact export of HubSpot: byte order mark, a contact without address', async () => {
	const { list, rows } = await readFixture('hubspot-contacts.csv');
	assert.deepEqual([list.encoding, list.columns.find('recordid')], ['utf-8', 0]);
	assert.deepEqual(outline(rows), ['2 ada@example.com', '3 grace@example.com', '4 address.empty']);
});

test('a contact export of Google: two addresses in one cell are refused', async () => {
	const { list, rows } = await readFixture('google-contacts.csv');
	assert.equal(list.columns.names[list.emailColumn], 'E-mail 1 - Value');
	assert.deepEqual(outline(rows), ['2 ada@example.com', '3 address.invalid', '4 address.empty']);
	const [, grace] = rows;
	assert.ok(grace?.kind === 'malformed');
	assert.equal(
		grace.message,
		'line 3 of google-contacts.csv: "grace@example.com ::: hopper@example.org" holds two addresses',
	);
});
