import assert from 'node:assert/strict';
import { test } from 'node:test';
import iconv from 'iconv-lite';
import { RunError, UsageError } from '../../src/support/errors.ts';
import { type Flags, readList } from './reading.ts';

const text = 'email;name\r\nzoe@ex.com;Zoë €“”– 😀\r\nb@ex.com;日本\r\n';

async function names(
	content: Buffer,
	flags: Flags = {},
): Promise<{ readonly encoding: string; readonly names: readonly string[] }> {
	const { list, rows } = await readList(content, flags);
	return {
		encoding: list.encoding,
		names: rows.map((row) => (row.kind === 'recipient' ? (row.fields[1] ?? '') : row.message)),
	};
}

async function refusal(content: Buffer, flags: Flags = {}): Promise<RunError | UsageError> {
	try {
		await names(content, flags);
	} catch (error) {
		assert.ok(error instanceof RunError || error instanceof UsageError, String(error));
		return error;
	}
	return assert.fail('the list was accepted');
}

test('a byte order mark decides the encoding, whatever the flag says', async () => {
	for (const [encoding, mark] of [
		['utf-8', 'efbbbf'],
		['utf-16le', 'fffe'],
		['utf-16be', 'feff'],
		['utf-32le', 'fffe0000'],
	] as const) {
		const content = Buffer.concat([Buffer.from(mark, 'hex'), iconv.encode(text, encoding)]);
		const expected = { encoding, names: ['Zoë €“”– 😀', '日本'] };
		assert.deepEqual(await names(content), expected);
		assert.deepEqual(await names(content, { encoding: 'windows-1252' }), expected);
	}
});

test('windows-1252 is read as Excel wrote it, also under the names people use', async () => {
	const content = iconv.encode('email;name\r\nzoe@ex.com;Zoë € “quoted” – dash\r\n', 'windows-1252');
	for (const encoding of ['windows-1252', 'CP1252', 'latin1', 'ISO-8859-1']) {
		assert.deepEqual((await names(content, { encoding })).names, ['Zoë € “quoted” – dash']);
	}
});

test('a multi-byte encoding and UTF-16 without a mark are read when they are named', async () => {
	assert.deepEqual(
		(await names(iconv.encode('email,name\nb@ex.com,日本\n', 'shift_jis'), { encoding: 'Shift_JIS' })).names,
		['日本'],
	);
	for (const encoding of ['utf-16le', 'utf-16be']) {
		assert.deepEqual((await names(iconv.encode(text, encoding), { encoding })).names, ['Zoë €“”– 😀', '日本']);
	}
});

test('an encoding that does not exist gets the nearest name', async () => {
	for (const [encoding, hint] of [
		['windows-1252x', 'Did you mean --encoding windows-1252?'],
		['shfit_jis', 'Did you mean --encoding shift_jis?'],
		['hex', 'For example: --encoding windows-1252, --encoding utf-16le, --encoding shift_jis'],
		['__proto__', 'For example: --encoding windows-1252, --encoding utf-16le, --encoding shift_jis'],
	] as const) {
		const error = await refusal(Buffer.from(text), { encoding });
		assert.ok(error instanceof UsageError);
		assert.equal(error.message, `--encoding: there is no encoding "${encoding}"`);
		assert.equal(error.hint, hint);
	}
});

test('octets that are not UTF-8 stop the run and show the first such line in three encodings', async () => {
	const before = 'email,name\r\nokay@ex.com,Zoë\r\n"a@ex.com","two\r\nlines"\r\n'.concat(
		'b@ex.com,B\r\n'.repeat(20_000),
	);
	const error = await refusal(
		Buffer.concat([
			Buffer.from(before),
			iconv.encode('c@ex.com,Zoë Müller – 50 €\r\n', 'windows-1252'),
			Buffer.from('\r\nd@ex.com,\xff'),
		]),
	);
	assert.equal(error.exitCode, 65);
	assert.deepEqual(error.message.split('\n'), [
		'list.csv is not UTF-8. Line 20005 would read',
		'    windows-1252   c@ex.com,Zoë Müller – 50 €',
		'    windows-1250   c@ex.com,Zoë Müller – 50 €',
		'    macintosh      c@ex.com,ZoÎ M¸ller ñ 50 Ä',
	]);
	assert.equal(error.hint, 'Add --encoding windows-1252 (or whichever reads right).');
});

test('a script that is not Latin is shown in encodings for such scripts', async () => {
	const error = await refusal(iconv.encode('email,name\na@ex.com,Здравствуйте дорогие друзья\n', 'windows-1251'));
	assert.match(error.message, /^ {4}windows-1251 {3}a@ex\.com,Здравствуйте дорогие друзья$/m);
	assert.equal(error.hint, 'Add --encoding windows-1251 (or whichever reads right).');
});

test('UTF-8 that is cut in the middle of a character is no UTF-8', async () => {
	const error = await refusal(Buffer.from('email,name\na@ex.com,Zoë').subarray(0, -1));
	assert.match(error.message, /^list\.csv is not UTF-8\. Line 2 would read/);
});

test('octets that mean nothing in the encoding that was named stop the run at their line', async () => {
	const good = iconv.encode('email,name\n'.concat('a@ex.com,日本\n'.repeat(9000)), 'shift_jis');
	const error = await refusal(Buffer.concat([good, Buffer.from('b@ex.com,\xff\xff\n', 'latin1'), good]), {
		encoding: 'shift_jis',
	});
	assert.equal(error.exitCode, 65);
	assert.equal(error.message, 'list.csv is not shift_jis: line 9002 has octets that mean nothing there');
});

test('UTF-16 with half a character in it stops the run at its line', async () => {
	const content = Buffer.concat([
		Buffer.from('fffe', 'hex'),
		iconv.encode('email,name\na@ex.com,A\nb@ex.com,', 'utf-16le'),
		Buffer.from('3dd8', 'hex'),
		iconv.encode('\nc@ex.com,C\n', 'utf-16le'),
	]);
	const message = 'list.csv is not utf-16le: line 3 has octets that mean nothing there';
	assert.equal((await refusal(content)).message, message);
	const endsWithHalf = content.subarray(0, content.lastIndexOf(Buffer.from('3dd8', 'hex')) + 2);
	assert.equal((await refusal(endsWithHalf)).message, message);
});

test('what is no text is refused with what to do instead', async () => {
	for (const [start, message, hint] of [
		['504b0304140006000800', 'list.csv is a ZIP file, as XLSX and ODS files are, not a CSV file', /CSV \(UTF-8\)/],
		['d0cf11e0a1b11ae1', 'list.csv is an old Excel file (XLS), not a CSV file', /CSV \(UTF-8\)/],
		['1f8b0800', 'list.csv is a gzip file, not a CSV file', /gunzip/],
		['255044462d312e37', 'list.csv is a PDF file, not a CSV file', /CSV \(UTF-8\)/],
	] as const) {
		const error = await refusal(Buffer.from(start, 'hex'));
		assert.equal(error.exitCode, 65);
		assert.equal(error.message, message);
		assert.match(error.hint, hint);
	}
});

test('a binary file is told from a text in the wrong encoding', async () => {
	const image = Buffer.from(
		'89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082',
		'hex',
	);
	// Every octet as often as any other, as in compressed data.
	const noise = Buffer.from(Array.from({ length: 9000 }, (_, index) => (index * 167) & 0xff));
	for (const content of [image, noise, Buffer.alloc(100), Buffer.concat([Buffer.from('email\n'), noise])]) {
		for (const flags of [{}, { encoding: 'windows-1252' }]) {
			const error = await refusal(content, flags);
			assert.equal(error.exitCode, 65);
			assert.equal(error.message, 'list.csv is no text file');
			assert.equal(error.hint, 'A list is a CSV file. Export the table as CSV (UTF-8).');
		}
	}
});

test('a few control characters do not make a list binary', async () => {
	const content = `email,name\na@ex.com,\u0000\nb@ex.com,\u0001\u0002 ${'\u0007'.repeat(9)}\n${'c@ex.com,C\n'.repeat(20)}`;
	assert.equal((await names(Buffer.from(content))).names.length, 22);
	const japanese = iconv.encode('email,name\nb@ex.com,日本\n', 'shift_jis');
	assert.equal((await names(japanese, { encoding: 'shift_jis' })).names[0], '日本');
});

test('UTF-16 and UTF-32 that end inside a character stop the run at their last line', async () => {
	for (const [encoding, extra] of [
		['utf-16le', 'x'],
		['utf-16be', '\0'],
		['utf-32le', 'xyz'],
	] as const) {
		const whole = iconv.encode('email,name\na@ex.com,A\nb@ex.com,B', encoding, { addBOM: true });
		assert.deepEqual((await names(whole)).names, ['A', 'B']);
		const error = await refusal(Buffer.concat([whole, Buffer.from(extra)]));
		assert.equal(error.exitCode, 65);
		assert.equal(error.message, `list.csv is not ${encoding}: line 3 has octets that mean nothing there`);
	}
});

test('UTF-16 without a byte order mark is recognised and not guessed', async () => {
	for (const encoding of ['utf-16le', 'utf-16be']) {
		const error = await refusal(iconv.encode('email,name\r\na@ex.com,A\r\n', encoding));
		assert.equal(error.message, 'list.csv looks like UTF-16 without a byte order mark');
		assert.equal(error.hint, `Add --encoding ${encoding}`);
	}
});
