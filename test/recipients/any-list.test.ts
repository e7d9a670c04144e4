/** Properties of whole lists: made from parts whose lines are known, read back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { RecordSource } from '../../src/recipients/record-source.ts';
import type { Row } from '../../src/recipients/row.ts';
import { CsvRowSource } from '../../src/recipients/row-source.ts';
import { createTextDecoding } from '../../src/recipients/text-decoding.ts';
import { RunError } from '../../src/support/errors.ts';
import { outline, readAll, readList } from './reading.ts';

const width = 3;

/** A piece of a list: its text with LF line ends, and what it must become (one entry a row, line counted from the piece's first line). */
interface Piece {
	readonly text: string;
	readonly rows: readonly { readonly lineOffset: number; readonly what: string; readonly fields?: readonly string[] }[];
}

const cellText = fc.string({ unit: fc.constantFrom(...'ab \n\n"",;\'é😀€'), maxLength: 12 });

function written(cell: string, alwaysQuoted: boolean): string {
	return alwaysQuoted || /[\n",;]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

const goodRow: fc.Arbitrary<Piece> = fc
	.tuple(cellText, cellText, fc.nat(999), fc.boolean(), fc.boolean())
	.map(([before, after, number, alwaysQuoted, surplus]) => {
		const fields = [before, `user${number}@ex.com`, after];
		const text = fields.map((field) => written(field, alwaysQuoted)).join(',') + (surplus ? ',, ' : '');
		return { text, rows: [{ lineOffset: 0, what: fields[1] ?? '', fields }] };
	});

function badLine(text: string, what: string): Piece {
	return { text, rows: [{ lineOffset: 0, what }] };
}

const oddPiece: fc.Arbitrary<Piece> = fc.constantFrom<Piece>(
	{ text: '', rows: [] },
	{ text: '\n\n', rows: [] },
	{ text: ',,', rows: [] },
	{ text: ' ,"",,,', rows: [] },
	badLine('x,b@ex.com', 'csv.too_few_cells'),
	badLine('x,b@ex.com,y,z', 'csv.too_many_cells'),
	badLine('x,,y', 'address.empty'),
	badLine('x,"bob@",y', 'address.invalid'),
	badLine('x,"a@ex.com\n\nBcc: b@ex.com",y', 'address.invalid'),
	badLine('x,b@ex.com,5" pipe', 'csv.quoting'),
	badLine('"x"y,b@ex.com,"', 'csv.quoting'),
	badLine('"the "quoted" word",b@ex.com,y', 'csv.quoting'),
	badLine('x,b@ex.com,\u0000', 'csv.nul'),
	badLine('"x\n\u0000\n",b@ex.com,y', 'csv.nul'),
	{
		text: '"over\ntwo" lines,b@ex.com,y',
		rows: [
			{ lineOffset: 0, what: 'csv.quoting' },
			{ lineOffset: 1, what: 'csv.quoting' },
		],
	},
);

const pieces = fc.array(fc.oneof({ weight: 3, arbitrary: goodRow }, { weight: 2, arbitrary: oddPiece }), {
	maxLength: 30,
});

function expectedRows(
	firstLine: number,
	list: readonly Piece[],
): { readonly outline: string[]; readonly fields: (readonly string[])[] } {
	let line = firstLine;
	const lines: string[] = [];
	const fields: (readonly string[])[] = [];
	for (const { text, rows } of list) {
		for (const row of rows) {
			lines.push(`${line + row.lineOffset} ${row.what}`);
			if (row.fields !== undefined) fields.push(row.fields);
		}
		line += text.split('\n').length;
	}
	return { outline: lines, fields };
}

function fieldsOf(rows: readonly Row[]): (readonly string[])[] {
	return rows.flatMap((row) => (row.kind === 'recipient' ? [row.fields] : []));
}

test('every row has exactly the line that an editor shows, whatever stands before it, in any encoding and with any line ends', async () => {
	await fc.assert(
		fc.asyncProperty(
			pieces,
			fc.constantFrom('\n', '\r\n', '\r'),
			fc.constantFrom('utf-8', 'utf-8 with mark', 'utf-16le', 'utf-16be'),
			fc.constantFrom('', '\n \n', 'sep=,\n', 'sep=,\n\n'),
			fc.boolean(),
			async (list, lineEnd, encoding, preamble, endsWithLine) => {
				const header = '"na\nme",email,"x"\n';
				const text = preamble + header + list.map((piece) => piece.text).join('\n') + (endsWithLine ? '\n' : '');
				const content = iconv.encode(text.replaceAll('\n', lineEnd), encoding.replace(' with mark', ''), {
					addBOM: encoding !== 'utf-8',
				});
				const { rows } = await readList(content);
				const expected = expectedRows((preamble + header).split('\n').length, list);
				assert.deepEqual(outline(rows), expected.outline);
				assert.deepEqual(fieldsOf(rows), expected.fields);
				assert.deepEqual(
					rows.map((row) => row.row),
					rows.map((_, index) => index + 1),
				);
			},
		),
		{ numRuns: 300 },
	);
});

/** All rows of text that arrives in the given pieces of octets, or the message of what ended it. */
async function readChunks(octets: Buffer, sizes: readonly number[], encoding: string): Promise<readonly unknown[]> {
	const decoding = await createTextDecoding(encoding);
	async function* text(): AsyncGenerator<Buffer> {
		let start = 0;
		for (let turn = 0; start < octets.length; turn++) {
			const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
			// A copy: the decoding takes the buffer over.
			const decoded = decoding.write(Buffer.from(octets.subarray(start, start + size)));
			if (decoded === null) throw new RunError(65, 'no text');
			yield decoded;
			start += size;
		}
		const rest = decoding.end();
		if (rest === null) throw new RunError(65, 'no text');
		yield rest;
	}
	const records = new RecordSource(text(), { delimiter: ',', width, firstLine: 1 });
	const source = new CsvRowSource(records, {
		displayName: 'list.csv',
		width,
		headerCells: width,
		emailColumn: 1,
		keyColumn: -1,
	});
	const seen: unknown[] = [];
	try {
		for (;;) {
			const row = source.next();
			if (row !== null) seen.push(row);
			else if (source.ended) return seen;
			else await new Promise<void>((resolve) => source.whenReadable(resolve));
		}
	} catch (error) {
		assert.ok(error instanceof RunError, String(error));
		// What cannot be decoded ends a piece, so how many rows came before it depends on the pieces.
		return error.message === 'no text' ? [error.message] : [...seen, error.message];
	}
}

test('any chunking of the same octets gives the same rows and the same end, also for hostile octets', async () => {
	const hostile = fc
		.array(
			fc.constantFrom(
				'"',
				'"',
				'""',
				',',
				'\n',
				'\r\n',
				'\r',
				'a@ex.com',
				'x',
				'\u0000',
				'é',
				'😀',
				'\ufeff',
				'x,b@ex.com,y\n',
			),
			{ maxLength: 60 },
		)
		.map((parts) => parts.join(''));
	const wellFormed = pieces.map((list) => list.map((piece) => piece.text).join('\r\n'));
	const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 });
	const encoded = fc
		.tuple(fc.oneof(hostile, wellFormed), fc.constantFrom('utf-8', 'utf-16le', 'utf-16be', 'utf-32le', 'gb18030'))
		.map(([text, encoding]) => ({ octets: iconv.encode(text, encoding), encoding }));
	const anyOctets = fc.record({
		octets: fc.uint8Array({ maxLength: 80 }).map((octets) => Buffer.from(octets)),
		encoding: fc.constant('utf-8'),
	});
	await fc.assert(
		fc.asyncProperty(fc.oneof(encoded, anyOctets), sizes, async ({ octets, encoding }, chunkSizes) => {
			const whole = await readChunks(octets, [octets.length], encoding);
			assert.deepEqual(await readChunks(octets, chunkSizes, encoding), whole);
			assert.deepEqual(await readChunks(octets, [1], encoding), whole);
		}),
		{ numRuns: 600 },
	);
});

test('rows around the size limit are judged the same however they arrive', async () => {
	const mebibyte = 1024 * 1024;
	// A part is told by its shape, so that a failure can be read: x stands for as many as it takes to reach the limit, give or take `more`.
	const bigPart = fc.record({
		shape: fc.constantFrom('x', '"x', 'x"', '"x"', '"x\n"', '"x"x', '"x\n"x', '"\nx', '"x"x,"\n', '"x"x,"\n"\n'),
		more: fc.integer({ min: -3, max: 3 }),
	});
	const smallPart = fc.record({
		shape: fc.constantFrom('a,a@ex.com,b\n', '\n', ',', '"c",c@ex.com,"d\n"\n', 'quotes'),
		more: fc.constant(0),
	});
	const write = ({ shape, more }: { readonly shape: string; readonly more: number }): string => {
		if (shape === 'quotes') return `"${'""'.repeat(mebibyte)}"\n`;
		return shape.replace('x', 'x'.repeat(mebibyte + more - shape.length));
	};
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.oneof(bigPart, smallPart), { minLength: 1, maxLength: 6 }),
			fc.constantFrom(65_535, 65_536, 100_003, 700_001, mebibyte, mebibyte + 1),
			async (parts, size) => {
				const octets = Buffer.from(parts.map(write).join(''));
				const whole = await readChunks(octets, [octets.length], 'utf-8');
				const pieces = await readChunks(octets, [size], 'utf-8');
				assert.deepEqual(pieces.map(short), whole.map(short));
			},
		),
		{ numRuns: 60 },
	);
});

/** For messages: a row without its cells of a megabyte. */
function short(seen: unknown): string {
	return JSON.stringify(seen, (_, value: unknown) => (typeof value === 'string' ? value.slice(0, 80) : value));
}

test('all rows of the middle are found again after any line that is hostile', async () => {
	const line = fc.string({ unit: fc.constantFrom(...'"",\'x\u0000 é'), maxLength: 20 });
	await fc.assert(
		fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
			// The last line closes or breaks any quote that is open; after it nothing may be lost.
			const text = `${lines.map((hostile) => `${hostile},h@ex.com\n`).join('')}"","x"x"\n"x"x\nk,keep@ex.com,k\nl,last@ex.com,"l"\n`;
			const seen = await readChunks(Buffer.from(text), [7], 'utf-8');
			const addresses = seen.flatMap((row) =>
				typeof row === 'object' && row !== null && 'address' in row ? [row.address] : [],
			);
			assert.deepEqual(addresses.slice(-2), ['keep@ex.com', 'last@ex.com']);
		}),
		{ numRuns: 500 },
	);
});

test('a record that is dropped is not held in memory', async () => {
	async function* text(): AsyncGenerator<Buffer> {
		yield Buffer.from('a,a@ex.com,"');
		for (let turn = 0; turn < 1000; turn++) yield Buffer.alloc(65_536, 'x');
		yield Buffer.from('"\nb,b@ex.com,b\n');
	}
	let most = 0;
	const source = new RecordSource(text(), { delimiter: ',', width, firstLine: 1 });
	const watched = setInterval(() => {
		most = Math.max(most, process.memoryUsage().arrayBuffers);
	}, 1);
	try {
		const before = process.memoryUsage().arrayBuffers;
		const records = await readAll(source);
		assert.deepEqual(
			records.map((record) => record.problem ?? record.cells[1]),
			['too_large', 'b@ex.com'],
		);
		assert.ok(most - before < 48 * 1024 * 1024, `${most - before} octets`);
	} finally {
		clearInterval(watched);
	}
});
